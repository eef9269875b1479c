import { Socket } from 'node:net';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { codeOf, explainPostgres, isUnreachable } from './postgres-errors';

/** Enough for one process, whose work is small, and a tenth of the connections that a server has by default. */
const MAX_CONNECTIONS = 10;

export interface PoolOptions {
  connection: PoolConfig;
  /** For people, in errors and in the log. */
  place: string;
  /** Milliseconds: to get a connection, for one statement, for one lock, for a pause inside a transaction. */
  timeoutMs: number;
  readOnly: boolean;
  warn(message: string): void;
}

/**
 * The pool for Kysely's PostgresDialect. A connection that broke is thrown away and a new one made, so that a server
 * may be restarted under the app. `end` is for when nothing waits for a connection any more.
 * @throws JournalUnavailableError, JournalBusyError; its clients throw them too
 */
export function createPool({ connection, place, timeoutMs, readOnly, warn }: PoolOptions): PostgresPool {
  const sockets = new Set<Socket>();
  const pool = new Pool({
    ...connection,
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
  });
  const lost = (error: unknown) =>
    warn(`A connection to ${place} was lost (${codeOf(error) || 'ended'}). The next use makes a new one.`);
  // Without these listeners a connection that the server closes would end the process.
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', () => {}));

  const wrapped = new WeakMap<PoolClient, PostgresPoolClient>();

  async function open(): Promise<PostgresPoolClient> {
    const client = await pool.connect();
    const known = wrapped.get(client);
    if (known) return known;
    try {
      await client.query(session(timeoutMs, readOnly));
    } catch (error) {
      client.release(true);
      throw error;
    }
    const made = wrap(client, place);
    wrapped.set(client, made);
    return made;
  }

  return {
    connect: () =>
      open().catch((error: unknown) => {
        throw explainPostgres(place, error);
      }),
    end: async () => {
      await pool.end();
      // pg leaves a connection open whose sign-on it gave up itself, as for want of a password.
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Set by a statement rather than at the start of the connection, since poolers such as PgBouncer refuse settings
 * there. What the app promises does not hang on the server's defaults: an acknowledged write is on the disk, and a
 * row that was waited for is read anew. Whoever only reads keeps nobody waiting, and may itself wait for a pipe.
 */
function session(timeoutMs: number, readOnly: boolean): string {
  const ms = Math.max(1, Math.floor(timeoutMs));
  return `
    set statement_timeout = ${ms};
    set lock_timeout = ${Math.ceil(ms * 0.9)};
    set idle_in_transaction_session_timeout = ${readOnly ? 0 : ms};
    set default_transaction_isolation = '${readOnly ? 'repeatable read' : 'read committed'}';
    set default_transaction_read_only = ${readOnly ? 'on' : 'off'};
    select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;
}

function wrap(client: PoolClient, place: string): PostgresPoolClient {
  let broken = false;
  const query = async (text: string, parameters: readonly unknown[]) => {
    // With the connection the transaction is gone too, and this would hide why.
    if (broken && text === 'rollback') return { command: 'ROLLBACK', rowCount: 0, rows: [] };
    try {
      return await client.query(text, [...parameters]);
    } catch (error) {
      broken ||= isUnreachable(error);
      throw explainPostgres(place, error);
    }
  };
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(broken) };
}
