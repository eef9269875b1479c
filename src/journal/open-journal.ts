import { randomUUID } from 'node:crypto';
import type { Journal } from '../archive/journal-port';
import { clockProblem } from './clock';
import { type ConnectOptions, connect } from './connect';
import { journalLeases } from './leases';
import { journalReads } from './reads';
import { journalWrites } from './writes';

export interface JournalOptions extends ConnectOptions {
  /** Makes the tokens of leases; for tests. @default randomUUID */
  newToken?: () => string;
}

export interface OpenJournal extends Journal {
  /** What is wrong with this machine's clock beside the database's, in words; `null` when nothing is. */
  clockProblem(): Promise<string | null>;
}

/**
 * Opens the journal and brings its schema up to date. Several processes may have the same one open. Whatever a
 * method has answered is on the disk: it survives `kill -9` and a power cut.
 * @throws JournalUnavailableError when the file cannot be written or the database cannot be reached; every method
 * may throw this one too
 * @throws JournalUnreadableError when the file is damaged, or file or database are not a journal
 * @throws JournalTooNewError when a newer version of the app has written it
 * @throws JournalClockError when this machine's clock and the database's are too far apart
 * @throws JournalBusyError when another process keeps it locked; every method may throw this one too
 */
export async function openJournal({
  newToken = randomUUID,
  ...options
}: JournalOptions): Promise<OpenJournal> {
  const { db, dialect } = await connect(options);
  const context = { db, dialect, newToken };
  return closingLast(
    {
      ...journalReads(context),
      ...journalWrites(context),
      ...journalLeases(context),
      clockProblem: () => clockProblem(db, dialect, options.now),
    },
    () => db.destroy(),
  );
}

/** Kysely closes under the feet of whatever still runs or waits for a connection, so closing waits for that. */
function closingLast(methods: Omit<OpenJournal, 'close'>, destroy: () => Promise<void>): OpenJournal {
  const running = new Set<Promise<unknown>>();
  const counted = Object.entries(methods).map(([name, method]) => [
    name,
    (...given: never[]) => {
      const answer = (method as (...given: never[]) => Promise<unknown>)(...given);
      const ended: Promise<unknown> = answer.then(noop, noop).then(() => running.delete(ended));
      running.add(ended);
      return answer;
    },
  ]);
  const close = async () => {
    while (running.size > 0) await Promise.all(running);
    await destroy();
  };
  return { ...Object.fromEntries(counted), close };
}

const noop = () => {};
