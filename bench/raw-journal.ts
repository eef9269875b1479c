import Libsql from 'libsql';
import { Pool } from 'pg';
import type { ConnectOptions } from '../src/journal/connect';

/** The least that makes a confirmed request durable: two transactions of two statements, with no read and no check. */
export interface RawJournal {
  confirm(id: string): Promise<void>;
  close(): Promise<void>;
}

const PLAN = JSON.stringify({
  trainingId: '123456',
  pools: [],
  blockers: [],
  fingerprint: '0123456789abcdef',
});
const TABLES = `
  create table raw_requests (id text primary key, version integer, state text, environment text, training_id text,
    requester text, channel text, reason text, plan text, created_at bigint, confirmed_at bigint, due_at bigint);
  create unique index raw_one_open on raw_requests (environment, training_id) where state in ('confirmed', 'running');
  create index raw_due on raw_requests (due_at);
  create table raw_events (request_id text, seq integer, at bigint, kind text, actor text, detail text,
    primary key (request_id, seq));`;
const INSERT =
  "insert into raw_requests values ($1, 1, 'planned', 'production', $1, 'U1', 'C1', null, $2, $3, null, null)";
const UPDATE =
  "update raw_requests set state = 'confirmed', version = 2, reason = 'no longer used', confirmed_at = $2, due_at = $2 where id = $1 and version = 1";
const EVENT = "insert into raw_events values ($1, $2, $3, $4, 'U1', '{}')";

export async function openRaw({ path, databaseUrl }: ConnectOptions): Promise<RawJournal> {
  return databaseUrl === undefined ? openRawSqlite(path) : openRawPostgres(databaseUrl);
}

/** Creates the tables, once for all processes. */
export async function prepareRaw({ path, databaseUrl }: ConnectOptions): Promise<void> {
  if (databaseUrl === undefined) {
    const database = new Libsql(path);
    database.exec('pragma journal_mode = wal');
    database.exec(TABLES);
    database.close();
    return;
  }
  const pool = new Pool({ connectionString: databaseUrl });
  await pool.query(TABLES);
  await pool.end();
}

function openRawSqlite(path: string): RawJournal {
  const database = new Libsql(path, { timeout: 5_000 });
  database.exec('pragma synchronous = full');
  const ordered = (sql: string) => database.prepare(sql.replaceAll(/\$(\d)/g, '?$1'));
  const [insert, update, event] = [ordered(INSERT), ordered(UPDATE), ordered(EVENT)];
  const transaction = (work: () => void) => {
    database.exec('begin immediate');
    work();
    database.exec('commit');
  };
  return {
    async confirm(id) {
      const now = Date.now();
      transaction(() => {
        insert.run(id, PLAN, now);
        event.run(id, 1, now, 'asked');
      });
      transaction(() => {
        update.run(id, now);
        event.run(id, 2, now, 'confirmed');
      });
    },
    async close() {
      database.close();
    },
  };
}

function openRawPostgres(connectionString: string): RawJournal {
  const pool = new Pool({ connectionString, max: 10 });
  const query = (name: string, text: string) => (values: unknown[]) => ({ name, text, values });
  const [insert, update, event] = [query('insert', INSERT), query('update', UPDATE), query('event', EVENT)];
  const transaction = async (...statements: ReturnType<typeof insert>[]) => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      for (const statement of statements) await client.query(statement);
      await client.query('commit');
    } finally {
      client.release();
    }
  };
  return {
    async confirm(id) {
      const now = Date.now();
      await transaction(insert([id, PLAN, now]), event([id, 1, now, 'asked']));
      await transaction(update([id, now]), event([id, 2, now, 'confirmed']));
    },
    close: () => pool.end(),
  };
}
