import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { startReadyApp } from '../support/app-process';
import { ALICE, cardsIn, createFakes, GENERAL } from '../support/harness';

const root = join(__dirname, '..', '..');
let endings: (() => Promise<void> | void)[];
beforeEach(() => {
  endings = [];
});
afterEach(async () => {
  for (const end of endings.reverse()) await end();
});

/** Runs an npm script in a process group of its own, and ends the whole group at last. */
function npm(args: string[], { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string> }) {
  const child = spawn('npm', args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), NO_UPDATE_NOTIFIER: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let out = '';
  let err = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (data) => {
    out += data;
    for (const check of waiting) check();
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  // `close` comes when the output is closed: when the app, which writes to it too, has ended.
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
  const pid = child.pid ?? 0;
  endings.push(() => {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
  return {
    pid,
    ended,
    logged: (text: string) =>
      new Promise<void>((resolve) => {
        const check = () => out.includes(text) && resolve();
        waiting.add(check);
        check();
      }),
  };
}

describe('npm start', () => {
  it.each<[string, NodeJS.Signals, 1 | -1]>([
    ['a service manager to npm alone', 'SIGTERM', 1],
    ['a service manager to all processes, which npm passes on', 'SIGTERM', -1],
    ['a terminal to all processes, which npm passes on', 'SIGINT', -1],
  ])('stops cleanly on the signal of %s', async (_who, signal, group) => {
    const fakes = await createFakes();
    endings.push(fakes.close);
    const app = npm(['start'], { env: fakes.env() });
    await app.logged('"message":"ready"');
    process.kill(group * app.pid, signal);
    const { out, err } = await app.ended;
    expect(out).toContain('"message":"stopped"');
    expect(err).not.toContain('    at ');
  });
});

describe('before the build', () => {
  const copy = () => {
    const directory = mkdtempSync(join(tmpdir(), 'unbuilt-'));
    endings.push(() => rmSync(directory, { recursive: true }));
    for (const path of ['package.json', 'scripts']) {
      cpSync(join(root, path), join(directory, path), { recursive: true });
    }
    return directory;
  };

  it.each([
    ['start'],
    ['run', '-s', 'audit'],
    ['run', '-s', 'doctor'],
    ['run', '-s', 'journal', '--', 'export'],
  ])('npm %s says in one line what to do', async (...args) => {
    const cwd = copy();
    const silent = ['--silent', ...args];
    const uninstalled = await npm(silent, { cwd }).ended;
    expect(uninstalled).toMatchObject({
      code: 2,
      err: 'The dependencies are not installed. Run: npm ci && npm run build\n',
    });
    symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'));
    const unbuilt = await npm(silent, { cwd }).ended;
    expect(unbuilt).toMatchObject({ code: 2, err: 'The app is not built. Run: npm run build\n' });
  });
});

it.each([
  ['standard output', ['stdout']],
  ['standard output and standard error', ['stdout', 'stderr']],
] as const)('lives on when nobody reads its %s any more', async (_what, streams) => {
  const fakes = await createFakes();
  const app = await startReadyApp(fakes.env());
  endings.push(fakes.close, app.kill);
  for (const stream of streams) app.child[stream]?.destroy();
  const { workspace } = fakes;
  const alice = workspace.person(ALICE);
  await alice.command(DEMO_TRAININGS.ready.id, { channel: GENERAL });
  await workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
  await alice.fill('Reason', 'not used any more');
  await alice.fill('Type the training ID to confirm', DEMO_TRAININGS.ready.id);
  await alice.submit();
  await workspace.waitFor(() => JSON.stringify(cardsIn(fakes)).includes('Archived'), { what: 'the end' });
  expect(await app.stop()).toEqual({ code: 0, signal: null });
});
