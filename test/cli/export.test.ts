import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { csvLine, writeOut } from '../../src/cli/export';
import type { Io } from '../../src/cli/program';
import { sqlitePlace } from '../journal/sqlite-place';
import { fill, NASTY } from './fill';
import { audit, journalProgram } from './run';

let place: ReturnType<typeof sqlitePlace>;
beforeAll(async () => {
  place = sqlitePlace();
  await fill(await place.open());
});
afterAll(() => place.remove());

/** As RFC 4180 says, with another separator if told so, and no apostrophe where csvLine adds one. */
function readCsv(text: string): string[][] {
  return splitCsv(text, ',').map((row) => row.map((cell) => cell.replace(/(?<=^|[;,|\t\r\n])'/g, '')));
}

/** Splits as a spreadsheet does: quotes count only where a cell begins, and what follows them belongs to the cell. */
function splitCsv(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  for (let i = 0, row: string[] = []; i < text.length; ) {
    let cell = '';
    if (text[i] === '"') {
      for (i++; i < text.length && !(text[i] === '"' && text[i + 1] !== '"'); i++) {
        if (text[i] === '"') i++;
        cell += text[i];
      }
      i++;
    }
    while (i < text.length && text[i] !== separator && !/[\r\n]/.test(text[i] ?? '')) cell += text[i++];
    row.push(cell);
    if (text[i] === separator) {
      i++;
      continue;
    }
    i += text.startsWith('\r\n', i) ? 2 : 1;
    rows.push(row);
    row = [];
  }
  return rows;
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...NASTY),
  fc
    .array(fc.constantFrom('=', "'", '"', ';', ',', '\t', '\r', '\n', ' ', '|', '+', 'a', '-1'))
    .map((all) => all.join('')),
);

describe('CSV', () => {
  it('gives back every text', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1 }), (cells) => {
        expect(readCsv(csvLine(cells))).toEqual([cells]);
      }),
    );
  });

  it('lets no cell begin a formula, whatever separator the sheet splits at', () => {
    fc.assert(
      fc.property(
        fc.array(anyText, { minLength: 1 }),
        fc.constantFrom(',', ';', '\t', '|'),
        (cells, separator) => {
          for (const cell of splitCsv(csvLine(cells), separator).flat())
            expect(cell).not.toMatch(/^\s*[=+\-@]/);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('quotes every cell and marks every place where a formula could begin', () => {
    const formulas = [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      ' =1',
      '＝1',
      '|cmd',
      '%0',
      "'=1",
      '"=1',
    ];
    for (const text of formulas) {
      expect(csvLine([text]).startsWith(`"'`)).toBe(true);
      for (const before of [';', ',', '\t', '\n', '|'])
        expect(csvLine([`a${before}${text}`])).toContain(`a${before}'`);
    }
    expect(csvLine(['a=1', 'plain, text', 'x\r\ny', null])).toBe('"a=1","plain, text","x\r\ny",""\r\n');
  });
});

describe('audit export', () => {
  it('writes requests and, if asked for, denials as CSV', async () => {
    const { code, out } = await audit(place, 'export', '--format', 'csv', '--denials');
    expect(code).toBe(0);
    const [head = [], ...rows] = readCsv(out);
    const records = rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
    expect(records.map(({ record, id }) => `${record} ${id}`)).toEqual([
      'request seen',
      'request open',
      'request not',
      'request done',
      'denial r2',
      'denial r1',
    ]);
    expect(records[3]).toMatchObject({
      time: '2026-01-02T12:00:00.000Z',
      training: '11',
      name: NASTY[0],
      state: 'succeeded',
      reason: NASTY[3],
      operation: 'op-1',
      ended: '2026-01-02T12:00:00.009Z',
      team: 'T1',
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
    const { out } = await audit(place, 'export', '--format', 'jsonl', '--denials', '--training', '11');
    const records = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ record, id }) => `${record} ${id}`)).toEqual([
      'request seen',
      'request done',
      'denial r1',
    ]);
    expect(records[1].events).toHaveLength(5);
    expect(records[1]).toMatchObject({
      head: records[1].events[4].hash,
      plan: { training: { name: NASTY[0] } },
    });
    expect(records[1]).not.toHaveProperty('lease');
    const one = await audit(place, 'export', '--format', 'jsonl', '--denials', '--outcome', 'succeeded');
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
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('already exists') });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const nowhere = await audit(place, 'export', '--format', 'csv', '--out', join(file, 'x'));
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringMatching(/ENOTDIR.*Give another --out/) });
  });

  describe('that fails', () => {
    const args = ['export', '--out'];
    const none = { where: { path: '/no/such/journal.db' } };
    let directory: string;
    let file: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'export-'));
      file = join(directory, 'f');
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    it.each([
      ['journal', journalProgram, args],
      ['audit', audit, [...args, '--format', 'csv']],
    ] as const)('leaves nothing in the way of the corrected one: %s', async (_name, program, all) => {
      const words = all.flatMap((word) => (word === '--out' ? [word, file] : word));
      expect((await program(none, ...words)).code).toBe(2);
      expect(readdirSync(directory)).toEqual([]);
      expect(await program(place, ...words)).toEqual({ code: 0, out: '', err: '' });
      expect(readdirSync(directory)).toEqual(['f']);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    });

    it('leaves no part of a file when the reading breaks off, or another file appears meanwhile', async () => {
      async function* lines(act: () => void) {
        yield 'first\n';
        act();
        yield 'second\n';
      }
      const write = (act: () => void) => writeOut({} as Io, file, lines(act));
      const broken = new Error('broken off');
      const fail = () => {
        throw broken;
      };
      await expect(write(fail)).rejects.toBe(broken);
      expect(readdirSync(directory)).toEqual([]);
      await expect(write(() => writeFileSync(file, 'mine'))).rejects.toMatchObject({ code: 'usage' });
      expect(readdirSync(directory)).toEqual(['f']);
      expect(readFileSync(file, 'utf8')).toBe('mine');
      rmSync(file);
      await write(() => expect(readdirSync(directory)).not.toContain('f'));
      expect(readFileSync(file, 'utf8')).toBe('first\nsecond\n');
    });
  });
});
