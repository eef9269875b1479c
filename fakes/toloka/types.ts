/**
 * What the fake Toloka account stores. Names in snake_case are Toloka's own (the API reference). Names in camelCase
 * control the fake and are never sent. Times are epoch milliseconds here; `wire.ts` turns them into Toloka's dates
 * without a zone.
 */
export type Status = 'OPEN' | 'CLOSED' | 'ARCHIVED' | 'LOCKED';
export const STATUSES = ['OPEN', 'CLOSED', 'ARCHIVED', 'LOCKED'] as const satisfies readonly Status[];

export type OperationStatus = 'PENDING' | 'RUNNING' | 'SUCCESS' | 'FAIL';
export const OPERATION_STATUSES = [
  'PENDING',
  'RUNNING',
  'SUCCESS',
  'FAIL',
] as const satisfies readonly OperationStatus[];

/** The operations that this account can start. */
export type OperationType = 'TRAINING.ARCHIVE' | 'TRAINING.CLOSE' | 'POOL.ARCHIVE' | 'POOL.CLOSE';

export interface QualityControl {
  training_requirement?: { training_pool_id: string; training_passing_skill_value: number };
  configs?: unknown[];
}

interface FakeOptions {
  /** How long its operations take. `Infinity`: they never end. `0`: they have ended in the answer to the POST. */
  operationMs?: number;
  /** Merged last into what GET shows: unknown fields, unknown statuses, absent ones (`undefined`). */
  wire?: Record<string, unknown>;
}

export interface ProjectRow extends Pick<FakeOptions, 'wire'> {
  id: string;
  public_name: string;
  status: 'ACTIVE' | 'ARCHIVED';
  created: number;
  quality_control?: QualityControl;
}

interface Runnable extends FakeOptions {
  id: string;
  project_id: string;
  private_name: string;
  status: Status;
  created: number;
  last_close_reason?: string;
  last_started?: number;
  last_stopped?: number;
}

export type ArchiveOutcome =
  /** `leaves`: the operation says SUCCESS, but the training stays in this status. */
  | { status: 'SUCCESS'; leaves?: Status }
  /** Without `details` there is no reason, as the API reference says of GET /operations/{id}. */
  | { status: 'FAIL'; details?: Record<string, unknown> };

export interface TrainingRow extends Runnable {
  /** It belongs to somebody else: not listed, 403 (or 404, an option of the account) when asked for. */
  foreign?: boolean;
  archiveOutcome?: ArchiveOutcome;
  /** What GET shows while the operation runs. No source says which. @default CLOSED */
  whileArchiving?: 'CLOSED' | 'LOCKED';
  /** Merged last into what its operations show. */
  operationWire?: Record<string, unknown>;
}

export interface PoolRow extends Runnable {
  /** The list of pools may contain trainings (toloka-kit's test data). */
  type: 'REGULAR' | 'TRAINING';
  quality_control?: QualityControl;
}

export interface OperationRow {
  id: string;
  type: OperationType;
  target: { kind: 'training' | 'pool'; id: string };
  submitted: number;
  startsAt: number;
  /** When it ends by itself, or `Infinity`. */
  due: number;
  /** `open` is PENDING or RUNNING, depending on the time. */
  phase: 'open' | 'SUCCESS' | 'FAIL';
  finished?: number;
  outcome: ArchiveOutcome;
  details?: Record<string, unknown>;
  /** The status to go back to if it fails. */
  statusBefore: Status;
  wire?: Record<string, unknown>;
}

type Input<Row extends { id: string }, Required extends keyof Row = never> = Partial<Row> &
  Pick<Row, Required>;
export type ProjectInput = Input<ProjectRow>;
export type TrainingInput = Input<TrainingRow, 'project_id'>;
export type PoolInput = Input<PoolRow, 'project_id'>;

/** The answer to a request, before it is written to a socket. */
export interface Answer {
  status: number;
  /** Absent means an empty body; a string is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** The operation that this request started. If there is one, the request took effect. */
  started?: string;
}

/** The JSON of a thing, as GET shows it. */
export type Wire = Record<string, unknown> & { id: string; status: string };
