import { Kysely, sql } from 'kysely';
import { AppError } from '../errors';
import type { Logger } from '../logger';
import { JournalError } from './errors';
import { postgresDialect } from './postgres';
import { checkSchema, type JournalDialect, prepareSchema, type Tables } from './schema';
import { sqliteDialect } from './sqlite';

/** Where a journal is: in a PostgreSQL database when `databaseUrl` is given, else in a SQLite file. */
export interface ConnectOptions {
  /** The SQLite file. It and its directory are made when they are not there. */
  path: string;
  /** `postgresql://…`. Holds a password: it is in no error and no log. */
  databaseUrl?: string | undefined;
  /** Milliseconds that one statement or a new connection may take on PostgreSQL. @default 10_000 */
  timeoutMs?: number;
  /** Epoch milliseconds of this machine. @default Date.now */
  now?: () => number;
  logger?: Pick<Logger, 'info' | 'warn'>;
}

export interface Connected {
  db: Kysely<Tables>;
  dialect: JournalDialect;
}

/** Connects, and makes the journal where there is none. @throws JournalError */
export function connect(options: ConnectOptions): Promise<Connected> {
  return connectWith(options, false, async (connected) => {
    const done = await prepareSchema(connected.db, connected.dialect);
    const problem = await clockProblem(connected, options.now);
    if (problem !== null) throw new JournalError('clock', problem);
    if (done !== 'checked') options.logger?.info(`Journal ${connected.dialect.location}: ${done}.`);
  });
}

/**
 * Connects in a way that can write nothing, also beside a running app. Each transaction sees one moment.
 * @throws JournalError
 */
export function connectReadOnly(options: ConnectOptions): Promise<Connected> {
  return connectWith(options, true, ({ db, dialect }) => checkSchema(db, dialect));
}

/** Connects, and closes again when `prepare` throws. @throws JournalError */
export async function connectWith(
  { path, databaseUrl: url, timeoutMs = 10_000, logger }: ConnectOptions,
  readOnly: boolean,
  prepare: (connected: Connected) => Promise<void>,
): Promise<Connected> {
  const warn = (message: string) => logger?.warn(message);
  const dialect =
    url === undefined
      ? await sqliteDialect(path, readOnly)
      : postgresDialect({ url, timeoutMs, readOnly, warn });
  const db = new Kysely<Tables>({ dialect: dialect.kysely });
  try {
    await prepare({ db, dialect });
    return { db, dialect };
  } catch (error) {
    await db.destroy();
    if (error instanceof AppError) throw error;
    throw new JournalError(
      'unreadable',
      `The tables of ${dialect.location} could not be ${readOnly ? 'read' : 'made'}, so it is probably not a journal of this app. Give another file or database.`,
      { cause: error },
    );
  }
}

/**
 * How far two clocks that share a journal may be apart, in ms. Leases are times of one machine that others compare
 * with their own; they last many times longer than this.
 */
const MOST_SKEW_MS = 5_000;

/**
 * What is wrong with this machine's clock, in words; null when nothing is, or when no other machine can share the
 * journal. The time that the question may have taken is not counted against it.
 * @throws JournalError (`unavailable`, `busy`)
 */
export async function clockProblem(
  { db, dialect: { shared, location } }: Connected,
  now: () => number = Date.now,
): Promise<string | null> {
  if (!shared) return null;
  const asked = now();
  const { rows } = await sql<{ ms: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms
  `.execute(db);
  const answered = now();
  const ahead = (asked + answered) / 2 - Number(rows[0]?.ms);
  const skewMs = Math.abs(ahead) - (answered - asked) / 2;
  if (skewMs <= MOST_SKEW_MS) return null;
  const far = `${(skewMs / 1000).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'}`;
  return `This machine's clock is ${far} the clock of ${location}, so processes would take each other's work. Set both by NTP.`;
}
