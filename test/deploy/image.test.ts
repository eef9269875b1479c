import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describePostgres, postgresPlace } from '../journal/postgres-place';
import { type AppProcess, startApp } from '../support/app-process';
import { freePort } from '../support/free-port';
import { createFakes, type Fakes } from '../support/harness';
import { execForm, finalStage, read } from './dockerfile';
import { buildImage, type Image } from './image';

const START = withThisNode(execForm(finalStage, 'CMD'));
const CHECK = withThisNode(execForm(finalStage, 'HEALTHCHECK'));

let image: Image;
let fakes: Fakes;
let app: AppProcess | undefined;
beforeAll(() => {
  image = buildImage();
}, 180_000);
afterAll(() => image?.remove());
beforeEach(async () => {
  fakes = await createFakes();
});
afterEach(async () => {
  await app?.kill();
  await fakes.close();
});

function withThisNode([program, ...args]: string[]): string[] {
  expect(program).toBe('node');
  return [process.execPath, ...args];
}

/** The environment of the image, with its volume where it is here and a free port. */
async function environment(volume: string, more: Record<string, string> = {}) {
  const { JOURNAL_PATH = '', ...env } = image.env;
  const port = String(await freePort());
  const journal = JOURNAL_PATH.replace('/data', volume);
  const PATH = process.env['PATH'] ?? '';
  return fakes.env({ ...env, PATH, JOURNAL_PATH: journal, PORT: port, ...more });
}

const start = (env: Record<string, string>, writable?: string) => {
  app = startApp(env, join(image.directory, 'app'), image.confined(START, writable));
  return app;
};

/** Ends with the exit code of the health check of a container with this environment. */
async function check(env: Record<string, string>): Promise<number | null> {
  const [program = '', ...args] = image.confined(CHECK);
  const child = spawn(program, args, { env, stdio: 'ignore' });
  return new Promise((resolve) => child.once('close', resolve));
}

const ready = (log: AppProcess) => log.waitForLog(({ message }) => message === 'ready');

/** Ends with what a command of the container prints and its exit code. */
const inside = (command: string[], env: Record<string, string>, writable?: string) => {
  const [program = '', ...args] = image.confined(command, writable);
  return spawnSync(program, args, { cwd: join(image.directory, 'app'), env, encoding: 'utf8' });
};

describe('the image', () => {
  it('has what `npm start` needs', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const files = scripts.start.split(' ').filter((word: string) => word.includes('/'));
    expect(files.length).toBeGreaterThan(1);
    for (const file of files)
      expect([file, existsSync(join(image.directory, 'app', file))]).toEqual([file, true]);
  });

  it('has the packages of production, with libsql’s binary for Debian, and no others', () => {
    const { dependencies } = JSON.parse(read('package.json'));
    const modules = join(image.directory, 'app/node_modules');
    const present = (names: string[]) => names.filter((name) => existsSync(join(modules, name)));
    expect(present(Object.keys(dependencies))).toEqual(Object.keys(dependencies));
    expect(present(['typescript', 'esbuild', 'jest', '@biomejs/biome'])).toEqual([]);
    expect(readdirSync(join(modules, '@libsql'))).toContain(`linux-${process.arch}-gnu`);
  });

  it('runs as somebody who can write only to the volume, says whether it is ready, and stops on SIGTERM', async () => {
    const volume = image.volume();
    const env = await environment(volume);
    const touch = (directory: string) => inside(['touch', join(directory, 'file')], env, volume).status;
    expect([touch('.'), touch('node_modules'), touch(volume)]).toEqual([1, 1, 0]);
    const waiting = start({ ...env, SLACK_API_URL: 'http://127.0.0.1:9/api/' }, volume);
    await waiting.waitForLog(({ message }) => message.startsWith('Slack did not answer at the start'));
    expect(await check(env)).toBe(1);
    await waiting.stop();

    const running = start(env, volume);
    await ready(running);
    expect(await check(env)).toBe(0);
    expect(await running.stop()).toEqual({ code: 0, signal: null });
    expect(running.output()).toContain('"message":"stopped"');
    expect(await check(env)).toBe(1);
    expect(readdirSync(volume)).toContain('journal.db');
  }, 60_000);

  it('reads the audit log', async () => {
    const volume = image.volume();
    const env = await environment(volume);
    await ready(start(env, volume));
    const audit = inside([process.execPath, 'dist/cli/audit.js', 'verify'], env, volume);
    expect([audit.status, audit.stderr]).toEqual([0, '']);
  }, 60_000);
});

describePostgres('the image on PostgreSQL', (server) => {
  it('writes to no file', async () => {
    const database = await postgresPlace(server());
    const nowhere = image.volume();
    rmSync(nowhere, { recursive: true });
    const env = await environment(nowhere, { DATABASE_URL: database.url });
    try {
      await ready(start(env));
      expect(await check(env)).toBe(0);
      await app?.stop();
    } finally {
      await app?.kill();
      await database.remove();
    }
  }, 60_000);
});
