import { z } from 'zod';
import type { PauseChange } from '../archive/pause';
import type { NewRequest } from '../archive/ports-journal';
import {
  type ArchiveRequest,
  type Denial,
  deliverySchema,
  detailSchema,
  factsSchema,
  REQUEST_STATES,
  type RequestEvent,
} from '../archive/request';
import { attempt, type BareEvent, receiptOf } from './chain';
import { JournalError } from './errors';
import type { DenialRow, EventRow, PauseRow, RequestRow } from './schema';

// The only place where columns and JSON become values and back.

const stateSchema = z.enum(REQUEST_STATES);
const whole = z.int();

/** @throws JournalError (`unreadable`) when a column does not hold what this app writes */
export function requestFromRow(row: RequestRow): ArchiveRequest {
  return readable(`Request ${row.id}`, () => {
    const columns = {
      id: row.id,
      team: row.team_id,
      environment: row.environment,
      trainingId: row.training_id,
      requester: row.requester,
      channel: row.channel,
      createdAt: whole.parse(row.created_at),
      version: whole.parse(row.version),
      state: stateSchema.parse(row.state),
      lease:
        row.lease_token === null || row.lease_until === null
          ? null
          : { token: row.lease_token, until: whole.parse(row.lease_until) },
      touched: whole.parse(row.touched),
      receipt: receiptOf(row.head),
    };
    // Spreading so many keys into a new object takes twice as long, and leaves garbage that only a full collection finds.
    return Object.assign(
      columns,
      factsSchema.parse(JSON.parse(row.facts)),
      deliverySchema.parse(JSON.parse(row.delivery)),
    );
  });
}

/** A request that was just asked for. */
export const newRow = (request: NewRequest): Omit<RequestRow, 'head'> => ({
  id: request.id,
  team_id: request.team,
  environment: request.environment,
  training_id: request.trainingId,
  requester: request.requester,
  channel: request.channel,
  created_at: request.createdAt,
  ...changingColumns({
    ...request,
    ...factsSchema.parse(request),
    ...deliverySchema.parse({}),
    version: 1,
    state: 'planned',
    lease: null,
    touched: 0,
  }),
});

const NEW = { facts: '{}', delivery: '{}', touch_due: null };

/**
 * Every column of a request that can change, but the head of its chain.
 * @param stored as it was read. Keys of `facts` and `delivery` that only a newer version of the app knows are kept
 */
export function changingColumns(
  request: Omit<ArchiveRequest, 'receipt'>,
  stored: Pick<RequestRow, 'facts' | 'delivery' | 'touch_due'> = NEW,
) {
  const due = [request.stepAt, request.publishAt, stored.touch_due].filter((at) => at !== null);
  return {
    version: request.version,
    state: request.state,
    operation_id: request.operationId,
    submitted_at: request.submittedAt,
    batch_id: request.batch,
    touched: request.touched,
    touch_due: stored.touch_due,
    due_at: due.length === 0 ? null : Math.min(...due),
    lease_token: request.lease?.token ?? null,
    lease_until: request.lease?.until ?? null,
    facts: JSON.stringify({ ...JSON.parse(stored.facts), ...factsSchema.parse(request) }),
    delivery: JSON.stringify({ ...JSON.parse(stored.delivery), ...deliverySchema.parse(request) }),
  };
}

/** @throws JournalError (`unreadable`) */
export function eventFromRow(row: EventRow): RequestEvent {
  return readable(`Event ${row.seq} of request ${row.request_id}`, () => ({
    ...eventColumns(row),
    at: whole.parse(row.at),
    to: stateSchema.parse(row.to_state),
    detail: detailSchema.parse(JSON.parse(row.detail)),
  }));
}

/** An event as it is stored, unchecked. `detail` is the text when it is not JSON. */
export interface AuditedEvent extends Omit<RequestEvent, 'detail'> {
  detail: unknown;
  planFingerprint: string;
  facts: string;
  hash: string;
}

export const auditedEvent = (row: EventRow): AuditedEvent => ({
  detail: attempt(() => JSON.parse(row.detail)) ?? row.detail,
  planFingerprint: row.plan_fingerprint,
  facts: row.facts,
  hash: row.hash,
  ...eventColumns(row),
});

const eventColumns = (row: EventRow): Omit<RequestEvent, 'detail'> => ({
  requestId: row.request_id,
  seq: row.seq,
  at: row.at,
  kind: row.kind as RequestEvent['kind'],
  from: row.from_state as RequestEvent['from'],
  to: row.to_state as RequestEvent['to'],
  actor: row.actor,
});

export const rowFromEvent = (event: RequestEvent): BareEvent => ({
  request_id: event.requestId,
  seq: event.seq,
  at: event.at,
  kind: event.kind,
  from_state: event.from,
  to_state: event.to,
  actor: event.actor,
  detail: JSON.stringify(event.detail),
});

export function rowFromDenial(denial: Denial): DenialRow {
  const { user: user_id, team: team_id, trainingId: training_id, requestId: request_id, ...same } = denial;
  return { ...same, user_id, team_id, training_id, request_id };
}

export function denialFromRow(row: DenialRow): Denial {
  const { user_id: user, team_id: team, training_id: trainingId, request_id: requestId, ...same } = row;
  return { ...same, user, team, trainingId, requestId };
}

export const pauseFromRow = ({
  seq: _,
  user_id: user,
  team_id: team,
  kind,
  ...same
}: PauseRow): PauseChange => ({
  ...{ ...same, user, team, kind: kind as PauseChange['kind'] },
});

/** Wraps what goes wrong while something is read. @throws JournalError (`unreadable`) */
function readable<Value>(what: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new JournalError(
      'unreadable',
      `${what} cannot be read from the journal: it does not hold what this app writes. Run "npm run audit -- verify" to see what was changed, and restore it from a backup.`,
      { cause: error },
    );
  }
}

// Neither database keeps half a surrogate pair, and PostgreSQL no zero character. Text from outside that holds one
// must not stop a request. With the flag `u` only halves match.
const UNSTORABLE = /[\0\ud800-\udfff]/gu;

/** A copy of a value from outside that both databases can keep. */
export const storable = <Value>(value: Value): Value =>
  JSON.parse(
    JSON.stringify(value, (_key, one) => (typeof one === 'string' ? one.replace(UNSTORABLE, '\ufffd') : one)),
  );
