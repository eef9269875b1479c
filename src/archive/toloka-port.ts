import type { TrainingFacts } from './plan-types';

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
