import { Kysely } from 'kysely';
import { AppError } from '../errors';
import { refuseClock } from './clock';
import type { JournalDialect } from './dialect';
import { JournalUnreadableError } from './errors';
import { checkSchema, migrate } from './migrate';
import { postgresDialect } from './postgres';
import type { Tables } from './schema';
import { sqliteDialect } from './sqlite';

/** Where a journal is: in a PostgreSQL database when there is an address of one, else in a SQLite file. */
export interface JournalPlace {
  /** The SQLite file. It and its directory are made when they are not there. */
  path: string;
  /** `postgresql://…`. Holds a password: it is in no error and no log. */
  databaseUrl?: string | undefined;
}

export interface ConnectOptions extends JournalPlace {
  /** Milliseconds that one statement or a new connection may take on PostgreSQL. @default 10_000 */
  timeoutMs?: number;
  /** Epoch milliseconds of this machine. @default Date.now */
  now?: () => number;
  logger?: { info(message: string): void; warn(message: string): void };
}

export interface Connected {
  db: Kysely<Tables>;
  dialect: JournalDialect;
}

const TIMEOUT_MS = 10_000;

/** Connects and brings the schema up to date. @throws what `openJournal` throws */
export function connect(options: ConnectOptions): Promise<Connected> {
  return prepared(options, false, async ({ db, dialect }) => {
    const { from, to } = await migrate(db, dialect);
    await refuseClock(db, dialect, options.now);
    if (from !== to) options.logger?.info(`Journal ${dialect.place}: schema ${from} brought to ${to}.`);
  });
}

/**
 * Connects such that nothing can be written, beside a running app, and each transaction sees one moment. Makes and
 * changes nothing.
 * @throws JournalTooOldError when its schema is not brought up to date yet; else what `openJournal` throws
 */
export function connectReadOnly(options: ConnectOptions): Promise<Connected> {
  return prepared(options, true, ({ db, dialect }) => checkSchema(db, dialect));
}

async function prepared(
  { path, databaseUrl, timeoutMs = TIMEOUT_MS, logger }: ConnectOptions,
  readOnly: boolean,
  prepare: (connected: Connected) => Promise<unknown>,
): Promise<Connected> {
  const warn = (message: string) => logger?.warn(message);
  const dialect =
    databaseUrl === undefined
      ? await sqliteDialect(path, { readOnly })
      : postgresDialect({ url: databaseUrl, timeoutMs, readOnly, warn });
  const db = new Kysely<Tables>({ dialect: dialect.kysely });
  try {
    await prepare({ db, dialect });
    return { db, dialect };
  } catch (error) {
    await db.destroy();
    if (error instanceof AppError) throw error;
    throw new JournalUnreadableError(
      `The schema of ${dialect.place} could not be ${readOnly ? 'read' : 'brought up to date'}, so it is probably not a journal of this app. Give another file or database.`,
      { cause: error },
    );
  }
}
