import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import type { JournalPlace } from '../journal/connect';
import { exportLines, importLines } from '../journal/transfer';
import { writeOut } from './export';
import { type ExitCode, type Io, journalPlace, reporting, runAsProcess, UsageError } from './program';

const HELP = `Takes a whole journal from one place to another, such as from the SQLite file to PostgreSQL. Stop the app first: what
it writes afterwards stays behind. JOURNAL_PATH and DATABASE_URL say where the journal is, as for the app.

  journal export [--out FILE]    every request, event and refusal as JSON lines
  journal import --in FILE       into a journal that has nothing in it yet; all or nothing

example   DATABASE_URL= npm run -s journal -- export --out journal.jsonl
          DATABASE_URL=postgresql://… npm run -s journal -- import --in journal.jsonl
          DATABASE_URL=postgresql://… npm run -s audit -- verify

exit      0 done    2 not done, and no row written
`;

/** `npm run journal`: a whole journal out of one database and into another. */
export function runJournal(args: readonly string[], io: Io): Promise<ExitCode> {
  return reporting(io, async () => {
    const [name, ...rest] = args;
    if (name === undefined || name === 'help' || args.includes('--help')) {
      await io.out(HELP);
      return 0;
    }
    const { out, in: from } = options(rest);
    const place = journalPlace(io);
    const actions: Record<string, (() => Promise<void>) | undefined> = {
      ...(from === undefined && { export: () => writeOut(io, out, ended(exportLines(place))) }),
      ...(from !== undefined && out === undefined && { import: () => take(io, place, from) }),
    };
    const act = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!act) throw new UsageError('Write `journal export [--out FILE]` or `journal import --in FILE`.');
    await act();
    return 0;
  });
}

async function take(io: Io, place: JournalPlace, from: string): Promise<void> {
  const { requests, events, refusals } = await importLines(place, linesOf(from));
  await io.out(`${requests} requests, ${events} events, ${refusals} refusals taken.\n`);
}

function options(args: string[]): { out?: string | undefined; in?: string | undefined } {
  try {
    return parseArgs({ args, options: { out: { type: 'string' }, in: { type: 'string' } } }).values;
  } catch (error) {
    throw new UsageError(`${(error as { message?: unknown }).message} See journal --help.`);
  }
}

async function* ended(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

/** By line feeds alone: `readline` ends a line at U+2028 too, which JSON leaves inside a text. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8' })) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    if ((error as { syscall?: unknown } | null)?.syscall === undefined) throw error;
    const { message } = error as Error;
    throw new UsageError(`${file} cannot be read: ${message}. Give another --in.`, { cause: error });
  }
  if (rest !== '') yield rest;
}

if (require.main === module) runAsProcess(runJournal);
