import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Running {
  readonly child: ChildProcess;
  /** When it was started (`performance.now()`). */
  readonly startedAt: number;
  /** Waits for a line of output that contains the text. Resolves with its time (`performance.now()`). */
  said(words: string): Promise<number>;
  /** Like `said`, but only for lines from now on. */
  next(words: string): Promise<number>;
  /** Waits for a line that contains the text. Resolves with the rest of that line. */
  words(words: string): Promise<string>;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
}

/** Starts a Node process with only the given environment. */
export function startNode(args: readonly string[], env: Record<string, string>): Running {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: { at: number; line: string; order: number }[] = [];
  let order = 0;
  const looks = new Set<() => void>();
  const wake = () => {
    for (const look of [...looks]) look();
  };
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      order += 1;
      lines.push({ at: performance.now(), line, order });
      // Enough to show why it ended. A long run prints much more.
      if (lines.length > 200) lines.shift();
      wake();
    });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
      wake();
    });
  });
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const heard = (words: string, after = 0) =>
    new Promise<{ at: number; line: string }>((resolve, reject) => {
      const look = () => {
        const found = lines.find((one) => one.order > after && one.line.includes(words));
        if (!found && !ended()) return;
        looks.delete(look);
        const all = () => lines.map(({ line }) => line).join('\n');
        if (found) resolve(found);
        else reject(new Error(`The process ended before it printed "${words}":\n${all()}`));
      };
      looks.add(look);
      look();
    });
  return {
    child,
    startedAt,
    said: async (words) => (await heard(words)).at,
    next: async (words) => (await heard(words, order)).at,
    async words(words) {
      const { line } = await heard(words);
      return line.slice(line.indexOf(words) + words.length);
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Resident memory of a process, in KiB. Linux only. */
export function residentKiB({ child }: Running): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
  return Number(found?.[1]);
}

/** Processor time that a process has used, in ms, in steps of 10 ms. Linux only. */
export function cpuMs({ child }: Running): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
