import type { Logger } from '../logger';
import type { Pool, Project, Training } from './plan';
import type { Home, Policy, Rules } from './policy';
import type { Journal } from './ports-journal';
import type { ArchiveRequest, Location, Outcome, RequestEvent } from './request';
import type { Notices } from './watch';

/** Everything the use case is given from outside. */
export interface Deps {
  journal: Journal;
  cards: Cards;
  notices: Notices;
  environments: Environments;
  /** Who may archive. */
  policy: Policy;
  approval: ApprovalRules;
  /** Who may pause and resume. */
  adminPolicy: Policy;
  clock: Clock;
  sleep: (ms: number) => Promise<unknown>;
  /** In [0, 1). */
  random: () => number;
  newId: () => string;
  /** Names this process. Its leases begin with it. */
  owner: string;
  logger: Logger;
  limits: Limits;
}

/** How many people must approve a request, who may, and for how long (ms) they are asked. */
export interface ApprovalRules {
  needed(environment: string): number;
  policy: Policy;
  audience: Pick<Rules, 'everyone' | 'people' | 'groups'>;
  lifeMs: number;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

export interface Limits {
  /**
   * How long a worker owns a request, in ms. The POST may take half of it, so that a worker whose lease is about to
   * run out never starts one.
   */
  leaseMs: number;
  /** How long Toloka may take to show an operation whose answer was lost, in ms, before it is called not started. */
  graceMs: number;
  /** After this age, in ms, a request that has not ended is called unknown. */
  deadlineMs: number;
}

/** One Toloka account. */
export interface Environment {
  name: string;
  toloka: Toloka;
}
export type Environments = ReadonlyMap<string, Environment>;

export interface Operation {
  id: string;
  /** Null when Toloka does not say. */
  trainingId: string | null;
  /** PENDING, RUNNING, SUCCESS, FAIL, or a word that Toloka added later. */
  status: string;
  /** Percent. */
  progress: number | null;
  /** Epoch milliseconds. */
  submitted: number | null;
  finished: number | null;
  /** What Toloka says of a failure, shortened; null when it says nothing. */
  said: string | null;
}

/** What a look at Toloka found. `unavailable` says nothing about the thing itself. */
export type Reading<T> =
  | { kind: 'found'; value: T }
  | { kind: 'not_found' }
  | { kind: 'no_access'; why: Outcome }
  | { kind: 'unavailable'; why: Outcome };

/** What the one POST brought. Only `unknown` leaves a doubt. */
export type SubmitResult =
  | { kind: 'accepted'; operation: Operation }
  | { kind: 'already_archived' }
  | { kind: 'refused' | 'not_sent' | 'unknown'; outcome: Outcome };

/** Which archive operations of the account. Times are epoch milliseconds. */
export interface OperationFilter {
  submittedSince?: number;
  finishedSince?: number;
  /** Only those in one of these states. */
  statuses?: readonly ('PENDING' | 'RUNNING')[];
  /** One page of the newest, instead of all. */
  newest?: boolean;
}

/** One Toloka account. Nothing here throws for what Toloka or the network does. */
export interface Toloka {
  readTraining(id: string, signal?: AbortSignal): Promise<Reading<Training>>;
  /** The newest closed trainings, and whether there are more. */
  listClosed(signal?: AbortSignal): Promise<Reading<{ trainings: Training[]; more: boolean }>>;
  /** Every training of the account that is not archived. */
  listUnarchived(): Promise<Reading<Training[]>>;
  /** The main pools of a project that are not archived. */
  readPools(projectId: string, signal?: AbortSignal): Promise<Reading<Pool[]>>;
  readProject(id: string, signal?: AbortSignal): Promise<Reading<Project>>;
  readOperation(id: string): Promise<Reading<Operation>>;
  /** Archive operations, newest first. */
  listOperations(filter: OperationFilter): Promise<Reading<Operation[]>>;
  /**
   * The POST. Called at most once for a request. `correlationId` is for the log.
   * @param mayStart asked right before the first byte leaves; when it says no, nothing is sent
   */
  archive(trainingId: string, correlationId: string, mayStart?: () => boolean): Promise<SubmitResult>;
}

/** How a message went wrong, as far as the use case must know. */
export type CardFailure =
  /** It was refused: it is not there, and will not be until somebody changes something. */
  | 'refused'
  /** It is not there; later it may work. */
  | 'not_now'
  /** The answer was lost: it may be there. */
  | 'maybe';

/** Whether the app can post in a conversation. `direct_message`: its people are not those of a channel. */
export type Reach = 'yes' | 'not_in_channel' | 'direct_message' | 'unknown';

/** The requests that one card is about: one, or those of a batch. The card is that of the first. */
export type OnCard = readonly [ArchiveRequest, ...ArchiveRequest[]];

/** The last event, sum of a closing message, and time of a call for approvals that a thread shows; 0 when none. */
export type InThread = Record<'seq' | 'sum' | 'call', number>;

/** The cards, their threads, and private messages. Every method but `reach` throws CardError. */
export interface Cards {
  /** Whether a card could be posted there. Never throws, and answers within seconds. */
  reach(channel: string): Promise<Reach>;
  post(requests: OnCard): Promise<Location>;
  /** The address of a card; null when Slack gives none. */
  link(card: Location): Promise<string | null>;
  /** Looks for the card of a request whose post may have been lost. */
  find(request: ArchiveRequest): Promise<Location | null>;
  update(requests: OnCard, card: Location): Promise<void>;
  /** Adds a line for each of these events of the first request. */
  addToThread(requests: OnCard, card: Location, events: readonly RequestEvent[]): Promise<void>;
  /** Adds how a batch ended. @param sum of the versions of its requests */
  closeThread(requests: OnCard, card: Location, sum: number): Promise<void>;
  /** Asks the approvers of a batch once more. @param at the time of that call (epoch ms) */
  callApprovers(requests: OnCard, card: Location, at: number): Promise<void>;
  lastInThread(request: ArchiveRequest, card: Location): Promise<InThread>;
  /** Deletes every other card of this request, and lines that the thread holds twice. */
  removeDuplicates(request: ArchiveRequest, card: Location): Promise<void>;
  /** Sends the outcome to the requester in private, where the card cannot show it. */
  notifyRequester(requests: OnCard): Promise<void>;
}

/** Who people are. @throws when it cannot be looked up */
export interface Directory {
  /** Where the app itself is installed. */
  home(): Promise<Home>;
  groupMembers(groupId: string): Promise<readonly string[]>;
  /** As they were at most a minute ago. Decides nothing: for what is only shown. */
  recentGroupMembers(groupId: string): Promise<readonly string[]>;
}
