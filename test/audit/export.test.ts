import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { csvLine } from '../../src/audit/csv';
import { openJournal } from '../../src/journal/open-journal';
import { NOON, refusal } from '../journal/builders';
import { sqlitePlace } from '../journal/sqlite-place';
import { fill, NASTY } from './fill';
import { audit } from './run';

let place: ReturnType<typeof sqlitePlace>;
beforeAll(async () => {
  place = sqlitePlace();
  await fill(await place.open());
});
afterAll(() => place.remove());

/** As RFC 4180 says, and no apostrophe where csvLine puts one. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (let i = 0; i < text.length; ) {
    const [whole, quoted, bare = '', end] =
      /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(text.slice(i)) ?? [];
    if (whole === undefined) throw new Error(`No CSV at ${JSON.stringify(text.slice(i, i + 40))}`);
    rows.at(-1)?.push((quoted?.replaceAll('""', '"') ?? bare).replace(/^'/, ''));
    i += whole.length;
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('CSV', () => {
  it('gives back every text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...NASTY)), { minLength: 1 }),
        (cells) => {
          expect(readCsv(csvLine(cells))).toEqual([cells]);
        },
      ),
    );
  });

  it('lets no text begin a formula', () => {
    const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '|cmd', '%0', "'=1"];
    for (const text of formulas) {
      const cell = csvLine([text]);
      expect(cell.replace(/^"/, '').startsWith("'")).toBe(true);
    }
    expect(csvLine(['a=1', 'plain', -5, null])).toBe('a=1,plain,-5,\r\n');
  });
});

describe('audit export', () => {
  it('writes requests and, if asked for, refusals as CSV', async () => {
    const { code, out } = await audit(place, 'export', '--format', 'csv', '--refusals');
    expect(code).toBe(0);
    const [head = [], ...rows] = readCsv(out);
    const records = rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
    expect(records.map(({ record, id }) => `${record} ${id}`)).toEqual([
      'request seen',
      'request open',
      'request not',
      'request done',
      'refusal r2',
      'refusal r1',
    ]);
    expect(records[3]).toMatchObject({
      time: '2026-01-02T12:00:00.000Z',
      training: '11',
      name: NASTY[0],
      state: 'succeeded',
      reason: NASTY[3],
      operation: 'op-1',
      ended: '2026-01-02T12:00:00.009Z',
      receipt: expect.stringMatching(/^(....-){3}....$/),
    });
    expect(records[5]).toMatchObject({
      code: 'not_allowed',
      message: NASTY[1],
      person: 'U2',
      training: '11',
    });
    for (const row of rows) expect(row).toHaveLength(head.length);
  });

  it('writes everything as JSON lines, by the same filters', async () => {
    const { out } = await audit(place, 'export', '--format', 'jsonl', '--refusals', '--training', '11');
    const records = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ record, id }) => `${record} ${id}`)).toEqual([
      'request seen',
      'request done',
      'refusal r1',
    ]);
    expect(records[1].events).toHaveLength(5);
    expect(records[1]).toMatchObject({
      head: records[1].events[4].hash,
      plan: { training: { name: NASTY[0] } },
    });
    expect(records[1]).not.toHaveProperty('lease');
    const one = await audit(place, 'export', '--format', 'jsonl', '--refusals', '--outcome', 'succeeded');
    expect(one.out.trimEnd().split('\n')).toHaveLength(1);
  });

  it('writes to a new file of its owner’s, and over none', async () => {
    const file = join(place.directory, 'out.csv');
    expect(await audit(place, 'export', '--format', 'csv', '--out', file)).toEqual({
      code: 0,
      out: '',
      err: '',
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe((await audit(place, 'export', '--format', 'csv')).out);
    writeFileSync(file, 'mine');
    const again = await audit(place, 'export', '--format', 'csv', '--out', file);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('is there already') });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const nowhere = await audit(place, 'export', '--format', 'csv', '--out', join(file, 'x'));
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('cannot be written') });
  });

  it('goes from page to page of refusals', async () => {
    const other = sqlitePlace();
    const journal = await openJournal({ path: other.path });
    for (let i = 0; i < 230; i++) await journal.refuse(refusal(`r${i}`, { at: NOON + (i % 3) }));
    await journal.close();
    const { out } = await audit(other, 'export', '--format', 'jsonl', '--refusals');
    const ids = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(new Set(ids).size).toBe(230);
    expect(ids).toHaveLength(230);
    await other.remove();
  });
});
