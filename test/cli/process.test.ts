import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planned } from '../journal/builders';
import { sqlitePlace } from '../journal/sqlite-place';
import { fill } from './fill';

let place: ReturnType<typeof sqlitePlace>;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

/** The program as people run it: a process with nothing in its environment but where the journal is. */
function start(program: 'audit' | 'journal', args: string[], journal = place.path) {
  const path = join(__dirname, '..', '..', 'src', 'cli', `${program}.ts`);
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', path, ...args], {
    env: { PATH: process.env['PATH'], JOURNAL_PATH: journal },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
  return { child, ended };
}

describe('the programs as processes', () => {
  it('ask for no token, run beside the app, and end with their codes', async () => {
    const journal = await place.open();
    await fill(journal);
    expect(await start('audit', ['verify']).ended).toEqual({
      code: 0,
      err: '',
      out: '4 requests, 11 events: all intact.\n',
    });
    await place.execute(
      `${place.unlock}; update events set at = at + 1 where request_id = 'open' and seq = 1`,
    );
    expect((await start('audit', ['verify']).ended).code).toBe(1);
    expect((await start('audit', ['verfy']).ended).code).toBe(2);
    await planned(journal, 'later');
    const { code, out } = await start('journal', ['export']).ended;
    expect([code, out.split('\n').length]).toEqual([0, 1 + 5 + 2 + 2 + 1]);
  }, 60_000);

  it.each([['audit', 'verify'] as const, ['journal', 'export'] as const])(
    '%s leaves the journal of a crashed app as it is',
    async (program, command) => {
      await fill(await place.open());
      // What a crash leaves: a file, and beside it a log that nobody has open.
      const crashed = sqlitePlace();
      const files = ['', '-wal'].map((suffix) => `${crashed.path}${suffix}`);
      for (const suffix of ['', '-wal']) copyFileSync(`${place.path}${suffix}`, `${crashed.path}${suffix}`);
      const contents = () => files.map((file) => readFileSync(file).toString('base64'));
      const before = contents();
      expect(before.map((content) => content.length > 0)).toEqual([true, true]);
      const { code } = await start(program, [command], crashed.path).ended;
      expect(code).toBe(0);
      expect(contents()).toEqual(before);
      await crashed.remove();
    },
    60_000,
  );

  it('end without a word when nobody reads on', async () => {
    const journal = await place.open();
    for (let i = 0; i < 400; i++) await planned(journal, `r${i}`);
    const { child, ended } = start('journal', ['export']);
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await ended).toMatchObject({ code: 0, err: '' });
  }, 60_000);
});
