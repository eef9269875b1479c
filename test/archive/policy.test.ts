import { createPolicy, type Rules } from '../../src/archive/policy';

const directory = (answers: Record<string, readonly string[]>) => ({
  groupMembers: async (id: string) => {
    const answer = answers[id];
    if (answer === undefined) throw new Error('no such group');
    return answer;
  },
});

const NOBODY: Rules = { everyone: false, people: [], groups: [], channels: [] };
const ask = (rules: Partial<Rules>, groups = {}) =>
  createPolicy({ ...NOBODY, ...rules }, directory(groups))('U1', 'C1');

describe('who may archive', () => {
  it('nobody, unless the rules name somebody', async () => {
    expect(await ask({})).toBe('access_not_set');
  });

  it.each([[{ everyone: true }], [{ people: ['U1'] }], [{ people: ['U9', 'U1'], groups: ['S1'] }]])(
    '%j allows U1 without a look-up',
    async (rules) => {
      expect(await ask(rules)).toBeNull();
    },
  );

  it('members of an allowed group', async () => {
    expect(await ask({ groups: ['S1'] }, { S1: ['U1'] })).toBeNull();
    expect(await ask({ groups: ['S1'] }, { S1: ['U2'] })).toBe('not_allowed');
  });

  it('nobody when the look-up fails, unless another group has the person', async () => {
    expect(await ask({ groups: ['S1'] })).toBe('access_unknown');
    expect(await ask({ groups: ['S1', 'S2'] }, { S2: ['U1'] })).toBeNull();
  });

  it('only in the channels of the rules, if there are any', async () => {
    expect(await ask({ everyone: true, channels: ['C2'] })).toBe('channel_not_allowed');
    expect(await ask({ everyone: true, channels: ['C1'] })).toBeNull();
  });
});
