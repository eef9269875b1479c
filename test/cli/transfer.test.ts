import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openJournal } from '../../src/journal/store';
import { importLines } from '../../src/journal/transfer';
import { confirmed, NOON, planned } from '../journal/builders';
import { EXPORT_5 } from '../journal/schema-5';
import { sqlitePlace } from '../journal/sqlite-place';
import { fill, fillTeam, NASTY, WATCH } from './fill';
import { audit, journalProgram } from './run';

let source: ReturnType<typeof sqlitePlace>;
let file: string;
beforeAll(async () => {
  source = sqlitePlace();
  file = join(source.directory, 'export.jsonl');
  const journal = await openJournal({ path: source.path });
  await fill(journal);
  await fillTeam(journal);
  await source.execute(WATCH);
  for (const [i, text] of NASTY.entries())
    await planned(journal, `${text} ${i} É e Z`, { trainingId: text, createdAt: NOON + i });
  await confirmed(journal, 'held', { trainingId: '99' });
  await journal.claim({ now: NOON, until: NOON + 1, limit: 1, ids: ['held'] });
  await journal.close();
  expect(await journalProgram(source, 'export', '--out', file)).toEqual({ code: 0, out: '', err: '' });
});
afterAll(() => source.remove());

/** What makes no journal either. */
const NO_EXPORT = ['empty', 'no export', 'another schema', 'the schema before'];
const exported = () => readFileSync(file, 'utf8');

async function takes(place: Parameters<typeof journalProgram>[0]): Promise<void> {
  const taken = await journalProgram(place, 'import', '--in', file);
  const out = '17 requests, 35 events, 2 denials, 2 pauses, 1 watches imported.\n';
  expect(taken).toEqual({ code: 0, err: '', out });
  expect((await journalProgram(place, 'export')).out).toBe(exported());
  expect(await audit(place, 'verify')).toMatchObject({ code: 0, out: expect.stringContaining('all intact') });
  expect((await audit(place, 'export', '--format', 'jsonl', '--denials')).out).toBe(
    (await audit(source, 'export', '--format', 'jsonl', '--denials')).out,
  );
}

describe('a journal that is moved', () => {
  it('is the same in another file, byte for byte when exported again', async () => {
    const place = sqlitePlace();
    await takes(place);
    const journal = await place.open();
    expect((await journal.batch('b1')).map(({ id, place }) => [id, place])).toEqual([
      ['b1', 0],
      ['b2', 1],
    ]);
    expect(await journal.pause()).toBeNull();
    await place.remove();
  });

  it('goes only into an empty one', async () => {
    const place = sqlitePlace();
    await planned(await place.open(), 'mine');
    const result = await journalProgram(place, 'import', '--in', file);
    expect(result).toMatchObject({
      code: 2,
      err: expect.stringContaining('has 1 requests, 1 events already'),
    });
    expect((await audit(place, 'list')).out).toContain('mine');
    const lines = Readable.from(exported().split('\n'));
    await expect(importLines(place.where, lines)).rejects.toMatchObject({ code: 'journal_not_empty' });
    await place.remove();
    const paused = sqlitePlace();
    const pause = { kind: 'paused', user: 'U1', reason: 'r', at: NOON, team: 'T1', channel: 'C1' } as const;
    await (await paused.open()).setPause(pause);
    expect((await journalProgram(paused, 'import', '--in', file)).err).toContain('has 1 pauses already');
    await paused.remove();
  });

  it('says with a code of its own that it cannot be read', async () => {
    const place = sqlitePlace();
    const code = 'journal_export_unreadable';
    await expect(importLines(place.where, Readable.from(['{}']))).rejects.toMatchObject({ code });
    await place.remove();
  });

  it('is imported whole or not at all', async () => {
    const lines = exported().trimEnd().split('\n');
    const spoilt: [string, string[], RegExp][] = [
      ['cut off', lines.slice(0, -1), /should have 1 watches and has 0: it was cut off/],
      ['cut off before that', lines.slice(0, -2), /should have 2 pauses and has 1: it was cut off/],
      ['cut off at the denials', lines.slice(0, -4), /should have 2 denials and has 1: it was cut off/],
      ['cut inside a line', [...lines.slice(0, 9), (lines[9] ?? '').slice(0, 20)], /Line 10 is not a row/],
      ['empty', [], /first line does not say so/],
      ['no export', ['{}'], /first line does not say so/],
      ['the schema before', EXPORT_5.split('\n'), /export has schema 5, this version needs 7/],
      ['another schema', [(lines[0] ?? '').replace(/"schema":\d+/, '"schema":99')], /schema 99/],
      [
        'another column',
        lines.map((line) => line.replace('"operation_id"', '"operation"')),
        /Line 2 is not a row/,
      ],
      ['no version', lines.map((line) => line.replace('"version":1', '"version":null')), /is not a row/],
      ['another shape', [lines[0] ?? '', '{"request":{"id":{}},"events":[]}'], /Line 2 is not a row/],
      ['twice', [...lines.slice(0, 3), lines[2] ?? ''], /Line 4 is not a row/],
      [
        'an event of nobody',
        lines.map((line) => line.replace('"events":[{"request_id":"', '"events":[{"request_id":"x')),
        /Line 2 is not a row/,
      ],
      [
        'without an event',
        lines.map((line) => line.replace(/"events":\[.*\]/, '"events":[]')),
        /should have 35 events and has 0/,
      ],
    ];
    for (const [name, rows, words] of spoilt) {
      const place = sqlitePlace();
      const path = join(place.directory, 'spoilt.jsonl');
      writeFileSync(path, rows.map((row) => `${row}\n`).join(''));
      const { code, err } = await journalProgram(place, 'import', '--in', path);
      expect([name, code]).toEqual([name, 2]);
      expect(err).toMatch(words);
      const made = existsSync(place.path);
      expect([name, made]).toEqual([name, !NO_EXPORT.includes(name)]);
      if (made) expect((await audit(place, 'verify')).out).toBe('0 requests, 0 events: all intact.\n');
      await place.remove();
    }
  });

  it('has two commands only', async () => {
    for (const args of [
      ['import'],
      ['move'],
      ['export', '--in', 'x'],
      ['import', '--in', 'a', '--out', 'b'],
      ['export', 'x'],
    ])
      expect(await journalProgram(source, ...args)).toMatchObject({ code: 2, out: '' });
    const place = sqlitePlace();
    const untouched = { ...place, where: { path: join(place.directory, 'not-there.db') } };
    for (const file of ['/no/such/file', __filename]) {
      expect((await journalProgram(untouched, 'import', '--in', file)).code).toBe(2);
      expect(existsSync(untouched.where.path)).toBe(false);
    }
    expect(await journalProgram(place, 'import', '--in', '/no/such/file')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/ENOENT.*Give another --in/),
    });
    await place.remove();
    expect((await journalProgram(source, '--help')).out).toContain('journal import --in FILE');
  });
});
