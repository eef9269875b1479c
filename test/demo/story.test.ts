import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Demo, startDemo } from '../../demo/start';
import { type Narrator, playStory, StoryError } from '../../demo/story';
import { USAGE } from '../../demo/usage';
import { DEMO_TRAININGS } from '../../fakes/toloka';

const root = join(__dirname, '..', '..');
const SILENT: Narrator = { chapter() {}, act() {}, screen() {}, fact() {} };

/** Where the demos of this file put what they have on the disk. */
const TMPDIR = mkdtempSync(join(tmpdir(), 'demo-story-'));
afterAll(() => rmSync(TMPDIR, { recursive: true, force: true }));
const leftovers = () => readdirSync(TMPDIR).filter((name) => name.startsWith('toloka-archive-demo-'));

let child: ChildProcess | undefined;
let demo: Demo | undefined;
afterEach(async () => {
  child?.kill('SIGKILL');
  await demo?.close();
  child = undefined;
  demo = undefined;
});

/** The demo as `npm run demo` starts it, without a terminal. Resolves when it has printed `words`. */
async function run(words: string, ...options: string[]) {
  const { NO_COLOR: _unset, ...env } = process.env;
  const started = spawn(process.execPath, ['--import', 'tsx', 'demo/main.ts', ...options], {
    ...{ cwd: root, env: { ...env, TMPDIR }, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  child = started;
  let output = '';
  const ended = new Promise<number | null>((resolve) => started.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    const hear = (data: Buffer) => {
      output += String(data);
      if (output.includes(words)) resolve();
    };
    started.stdout?.on('data', hear);
    started.stderr?.on('data', hear);
    void ended.then(() => reject(new Error(`Ended before it said "${words}":\n${output}`)));
  });
  const appPid = Number(/process (\d+)/.exec(output)?.[1]);
  return { started, ended, appPid, output: () => output };
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('npm run demo, without a terminal', () => {
  it('plays the story, shows what goes to Toloka, and ends with 0 and nothing left running', async () => {
    const { ended, appPid, output } = await run('Nothing is left running');
    expect(await ended).toBe(0);
    expect(isAlive(appPid)).toBe(false);
    const { storyBlocked, storyReady, storyFails } = DEMO_TRAININGS;
    for (const line of [
      `/toloka-archive ${storyBlocked.id}`,
      'main pools are linked to this training and not archived.',
      `/toloka-archive ${storyReady.id}`,
      'Archiving cannot be undone.',
      'Toloka is archiving',
      '@dana, the training is archived',
      `/toloka-archive ${storyFails.id}`,
      'Failed in Toloka  ·  Shop signs at night',
      'The story went as expected',
    ])
      expect(output()).toContain(line);
    expect(output()).toMatch(/POST \/api\/v1\/trainings\/123482\/archive +202/);
    expect(output()).toContain('because there is no terminal to type in.');
    expect(output()).not.toContain('the page');
    expect(output().match(/⇒ Toloka {2}POST/g)).toHaveLength(2);
    expect(output()).not.toContain('\u001B[');
    expect(
      output()
        .split('\n')
        .filter((line) => line.length > 100),
    ).toEqual([]);
  }, 90_000);

  it('reports that the app died, with its last lines, and ends with 1', async () => {
    const { ended, appPid, output } = await run('Dana types', '--once');
    process.kill(appPid, 'SIGKILL');
    expect(await ended).toBe(1);
    expect(output()).toContain('The app stopped: it was ended by SIGKILL.');
    expect(output()).toContain('"message":"ready"');
  }, 60_000);

  it('offers no page with --once', async () => {
    const { ended, output } = await run('Nothing is left running', '--once');
    expect(await ended).toBe(0);
    expect(output()).toContain('With `--once`, the demo ends after the story.');
    expect(output()).not.toContain('the page');
  }, 90_000);

  it('has a usage that the README agrees with', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const calls = [...readme.matchAll(/npm run demo(?: -- --\w+)?/g)].map(([call]) => call);
    expect(calls).toContain('npm run demo -- --once');
    expect(calls.filter((call) => !new RegExp(`^${call} `, 'm').test(USAGE))).toEqual([]);
  });

  it.each([
    ['--help', 0],
    ['-h', 0],
    ['--bogus', 2],
    ['once', 2],
    ['--port', 2],
    ['--port=0', 2],
    ['--port 65536', 2],
    ['--port http', 2],
    ['--port 8080 --help', 0],
  ])('%s starts nothing, and ends with %i', (options, code) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'demo/main.ts', ...options.split(' ')],
      { cwd: root, encoding: 'utf8' },
    );
    expect(status).toBe(code);
    const [said, unsaid] = code === 0 ? [stdout, stderr] : [stderr, stdout];
    expect(said).toContain('npm run demo -- --once');
    const problem = options.startsWith('--port')
      ? '--port needs a number from 1 to 65535.'
      : `Unknown option "${options}".`;
    expect(said.includes(problem)).toBe(code === 2);
    expect(unsaid).toBe('');
  });

  it.each([
    ['SIGINT', 130],
    // It ends by the signal itself, which has no code.
    ['SIGHUP', null],
  ] as const)(
    'also stops the app when it gets %s',
    async (signal, code) => {
      const { started, ended, appPid } = await run('Dana types');
      expect(isAlive(appPid)).toBe(true);
      started.kill(signal);
      expect(await ended).toBe(code);
      expect(isAlive(appPid)).toBe(false);
      expect(leftovers()).toEqual([]);
    },
    60_000,
  );

  it('also stops the app when nobody reads the output any more', async () => {
    const { started, ended, appPid } = await run('Dana types');
    started.stdout?.destroy();
    expect(await ended).toBe(129);
    expect(isAlive(appPid)).toBe(false);
    expect(leftovers()).toEqual([]);
  }, 60_000);
});

describe('the story', () => {
  it.each([
    [
      'offers to archive a blocked training',
      DEMO_TRAININGS.storyBlocked.id,
      { project_id: '81776' },
      'not archived.',
    ],
    ['finds the ready training open', DEMO_TRAININGS.storyReady.id, { status: 'OPEN' as const }, '[Archive]'],
    [
      'sees an archive succeed that should fail',
      DEMO_TRAININGS.storyFails.id,
      { archiveOutcome: { status: 'SUCCESS' as const } },
      'Failed in Toloka',
    ],
  ])(
    'ends with an error when it %s',
    async (_what, id, patch, expected) => {
      demo = await startDemo({ operationMs: 50 });
      demo.account.updateTraining(id, patch);
      const played = playStory(demo, SILENT, 4_000);
      await expect(played).rejects.toThrow(StoryError);
      await expect(played).rejects.toThrow(expected);
    },
    60_000,
  );

  it('reports why the app did not start, and leaves nothing on the disk', async () => {
    await expect(startDemo({ env: { SLACK_BOT_TOKEN: 'xoxb-9-wrong' } })).rejects.toThrow(/invalid_auth/);
  }, 60_000);
});
