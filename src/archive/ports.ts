import type { TrainingFacts } from './plan-types';
import type {
  ArchiveRequest,
  CardAddress,
  EventDetail,
  EventKind,
  Lease,
  RequestEvent,
  RequestState,
} from './request';

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

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

export interface OperationFacts {
  id: string;
  trainingId: string | null;
  /** PENDING, RUNNING, SUCCESS, FAIL, or a word that Toloka added later. */
  status: string;
  progress: number | null;
  submitted: number | null;
  started: number | null;
  finished: number | null;
  /** What Toloka says of a failure, shortened; null when it says nothing. */
  reason: string | null;
}

/** What came back from the one POST. Only `unknown` leaves a doubt. */
export type SubmitOutcome =
  | { kind: 'accepted'; operation: OperationFacts }
  | { kind: 'already_archived' }
  | { kind: 'refused'; code: string; message: string; httpStatus: number }
  | { kind: 'not_sent'; code: string; message: string }
  | { kind: 'unknown'; code: string; message: string };

export type { CardAddress };

/** What a look at Toloka brought. `unavailable` says nothing about the thing itself. */
export type Reading<T> =
  | { kind: 'found'; value: T }
  | { kind: 'not_found' }
  | { kind: 'no_access'; message: string }
  | { kind: 'unavailable'; message: string };

export interface PoolFacts {
  id: string;
  name: string;
  status: string;
  url: string;
  /** The training that the pool's own requirement names, if any. */
  requiresTraining: string | null;
}

export interface ProjectFacts {
  id: string;
  name: string;
  /** The training that the project's requirement names, if any; pools without their own inherit it. */
  requiresTraining: string | null;
}

/** One Toloka account in one environment. Nothing here throws for what Toloka or the network does. */
export interface TolokaPort {
  readTraining(id: string, signal?: AbortSignal): Promise<Reading<TrainingFacts>>;
  /** Main pools of the project in every state but ARCHIVED. */
  readUnarchivedPools(projectId: string, signal?: AbortSignal): Promise<Reading<PoolFacts[]>>;
  readProject(id: string, signal?: AbortSignal): Promise<Reading<ProjectFacts>>;
  /** The POST. Called at most once for a request. */
  archive(trainingId: string, correlationId: string): Promise<SubmitOutcome>;
  readOperation(id: string): Promise<Reading<OperationFacts>>;
  /** All archive operations that ended at or after a moment (epoch ms). */
  readEndedOperations(finishedSince: number): Promise<Reading<OperationFacts[]>>;
  /** The newest archive operations that are running: one page. */
  readRunningOperations(): Promise<Reading<OperationFacts[]>>;
  /** All archive operations that wait or run and were submitted at or after a moment (epoch ms). */
  readOpenOperations(submittedSince: number): Promise<Reading<OperationFacts[]>>;
  /** Archive operations submitted at or after a moment (epoch ms), newest first. */
  readArchiveOperations(submittedSince: number): Promise<Reading<OperationFacts[]>>;
}

/** A Toloka environment as people see it. In a `production` one the training id is typed in to confirm. */
export interface Environment {
  name: string;
  kind: 'production' | 'sandbox';
  toloka: TolokaPort;
}

export type Environments = ReadonlyMap<string, Environment>;

/** How a message to Slack went wrong, as far as the use case must know. */
export type CardFailure =
  /** Slack refused it; it is not there and will not be until somebody changes something. */
  | 'refused'
  /** It is not there; later it may work. */
  | 'not_now'
  /** The answer was lost: it may be there. */
  | 'maybe';

/** Where the truth is shown. @throws CardError */
export interface CardPort {
  post(request: ArchiveRequest): Promise<CardAddress>;
  /** Looks for the card of a request whose post may have been lost. */
  find(request: ArchiveRequest): Promise<CardAddress | null>;
  update(request: ArchiveRequest, card: CardAddress): Promise<void>;
  addToThread(request: ArchiveRequest, card: CardAddress, events: readonly RequestEvent[]): Promise<void>;
  /** The last event that the thread shows already; 0 when none. */
  lastInThread(request: ArchiveRequest, card: CardAddress): Promise<number>;
  /** Takes away every other card of this request, and what the thread says a second time. */
  removeDoubles(request: ArchiveRequest, card: CardAddress): Promise<void>;
  /** Says the end in private to the person who asked, where the card cannot. */
  tellEnd(request: ArchiveRequest): Promise<void>;
  /** A private word to a person, where they are; tries the channel first, then a direct message. */
  tell(user: string, channel: string, text: string): Promise<void>;
}

/** Who is in a user group. @throws when it cannot be looked up */
export interface Directory {
  groupMembers(groupId: string): Promise<readonly string[]>;
}
