import { hash } from 'node:crypto';
import type { ArchiveRequest } from '../archive/request';
import type { EventRow, RequestRow } from './schema';

// Each event of a request carries a hash over itself and the hash before it. No earlier event can be changed, removed or
// moved without changing every later hash and the receipt on the card. What is hashed, and how, never changes:
// otherwise the hashes of existing journals would not match any more.

/** An event without the columns of the chain. */
export type BareEvent = Omit<EventRow, 'plan_fingerprint' | 'facts' | 'hash'>;

/**
 * JSON with sorted keys and no spaces, so that equal values have equal texts.
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).filter(([, one]) => one !== undefined);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
}

const sha256 = (value: unknown): string => hash('sha256', canonical(value));

/** What the first event is chained to: who asked for what, where and when, and the plan that they saw. */
export function genesis(request: Omit<RequestRow, 'head'>, planFingerprint: string): string {
  return sha256({
    id: request.id,
    team: request.team_id,
    environment: request.environment,
    trainingId: request.training_id,
    requester: request.requester,
    channel: request.channel,
    createdAt: request.created_at,
    plan: planFingerprint,
  });
}

/** A digest of the facts of a request, from their JSON text. @throws SyntaxError when it is not JSON */
export const factsDigest = (facts: string): string => sha256(JSON.parse(facts));

/** @param previous the hash of the event before it, or the genesis @throws SyntaxError when its detail is not JSON */
function hashOf(event: Omit<EventRow, 'hash'>, previous: string): string {
  return sha256({
    requestId: event.request_id,
    seq: event.seq,
    at: event.at,
    kind: event.kind,
    from: event.from_state,
    to: event.to_state,
    actor: event.actor,
    detail: JSON.parse(event.detail),
    plan: event.plan_fingerprint,
    facts: event.facts,
    previous,
  });
}

/**
 * Chains an event to the history before it.
 * @param request the row as it is after the event
 * @param head the hash of the event before; null for the first one
 */
export function chained(event: BareEvent, request: Omit<RequestRow, 'head'>, head: string | null): EventRow {
  const facts = JSON.parse(request.facts);
  const plan_fingerprint = String(facts.plan.fingerprint);
  const link = { ...event, plan_fingerprint, facts: sha256(facts) };
  return { ...link, hash: hashOf(link, head ?? genesis(request, plan_fingerprint)) };
}

/** What people see of a hash: its first 64 bits in four groups, such as `1a2b-3c4d-5e6f-7081`. */
export const receiptOf = (hash: string): string => hash.slice(0, 16).match(/.{4}/g)?.join('-') ?? '';

/**
 * Computes the chain of one request again and says what is not as it was written. Nothing when everything is, or when
 * somebody who can write the whole database has computed it all again.
 * @param request what the row says; null when it cannot be read
 * @param events all of the request, in order of `seq`, read at the same moment as the row
 */
export function checkChain(
  row: RequestRow,
  request: ArchiveRequest | null,
  events: readonly EventRow[],
): string[] {
  const findings: string[] = [];
  let last = { seq: 0, hash: genesis(row, events[0]?.plan_fingerprint ?? '') };
  for (const event of events) {
    const { seq, hash } = event;
    if (seq < 1 || seq > row.version) {
      findings.push(`event ${seq} was added: the request has ${row.version} events`);
      continue;
    }
    const { seq: before, hash: previous } = last;
    // After a gap the hash before is not known, so the event itself cannot be checked.
    if (seq > before + 1) findings.push(removed(before + 1, seq - 1));
    else if (attempt(() => hashOf(event, previous)) !== hash)
      findings.push(
        seq === 1
          ? 'event 1 was changed, or the request it begins (its ID, workspace, environment, training, requester, channel or time)'
          : `event ${seq} was changed, or event ${before} was replaced`,
      );
    last = event;
  }
  if (last.seq < row.version) findings.push(removed(last.seq + 1, row.version));
  return [
    ...findings,
    ...checkRow(
      row,
      request,
      events.findLast(({ seq }) => seq === row.version),
    ),
  ];
}

const removed = (from: number, to: number) =>
  from === to ? `event ${from} was removed` : `events ${from} to ${to} were removed`;

function checkRow(row: RequestRow, request: ArchiveRequest | null, last: EventRow | undefined): string[] {
  const digest = attempt(() => factsDigest(row.facts));
  const wrong: [boolean, string][] = [
    [request === null || digest === null, 'the request cannot be read: one of its columns was changed'],
    [
      last !== undefined && row.state !== last.to_state,
      `the request says ${row.state}, its last event says ${last?.to_state}`,
    ],
    [
      last !== undefined && row.head !== last.hash,
      'the receipt of the request is not that of its last event',
    ],
    [
      last !== undefined && digest !== null && digest !== last.facts,
      'the reason, plan, operation, outcome or times of the request were changed without an event',
    ],
    [
      request !== null &&
        (row.operation_id !== request.operationId ||
          row.submitted_at !== request.submittedAt ||
          row.batch_id !== request.batch),
      'the operation, the time of submission or the batch is not the one in the facts of the request',
    ],
  ];
  return wrong.filter(([is]) => is).map(([, message]) => message);
}

/** What `act` returns; null when it throws. */
export function attempt<Value>(act: () => Value): Value | null {
  try {
    return act();
  } catch {
    return null;
  }
}
