import { Socket } from 'node:net';
import { PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely';
import { DatabaseError, Pool, type PoolClient, types } from 'pg';
import { tlsProblem } from '../tls-errors';
import { JournalError } from './errors';
import { locationOf, POSTGRES_TLS, tlsFileProblem } from './postgres-address';
import type { JournalDialect } from './schema';

const UNIQUE_VIOLATION = '23505';
/** Any number that no other program is likely to lock on. */
const SCHEMA_LOCK = 7_465_216_301;
/** Enough for one process, whose work is small, and a tenth of what a server allows by default. */
const MAX_CONNECTIONS = 10;

export interface PostgresOptions {
  /** `postgres://…` or `postgresql://…`, as libpq and `psql` understand it. Holds a password, so it is never shown. */
  url: string;
  /** Milliseconds that one connection or statement may take. Well below the lease. */
  timeoutMs: number;
  readOnly: boolean;
  warn(message: string): void;
}

/**
 * A journal in a PostgreSQL database (12 or newer), shared by any number of processes on any machines. Connects at
 * the first use.
 * @throws JournalError (`unavailable`) when the address cannot be understood
 * @see https://node-postgres.com/features/connecting#connection-uri
 */
export function postgresDialect(options: PostgresOptions): JournalDialect {
  const location = locationOf(options.url);
  return {
    kysely: new PostgresDialect({ pool: createPool(location, options) }),
    location,
    shared: true,
    // By bytes, in a database of any language, so that all journals sort alike.
    idType: 'text collate "C"',
    lockRows: (query, locked) => (locked === 'skip' ? query.forUpdate().skipLocked() : query.forUpdate()),
    isUniqueViolation: (error) => codeOf(error) === UNIQUE_VIOLATION,
    lockSchema: async (trx) => {
      // "if not exists" alone does not keep two processes from making the same table.
      await sql`select pg_advisory_xact_lock(${sql.lit(SCHEMA_LOCK)})`.execute(trx);
      const { rows } = await sql<{ server_encoding: string }>`show server_encoding`.execute(trx);
      const encoding = rows[0]?.server_encoding;
      if (encoding === 'UTF8') return;
      throw new JournalError(
        'unavailable',
        `The journal, ${location}, cannot keep every text: its encoding is ${encoding}. Create a database with encoding UTF8 (createdb --encoding UTF8 --template template0).`,
      );
    },
    makeAppendOnly: async (trx, table) => {
      await sql`
        create or replace function journal_deny_change() returns trigger language plpgsql as
        $$ begin raise exception 'rows of this table are never changed'; end $$
      `.execute(trx);
      await sql`
        create trigger ${sql.ref(`${table}_no_change`)} before update or delete or truncate on ${sql.table(table)}
        for each statement execute function journal_deny_change()
      `.execute(trx);
    },
  };
}

/** A connection that breaks is thrown away and a new one made, so that a server may be restarted under the app. */
function createPool(location: string, { url, timeoutMs, readOnly, warn }: PostgresOptions): PostgresPool {
  const sockets = new Set<Socket>();
  const pool = new Pool({
    connectionString: url,
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: timeoutMs,
    // The server's own timeout comes first; this one is for a network that swallows everything.
    query_timeout: timeoutMs * 2,
    keepAlive: true,
    application_name: 'toloka-archive',
    // Times and counts have 64 bits, which the driver would give as text.
    types: {
      getTypeParser: ((id: number) =>
        id === types.builtins.INT8 ? Number : types.getTypeParser(id)) as typeof types.getTypeParser,
    },
    onConnect: (client) => client.query(sessionSettings(timeoutMs, readOnly)),
  });
  const lost = (error: unknown) =>
    warn(`A connection to ${location} was lost (${codeOf(error) || 'ended'}). The next use makes a new one.`);
  // Without these listeners a connection that the server closes would end the process.
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    connect: async () => {
      try {
        return wrap(await pool.connect(), location);
      } catch (error) {
        throw tlsFileProblem(url) ?? explainPostgres(location, error);
      }
    },
    end: async () => {
      await pool.end();
      // pg leaves a connection open when it gave up the sign-on itself, such as for lack of a password.
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Set by a statement rather than at the start of the connection, because poolers such as PgBouncer refuse settings
 * there. What the app promises does not depend on the server's defaults: an acknowledged write is on the disk, and a
 * row that was waited for is read again. A program that only reads blocks nobody, and may itself wait for a pipe.
 */
function sessionSettings(timeoutMs: number, readOnly: boolean): string {
  const ms = Math.max(1, Math.floor(timeoutMs));
  return `${readOnly ? '' : DENY_STANDBY}
    set statement_timeout = ${ms};
    set lock_timeout = ${Math.ceil(ms * 0.9)};
    set idle_in_transaction_session_timeout = ${readOnly ? 0 : ms};
    set default_transaction_isolation = '${readOnly ? 'repeatable read' : 'read committed'}';
    set default_transaction_read_only = ${readOnly ? 'on' : 'off'};
    select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;
}

/** A connection to a standby would stay in use for reading after a failover, and what it reads may be old. */
const DENY_STANDBY = `
    do $$ begin
      if pg_is_in_recovery() then
        raise exception 'the server is a standby, which takes no writes' using errcode = '25006';
      end if;
    end $$;`;

function wrap(client: PoolClient, location: string): PostgresPoolClient {
  let broken = false;
  const query = async (text: string, parameters: readonly unknown[]) => {
    // The transaction is gone with the connection, and a failed rollback would hide why.
    if (broken && text === 'rollback') return {};
    try {
      return await client.query(text, [...parameters]);
    } catch (error) {
      broken ||= isUnusable(error);
      throw explainPostgres(location, error);
    }
  };
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(broken) };
}

/**
 * PostgreSQL's codes for what an operator can fix: the connection, the user, the database, the schema, rights,
 * resources, the disk, a standby. @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNUSABLE = /^(08|25006|25P03|28|3D|3F|42501|53|57P|58)/;
/** When somebody else held a row, or a statement took too long. */
const BUSY = /^(55P03|40P01|40001|57014)/;

/** How a server denies a connection without TLS, in version 14 and later and before. */
const NO_ENCRYPTION = /(no encryption|SSL off)$/;

/** Without a code of the server's it is the connection or the sign-on that failed. */
const isUnusable = (error: unknown) => !(error instanceof DatabaseError) || UNUSABLE.test(codeOf(error));

/**
 * Turns what an operator can fix into an error that says how; leaves anything else as it is. No message and no cause
 * of PostgreSQL or of the driver holds the password.
 */
function explainPostgres(location: string, error: unknown): unknown {
  const tls = tlsProblem(firstOf(error), POSTGRES_TLS);
  const words =
    tls?.reason || [codeOf(error), firstOf(error)?.message].filter(Boolean).join(': ') || 'no reason given';
  const cause = { cause: error };
  if (BUSY.test(codeOf(error)))
    return new JournalError(
      'busy',
      `The journal, ${location}, is busy (${words}). Nothing was written. Try again; if it stays so, look into pg_stat_activity.`,
      cause,
    );
  if (!isUnusable(error)) return error;
  const advice =
    tls?.advice ??
    (NO_ENCRYPTION.test(words)
      ? 'If the server accepts only TLS connections, set sslmode=verify-full in DATABASE_URL. Otherwise let its pg_hba.conf allow this machine and user.'
      : 'Check that the server runs, that DATABASE_URL has the right address, user, password, database and sslmode, and that the user may create tables there.');
  return new JournalError(
    'unavailable',
    `The journal, ${location}, cannot be used (${words}). ${advice}`,
    cause,
  );
}

/** The error, or the first of those that it gathers, as for the addresses of `localhost`. */
function firstOf(error: unknown): { code?: unknown; message?: unknown } | null {
  const [first] = (error as { errors?: unknown[] } | null)?.errors ?? [];
  return (first ?? error) as object | null;
}

function codeOf(error: unknown): string {
  const code = firstOf(error)?.code;
  return typeof code === 'string' ? code : '';
}
