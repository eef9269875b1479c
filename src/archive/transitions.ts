import { RequestChangedError } from './errors';
import type { Drift, Plan } from './plan';
import {
  type Approval,
  type ArchiveRequest,
  type Delivery,
  type EventDetail,
  type Facts,
  type Location,
  type Outcome,
  type RequestEvent,
  type RequestState,
  STATES,
} from './request';
import { PROGRESS_EVERY_MS } from './timing';

/** What may happen to a request, with what is known when it does. */
export type Change =
  | { kind: 'replanned'; plan: Plan; changes: Drift[] }
  | { kind: 'cancelled' | 'expired' }
  | ({ kind: 'confirmed' } & Commitment)
  | ({ kind: 'approval_requested'; approval: Approval } & Commitment)
  | { kind: 'approved' | 'fully_approved'; user: string }
  /** `approval`: the same one, with its time beginning again. */
  | { kind: 'approvals_voided'; plan: Plan; changes: Drift[]; approval: Approval }
  /** `stepAt`: when the time for approvals is over (epoch ms). */
  | { kind: 'reminded'; stepAt: number }
  | { kind: 'declined'; user: string; reason: string }
  | { kind: 'withdrawn' | 'approval_expired' }
  | { kind: 'submitting'; card: Location }
  /** `stepAt`: when it is looked at although Toloka has not finished (epoch ms). */
  | { kind: 'accepted' | 'found_running'; operationId: string; progress: number | null; stepAt: number }
  | { kind: 'outcome_unknown' | 'refused'; outcome: Outcome }
  | { kind: 'succeeded'; operationId?: string; outcome?: Outcome }
  | { kind: 'failed'; operationId?: string; outcome: Outcome }
  | { kind: 'not_started'; outcome: Outcome; card?: Location | null }
  | { kind: 'late_evidence'; operationId?: string; card?: Location };

/** What a person confirms with the plan. @see factsSchema */
type Commitment = Partial<Pick<Facts, 'batch' | 'place'>> & { reason: string };

type Kind = Change['kind'];
type Of<K extends Kind> = Change & { kind: K };

interface Transition<K extends Kind> {
  from: readonly RequestState[];
  to: RequestState;
  /** What it writes besides what every transition writes. */
  set?(change: Of<K>, at: number, before: ArchiveRequest): Partial<Facts & Delivery>;
}

const SENT = ['submitting', 'running', 'unknown'] as const;

/** The state machine: for each kind of event where it may happen, where it leads, and what it writes. */
export const TRANSITIONS: { [K in Kind]: Transition<K> } = {
  replanned: { from: ['planned'], to: 'planned', set: ({ plan }) => ({ plan }) },
  cancelled: { from: ['planned'], to: 'cancelled' },
  expired: { from: ['planned'], to: 'expired' },
  confirmed: {
    from: ['planned'],
    to: 'confirmed',
    set: ({ reason, batch = null, place = 0 }, at) => ({
      ...{ reason, batch, place, confirmedAt: at, releasedAt: at, stepAt: at },
    }),
  },
  approval_requested: {
    from: ['planned'],
    to: 'awaiting_approval',
    set: ({ reason, batch = null, place = 0, approval }, at) => ({
      ...{ reason, batch, place, approval, confirmedAt: at, stepAt: at },
    }),
  },
  approved: { from: ['awaiting_approval'], to: 'awaiting_approval', set: approvedBy },
  fully_approved: {
    from: ['awaiting_approval'],
    to: 'confirmed',
    set: (change, at, before) => ({ ...approvedBy(change, at, before), releasedAt: at, stepAt: at }),
  },
  approvals_voided: {
    from: ['awaiting_approval'],
    to: 'awaiting_approval',
    set: ({ plan, changes, approval }, at) => ({
      ...{ plan, approval: { ...approval, given: [], changes }, stepAt: at },
    }),
  },
  reminded: {
    from: ['awaiting_approval'],
    to: 'awaiting_approval',
    set: ({ stepAt }, at, { approval }) => ({
      approval: approval && { ...approval, remindedAt: at },
      stepAt,
    }),
  },
  declined: {
    from: ['awaiting_approval'],
    to: 'declined',
    set: ({ user, reason }, _at, { approval }) => ({
      approval: approval && { ...approval, declined: { user, reason } },
    }),
  },
  withdrawn: { from: ['awaiting_approval', 'confirmed'], to: 'cancelled' },
  approval_expired: { from: ['awaiting_approval'], to: 'expired' },
  submitting: {
    from: ['confirmed'],
    to: 'submitting',
    set: ({ card }, at, { publishTries }) => ({
      card,
      submittedAt: at,
      stepAt: at,
      pause: null,
      publishTries,
    }),
  },
  accepted: {
    from: ['submitting'],
    to: 'running',
    set: (change, at, { publishTries }) => ({
      ...{ ...running(change), publishAt: at + PROGRESS_EVERY_MS, publishTries },
    }),
  },
  found_running: { from: ['unknown'], to: 'running', set: running },
  outcome_unknown: {
    from: ['submitting', 'running'],
    to: 'unknown',
    set: ({ outcome }, at) => ({ outcome, stepAt: at }),
  },
  succeeded: {
    from: SENT,
    to: 'succeeded',
    set: ({ operationId, outcome = null }) => ({
      progress: 100,
      outcome,
      ...(operationId && { operationId }),
    }),
  },
  failed: {
    from: SENT,
    to: 'failed',
    set: ({ operationId, outcome }) => ({ outcome, ...(operationId && { operationId }) }),
  },
  refused: { from: ['submitting'], to: 'refused', set: ({ outcome }) => ({ outcome }) },
  not_started: {
    from: ['awaiting_approval', 'confirmed', 'submitting', 'unknown'],
    to: 'not_started',
    set: ({ outcome, card }) => ({ outcome, ...(card && { card }) }),
  },
  // Only on evidence that a POST has left of which the journal doesn't know. It asks what became of it and settles nothing.
  late_evidence: {
    from: ['confirmed', 'not_started', 'cancelled', 'unknown'],
    to: 'unknown',
    set: ({ operationId, card }, at) => ({
      outcome: { code: 'late_evidence' },
      submittedAt: at,
      stepAt: at,
      ...(operationId && { operationId }),
      ...(card && { card }),
    }),
  },
};

/** Nothing is left to write on the card. */
export const PUBLISHED = { publishAt: null, publishTries: 0, unpublishedSince: null } as const;

/** Each approver counts once and the requester never, and the last approval is the last one that is needed. */
function approvedBy(
  { kind, user }: Of<'approved' | 'fully_approved'>,
  at: number,
  { id, requester, approval }: ArchiveRequest,
): Partial<Facts> {
  if (approval === null || user === requester || approval.given.some((one) => one.user === user))
    throw new RequestChangedError(
      `${user} cannot approve request ${id}, or has already. Nothing was written.`,
    );
  const given = [...approval.given, { user, at }];
  if (kind === 'fully_approved' && given.length < approval.needed)
    throw new RequestChangedError(`Request ${id} needs more approvals. Nothing was written.`);
  return { approval: { ...approval, given } };
}

function running({
  operationId,
  progress,
  stepAt,
}: Of<'accepted' | 'found_running'>): Partial<Facts & Delivery> {
  return { operationId, progress, outcome: null, stepAt };
}

/** Whether this kind of event may happen to a request in this state. */
export const isAllowed = (kind: Kind, from: RequestState): boolean => TRANSITIONS[kind].from.includes(from);

/**
 * Applies a change to a request. Pure. After the confirmation, the worker that makes a change also writes the card,
 * except for one that is followed by another at once. `publishTries` is 1 from then, so that any other worker looks into
 * the thread before it adds to it.
 * @param at epoch milliseconds
 * @throws RequestChangedError when the change is not allowed in the request's state
 */
export function transition(
  request: ArchiveRequest,
  change: Change,
  at: number,
  actor: string,
): { request: ArchiveRequest; event: RequestEvent } {
  const { from, to, set } = TRANSITIONS[change.kind] as Transition<Kind>;
  if (!from.includes(request.state)) {
    throw new RequestChangedError(
      `Request ${request.id} is ${request.state}, so it cannot become ${to} (${change.kind}). Read it again first; nothing was written.`,
    );
  }
  const phase = STATES[to];
  const version = request.version + 1;
  const written: Partial<Facts & Delivery> = {
    // A plan has no card. The first step after the confirmation posts it.
    ...(request.state !== 'planned' && { publishAt: at, publishTries: 1, stepTries: 0 }),
    ...(phase === 'ended' || phase === 'dropped' ? { finishedAt: at, stepAt: null } : { finishedAt: null }),
    ...set?.(change as never, at, request),
  };
  return {
    request: { ...request, ...written, version, state: to },
    event: {
      requestId: request.id,
      seq: version,
      at,
      kind: change.kind,
      from: request.state,
      to,
      actor,
      detail: detailOf(change, request),
    },
  };
}

type Explained = Pick<Change, 'kind'> & { outcome?: Outcome; operationId?: string; changes?: Drift[] };

/** What of a change its event keeps. Plans, reasons and cards are kept with the request. */
function detailOf(change: Change, { approval }: ArchiveRequest): EventDetail {
  const { outcome, operationId, changes }: Explained = change;
  return {
    ...outcome,
    ...(operationId && { operationId }),
    ...(changes && { changes }),
    ...(change.kind === 'approvals_voided' && { approvers: approval?.given.map(({ user }) => user) ?? [] }),
  };
}

/** The first event of a request, which makes it `planned`. */
export function askedEvent(request: Pick<ArchiveRequest, 'id' | 'requester' | 'createdAt'>): RequestEvent {
  const { id: requestId, requester: actor, createdAt: at } = request;
  return { requestId, seq: 1, at, kind: 'asked', from: null, to: 'planned', actor, detail: {} };
}
