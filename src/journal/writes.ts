import type { Transaction } from 'kysely';
import { LeaseLostError, OpenRequestExistsError, RequestChangedError } from '../archive/errors';
import type { Advance, Journal, NewEvent } from '../archive/ports';
import { type ArchiveRequest, canMove, type Lease } from '../archive/request';
import type { JournalContext, JournalDialect } from './dialect';
import { requestFromRow, rowFromEvent, rowFromRefusal, rowFromRequest } from './rows';
import type { Tables } from './schema';

/** The methods that write what happened. @see Journal */
export function journalWrites({
  db,
  dialect,
}: JournalContext): Pick<Journal, 'create' | 'advance' | 'note' | 'refuse'> {
  return {
    create: (request, event) =>
      db.transaction().execute(async (trx) => {
        const planned: ArchiveRequest = { ...PLANNED, ...request };
        const row = await trx
          .insertInto('requests')
          .values(rowFromRequest(planned))
          .returningAll()
          .executeTakeFirstOrThrow();
        const created = requestFromRow(row);
        await append(trx, created, null, event);
        return created;
      }),

    advance: (change) =>
      db.transaction().execute(async (trx) => {
        const before = await readToWrite(trx, dialect, change.id);
        if (before?.version !== change.version || !canMove(before.state, change.to)) {
          throw new RequestChangedError(changedMessage(change, before));
        }
        if (change.lease) checkLease(before, change.lease, change.event.at);
        const lease = change.take ? taken(before, change) : before.lease;
        const after = await save(trx, dialect, {
          ...before,
          ...change.patch,
          state: change.to,
          version: before.version + 1,
          lease,
        });
        await append(trx, after, before, change.event);
        return after;
      }),

    note: (id, lease, now, patch) =>
      db.transaction().execute(async (trx) => {
        const before = await readToWrite(trx, dialect, id);
        checkLease(before, lease, now);
        return save(trx, dialect, { ...before, ...patch });
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

async function readToWrite(
  trx: Transaction<Tables>,
  dialect: JournalDialect,
  id: string,
): Promise<ArchiveRequest | undefined> {
  const query = trx.selectFrom('requests').selectAll().where('id', '=', id);
  const row = await dialect.lockRows(query, 'wait').executeTakeFirst();
  return row && requestFromRow(row);
}

// Always all columns, so that there is one statement to keep prepared rather than one for each kind of patch.
async function save(
  trx: Transaction<Tables>,
  dialect: JournalDialect,
  request: ArchiveRequest,
): Promise<ArchiveRequest> {
  try {
    const row = await trx
      .updateTable('requests')
      .set(rowFromRequest(request))
      .where('id', '=', request.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return requestFromRow(row);
  } catch (error) {
    if (!dialect.isUniqueViolation(error)) throw error;
    throw new OpenRequestExistsError(
      `Training ${request.trainingId} has another open request in ${request.environment}. Wait for that one to end.`,
      { cause: error },
    );
  }
}

async function append(
  trx: Transaction<Tables>,
  request: ArchiveRequest,
  before: ArchiveRequest | null,
  event: NewEvent,
): Promise<void> {
  const line = {
    requestId: request.id,
    seq: request.version,
    at: event.at,
    kind: event.kind,
    from: before?.state ?? null,
    to: request.state,
    actor: event.actor,
    detail: event.detail ?? {},
  };
  await trx.insertInto('events').values(rowFromEvent(line)).execute();
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
