import type { Insertable, Selectable, Transaction } from 'kysely';
import { LeaseLostError, OpenRequestExistsError, RequestChangedError } from '../archive/errors';
import type { Advance, Journal, NewEvent } from '../archive/journal-port';
import { type ArchiveRequest, canMove, type Lease, type RequestState } from '../archive/request';
import { type BareEvent, chained, sameFacts } from './chain';
import type { JournalContext, JournalDialect } from './dialect';
import { requestFromRow, rowFromEvent, rowFromRefusal, rowFromRequest } from './rows';
import type { RequestTable, Tables } from './schema';

/** The methods that write what happened. @see Journal */
export function journalWrites({
  db,
  dialect,
}: JournalContext): Pick<Journal, 'create' | 'advance' | 'note' | 'refuse'> {
  return {
    create: (request, event) =>
      db.transaction().execute(async (trx) => {
        const row = rowFromRequest({ ...PLANNED, ...request });
        const first = chained(eventRow(row, null, event), row, null);
        const created = await trx
          .insertInto('requests')
          .values({ ...row, head: first.hash })
          .returningAll()
          .executeTakeFirstOrThrow();
        await trx.insertInto('events').values(first).execute();
        return requestFromRow(created);
      }),

    advance: (change) =>
      db.transaction().execute(async (trx) => {
        const found = await readToWrite(trx, dialect, change.id);
        const before = found && requestFromRow(found);
        if (before?.version !== change.version || !canMove(before.state, change.to)) {
          throw new RequestChangedError(changedMessage(change, before));
        }
        if (change.lease) checkLease(before, change.lease, change.event.at);
        const lease = change.take ? taken(before, change) : before.lease;
        const state = change.to;
        const row = rowFromRequest({
          ...before,
          ...change.patch,
          state,
          version: before.version + 1,
          lease,
        });
        const next = chained(eventRow(row, before.state, change.event), row, found?.head ?? null);
        const after = await save(trx, dialect, { ...row, head: next.hash });
        await trx.insertInto('events').values(next).execute();
        return after;
      }),

    note: (id, lease, now, patch) =>
      db.transaction().execute(async (trx) => {
        const found = await readToWrite(trx, dialect, id);
        const before = found && requestFromRow(found);
        checkLease(before, lease, now);
        const row = rowFromRequest({ ...before, ...patch });
        if (found && !sameFacts(row, found)) {
          throw new Error(`A note on request ${id} would change what only an event may. Use advance.`);
        }
        return save(trx, dialect, { ...row, head: found?.head ?? '' });
      }),

    refuse: (refusal) =>
      db.transaction().execute(async (trx) => {
        await trx.insertInto('refusals').values(rowFromRefusal(refusal)).execute();
      }),
  };
}

const PLANNED = {
  version: 1,
  state: 'planned',
  reason: null,
  operationId: null,
  progress: null,
  outcome: null,
  card: null,
  threadSeq: 0,
  confirmedAt: null,
  submittedAt: null,
  finishedAt: null,
  lease: null,
  stepAt: null,
  publishAt: null,
  stepTries: 0,
  publishTries: 0,
} as const satisfies Partial<ArchiveRequest>;

function readToWrite(
  trx: Transaction<Tables>,
  dialect: JournalDialect,
  id: string,
): Promise<Selectable<RequestTable> | undefined> {
  const query = trx.selectFrom('requests').selectAll().where('id', '=', id);
  return dialect.lockRows(query, 'wait').executeTakeFirst();
}

// Always all columns, so that there is one statement to keep prepared rather than one for each kind of patch.
async function save(
  trx: Transaction<Tables>,
  dialect: JournalDialect,
  row: Insertable<RequestTable>,
): Promise<ArchiveRequest> {
  try {
    const saved = await trx
      .updateTable('requests')
      .set(row)
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return requestFromRow(saved);
  } catch (error) {
    if (!dialect.isUniqueViolation(error)) throw error;
    throw new OpenRequestExistsError(
      `Training ${row.training_id} has another open request in ${row.environment}. Wait for that one to end.`,
      { cause: error },
    );
  }
}

function eventRow(
  row: Pick<Insertable<RequestTable>, 'id' | 'version' | 'state'>,
  from: RequestState | null,
  { at, kind, actor, detail = {} }: NewEvent,
): BareEvent {
  return rowFromEvent({ requestId: row.id, seq: row.version, at, kind, from, to: row.state, actor, detail });
}

function checkLease(
  request: ArchiveRequest | undefined,
  lease: Lease,
  now: number,
): asserts request is ArchiveRequest {
  if (request?.lease?.token === lease.token && request.lease.until > now) return;
  throw new LeaseLostError(
    `The lease on this request ran out or was taken by another worker. Claim it again and read it anew; nothing was written.`,
  );
}

function taken(request: ArchiveRequest, { take, lease, event }: Advance): Lease | null {
  const held = request.lease;
  if (held && held.until > event.at && held.token !== lease?.token) {
    throw new LeaseLostError(
      `Another worker holds request ${request.id} until ${held.until}. Leave it to that one; nothing was written.`,
    );
  }
  return take ?? held;
}

function changedMessage(change: Advance, found: ArchiveRequest | undefined): string {
  const is = found ? `is ${found.state} at version ${found.version}` : 'is not in the journal';
  return `Request ${change.id} ${is}; it was to go to ${change.to} from version ${change.version}. Read it again first; nothing was written.`;
}
