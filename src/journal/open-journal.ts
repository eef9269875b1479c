import { randomUUID } from 'node:crypto';
import { Kysely } from 'kysely';
import type { Journal } from '../archive/ports';
import { AppError } from '../errors';
import type { JournalDialect } from './dialect';
import { JournalUnreadableError } from './errors';
import { journalLeases } from './leases';
import { migrate } from './migrate';
import { journalReads } from './reads';
import type { Tables } from './schema';
import { sqliteDialect } from './sqlite';
import { journalWrites } from './writes';

export interface JournalOptions {
  /** The SQLite file. It and its directory are made when they are not there. */
  path: string;
  logger?: { info(message: string): void };
  /** Makes the tokens of leases; for tests. @default randomUUID */
  newToken?: () => string;
}

/**
 * Opens the journal and brings its schema up to date. Several processes may have the same file open. Whatever a
 * method has answered is on the disk: it survives `kill -9` and a power cut.
 * @throws JournalUnavailableError when the path cannot be written
 * @throws JournalUnreadableError when the file is damaged or is not a journal
 * @throws JournalTooNewError when a newer version of the app has written it
 * @throws JournalBusyError when another process keeps it locked; every method may throw this one too
 */
export async function openJournal({ path, logger, newToken }: JournalOptions): Promise<Journal> {
  const dialect = await sqliteDialect(path);
  return journalOn(dialect, { ...(logger && { logger }), newToken: newToken ?? randomUUID });
}

async function journalOn(
  dialect: JournalDialect,
  { logger, newToken }: Pick<JournalOptions, 'logger'> & { newToken: () => string },
): Promise<Journal> {
  const db = new Kysely<Tables>({ dialect: dialect.kysely });
  try {
    const { from, to } = await migrate(db, dialect);
    if (from !== to) logger?.info(`Journal ${dialect.place}: schema ${from} brought to ${to}.`);
  } catch (error) {
    await db.destroy();
    if (error instanceof AppError) throw error;
    throw new JournalUnreadableError(
      `The schema of ${dialect.place} could not be brought up to date, so it is probably not a journal of this app. Give the path to another file.`,
      { cause: error },
    );
  }
  let closing: Promise<void> | undefined;
  const context = { db, dialect, newToken };
  return {
    ...journalReads(context),
    ...journalWrites(context),
    ...journalLeases(context),
    close: async () => {
      // Kysely would close under the feet of a transaction that still runs.
      if (!closing) closing = db.connection().execute(async () => undefined);
      await closing;
      await db.destroy();
    },
  };
}
