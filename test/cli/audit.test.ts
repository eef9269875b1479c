import { sqlitePlace } from '../journal/sqlite-place';
import { fill } from './fill';
import { audit } from './run';

let place: ReturnType<typeof sqlitePlace>;
beforeAll(async () => {
  place = sqlitePlace();
  await fill(await place.open());
});
afterAll(() => place.remove());

describe('audit list', () => {
  const idsFor = async (...args: string[]) => {
    const { code, out, err } = await audit(place, 'list', ...args);
    expect(code).toBe(0);
    const [head = '', ...lines] = out.trimEnd().split('\n');
    if (out === '') expect(err).toBe('No request in the journal matches.\n');
    else expect(head).toMatch(/^asked \(UTC\) +state +training +environment +by +channel +receipt +request$/);
    return lines.map((line) => line.split(/ {2,}/).at(-1));
  };

  it('shows the newest first, with their receipts', async () => {
    expect(await idsFor()).toEqual(['seen', 'open', 'not', 'done']);
    const { out } = await audit(place, 'list', '--training', '13');
    expect(out).toMatch(
      /^2026-01-03T12:00 {2}not_started \(x\) {2}13 {8}sandbox {6}U1 {2}C1 {7}(....-){3}.... {2}not$/m,
    );
  });

  it('filters by days, both included, by moments, and by all the rest', async () => {
    expect(await idsFor('--since', '2026-01-03')).toEqual(['seen', 'open', 'not']);
    expect(await idsFor('--until', '2026-01-03')).toEqual(['open', 'not', 'done']);
    expect(await idsFor('--since', '2026-01-03', '--until', '2026-01-03')).toEqual(['open', 'not']);
    expect(await idsFor('--since', '2026-01-03T12:00:01Z')).toEqual(['seen']);
    expect(await idsFor('--until', '2026-01-02T14:00+02:00')).toEqual([]);
    expect(await idsFor('--person', 'U2')).toEqual(['open']);
    expect(await idsFor('--person', 'U7')).toEqual(['not']);
    expect(await idsFor('--training', '11')).toEqual(['seen', 'done']);
    expect(await idsFor('--environment', 'sandbox')).toEqual(['not']);
    expect(await idsFor('--channel', 'C2')).toEqual(['open']);
    expect(await idsFor('--outcome', 'succeeded')).toEqual(['done']);
    expect(await idsFor('--outcome', 'open')).toEqual(['open']);
    expect(await idsFor('--training', '11', '--outcome', 'planned')).toEqual(['seen']);
  });

  it('stops at the limit and says that there are more', async () => {
    expect(await idsFor('--limit', '2')).toEqual(['seen', 'open']);
    expect((await audit(place, 'list', '--limit', '2')).err).toContain('more than these 2');
    expect((await audit(place, 'list', '--limit', '4')).err).toBe('');
  });
});

describe('audit pauses', () => {
  it('shows when archiving was paused and resumed, by whom and why', async () => {
    const { code, out } = await audit(place, 'pauses');
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['when (UTC)', 'what', 'by', 'workspace', 'channel', 'reason'],
      ['2026-01-03T12:00:00.001Z', 'resumed', 'U8', 'T1', 'C1'],
      ['2026-01-03T12:00:00.000Z', 'paused', 'U9', 'T1', 'C1', 'a "quoted", and\\u000d\\u000aa second line'],
      [''],
    ]);
  });

  it('says so when there was none', async () => {
    const empty = sqlitePlace();
    await empty.open();
    expect(await audit(empty, 'pauses')).toEqual({ code: 0, out: '', err: 'Archiving was never paused.\n' });
    await empty.remove();
  });
});

describe('audit show', () => {
  it('shows everything of a request, and nothing that a terminal would act upon', async () => {
    const { code, out } = await audit(place, 'show', 'done');
    expect(code).toBe(0);
    for (const part of [
      'state         succeeded',
      'operation     op-1',
      'HYPERLINK',
      'ended         2026-01-02T12:00:00.009Z',
    ])
      expect(out).toContain(part);
    expect(out).toContain('a second line');
    expect(out).toContain('reason        a "quoted", and\\u000d\\u000aa second line');
    expect(out.match(/^\d {2}2026/gm)).toHaveLength(5);

    const nasty = await audit(place, 'show', 'not');
    // In the outcome of the request, and in what its last event says.
    expect(nasty.out.split('\\u001b[2J\\u202eevil\\u2028next')).toHaveLength(3);
    expect(nasty.out).not.toContain('\u001b');
  });

  it('names what it cannot read, and shows the rest', async () => {
    const other = sqlitePlace();
    await fill(await other.open());
    await other.execute(`${other.unlock}; update requests set facts = '{' where id = 'open'`);
    await other.execute(`update events set detail = '{"x', at = 9e18 where request_id = 'done' and seq = 4`);

    const list = await audit(other, 'list');
    expect(list).toMatchObject({
      code: 1,
      err: 'open: BROKEN, the request cannot be read: one of its columns was changed.\ndone: BROKEN, event 4 was changed, or event 3 was replaced.\n',
    });
    expect(list.out).toMatch(/^– +unreadable.*open$/m);
    expect(list.out.trimEnd().split('\n')).toHaveLength(5);

    const open = await audit(other, 'show', 'open');
    expect(open).toMatchObject({ code: 1, err: expect.stringContaining('the request cannot be read') });
    expect(open.out).toMatch(/state +unreadable[\s\S]*confirmed/);
    const done = await audit(other, 'show', 'done');
    expect(done).toMatchObject({ code: 1, err: expect.stringContaining('event 4 was changed') });
    expect(done.out).toMatch(/^4 {2}9000000000000000000 .*accepted.*\{"x$/m);

    for (const format of ['csv', 'jsonl']) {
      const { code, out, err } = await audit(other, 'export', '--format', format);
      expect([code, err]).toEqual([1, list.err]);
      for (const id of ['done', 'open', 'not', 'seen']) expect(out).toContain(`"${id}"`);
      expect(out).toContain('unreadable');
    }
    expect(await audit(other, 'verify')).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /^open: BROKEN, the request cannot be read.*\ndone: BROKEN, event 4 was changed.*\n4 requests, 11 events: 2 broken\.\n$/,
      ),
    });
    await other.remove();
  });

  it('says that it has no such request', async () => {
    expect(await audit(place, 'show', 'nobody')).toMatchObject({
      code: 2,
      err: expect.stringContaining('The journal has no request "nobody"'),
    });
  });
});

describe('the command line', () => {
  it('helps', async () => {
    for (const args of [[], ['--help'], ['list', '--help'], ['help']]) {
      const { code, out } = await audit(place, ...args);
      expect(code).toBe(0);
      expect(out).toContain('examples');
    }
  });

  it('refuses what it does not understand, with a word how to write it', async () => {
    for (const [args, words] of [
      [['lst'], 'There is no command "lst"'],
      [['list', '--sinc', '2026-01-01'], '--sinc'],
      [['list', '--since', 'yesterday'], '--since and --until take a day such as'],
      [['list', '--until', '2026-02-30'], '--since and --until take a day such as'],
      [['list', '--person', 'bob'], '--person is a Slack member ID'],
      [['list', '--outcome', 'fine'], '--outcome is one of open, planned'],
      [['list', '--limit', '0'], '--limit is a number from 1 on'],
      [['list', 'done'], 'list takes no request ID'],
      [['show'], 'show needs a request ID'],
      [['show', 'a', 'b'], 'one request ID'],
      [['export'], 'export needs --format'],
      [['verify', '--receipt', '1a2b-3c4d-5e6f-7081'], '--receipt needs the request ID'],
      [['verify', 'done', '--receipt', '1a2b'], 'four groups as on the card'],
    ] as [string[], string][]) {
      const { code, out, err } = await audit(place, ...args);
      expect([args, code, out]).toEqual([args, 2, '']);
      expect(err).toContain(words);
      expect(err).toContain('audit --help');
    }
  });

  it('says which journal cannot be read, without the password', async () => {
    const where = { path: '', databaseUrl: 'postgresql://me:hushhush@127.0.0.1:1/x' };
    const { code, err } = await audit({ where }, 'list');
    expect(code).toBe(2);
    expect(err).toMatch(/"x" at 127\.0\.0\.1:1.*ECONNREFUSED/);
    expect(err).not.toContain('hushhush');
    const wrong = await audit({ where: { path: '', databaseUrl: 'hushhush' } }, 'list');
    expect(wrong).toMatchObject({
      code: 2,
      err: expect.stringContaining('DATABASE_URL must be postgresql://'),
    });
    expect(wrong.err).not.toContain('hushhush');
  });
});
