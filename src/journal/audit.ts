import { expressionBuilder, type Kysely, sql } from 'kysely';
import type { PauseChange } from '../archive/pause';
import { type ArchiveRequest, type Denial, OPEN_STATES, type RequestState } from '../archive/request';
import { attempt, checkChain } from './chain';
import { type ConnectOptions, connectReadOnly } from './connect';
import { type AuditedEvent, auditedEvent, denialFromRow, pauseFromRow, requestFromRow } from './rows';
import type { EventRow, Tables } from './schema';

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
    record: async (id) => (await readRecords(db, [id]))[0],
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
  for (const some of slices(await ids())) yield* await readRecords(db, some);
}

/** The IDs that are read together. One by one takes twice as long, and more of them stay in memory longer. */
export function* slices(ids: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < ids.length; from += SLICE) yield ids.slice(from, from + SLICE);
}
const SLICE = 10;

/** Reads in a transaction that sees one moment: the app may write an event between the two reads. */
async function readRecords(db: Kysely<Tables>, ids: readonly string[]): Promise<AuditRecord[]> {
  const transaction = db.transaction().setIsolationLevel('repeatable read');
  const stored = await transaction.execute((trx) => storedRows(trx, ids));
  return stored.flatMap(({ id, request: row, events: rows }) => {
    const events = rows.map(auditedEvent);
    if (row) {
      const request = attempt(() => requestFromRow(row));
      return { id, request, head: row.head, events, findings: checkChain(row, request, rows) };
    }
    if (rows.length === 0) return [];
    const findings = ['the request was removed, its events are still there'];
    return { id, request: null, head: null, events, findings };
  });
}

/** Requests with all their events, as they are stored, in the order of the IDs. */
export async function storedRows(db: Kysely<Tables>, ids: readonly string[]) {
  const requests = await db.selectFrom('requests').selectAll().where('id', 'in', ids).execute();
  const events = await db
    .selectFrom('events')
    .selectAll()
    .where('request_id', 'in', ids)
    .orderBy('seq')
    .execute();
  const rows = new Map(requests.map((request) => [request.id, request]));
  const history = new Map<string, EventRow[]>(ids.map((id) => [id, []]));
  for (const event of events) history.get(event.request_id)?.push(event);
  return [...history].map(([id, events]) => ({ id, request: rows.get(id), events }));
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
