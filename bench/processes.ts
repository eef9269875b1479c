import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Running {
  readonly child: ChildProcess;
  /** When it was started, by `performance.now()`. */
  readonly startedAt: number;
  /** Resolves with the time (`performance.now()`) at which a line of its output held these words. */
  said(words: string): Promise<number>;
  /** Like `said`, of a line that is still to come. */
  next(words: string): Promise<number>;
  /** What followed these words in the line that held them first. */
  words(words: string): Promise<string>;
  /** SIGKILL, and the end of the process. */
  kill(): Promise<void>;
}

/** Starts a Node process with nothing but the given environment. */
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
      // Enough to say why it ended; a long run says much.
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
        else reject(new Error(`It ended before it said "${words}":\n${all()}`));
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

/** Resident memory of a process, in KiB; Linux only. */
export function residentKiB({ child }: Running): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
  return Number(found?.[1]);
}

/** Processor time that a process has used, in ms; Linux only, in steps of 10 ms. */
export function cpuMs({ child }: Running): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
