import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ConnectOptions } from '../../src/journal/connect';
import { openJournal } from '../../src/journal/store';
import { advance, confirmed } from './builders';

/** What a process of its own can do to a journal. Each says in lines on stdout what it has been promised. */
export const CHILD_TASKS = {
  /** Writes for ever; a line `<request> <seq>` for each write that was acknowledged. */
  write: async (place: string, name: string) => {
    const journal = await openAt(place);
    for (let i = 0; ; i++) {
      let request = await confirmed(journal, `${name}-${i}`);
      say(`${request.id} ${request.version}`);
      for (const kind of [
        'submitting',
        'accepted',
        'outcome_unknown',
        'found_running',
        'succeeded',
      ] as const) {
        request = await advance(journal, request, kind);
        say(`${request.id} ${request.version}`);
      }
    }
  },
  /** Opens as soon as a line arrives, writes one request, and says so. */
  open: async (place: string, name: string) => {
    say('ready');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    const journal = await openAt(place, { info: (message) => say(`log ${message}`), warn: say });
    await confirmed(journal, name);
    say('written');
    await journal.close();
    process.exit(0);
  },
  /** Says why the journal cannot be opened. */
  fail: async (place: string) => {
    await openAt(place).catch(({ code, message }) => say(`${code} ${message}`));
  },
} as const;

/** The place is a file, or an address of a database. */
function openAt(place: string, logger?: ConnectOptions['logger']) {
  const where = place.startsWith('postgres') ? { path: '', databaseUrl: place } : { path: place };
  return openJournal({ ...where, ...(logger && { logger }) });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Starts a task in a Node process of its own. `lines` grows as it speaks; `heard` waits for a line. */
export function startChild(task: keyof typeof CHILD_TASKS, place: string, name: string) {
  const run = `require(process.argv[1]).CHILD_TASKS[process.argv[2]](process.argv[3], process.argv[4])`;
  const child: ChildProcess = spawn(
    process.execPath,
    ['--require', 'tsx/cjs', '-e', run, __filename, task, place, name],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('close', (code, signal) => {
      resolve(code ?? signal);
      for (const look of waiting) look();
    });
  });
  if (child.stdout) {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }
  const heard = (enough: (lines: readonly string[]) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (enough(lines)) resolve();
        else if (child.exitCode !== null) reject(new Error(`The child ended after: ${lines.join(' | ')}`));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  return { child, lines, ended, heard };
}
