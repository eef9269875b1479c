/**
 * The real app in its own process: `node dist/app.js`, unchanged, configured through its environment only. It starts
 * in an empty directory with an empty environment, so that no `.env` and no proxy setting of this machine can lead it
 * to a real account.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const BUILT = join(__dirname, '..', 'dist', 'app.js');
/** Enough to show why it ended. */
const LINES_KEPT = 200;
const STOP_MS = 10_000;

export interface DemoApp {
  readonly pid: number | undefined;
  /** Kills it at once, runs `meanwhile`, and starts it again. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
  /** Its newest lines of output, oldest first. */
  lastLines(count?: number): string[];
  /** Calls `listener` if the app ends by itself. Returns a function that removes the listener. */
  onDeath(listener: (how: string) => void): () => void;
}

export interface AppOptions {
  directory: string;
  env: () => Record<string, string>;
  onLine?: ((line: string) => void) | undefined;
}

/** Resolves when the app logs that it is ready. Rejects with its last lines if it ends before that. */
export async function startDemoApp({ directory, env, onLine }: AppOptions): Promise<DemoApp> {
  if (!existsSync(BUILT)) throw new Error('The app is not built. Run `npm run build` first.');
  const lines: string[] = [];
  const listeners = new Set<(how: string) => void>();
  let current: Running | undefined;

  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
    onLine?.(line);
  };
  const died = (how: string) => {
    for (const listener of listeners) listener(how);
  };
  const start = async () => {
    const running = launch({ directory, env: env(), onLine: keep, onExit: died });
    current = running;
    await running.ready.catch((error: Error) => {
      current = undefined;
      throw new Error(`${error.message} Its last lines:\n${lines.slice(-15).join('\n')}`);
    });
  };

  await start();
  return {
    get pid() {
      return current?.child.pid;
    },
    async restart(meanwhile) {
      await current?.end('SIGKILL');
      await meanwhile?.();
      await start();
    },
    async stop() {
      await current?.end('SIGTERM');
      current = undefined;
    },
    lastLines: (count = 15) => lines.slice(-count),
    onDeath(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

interface Running {
  child: ChildProcess;
  ready: Promise<void>;
  end(signal: NodeJS.Signals): Promise<void>;
}

interface LaunchOptions {
  directory: string;
  env: Record<string, string>;
  onLine: (line: string) => void;
  /** Called if the process ends by itself after it was ready. */
  onExit: (how: string) => void;
}

function launch({ directory, env, onLine, onExit }: LaunchOptions): Running {
  const child = spawn(process.execPath, [BUILT], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches every process of the terminal's group. The demo stops the app itself, in order.
    detached: true,
  });
  let asked = false;
  const atExit = () => child.kill('SIGKILL');
  process.once('exit', atExit);
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => {
      process.off('exit', atExit);
      resolve(signal ? `it was ended by ${signal}` : `it exited with code ${code}`);
    });
  });
  const ready = new Promise<void>((resolve, reject) => {
    const listen = (line: string) => {
      onLine(line);
      if (line.includes('"message":"ready"')) resolve();
    };
    createInterface({ input: child.stdout }).on('line', listen);
    createInterface({ input: child.stderr }).on('line', onLine);
    void ended.then((how) => reject(new Error(`The app did not start: ${how}.`)));
  });
  void ready.then(
    () => ended.then((how) => (asked ? undefined : onExit(how))),
    () => undefined,
  );
  return {
    child,
    ready,
    async end(signal) {
      asked = true;
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(late);
    },
  };
}
