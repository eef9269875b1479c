import { PostgresDialect, sql } from 'kysely';
import { Client } from 'pg';
import type { JournalDialect } from './dialect';
import { JournalUnavailableError } from './errors';
import { createPool } from './postgres-pool';

const UNIQUE_VIOLATION = '23505';
/** Any number that no other program is likely to lock on. */
const SCHEMA_LOCK = 7_465_216_301;

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
 * @throws JournalUnavailableError when the address cannot be understood
 * @see https://node-postgres.com/features/connecting#connection-uri
 */
export function postgresDialect({ url, ...options }: PostgresOptions): JournalDialect {
  const connection = { connectionString: url };
  const place = placeOf(connection);
  return {
    kysely: new PostgresDialect({ pool: createPool({ connection, place, ...options }) }),
    place,
    shared: true,
    // Bytes, whatever the language of the database, so that all journals sort alike.
    idType: sql`text collate "C"`,
    lockRows: (query, others) => (others === 'skip' ? query.forUpdate().skipLocked() : query.forUpdate()),
    isUniqueViolation: (error) => (error as { code?: unknown } | null)?.code === UNIQUE_VIOLATION,
    lockSchema: async (trx) => {
      // "if not exists" alone does not keep two processes from making the same table.
      await sql`select pg_advisory_xact_lock(${sql.lit(SCHEMA_LOCK)})`.execute(trx);
      const { rows } = await sql<{ server_encoding: string }>`show server_encoding`.execute(trx);
      const encoding = rows[0]?.server_encoding;
      if (encoding === 'UTF8') return;
      throw new JournalUnavailableError(
        `The journal, ${place}, cannot keep every text: its encoding is ${encoding}. Create a database with encoding UTF8 (createdb --encoding UTF8 --template template0).`,
      );
    },
    refuseChanges: async (trx, table) => {
      await sql`
        create or replace function journal_refuse_change() returns trigger language plpgsql as
        $$ begin raise exception 'rows of this table are never changed'; end $$
      `.execute(trx);
      await sql`
        create trigger ${sql.ref(`${table}_no_change`)} before update or delete or truncate on ${sql.table(table)}
        for each statement execute function journal_refuse_change()
      `.execute(trx);
    },
  };
}

/** Neither the user's password nor any other parameter of the address. */
function placeOf(connection: { connectionString: string }): string {
  try {
    const { database, host, port } = new Client(connection);
    return `PostgreSQL database ${JSON.stringify(database)} at ${host}:${port}`;
  } catch {
    // Without the cause: it may quote the address.
    throw new JournalUnavailableError(
      'DATABASE_URL cannot be understood. Write it as postgresql://user:password@host:5432/database, with special characters of the password percent-encoded, and only files that are there in sslrootcert, sslcert and sslkey.',
    );
  }
}
