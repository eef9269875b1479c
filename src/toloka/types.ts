import type { Dispatcher } from 'undici';
import type { TrainingPath } from './endpoints';
import type { RetryPolicy } from './retry';
import type { Operation, Pool, Project, Requester, Training } from './schemas';

/** Gets a line for each call. Never given headers, queries or bodies. */
export interface TolokaLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** One HTTP exchange, for metrics: a call that is tried again has several. */
export interface TolokaExchangeNote {
  method: string;
  /** Without the query. */
  path: string;
  /** The path with `{id}` for ids, to count by. */
  route: string;
  /** Null when no status came. */
  status: number | null;
  durationMs: number;
  /**
   * How far this machine's clock is ahead of Toloka's (behind: negative), in ms, as far as the answer's `Date` proves
   * it: that was written between sending and receiving, in whole seconds. Null when it says nothing.
   */
  aheadMs: number | null;
}

export interface TolokaClientOptions {
  /** Such as `https://toloka.dev/api`; a trailing slash does not matter. */
  apiUrl: string;
  /** An OAuth token or an API key, with or without its scheme. */
  token: string;
  trainingPath: TrainingPath;
  logger?: TolokaLogger | undefined;
  /** Used for all calls instead of the client's own agents, and not closed with it. Must not retry a POST. */
  dispatcher?: Dispatcher | undefined;
  /** Hard limits for one exchange, in milliseconds. @default 10000, 30000, 5000 */
  timeouts?: { readMs?: number; archiveMs?: number; connectMs?: number } | undefined;
  /** For reads; the archive is never tried again. @default RETRY_POLICIES.reads */
  retry?: RetryPolicy | undefined;
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  random?: (() => number) | undefined;
  /** Epoch milliseconds. */
  now?: (() => number) | undefined;
  userAgent?: string | undefined;
  /** Asked before each request of a read, further pages and tries too: how long it has to wait for its turn, in ms. */
  readTurn?: (() => number) | undefined;
  onRequest?: ((note: TolokaExchangeNote) => void) | undefined;
}

export interface CallOptions {
  /** Ends the call with TolokaAbortedError. */
  signal?: AbortSignal | undefined;
  /** Goes into the log lines of the call; it is not sent. */
  correlationId?: string | undefined;
}

export interface TrainingsFilter {
  status?: string | undefined;
  projectId?: string | undefined;
}

export type PoolsFilter = TrainingsFilter;

export interface OperationsFilter {
  /** Such as `TRAINING.ARCHIVE`. */
  type?: string | undefined;
  status?: string | undefined;
  /** Epoch milliseconds, as all dates. */
  submittedGte?: number | undefined;
  submittedLte?: number | undefined;
  finishedGte?: number | undefined;
}

export interface PageOptions {
  /** Comma list of fields, `-` for descending: `id`, `created`, `last_started`; of operations `id`, `submitted`, `finished`. */
  sort?: string | undefined;
  /** @default the largest that Toloka allows: 300, of operations 500 */
  limit?: number | undefined;
  idGt?: string | undefined;
}

export interface Page<T> {
  items: T[];
  hasMore: boolean;
}

export type ArchiveResult = { kind: 'accepted'; operation: Operation } | { kind: 'already_archived' };

/**
 * The Toloka API, as far as archiving needs it. Every method throws a {@link TolokaError} and nothing else. Reads are
 * tried again by the retry policy; `archiveTraining` is sent at most once.
 *
 * `list` methods read all pages, or throw: a part of a list never passes for the whole. `find` methods read one page.
 *
 * @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca
 */
export interface TolokaClient {
  getTraining(id: string, options?: CallOptions): Promise<Training>;
  listTrainings(filter?: TrainingsFilter, options?: CallOptions): Promise<Training[]>;
  findTrainings(query?: TrainingsFilter & PageOptions, options?: CallOptions): Promise<Page<Training>>;
  listPools(filter?: PoolsFilter, options?: CallOptions): Promise<Pool[]>;
  getProject(id: string, options?: CallOptions): Promise<Project>;
  /**
   * Asks Toloka to archive a training, which cannot be undone. One POST, or none; never a second one.
   *
   * @returns `accepted` with the operation, which may be finished already, or `already_archived` when there was
   *   nothing to do
   * @throws TolokaError of which {@link archiveVerdict} tells what it leaves certain
   * @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, lines 3122-3153
   */
  archiveTraining(id: string, options?: CallOptions): Promise<ArchiveResult>;
  getOperation(id: string, options?: CallOptions): Promise<Operation>;
  listOperations(filter?: OperationsFilter, options?: CallOptions): Promise<Operation[]>;
  findOperations(query?: OperationsFilter & PageOptions, options?: CallOptions): Promise<Page<Operation>>;
  getRequester(options?: CallOptions): Promise<Requester>;
  /** Lets calls under way end and closes the connections. Later calls throw TolokaAbortedError. May be called twice. */
  close(): Promise<void>;
}
