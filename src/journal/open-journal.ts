import { randomUUID } from 'node:crypto';
import { Kysely } from 'kysely';
import type { Journal } from '../archive/ports';
import { AppError } from '../errors';
import type { JournalDialect } from './dialect';
import { JournalUnreadableError } from './errors';
import { journalLeases } from './leases';
import { migrate } from './migrate';
import { postgresDialect } from './postgres';
import { journalReads } from './reads';
import type { Tables } from './schema';
import { sqliteDialect } from './sqlite';
import { journalWrites } from './writes';

/** Where a journal is: in a PostgreSQL database when there is an address of one, else in a SQLite file. */
export interface JournalPlace {
  /** The SQLite file. It and its directory are made when they are not there. */
  path: string;
  /** `postgresql://…`. Holds a password: it is in no error and no log. */
  databaseUrl?: string | undefined;
}

export interface JournalOptions extends JournalPlace {
  /** Milliseconds that one statement or a new connection may take on PostgreSQL. @default 10_000 */
  timeoutMs?: number;
  logger?: { info(message: string): void; warn(message: string): void };
  /** Makes the tokens of leases; for tests. @default randomUUID */
  newToken?: () => string;
}

const TIMEOUT_MS = 10_000;

/**
 * Opens the journal and brings its schema up to date. Several processes may have the same one open. Whatever a
 * method has answered is on the disk: it survives `kill -9` and a power cut.
 * @throws JournalUnavailableError when the file cannot be written or the database cannot be reached; every method
 * may throw this one too
 * @throws JournalUnreadableError when the file is damaged, or file or database are not a journal
 * @throws JournalTooNewError when a newer version of the app has written it
 * @throws JournalBusyError when another process keeps it locked; every method may throw this one too
 */
export async function openJournal({ newToken = randomUUID, ...options }: JournalOptions): Promise<Journal> {
  const dialect = await dialectOf(options);
  const db = new Kysely<Tables>({ dialect: dialect.kysely });
  await bringUpToDate(db, dialect, options.logger);
  let closing: Promise<void> | undefined;
  const context = { db, dialect, newToken };
  return {
    ...journalReads(context),
    ...journalWrites(context),
    ...journalLeases(context),
    close: async () => {
      // Kysely would close under the feet of a transaction that still runs.
      closing ??= db.connection().execute(async () => undefined);
      await closing.catch(() => undefined);
      await db.destroy();
    },
  };
}

function dialectOf({ path, databaseUrl, timeoutMs = TIMEOUT_MS, logger }: JournalOptions) {
  if (databaseUrl === undefined) return sqliteDialect(path);
  const warn = (message: string) => logger?.warn(message);
  return postgresDialect({ url: databaseUrl, timeoutMs, readOnly: false, warn });
}

async function bringUpToDate(
  db: Kysely<Tables>,
  dialect: JournalDialect,
  logger: JournalOptions['logger'],
): Promise<void> {
  try {
    const { from, to } = await migrate(db, dialect);
    if (from !== to) logger?.info(`Journal ${dialect.place}: schema ${from} brought to ${to}.`);
  } catch (error) {
    await db.destroy();
    if (error instanceof AppError) throw error;
    throw new JournalUnreadableError(
      `The schema of ${dialect.place} could not be brought up to date, so it is probably not a journal of this app. Give another file or database.`,
      { cause: error },
    );
  }
}
