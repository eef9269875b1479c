import { type Dialect, type Kysely, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import { JournalError } from './errors';

// Times are epoch milliseconds. What is neither queried nor constrained is in the JSON columns: `facts` (changed only by
// events, hashed), `delivery` and `detail`.

export interface RequestRow {
  id: string;
  team_id: string;
  environment: string;
  training_id: string;
  requester: string;
  channel: string;
  created_at: number;
  version: number;
  state: string;
  /** A copy of a fact, for queries. So is `submitted_at`. */
  operation_id: string | null;
  submitted_at: number | null;
  /** The earlier of `stepAt` and `publishAt` in `delivery`. */
  due_at: number | null;
  lease_token: string | null;
  lease_until: number | null;
  /** The hash of the last event. */
  head: string;
  facts: string;
  delivery: string;
}

/** One row per transition, never changed. @see chain.ts for `plan_fingerprint`, `facts` and `hash` */
export interface EventRow {
  request_id: string;
  seq: number;
  at: number;
  kind: string;
  from_state: string | null;
  to_state: string;
  actor: string;
  detail: string;
  plan_fingerprint: string;
  facts: string;
  hash: string;
}

/** One row per denial, never changed. */
export interface DenialRow {
  id: string;
  at: number;
  code: string;
  detail: string;
  user_id: string;
  team_id: string;
  channel: string;
  environment: string | null;
  training_id: string | null;
  request_id: string | null;
}

export interface Tables {
  requests: RequestRow;
  events: EventRow;
  denials: DenialRow;
  schema_version: { version: number };
}

/** All that differs between the databases a journal may be in. The queries themselves are the same for all. */
export interface JournalDialect {
  /** How Kysely reaches the database. Its transactions are write transactions: they wait for other writers. */
  kysely: Dialect;
  /** For people: where the journal is. Never a secret. */
  location: string;
  /** Whether processes on other machines may share it, each with a clock of its own. */
  shared: boolean;
  /** The SQL type of a column of IDs, which sorts by bytes. */
  idType: string;
  /** Makes a read in a transaction keep others from writing the rows it finds; `skip` passes over locked rows. */
  lockRows<TB extends keyof Tables, O>(
    query: SelectQueryBuilder<Tables, TB, O>,
    locked: 'wait' | 'skip',
  ): SelectQueryBuilder<Tables, TB, O>;
  /** Keeps other processes from making the tables until the transaction ends. */
  lockSchema(trx: Transaction<Tables>): Promise<void>;
  /** Whether the error says that a value is there already where it must be unique. */
  isUniqueViolation(error: unknown): boolean;
  /** Makes the database itself refuse to change or delete rows of the table. */
  makeAppendOnly(trx: Transaction<Tables>, table: 'events' | 'denials'): Promise<void>;
}

/** Versions 1 to 4 were written before the first release. */
const FIRST = 5;
/** The schema of the tables below. */
export const SCHEMA = FIRST;

/** Written with literals: what it makes must not change with the code. */
async function createTables(trx: Transaction<Tables>, dialect: JournalDialect): Promise<void> {
  const id = dialect.idType;
  const statements = [
    `create table requests (
      id ${id} primary key not null, team_id text not null, environment text not null, training_id text not null,
      requester text not null, channel text not null, created_at bigint not null,
      version integer not null, state text not null, operation_id text, submitted_at bigint, due_at bigint,
      lease_token text, lease_until bigint, head text not null, facts text not null, delivery text not null
    )`,
    // The database itself keeps a second open request for a training out, whichever processes race.
    `create unique index requests_one_open on requests (environment, training_id)
      where state in ('confirmed', 'submitting', 'running', 'unknown')`,
    'create index requests_due on requests (due_at)',
    'create index requests_created on requests (created_at, id)',
    'create index requests_training on requests (environment, training_id, created_at)',
    'create index requests_operation on requests (environment, operation_id)',
    // Running requests are counted often. This finds them without reading the past.
    `create index requests_running on requests (environment, submitted_at) where state = 'running'`,
    `create table events (
      request_id ${id} not null references requests (id), seq integer not null, at bigint not null,
      kind text not null, from_state text, to_state text not null, actor text not null, detail text not null,
      plan_fingerprint text not null, facts text not null, hash text not null, primary key (request_id, seq)
    )`,
    `create table denials (
      id ${id} primary key not null, at bigint not null, code text not null, detail text not null,
      user_id text not null, team_id text not null, channel text not null,
      environment text, training_id text, request_id text
    )`,
    'create index denials_at on denials (at, id)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(trx);
  await dialect.makeAppendOnly(trx, 'events');
  await dialect.makeAppendOnly(trx, 'denials');
}

/**
 * Makes the tables of a new journal, or checks those that are there, in one transaction. Two processes may do it at
 * once. Returns whether it made them.
 * @throws JournalError (`too_new`, `too_old`); nothing is written then
 */
export function prepareSchema(db: Kysely<Tables>, dialect: JournalDialect): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await dialect.lockSchema(trx);
    await sql`create table if not exists schema_version (version integer not null)`.execute(trx);
    const found = await trx.selectFrom('schema_version').select('version').executeTakeFirst();
    if (found) {
      await checkSchema(trx, dialect);
      return false;
    }
    await createTables(trx, dialect);
    await trx.insertInto('schema_version').values({ version: SCHEMA }).execute();
    return true;
  });
}

/** Checks that the schema is the one of this code. @throws JournalError (`too_new`, `too_old`) */
export async function checkSchema(db: Kysely<Tables>, { location }: JournalDialect): Promise<void> {
  const { version } = await db.selectFrom('schema_version').select('version').executeTakeFirstOrThrow();
  if (version > SCHEMA)
    throw new JournalError(
      'too_new',
      `The journal ${location} has schema ${version}, this version of the app knows ${SCHEMA}. Run the newer version again, or restore a backup made before the update.`,
    );
  if (version < SCHEMA)
    throw new JournalError(
      'too_old',
      `The journal ${location} has schema ${version}, from before the first release, and cannot be updated. Nothing in it was changed: keep it, read it with the version that wrote it, and set JOURNAL_PATH or DATABASE_URL to a new journal.`,
    );
}
