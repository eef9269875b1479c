import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPEN_STATES } from '../src/archive/request';
import { parseCommand as parseAudit } from '../src/cli/options';
import { SETTING_NAMES } from '../src/config';
import { parseCommand } from '../src/handlers/command-text';
import { connect } from '../src/journal/connect';
import { audit, journalProgram } from './cli/run';
import { advance, advanceThrough, confirmed, denial, NOON, planned } from './journal/builders';
import { sqlitePlace } from './journal/sqlite-place';

const read = (path: string) => readFileSync(join(__dirname, '..', path), 'utf8');
const text = read('docs/operations.md');
const all = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, found = '']) => found))];

describe('docs/operations.md names only', () => {
  it('commands that the app understands', () => {
    const commands = all(/`\/toloka-archive ?([^`]*)`/g).map((typed) =>
      typed.replace('<reason>', 'a reason'),
    );
    expect(commands.length).toBeGreaterThan(3);
    expect(commands.filter((typed) => parseCommand(typed).kind === 'wrong')).toEqual([]);
  });

  it('commands that the programs understand', () => {
    const called = all(/(?:npm run (?:-s )?audit --|cli\/audit\.js) ([a-z][^`\n]*)/g);
    expect(called.length).toBeGreaterThan(3);
    expect(called.map((args) => parseAudit(args.trim().split(' ')).name)).not.toContain(undefined);
    const moved = all(/(?:npm run (?:-s )?journal --|cli\/journal\.js) ([a-z]+)/g);
    expect(moved.sort()).toEqual(['export', 'import']);
    const asked = all(/(?:npm run (?:-s )?doctor --|cli\/doctor\.js) (--[a-z]+)/g);
    expect(asked.filter((option) => !['--channel', '--json'].includes(option))).toEqual([]);
  });

  it('settings that exist, and those of other programs', () => {
    const others = [
      ...['FAULTS_SEED', 'FAULTS_ONLY', 'FAULTS_JOBS', 'NODE_EXTRA_CA_CERTS'],
      ...['LITESTREAM_ACCESS_KEY_ID', 'LITESTREAM_SECRET_ACCESS_KEY'],
    ];
    const named = all(/\b([A-Z]{2,}(?:_[A-Z]+)+)\b/g).map((name) => name.replace(/_FILE$/, ''));
    expect(named.filter((name) => !SETTING_NAMES.includes(name) && !others.includes(name))).toEqual([]);
    expect(others.filter((name) => !named.includes(name))).toEqual([]);
  });

  it('headings that exist, and so do the others', () => {
    const anchors = (markdown: string) =>
      [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      );
    const links = ['README.md', 'docs/operations.md', 'docs/audit.md'].flatMap((path) =>
      [...read(path).matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)].map(([, file = '', anchor = '']) => ({
        path: file === '' ? path : join(path, '..', file),
        anchor,
      })),
    );
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter(({ path, anchor }) => !anchors(read(path)).includes(anchor))).toEqual([]);
  });
});

describe('"What is stored, and how to delete it"', () => {
  const [, section = ''] = /\n## What is stored, and how to delete it\n([\s\S]*?)\n## /.exec(text) ?? [];
  const [, script = ''] = /```python\n([\s\S]*?)```/.exec(section) ?? [];
  const hasPython = spawnSync('python3', ['--version']).status === 0;
  const places: ReturnType<typeof sqlitePlace>[] = [];
  const place = () => {
    const made = sqlitePlace();
    places.push(made);
    return made;
  };
  afterEach(async () => {
    for (const one of places.splice(0)) await one.remove();
  });

  it('has every table of the journal', async () => {
    const { db } = await connect(place().where);
    const tables = (await db.introspection.getTables()).map(({ name }) => name);
    await db.destroy();
    const [rows = ''] = section.split('\n\nThe app stores');
    const named = [...rows.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect([...named, 'schema_version'].sort()).toEqual(tables.sort());
  });

  it('refuses exactly the requests that are open', () => {
    const [, states = ''] = /open_states = \{(.*)\}/.exec(script) ?? [];
    expect([...states.matchAll(/'(\w+)'/g)].map(([, state]) => state).sort()).toEqual(
      [...OPEN_STATES].sort(),
    );
  });

  (hasPython ? it : it.skip)(
    'has a script that removes a person, and leaves a journal that is intact',
    async () => {
      const [old, kept] = [place(), place()];
      const journal = await old.open();
      const where = { team: 'T1', channel: 'C1' };
      const end = ['submitting', 'not_started'] as const;
      await advanceThrough(journal, await confirmed(journal, 'theirs', { requester: 'U7' }), end);
      await advanceThrough(journal, await confirmed(journal, 'similar', { requester: 'U77' }), end);
      for (const [place, id] of ['first', 'second'].entries()) {
        const batch = { with: { batch: 'first', place, reason: 'x' }, actor: id === 'second' ? 'U7' : 'U1' };
        const asked = await planned(journal, id, { trainingId: `5${place}` });
        await advanceThrough(journal, await advance(journal, asked, 'confirmed', batch), end);
      }
      await journal.deny(denial('d1', { user: 'U7' }));
      await journal.deny(denial('d2', { user: 'U1' }));
      await journal.setPause({ kind: 'paused', user: 'U7', reason: 'x', at: NOON, ...where });
      await journal.setPause({ kind: 'resumed', user: 'U1', reason: '', at: NOON + 1, ...where });
      const forget = async () => {
        const { out } = await journalProgram(old, 'export');
        return spawnSync('python3', ['-c', script, 'U7'], { input: out, encoding: 'utf8' });
      };
      const { status, stdout, stderr } = await forget();
      expect([status, stderr.trim().split('\n').sort()]).toEqual([0, ['first', 'second', 'theirs']]);
      expect(stdout).not.toMatch(/\bU7\b/);
      const file = join(kept.directory, 'kept.jsonl');
      writeFileSync(file, stdout);
      expect(await journalProgram(kept, 'import', '--in', file)).toMatchObject({ code: 0, err: '' });
      const verified = await audit(kept, 'verify');
      expect([verified.code, verified.out]).toEqual([0, expect.stringMatching(/^1 requests, .* all intact/)]);
      const { out } = await audit(kept, 'export', '--format', 'jsonl', '--denials');
      expect(
        out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).record)
          .sort(),
      ).toEqual(['denial', 'request']);
      expect((await audit(kept, 'pauses')).out).toMatch(/U1/);

      await confirmed(journal, 'open', { requester: 'U7', trainingId: '99' });
      expect(await forget()).toMatchObject({
        status: 1,
        stdout: '',
        stderr: 'open is open. Nothing was written.\n',
      });
    },
  );
});
