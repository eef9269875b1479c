import type { Plan } from './plan-types';

export const REQUEST_STATES = [
  'planned',
  'confirmed',
  'awaiting_approval',
  'submitting',
  'running',
  'unknown',
  'succeeded',
  'failed',
  'refused',
  'not_started',
  'declined',
  'expired',
  'cancelled',
] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

/** States in which a request may still change Toloka: one such request per training and environment. */
export const OPEN_STATES = [
  'confirmed',
  'awaiting_approval',
  'submitting',
  'running',
  'unknown',
] as const satisfies readonly RequestState[];

export type EventKind =
  | 'asked'
  | 'replanned'
  | 'cancelled'
  | 'expired'
  | 'confirmed'
  | 'submitting'
  | 'accepted'
  | 'outcome_unknown'
  | 'found_running'
  | 'succeeded'
  | 'failed'
  | 'refused'
  | 'not_started'
  | 'late_evidence';

/** Why a request stands where it stands. `code` is stable: Toloka's own where Toloka gave one, else ours. */
export interface Outcome {
  code: string;
  message: string;
}

/** Where the card is. */
export interface CardAddress {
  channel: string;
  ts: string;
}

/** The right to settle a request, until a moment (epoch ms). A settle counts only while it holds. */
export interface Lease {
  token: string;
  until: number;
}

/** One archive request. All times are epoch milliseconds UTC. */
export interface ArchiveRequest {
  id: string;
  /** Equals the `seq` of its last event; grows by one with each transition. */
  version: number;
  state: RequestState;
  environment: string;
  trainingId: string;
  /** Slack ids. */
  requester: string;
  channel: string;
  reason: string | null;
  plan: Plan;
  /** The request that this one tries again. */
  retryOf: string | null;
  operationId: string | null;
  /** Percent, as Toloka gives it. */
  progress: number | null;
  outcome: Outcome | null;
  card: CardAddress | null;
  /** The last event whose line is in the thread. */
  threadSeq: number;
  createdAt: number;
  confirmedAt: number | null;
  /** When the intent to POST was committed. */
  submittedAt: number | null;
  finishedAt: number | null;
  lease: Lease | null;
  /** When the next step towards the end is due; null when there is none. */
  stepAt: number | null;
  /** When the card or thread must be written again; null when they tell the truth. */
  publishAt: number | null;
  /** Failed tries of the present step, and of publishing, for the backoff. */
  stepTries: number;
  publishTries: number;
  /** A short form of the hash over the whole history up to `version`. @see docs/audit.md */
  receipt: string;
}

/** One line of the append-only history of a request. `at` is epoch milliseconds. */
export interface RequestEvent {
  requestId: string;
  seq: number;
  at: number;
  kind: EventKind;
  from: RequestState | null;
  to: RequestState;
  /** A Slack user id, or `app` when the app itself acted. */
  actor: string;
  detail: EventDetail;
}

export interface EventDetail {
  code?: string;
  message?: string;
  operationId?: string;
  httpStatus?: number;
  changes?: string[];
}

const TRANSITIONS: Record<RequestState, readonly RequestState[]> = {
  planned: ['planned', 'confirmed', 'cancelled', 'expired'],
  confirmed: ['submitting', 'not_started'],
  awaiting_approval: ['confirmed', 'declined', 'expired'],
  submitting: ['running', 'succeeded', 'failed', 'refused', 'not_started', 'unknown'],
  running: ['succeeded', 'failed', 'unknown'],
  unknown: ['running', 'succeeded', 'failed', 'not_started', 'unknown'],
  // Only on evidence that a POST thought lost had left after all: the question is opened again, never settled.
  not_started: ['unknown'],
  succeeded: [],
  failed: [],
  refused: [],
  declined: [],
  expired: [],
  cancelled: [],
};

/** Whether a request may go from one state to another. */
export function canMove(from: RequestState, to: RequestState): boolean {
  return TRANSITIONS[from].includes(to);
}

/** Whether a request in this state may still change Toloka. */
export function isOpen(state: RequestState): boolean {
  return (OPEN_STATES as readonly RequestState[]).includes(state);
}
