import type { Pauses } from './pause';
import type {
  ArchiveRequest,
  Delivery,
  Denial,
  Facts,
  Identity,
  Lease,
  RequestEvent,
  RequestState,
} from './request';
import type { Change } from './transitions';
import type { Watches } from './watch';

/** Under which conditions a change is written. */
export interface Fence {
  id: string;
  /** The version that was read. Another one means that somebody else changed the request. */
  version: number;
  /** When it happens (epoch ms). */
  at: number;
  actor: string;
  /** The lease under which it is written; checked by token, and by time against `at`. */
  lease?: Lease;
  /** A lease to take with the same write, when nobody else holds one. */
  take?: Lease;
  /** The `publishTries` that were read. Other ones mean that another worker has failed to write the card since. */
  publishTries?: number;
  /** Gives the lease back with the same write. */
  release?: boolean;
}

export type NewRequest = Identity & Pick<Facts, 'plan' | 'retryOf'> & Partial<Pick<Facts, 'enterprise'>>;

/** Times are epoch milliseconds. */
export interface Workload {
  /** How many requests are open, by state. */
  open: Partial<Record<RequestState, number>>;
  /** How many requests have a step or a card that is due, and since when the oldest has. */
  due: number;
  oldestDueAt: number | null;
  /** Since when the oldest card does not show what happened, although writing it may have been tried since. */
  oldestUnpublishedAt: number | null;
  /** How many requests a worker holds. */
  leases: number;
  /** For how many trainings, by person, somebody wants to be notified when they can be archived. */
  watches: number;
}

/** Durable state. Every method is one transaction; none spans a call to another system. */
export interface Journal extends Pauses, Watches {
  /** Writes a `planned` request at version 1 and its `asked` event. */
  create(request: NewRequest): Promise<ArchiveRequest>;
  get(id: string): Promise<ArchiveRequest | undefined>;
  findOpen(environment: string, trainingId: string): Promise<ArchiveRequest | undefined>;
  /** The newest requests that are open, up to `limit`. */
  open(limit: number): Promise<ArchiveRequest[]>;
  /** The newest requests that a person has confirmed, up to `limit`. */
  confirmedBy(requester: string, limit: number): Promise<ArchiveRequest[]>;
  /** The newest requests for a training that somebody has confirmed, up to `limit`. */
  history(environment: string, trainingId: string, limit: number): Promise<ArchiveRequest[]>;
  /** Of the requests for a training that have ended, the one that ended last. */
  lastEnded(environment: string, trainingId: string): Promise<ArchiveRequest | undefined>;
  /**
   * Applies a change and appends its event, or does neither. @see transition
   * @throws RequestChangedError when the version or `publishTries` are others, or the state does not allow the change
   * @throws LeaseLostError when the lease is no longer held, or (`take`) somebody else holds one
   * @throws OpenRequestExistsError when the training has another open request in this environment
   * @throws PausedError when archiving is paused and the change is `submitting`
   */
  advance(fence: Fence, change: Change): Promise<ArchiveRequest>;
  /**
   * Writes delivery without an event, under a lease, and gives the lease back if told so. A request that is not the first
   * of its batch publishes nothing itself: here and in `advance`, its `publishAt` is passed on to the first one, whose
   * `touched` grows until its card shows that (`shown`).
   * @param options.version of the request that the delivery is about. When a click has changed the request since, what
   *   that made due stays due
   * @throws LeaseLostError
   */
  note(
    id: string,
    lease: Lease,
    now: number,
    delivery: Partial<Delivery>,
    options?: { release?: boolean; version?: number },
  ): Promise<ArchiveRequest>;
  /** The requests of the batch whose first one this is, in their order; that one alone when it was confirmed alone. */
  batch(id: string): Promise<ArchiveRequest[]>;
  /** Takes up to `limit` requests whose step or card is due and that nobody holds, oldest due first. */
  claim(options: {
    now: number;
    until: number;
    limit: number;
    /** The token of the leases. @default a random one */
    token?: string;
    /** Takes only these, and although nothing of theirs is due. */
    ids?: readonly string[];
  }): Promise<ArchiveRequest[]>;
  /** Gives the lease back, if it is still held; no error if not. */
  release(id: string, lease: Lease): Promise<void>;
  /** Gives back the leases of due requests whose token says so. Returns how many. */
  releaseAll(isOver: (token: string) => boolean): Promise<number>;
  /** How many requests are `running`, and when (epoch ms) the oldest and the newest of them were submitted. */
  countRunning(environment: string): Promise<{ count: number; oldest: number | null; newest: number | null }>;
  /** The operations of all `running` requests. Only their IDs, because there may be thousands. */
  runningOperations(environment: string): Promise<string[]>;
  /** The `running` requests that have one of these operations. One that cannot be read is left out. */
  running(environment: string, operationIds: readonly string[]): Promise<ArchiveRequest[]>;
  /** How much there is to do at this moment. For those who watch the app. */
  workload(now: number): Promise<Workload>;
  /** In order of `seq`. */
  events(requestId: string, afterSeq?: number): Promise<RequestEvent[]>;
  /** Of these operations, those that belong to another request than `exceptId`. */
  claimedOperations(
    environment: string,
    operationIds: readonly string[],
    exceptId: string,
  ): Promise<Set<string>>;
  deny(denial: Denial): Promise<void>;
}
