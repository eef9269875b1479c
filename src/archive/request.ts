import { z } from 'zod';
import { driftSchema, planSchema } from './plan';

/**
 * The states of a request, and what each means for the training:
 * * `proposed`: somebody looks at a plan; nothing was asked for.
 * * `open`: it may still change the training. A training has at most one open request in an environment.
 * * `ended`: Toloka's answer is known, or it is known that Toloka was not asked.
 * * `dropped`: it was given up before anything was sent, as far as the journal knows.
 */
export const STATES = {
  planned: 'proposed',
  awaiting_approval: 'open',
  confirmed: 'open',
  submitting: 'open',
  running: 'open',
  unknown: 'open',
  succeeded: 'ended',
  failed: 'ended',
  refused: 'ended',
  not_started: 'ended',
  declined: 'ended',
  cancelled: 'dropped',
  expired: 'dropped',
} as const;
export type RequestState = keyof typeof STATES;
export const REQUEST_STATES = Object.keys(STATES) as RequestState[];
export const OPEN_STATES = REQUEST_STATES.filter((state) => STATES[state] === 'open');
export const ENDED_STATES = REQUEST_STATES.filter((state) => STATES[state] === 'ended');

/** Whether a request in this state may still change its training. */
export const isOpen = (state: RequestState): boolean => STATES[state] === 'open';

/** Whether the request asks people for their approval. */
export const isWaiting = ({ state }: Pick<ArchiveRequest, 'state'>): boolean => state === 'awaiting_approval';

/** Whether the card of the request is that of the first one of its batch. */
export const isFollower = ({ id, batch }: Pick<ArchiveRequest, 'id' | 'batch'>): boolean =>
  batch !== null && batch !== id;

/** Since when (epoch ms) neither approvals nor a pause kept it from being sent. Null before it is confirmed. */
export function freeSince({ confirmedAt, releasedAt, heldAt }: ArchiveRequest): number | null {
  // Before there were approvals, only the confirmation was noted.
  const released = releasedAt ?? confirmedAt;
  return released === null ? null : Math.max(released, heldAt ?? 0);
}

const millis = z.number().int();

/**
 * Why something ended the way it did, or could not be read. `code` is stable: Toloka's own where it gave one, else
 * ours. `said` holds Toloka's own words. The words for people are in `messages/`.
 */
export const outcomeSchema = z.object({
  code: z.string(),
  said: z.string().optional(),
  httpStatus: z.number().optional(),
});
export type Outcome = z.output<typeof outcomeSchema>;

/** Who is asked: people and user groups by ID, or everybody who may archive. */
const audienceSchema = z.object({
  everyone: z.boolean(),
  people: z.array(z.string()),
  groups: z.array(z.string()),
});
export type Audience = z.output<typeof audienceSchema>;

/** The approvals that a request needs and has. They are for its plan, and void when that changes. */
export const approvalSchema = z.object({
  needed: z.number().int().min(1),
  audience: audienceSchema,
  /** In the order of their clicks. */
  given: z.array(z.object({ user: z.string(), at: millis })).default([]),
  /** When the approvers were asked, and when their time is over. */
  askedAt: millis,
  until: millis,
  /** Half-way, once. */
  remindedAt: millis.nullable().default(null),
  /** How the plan changed when earlier approvals became void. */
  changes: z.array(driftSchema).default([]),
  declined: z.object({ user: z.string(), reason: z.string() }).nullable().default(null),
});
export type Approval = z.output<typeof approvalSchema>;

/** What only an event may change. Covered by the hash of each event. Times are epoch milliseconds. */
export const factsSchema = z.object({
  plan: planSchema,
  reason: z.string().nullable().default(null),
  /** The requester's organization. @see Actor */
  enterprise: z.string().nullable().default(null),
  /** The ID of the request that this one repeats. */
  retryOf: z.string().nullable().default(null),
  /** The ID of the first request of its batch, whose card shows them all. Null when it was confirmed alone. */
  batch: z.string().nullable().default(null),
  /** Where the batch shows it. */
  place: z.number().int().default(0),
  /** Null when none is needed. */
  approval: approvalSchema.nullable().default(null),
  operationId: z.string().nullable().default(null),
  outcome: outcomeSchema.nullable().default(null),
  confirmedAt: millis.nullable().default(null),
  /** When nothing was left but to send it: at the confirmation, or at the last approval. */
  releasedAt: millis.nullable().default(null),
  /** When the intent to send the POST was committed. */
  submittedAt: millis.nullable().default(null),
  finishedAt: millis.nullable().default(null),
});
export type Facts = z.output<typeof factsSchema>;

/** Where a message is in Slack. `url`: its address; null when Slack gave none, missing when it was not asked for yet. */
const locationSchema = z.object({
  channel: z.string(),
  ts: z.string(),
  url: z.string().nullable().exactOptional(),
});
export type Location = z.output<typeof locationSchema>;

/** Who paused archiving, when (epoch ms) and why. */
export const pauseSchema = z.object({ user: z.string(), reason: z.string(), at: millis });
export type Pause = z.output<typeof pauseSchema>;

/** How far the work and its card have got. Any holder of the lease may change it; no event is written for it. */
export const deliverySchema = z.object({
  card: locationSchema.nullable().default(null),
  /** The card of the newest request that repeats this one. */
  successor: locationSchema.nullable().default(null),
  /** The last event whose line is in the thread. */
  threadSeq: z.number().default(0),
  /** For the first of a batch: the sum of the versions that the closing message in the thread covers. */
  closedSum: z.number().default(0),
  /** For the first of a batch: the time (epoch ms) of the last call for approvals in its thread. @see callTime */
  calledAt: z.number().default(0),
  /** For the first of a batch: the `touched` that its card shows. */
  shown: z.number().default(0),
  /** Who paused archiving, and why, while this request waits for that. */
  pause: pauseSchema.nullable().default(null),
  /** When it last waited for the end of a pause. */
  heldAt: millis.nullable().default(null),
  /** Percent, as Toloka gives it. */
  progress: z.number().nullable().default(null),
  /** When the next step towards the end is due; null when none is. */
  stepAt: millis.nullable().default(null),
  /** Failed tries of the present step. */
  stepTries: z.number().default(0),
  /** When the card or thread must be written again; null when both are up to date. */
  publishAt: millis.nullable().default(null),
  /** Tries to write the card since it was last up to date: above 0, the thread may hold lines already. */
  publishTries: z.number().default(0),
  /** When writing the card first failed since it was last up to date: each try sets `publishAt` later. */
  unpublishedSince: millis.nullable().default(null),
});
export type Delivery = z.output<typeof deliverySchema>;

/** What never changes. Covered by the hash of the first event. */
export interface Identity {
  id: string;
  /** The requester's workspace. */
  team: string;
  environment: string;
  trainingId: string;
  requester: string;
  channel: string;
  createdAt: number;
}

/** The right to write about a request, until a moment (epoch ms). A write counts only while it holds. */
export interface Lease {
  token: string;
  until: number;
}

/** One archive request. All times are epoch milliseconds UTC. */
export interface ArchiveRequest extends Identity, Facts, Delivery {
  /** Equals the `seq` of its last event; grows by one with each. */
  version: number;
  state: RequestState;
  lease: Lease | null;
  /** For the first of a batch: grows with each change of another request of it. @see Journal.note */
  touched: number;
  /** A short form of the hash over the whole history up to `version`. @see docs/audit.md */
  receipt: string;
}

export const EVENT_KINDS = [
  'asked',
  'replanned',
  'cancelled',
  'expired',
  'approval_requested',
  'approved',
  'fully_approved',
  'approvals_voided',
  'reminded',
  'declined',
  'withdrawn',
  'approval_expired',
  'confirmed',
  'submitting',
  'accepted',
  'outcome_unknown',
  'found_running',
  'succeeded',
  'failed',
  'refused',
  'not_started',
  'late_evidence',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** What an event adds to its kind. */
export const detailSchema = outcomeSchema.partial().extend({
  operationId: z.string().optional(),
  changes: z.array(driftSchema).optional(),
  /** Whose approvals became void. */
  approvers: z.array(z.string()).optional(),
});
export type EventDetail = z.output<typeof detailSchema>;

/** One line of the append-only history of a request. `at` is epoch milliseconds. */
export interface RequestEvent {
  requestId: string;
  seq: number;
  at: number;
  kind: EventKind;
  from: RequestState | null;
  to: RequestState;
  /** The ID of a person, or `app` when the app itself acted. */
  actor: string;
  detail: EventDetail;
}

/** A click or command that was denied, or that changed nothing. Kept for ever, like events. */
export interface Denial {
  id: string;
  /** Epoch milliseconds. */
  at: number;
  /** A stable reason code. */
  code: string;
  /** More about it for the audit log, such as the codes of the blockers. */
  detail: string;
  user: string;
  team: string;
  channel: string;
  environment: string | null;
  trainingId: string | null;
  requestId: string | null;
}
