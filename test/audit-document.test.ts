import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAudit } from '../src/cli/audit';
import { HELP, parseCommand } from '../src/cli/options';
import { openJournal } from '../src/journal/store';
import { confirmed, denial } from './journal/builders';

const text = readFileSync(join(__dirname, '..', 'docs/audit.md'), 'utf8');
const [, script = ''] = /```python\n([\s\S]*?)```/.exec(text) ?? [];
const hasPython = spawnSync('python3', ['--version']).status === 0;

let directory: string;
let lines: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'audit-document-'));
  const path = join(directory, 'journal.db');
  const journal = await openJournal({ path });
  await confirmed(journal, 'first', { requester: 'U—“ü”' });
  await confirmed(journal, 'second');
  await journal.deny(denial('d1'));
  await journal.close();
  lines = '';
  const io = {
    env: { JOURNAL_PATH: path },
    out: async (part: string) => {
      lines += part;
    },
    err: () => {},
  };
  expect(await runAudit(['export', '--format', 'jsonl', '--denials'], io)).toBe(0);
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('docs/audit.md', () => {
  it('shows commands that the program understands', () => {
    const commands = [...text.matchAll(/npm run -s audit -- (.*?)`?$/gm)].map(([, args = '']) => args);
    const parsed = commands.map((args) => parseCommand((args.split('`')[0] ?? '').split(' ')).name);
    expect(parsed).toEqual(['list', 'show', 'export', 'pauses', 'verify', 'verify', 'help', 'verify']);
  });

  it('names only options that the program has', () => {
    const optionsOf = (all: string) => [...all.matchAll(/(?<=[\s`[])--[a-z]+/g)].map(([name]) => name);
    const known = new Set([...optionsOf(HELP), '--in', '--help']);
    expect(known.size).toBeGreaterThan(5);
    expect(optionsOf(text).filter((name) => !known.has(name))).toEqual([]);
  });

  it('lists the exit codes of the help', () => {
    const codes = [...text.matchAll(/^\| (\d) \| /gm)].map(([, code]) => code);
    const [, help = ''] = /^exit +(.*)$/m.exec(HELP) ?? [];
    expect(codes).toEqual(help.match(/\d/g));
  });

  (hasPython ? it : it.skip)('has a script that checks an export', () => {
    const [program, file] = [join(directory, 'check.py'), join(directory, 'export.jsonl')];
    writeFileSync(program, script);
    const check = (content: string) => {
      writeFileSync(file, content);
      const { status, stdout, stderr } = spawnSync('python3', [program, file], { encoding: 'utf8' });
      return [status, `${stdout}${stderr}`.trim()];
    };
    expect(lines).toContain('"record":"denial"');
    expect(check(lines)).toEqual([0, 'intact']);
    expect(check(lines.replace('"requester":"U1"', '"requester":"U2"'))).toEqual([
      1,
      'second: event 1 was changed',
    ]);
    expect(check(lines.replace('"kind":"confirmed"', '"kind":"cancelled"'))[0]).toBe(1);
    expect(check(lines.replace(/"head":"./, '"head":"-'))).toEqual([
      1,
      expect.stringContaining('the last events are missing'),
    ]);
  });
});
