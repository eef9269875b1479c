import { createAccess } from '../../src/archive/access';

const settings = { allow: '`ARCHIVE_ALLOW`', channels: '`ARCHIVE_CHANNELS`' };
const directory = (answers: Record<string, readonly string[] | Error>) => ({
  groupMembers: async (id: string) => {
    const answer = answers[id] ?? new Error('no such group');
    if (answer instanceof Error) throw answer;
    return answer;
  },
});

const ask = (allow: string[], groups = {}, channels: string[] = []) =>
  createAccess({ allow, channels, settings }, directory(groups))('U1', 'C1');

describe('who may archive', () => {
  it('nobody, unless told; and the refusal names the setting', async () => {
    expect(await ask([])).toMatchObject({
      code: 'access_not_set',
      message: expect.stringContaining('ARCHIVE_ALLOW'),
    });
  });

  it.each([[['*']], [['U1']], [['U9', 'U1']]])('%j lets U1 in, without a look-up', async (allow) => {
    expect(await ask(allow)).toEqual({ allowed: true });
  });

  it('user groups count', async () => {
    expect(await ask(['S1'], { S1: ['U1'] })).toEqual({ allowed: true });
    expect(await ask(['S1'], { S1: ['U2'] })).toMatchObject({ code: 'not_allowed' });
  });

  it('a failed look-up means no, unless another group says yes', async () => {
    expect(await ask(['S1'])).toMatchObject({ allowed: false, code: 'access_unknown' });
    expect(await ask(['S1', 'S2'], { S2: ['U1'] })).toEqual({ allowed: true });
  });

  it('channels can be limited, for everybody', async () => {
    expect(await ask(['*'], {}, ['C2'])).toMatchObject({ code: 'channel_not_allowed' });
    expect(await ask(['*'], {}, ['C1'])).toEqual({ allowed: true });
  });
});
