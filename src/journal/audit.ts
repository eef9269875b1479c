import { expressionBuilder, type Kysely, sql } from 'kysely';
import type { PauseChange } from '../archive/pause';
import { type ArchiveRequest, type Denial, OPEN_STATES, type RequestState } from '../archive/request';
import { attempt, checkChain } from './chain';
import { type ConnectOptions, connectReadOnly } from './connect';
import { type AuditedEvent, auditedEvent, denialFromRow, pauseFromRow, requestFromRow } from './rows';
import type { Tables } from './schema';

/** Which requests or denials. */
export interface AuditFilter {
  /** Asked for at this moment (epoch ms) or later. */
  since?: number;
  /** Asked for before this moment (epoch ms). */
  until?: number;
  /** A Slack ID: of the requester, or of anybody who did something with the request. */
  person?: string;
  environment?: string;
  training?: string;
  channel?: string;
  /** `open` is every state in which it may still change the training. */
  outcome?: RequestState | 'open';
}

/** A request with its whole history, as it was at one moment. */
export interface AuditRecord {
  id: string;
  /** Null when the row cannot be read, or is not there any more. */
  request: ArchiveRequest | null;
  /** The hash of the last event, as the row has it. */
  head: string | null;
  events: AuditedEvent[];
  /** What is not as it was written, each in words for people. */
  findings: string[];
}

/** Reads everything and writes nothing; may be open beside a running app. A damaged row is a finding, not an error. */
export interface JournalAudit {
  /** The newest first, up to `limit`. */
  records(filter: AuditFilter, limit?: number): AsyncGenerator<AuditRecord>;
  record(id: string): Promise<AuditRecord | undefined>;
  /** Requests of which only events are left. */
  orphans(): AsyncGenerator<AuditRecord>;
  /** The newest first. With an `outcome` there are none. */
  denials(filter: AuditFilter): Promise<Denial[]>;
  /** Each time that archiving was paused or resumed, the newest first. */
  pauses(): Promise<PauseChange[]>;
  close(): Promise<void>;
}

/** @throws JournalError (`unavailable`, `unreadable`, `too_new`, `too_old`) */
export async function openAudit(options: ConnectOptions): Promise<JournalAudit> {
  const { db } = await connectReadOnly(options);
  return {
    record: (id) => readRecord(db, id),
    records: (filter, limit) => recordsOf(db, () => requestIds(db, filter, limit)),
    orphans: () => recordsOf(db, () => orphanIds(db)),
    denials: (filter) => denials(db, filter),
    pauses: async () => {
      const rows = await db.selectFrom('pauses').selectAll().orderBy('seq', 'desc').execute();
      return rows.map(pauseFromRow);
    },
    close: () => db.destroy(),
  };
}

/** Written into the query, since the partial index on open requests is only used for literals. */
const OPEN = sql<string>`(${sql.join(OPEN_STATES.map((state) => sql.lit(state)))})`;

/** The open requests. Takes no longer when the journal gets older. */
export const openRecords = (db: Kysely<Tables>): AsyncGenerator<AuditRecord> =>
  recordsOf(db, async () => {
    const open = db.selectFrom('requests').select('id').where('state', 'in', OPEN);
    return (await open.execute()).map(({ id }) => id);
  });

async function* recordsOf(db: Kysely<Tables>, ids: () => Promise<string[]>): AsyncGenerator<AuditRecord> {
  for (const id of await ids()) {
    const found = await readRecord(db, id);
    if (found) yield found;
  }
}

/** Reads in a transaction that sees one moment: the app may write an event between the two reads. */
function readRecord(db: Kysely<Tables>, id: string): Promise<AuditRecord | undefined> {
  const transaction = db.transaction().setIsolationLevel('repeatable read');
  return transaction.execute(async (trx) => {
    const stored = await storedRows(trx, id);
    const row = stored.request;
    const events = stored.events.map(auditedEvent);
    if (row) {
      const request = attempt(() => requestFromRow(row));
      return { id, request, head: row.head, events, findings: checkChain(row, request, stored.events) };
    }
    if (events.length === 0) return undefined;
    const findings = ['the request was removed, its events are still there'];
    return { id, request: null, head: null, events, findings };
  });
}

/** A request with all its events, as they are stored. */
export async function storedRows(db: Kysely<Tables>, id: string) {
  const request = db.selectFrom('requests').selectAll().where('id', '=', id);
  const events = db.selectFrom('events').selectAll().where('request_id', '=', id).orderBy('seq');
  return { request: await request.executeTakeFirst(), events: await events.execute() };
}

/** The conditions that requests and denials have in common. */
function matching({ since, until, environment, training, channel }: AuditFilter, time: 'created_at' | 'at') {
  const eb = expressionBuilder<Tables, never>();
  const conditions = [
    [time, '>=', since],
    [time, '<', until],
    ['environment', '=', environment],
    ['training_id', '=', training],
    ['channel', '=', channel],
  ] as const;
  return eb.and(
    conditions
      .filter(([, , value]) => value !== undefined)
      .map(([column, operator, value]) => eb(sql.ref(column), operator, value)),
  );
}

// All IDs in one query rather than page by page: a damaged time could make a page end too early.
async function requestIds(db: Kysely<Tables>, filter: AuditFilter, limit?: number): Promise<string[]> {
  const { person, outcome } = filter;
  let query = db
    .selectFrom('requests')
    .select('id')
    .where(matching(filter, 'created_at'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc');
  if (outcome !== undefined) query = query.where('state', 'in', outcome === 'open' ? OPEN_STATES : [outcome]);
  if (person !== undefined) {
    const acted = db.selectFrom('events').select('request_id').where('actor', '=', person);
    query = query.where(({ or, eb }) => or([eb('requester', '=', person), eb('id', 'in', acted)]));
  }
  if (limit !== undefined) query = query.limit(limit);
  return (await query.execute()).map(({ id }) => id);
}

async function denials(db: Kysely<Tables>, filter: AuditFilter): Promise<Denial[]> {
  const { person, outcome } = filter;
  if (outcome !== undefined) return [];
  let query = db
    .selectFrom('denials')
    .selectAll()
    .where(matching(filter, 'at'))
    .orderBy('at', 'desc')
    .orderBy('id', 'desc');
  if (person !== undefined) query = query.where('user_id', '=', person);
  return (await query.execute()).map(denialFromRow);
}

async function orphanIds(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db
    .selectFrom('events')
    .select('request_id')
    .distinct()
    .where('request_id', 'not in', (of) => of.selectFrom('requests').select('id'))
    .orderBy('request_id')
    .execute();
  return rows.map(({ request_id }) => request_id);
}
