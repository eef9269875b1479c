import { createHash } from 'node:crypto';
import type { Insertable, Selectable } from 'kysely';
import type { EventTable, RequestTable } from './schema';

// Each event of a request carries a hash over itself and the hash before it, so that no earlier one can be changed,
// removed or reordered without every later hash, and the receipt on the card, becoming another. What is hashed must
// stay the same for ever: a column that is added later may be hashed only in a way that leaves old hashes alone.

/** The columns of an event that are not the chain's own. */
export type BareEvent = Omit<Insertable<EventTable>, 'plan_fingerprint' | 'facts' | 'hash'>;
export type ChainColumns = Pick<Insertable<EventTable>, 'plan_fingerprint' | 'facts' | 'hash'>;

type RequestFacts = Omit<Insertable<RequestTable>, 'head'> | Omit<Selectable<RequestTable>, 'head'>;
type Identity = Pick<
  Selectable<RequestTable>,
  'id' | 'environment' | 'training_id' | 'requester' | 'channel' | 'created_at'
>;
type Hashed = BareEvent | Omit<Selectable<EventTable>, keyof ChainColumns>;

/**
 * JSON with the keys sorted and nothing between the signs, so that equal values have equal texts.
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).filter(([, one]) => one !== undefined);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
}

/** What stands before the first event: who asked for what, where and when, and the plan that they were shown. */
export function genesis(request: Identity, planFingerprint: string): string {
  return sha256({
    id: request.id,
    environment: request.environment,
    trainingId: request.training_id,
    requester: request.requester,
    channel: request.channel,
    createdAt: Number(request.created_at),
    plan: planFingerprint,
  });
}

/** What the row of a request says that only an event may change, as it is hashed. */
function factsIn(row: RequestFacts) {
  const moment = (value: number | string | null = null) => (value === null ? null : Number(value));
  return {
    retryOf: row.retry_of ?? null,
    reason: row.reason ?? null,
    plan: row.plan,
    operationId: row.operation_id ?? null,
    confirmedAt: moment(row.confirmed_at),
    submittedAt: moment(row.submitted_at),
    finishedAt: moment(row.finished_at),
  };
}

/** A digest of what only an event may change. */
export const factsOf = (row: RequestFacts): string => sha256(factsIn(row));

/** Whether two rows agree in what only an event may change. */
export function sameFacts(one: RequestFacts, other: RequestFacts): boolean {
  const theirs = Object.values(factsIn(other));
  return Object.values(factsIn(one)).every((value, i) => value === theirs[i]);
}

/** The hash of an event. `previous` is that of the event before it, or the genesis. */
export function hashOf(
  event: Hashed,
  { plan_fingerprint, facts }: Omit<ChainColumns, 'hash'>,
  previous: string,
): string {
  return sha256({
    requestId: event.request_id,
    seq: event.seq,
    at: Number(event.at),
    kind: event.kind,
    from: event.from_state,
    to: event.to_state,
    actor: event.actor,
    detail: JSON.parse(event.detail),
    plan: plan_fingerprint,
    facts,
    previous,
  });
}

/**
 * Chains an event to what stands before it. `request` is the row as it is after the event, `previous` null for the
 * first event.
 */
export function chained(
  event: BareEvent,
  request: RequestFacts & Identity,
  previous: string | null,
): BareEvent & ChainColumns {
  const plan_fingerprint = fingerprintOf(request.plan);
  const facts = factsOf(request);
  const before = previous ?? genesis(request, plan_fingerprint);
  return { ...event, plan_fingerprint, facts, hash: hashOf(event, { plan_fingerprint, facts }, before) };
}

/** What people see of the newest hash: 64 bits of it in four groups, such as `1a2b-3c4d-5e6f-7081`. */
export function receiptOf(hash: string): string {
  return hash.slice(0, 16).match(/.{4}/g)?.join('-') ?? '';
}

const fingerprintOf = (plan: string): string => String(JSON.parse(plan).fingerprint);

const sha256 = (value: object): string => createHash('sha256').update(canonical(value)).digest('hex');
