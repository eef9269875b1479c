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
  /** A copy of `batch` in the facts. */
  batch_id: string | null;
  /** How often other requests of its batch have changed, and when its card is due for that. */
  touched: number;
  touch_due: number | null;
  /** The earliest of `stepAt` and `publishAt` in `delivery`, and of `touch_due`. */
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

/** One row each time that archiving was paused or resumed, never changed. The last one holds. */
export interface PauseRow {
  seq: number;
  at: number;
  kind: string;
  reason: string;
  user_id: string;
  team_id: string;
  channel: string;
}

/** One row for each training that somebody wants to be notified about when it can be archived. */
export interface WatchRow {
  id: string;
  environment: string;
  training_id: string;
  user_id: string;
  team_id: string;
  enterprise_id: string | null;
  channel: string;
  /** Null in rows from before there were names, too. */
  training_name: string | null;
  created_at: number;
  tries: number;
  due_at: number;
  /** A process looks at it until then. Names that claim too: no two claims of a row have the same time. */
  claimed_until: number | null;
}

export interface Tables {
  requests: RequestRow;
  events: EventRow;
  denials: DenialRow;
  pauses: PauseRow;
  watches: WatchRow;
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
  makeAppendOnly(trx: Transaction<Tables>, table: 'events' | 'denials' | 'pauses'): Promise<void>;
}

/** Versions 1 to 4 were written before the first release. */
const FIRST = 5;
/** The schema of the tables below. */
export const SCHEMA = 7;

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

/** From 5 to 6: approvals, batches, pauses, and notices of trainings that can be archived. */
async function addTeamwork(trx: Transaction<Tables>, dialect: JournalDialect): Promise<void> {
  const id = dialect.idType;
  const statements = [
    `alter table requests add column batch_id ${id}`,
    'alter table requests add column touched integer not null default 0',
    'alter table requests add column touch_due bigint',
    'create index requests_batch on requests (batch_id)',
    'create index requests_requester on requests (requester, created_at)',
    'drop index requests_one_open',
    `create unique index requests_one_open on requests (environment, training_id)
      where state in ('awaiting_approval', 'confirmed', 'submitting', 'running', 'unknown')`,
    `create table pauses (
      seq integer primary key not null, at bigint not null, kind text not null, reason text not null,
      user_id text not null, team_id text not null, channel text not null
    )`,
    `create table watches (
      id ${id} primary key not null, environment text not null, training_id text not null, user_id text not null,
      team_id text not null, enterprise_id text, channel text not null, created_at bigint not null,
      tries integer not null, due_at bigint not null, claimed_until bigint
    )`,
    'create unique index watches_one on watches (environment, training_id, user_id)',
    'create index watches_due on watches (due_at)',
    'create index watches_user on watches (user_id)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(trx);
  await dialect.makeAppendOnly(trx, 'pauses');
}

/** From 6 to 7: a notice names its training. */
async function addNames(trx: Transaction<Tables>): Promise<void> {
  await sql.raw('alter table watches add column training_name text').execute(trx);
}

/** From each version to the next one, the first from `FIRST`. */
const UPDATES = [addTeamwork, addNames];

/**
 * Makes the tables of a new journal, brings an older one up to date, or checks those that are there, in one transaction.
 * Two processes may do it at once. Returns what it did.
 * @throws JournalError (`too_new`, `too_old`); nothing is written then
 */
export function prepareSchema(
  db: Kysely<Tables>,
  dialect: JournalDialect,
): Promise<'created' | 'updated' | 'checked'> {
  return db.transaction().execute(async (trx) => {
    await dialect.lockSchema(trx);
    await sql`create table if not exists schema_version (version integer not null)`.execute(trx);
    const found = await trx.selectFrom('schema_version').select('version').executeTakeFirst();
    if (found && !isOlder(found.version)) {
      await checkSchema(trx, dialect);
      return 'checked';
    }
    if (!found) await createTables(trx, dialect);
    for (const update of UPDATES.slice(found ? found.version - FIRST : 0)) await update(trx, dialect);
    if (found) await trx.updateTable('schema_version').set({ version: SCHEMA }).execute();
    else await trx.insertInto('schema_version').values({ version: SCHEMA }).execute();
    return found ? 'updated' : 'created';
  });
}

/** Whether it can be brought up to date. */
const isOlder = (version: number): boolean => version >= FIRST && version < SCHEMA;

/** Checks that the schema is the one of this code. @throws JournalError (`too_new`, `too_old`) */
export async function checkSchema(db: Kysely<Tables>, { location }: JournalDialect): Promise<void> {
  const { version } = await db.selectFrom('schema_version').select('version').executeTakeFirstOrThrow();
  if (version > SCHEMA)
    throw new JournalError(
      'too_new',
      `The journal ${location} has schema ${version}, this version of the app knows ${SCHEMA}. Run the newer version again, or restore a backup made before the update.`,
    );
  if (isOlder(version))
    throw new JournalError(
      'too_old',
      `The journal ${location} has schema ${version}, this version of the app needs ${SCHEMA}. Start the app once: it brings the journal up to date and loses nothing.`,
    );
  if (version < SCHEMA)
    throw new JournalError(
      'too_old',
      `The journal ${location} has schema ${version}, from before the first release, and cannot be updated. Nothing in it was changed: keep it, read it with the version that wrote it, and set JOURNAL_PATH or DATABASE_URL to a new journal.`,
    );
}
