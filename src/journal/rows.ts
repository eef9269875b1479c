import type { Insertable, Selectable } from 'kysely';
import type { Refusal, RunningRequest } from '../archive/journal-port';
import type { ArchiveRequest, RequestEvent } from '../archive/request';
import { type BareEvent, receiptOf } from './chain';
import type { EventTable, RefusalTable, RequestTable } from './schema';

// The only place where columns meet values, and so the only one that knows that a driver may read 64-bit
// integers as text, and what a database cannot keep.

/** @see RequestTable */
export function requestFromRow(row: Selectable<RequestTable>): ArchiveRequest {
  return {
    id: row.id,
    version: row.version,
    state: row.state,
    environment: row.environment,
    trainingId: row.training_id,
    requester: row.requester,
    channel: row.channel,
    reason: row.reason,
    plan: JSON.parse(row.plan),
    retryOf: row.retry_of,
    operationId: row.operation_id,
    progress: row.progress,
    outcome:
      row.outcome_code === null ? null : { code: row.outcome_code, message: row.outcome_message ?? '' },
    card:
      row.card_channel === null || row.card_ts === null
        ? null
        : { channel: row.card_channel, ts: row.card_ts },
    threadSeq: row.thread_seq,
    createdAt: Number(row.created_at),
    confirmedAt: millis(row.confirmed_at),
    submittedAt: millis(row.submitted_at),
    finishedAt: millis(row.finished_at),
    lease:
      row.lease_token === null || row.lease_until === null
        ? null
        : { token: row.lease_token, until: Number(row.lease_until) },
    stepAt: millis(row.step_at),
    publishAt: millis(row.publish_at),
    stepTries: row.step_tries,
    publishTries: row.publish_tries,
    receipt: receiptOf(row.head),
  };
}

export function runningFromRow(
  row: Pick<Selectable<RequestTable>, 'id' | 'operation_id' | 'progress' | 'submitted_at'>,
): RunningRequest {
  const { id, operation_id, progress, submitted_at } = row;
  return { id, operationId: operation_id ?? '', progress, submittedAt: Number(submitted_at) };
}

/** Every column of a request but the head of its chain, `due_at` included. */
export function rowFromRequest(
  request: Omit<ArchiveRequest, 'receipt'>,
): Omit<Insertable<RequestTable>, 'head'> {
  return storable({
    id: request.id,
    version: request.version,
    state: request.state,
    environment: request.environment,
    training_id: request.trainingId,
    requester: request.requester,
    channel: request.channel,
    reason: request.reason,
    plan: JSON.stringify(request.plan),
    retry_of: request.retryOf,
    operation_id: request.operationId,
    progress: request.progress,
    outcome_code: request.outcome?.code ?? null,
    outcome_message: request.outcome?.message ?? null,
    card_channel: request.card?.channel ?? null,
    card_ts: request.card?.ts ?? null,
    thread_seq: request.threadSeq,
    created_at: whole(request.createdAt),
    confirmed_at: whole(request.confirmedAt),
    submitted_at: whole(request.submittedAt),
    finished_at: whole(request.finishedAt),
    lease_token: request.lease?.token ?? null,
    lease_until: whole(request.lease?.until ?? null),
    step_at: whole(request.stepAt),
    publish_at: whole(request.publishAt),
    step_tries: request.stepTries,
    publish_tries: request.publishTries,
    due_at: whole(earlier(request.stepAt, request.publishAt)),
  });
}

/** @see EventTable */
export function eventFromRow(row: Selectable<EventTable>): RequestEvent {
  return {
    requestId: row.request_id,
    seq: row.seq,
    at: Number(row.at),
    kind: row.kind,
    from: row.from_state,
    to: row.to_state,
    actor: row.actor,
    detail: JSON.parse(row.detail),
  };
}

export function rowFromEvent(event: RequestEvent): BareEvent {
  return storable({
    request_id: event.requestId,
    seq: event.seq,
    at: whole(event.at),
    kind: event.kind,
    from_state: event.from,
    to_state: event.to,
    actor: event.actor,
    detail: JSON.stringify(event.detail),
  });
}

/** @see RefusalTable */
export function refusalFromRow(row: Selectable<RefusalTable>): Refusal {
  return {
    id: row.id,
    at: Number(row.at),
    code: row.code,
    message: row.message,
    user: row.user_id,
    channel: row.channel,
    environment: row.environment,
    trainingId: row.training_id,
    requestId: row.request_id,
  };
}

export function rowFromRefusal(refusal: Refusal): Insertable<RefusalTable> {
  return storable({
    id: refusal.id,
    at: whole(refusal.at),
    code: refusal.code,
    message: refusal.message,
    user_id: refusal.user,
    channel: refusal.channel,
    environment: refusal.environment,
    training_id: refusal.trainingId,
    request_id: refusal.requestId,
  });
}

export function millis(value: number | string | bigint | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** A 64-bit column of PostgreSQL takes no fraction of a millisecond, such as a lease of 1.0005 seconds makes. */
export function whole<T extends number | null>(value: T): T {
  return (value === null ? null : Math.round(value)) as T;
}

/**
 * Neither database keeps half a surrogate pair and PostgreSQL no zero character, and a foreign message that holds one
 * must not stop a request. Replaced before the write, so that what is hashed is what is kept.
 */
export function storable<Row extends object>(row: Row): Row {
  const entries = Object.entries(row).map(([column, value]) => [
    column,
    typeof value === 'string' ? value.replace(UNSTORABLE, '\ufffd') : value,
  ]);
  return Object.fromEntries(entries) as Row;
}

/** With the flag `u` only the halves that have no other half. */
const UNSTORABLE = /[\0\ud800-\udfff]/gu;
