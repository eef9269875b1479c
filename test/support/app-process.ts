import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const APP = join(__dirname, '..', '..', 'dist', 'app.js');

interface LogLine {
  level: string;
  message: string;
  [field: string]: unknown;
}

export interface AppProcess {
  readonly child: ChildProcess;
  readonly log: LogLine[];
  /** All that it wrote to stdout and stderr. */
  output(): string;
  waitForLog(matches: (line: LogLine) => boolean): Promise<LogLine>;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
}

/** Starts the built app as a process with only the given environment. */
export function startApp(
  env: Record<string, string>,
  cwd = __dirname,
  command: readonly string[] = [process.execPath, APP],
): AppProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: LogLine[] = [];
  let raw = '';
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    raw += `${line}\n`;
    try {
      log.push(JSON.parse(line) as LogLine);
    } catch {
      log.push({ level: 'raw', message: line });
    }
    wake();
  });
  child.stderr.on('data', (data) => {
    raw += String(data);
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
      wake();
    });
  });
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    log,
    output: () => raw,
    exited,
    waitForLog(matches) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const found = log.find(matches);
          if (!found && !ended()) return;
          waiting.delete(check);
          if (found) resolve(found);
          else reject(new Error(`The app ended before that was logged:\n${raw}`));
        };
        waiting.add(check);
        check();
      });
    },
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

export async function startReadyApp(env: Record<string, string>): Promise<AppProcess> {
  const app = startApp(env);
  await app.waitForLog(({ message }) => message === 'ready');
  return app;
}
