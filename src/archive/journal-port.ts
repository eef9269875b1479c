import type { ArchiveRequest, EventDetail, EventKind, Lease, RequestEvent, RequestState } from './request';

/** Words said about a thing that was not done. Kept for ever, like events. */
export interface Refusal {
  id: string;
  at: number;
  /** Stable reason code. */
  code: string;
  message: string;
  user: string;
  channel: string;
  environment: string | null;
  trainingId: string | null;
  requestId: string | null;
}

/** The columns that a write may change together with, or without, an event. */
export type RequestPatch = Partial<
  Pick<
    ArchiveRequest,
    | 'reason'
    | 'plan'
    | 'operationId'
    | 'progress'
    | 'outcome'
    | 'card'
    | 'threadSeq'
    | 'confirmedAt'
    | 'submittedAt'
    | 'finishedAt'
    | 'stepAt'
    | 'publishAt'
    | 'stepTries'
    | 'publishTries'
  >
>;

/** What may be written without an event: nothing that the history vouches for. */
export type NotePatch = Omit<
  RequestPatch,
  'reason' | 'plan' | 'operationId' | 'confirmedAt' | 'submittedAt' | 'finishedAt'
>;

export interface NewEvent {
  kind: EventKind;
  at: number;
  actor: string;
  detail?: EventDetail;
}

export type NewRequest = Pick<
  ArchiveRequest,
  'id' | 'environment' | 'trainingId' | 'requester' | 'channel' | 'plan' | 'retryOf' | 'createdAt'
>;

export interface Advance {
  id: string;
  /** The version that was read; another one means that somebody else moved it. */
  version: number;
  to: RequestState;
  event: NewEvent;
  patch?: RequestPatch;
  /** The lease under which this is written. Checked by token, and by time against `event.at`. */
  lease?: Lease;
  /** A lease to take with the same write, when nobody holds one. */
  take?: Lease;
}

/** As much of a `running` request as is needed to watch its operation. */
export interface RunningRequest {
  id: string;
  operationId: string;
  /** Percent, as last written. */
  progress: number | null;
  /** Epoch milliseconds. */
  submittedAt: number;
}

/** Durable state. Every method is one transaction; none spans a call to anybody else. */
export interface Journal {
  /** Writes a `planned` request at version 1 and its `asked` event. */
  create(request: NewRequest, event: NewEvent): Promise<ArchiveRequest>;
  get(id: string): Promise<ArchiveRequest | undefined>;
  findOpen(environment: string, trainingId: string): Promise<ArchiveRequest | undefined>;
  /**
   * Moves a request and appends the event, or does neither.
   * @throws RequestChangedError when the version is another or the move is not allowed from its state
   * @throws LeaseLostError when the lease is no longer held, or (`take`) somebody else holds one
   * @throws OpenRequestExistsError when the training has another open request in this environment
   */
  advance(change: Advance): Promise<ArchiveRequest>;
  /** Writes columns without an event, under a lease. @throws LeaseLostError */
  note(id: string, lease: Lease, now: number, patch: NotePatch): Promise<ArchiveRequest>;
  /** Takes up to `limit` requests whose step or publishing is due and that nobody holds, oldest due first. */
  claim(options: {
    now: number;
    until: number;
    limit: number;
    ids?: string[];
    /** Takes the given `ids` although nothing of theirs is due yet. */
    early?: boolean;
  }): Promise<ArchiveRequest[]>;
  /** How many requests are `running`, and when (epoch ms) the oldest and the newest of them were submitted. */
  countRunning(environment: string): Promise<{ count: number; oldest: number | null; newest: number | null }>;
  /** The `running` requests, or those of them that have one of these operations. */
  running(environment: string, operationIds?: readonly string[]): Promise<RunningRequest[]>;
  /**
   * Whether `holder` is the one that watches an account's operations until a moment (epoch ms): it is when nobody
   * else holds the watch at `now`.
   */
  holdWatch(environment: string, holder: string, now: number, until: number): Promise<boolean>;
  /** Gives the lease back, if it is still held; no error if not. */
  release(id: string, lease: Lease): Promise<void>;
  /** In order of `seq`. */
  events(requestId: string, afterSeq?: number): Promise<RequestEvent[]>;
  /** The newest requests first: of one training, or of all. */
  recent(filter: {
    environment?: string;
    trainingId?: string;
    states?: readonly RequestState[];
    limit: number;
  }): Promise<ArchiveRequest[]>;
  /** Whether some other request than `exceptId` has this operation. */
  operationKnown(environment: string, operationId: string, exceptId: string): Promise<boolean>;
  refuse(refusal: Refusal): Promise<void>;
  refusals(limit: number): Promise<Refusal[]>;
  close(): Promise<void>;
}
