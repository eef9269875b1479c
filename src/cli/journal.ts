import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { exportLines, importLines } from '../journal/transfer';
import { writeOut } from './export';
import {
  type ExitCode,
  fileProblem,
  type Io,
  journalLocation,
  reporting,
  runAsProcess,
  UsageError,
} from './program';

const HELP = `Moves a whole journal, such as from the SQLite file to PostgreSQL. Stop the app first: what it writes later is
not moved. JOURNAL_PATH and DATABASE_URL say where the journal is, as for the app.

  journal export [--out FILE]    everything in it as JSON lines
  journal import --in FILE       into an empty journal; all or nothing

example   DATABASE_URL= npm run -s journal -- export --out journal.jsonl
          DATABASE_URL=postgresql://… npm run -s journal -- import --in journal.jsonl
          DATABASE_URL=postgresql://… npm run -s audit -- verify

exit      0 done    2 not done, and nothing written
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
    const location = journalLocation(io);
    if (name === 'export' && from === undefined) {
      await writeOut(io, out, exportLines(location));
    } else if (name === 'import' && from !== undefined && out === undefined) {
      const counts = Object.entries(await importLines(location, linesOf(from)));
      await io.out(`${counts.map(([table, count]) => `${count} ${table}`).join(', ')} imported.\n`);
    } else {
      throw new UsageError('Write `journal export [--out FILE]` or `journal import --in FILE`.');
    }
    return 0;
  });
}

function options(args: string[]): { out?: string | undefined; in?: string | undefined } {
  try {
    return parseArgs({ args, options: { out: { type: 'string' }, in: { type: 'string' } } }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message} See journal --help.`);
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    yield* (await open(file)).readLines();
  } catch (error) {
    throw fileProblem('--in', error);
  }
}

export const main = () => runAsProcess(runJournal);

if (require.main === module) main();
