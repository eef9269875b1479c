/**
 * Imitates: what can be archived and closed, and the answer (the API reference, lines 3122-3228): 204 if there is
 * nothing to do, 202 and an operation if there is, otherwise a refusal.
 * Guessed, because no source says it: the codes and payloads of the refusals, whether they come as 409 or as an
 * operation that fails (`conflictsAs` does either), that a second POST is refused while an operation runs, and that a
 * requirement on the project blocks. Not imitated: the nine days after a rejected assignment (lines 1404-1412).
 */
import type { Operations } from './operations';
import { Refusal } from './refusal';
import type { Store } from './store';
import type { Answer, OperationRow, PoolRow, TrainingRow } from './types';

export interface LifecycleOptions {
  store: Store;
  operations: Operations;
  operationMs: number;
  foreignStatus: 403 | 404;
  conflictsAs: 'refusal' | 'operation';
  show(operation: OperationRow): unknown;
}

export interface Lifecycle {
  training(id: string): TrainingRow;
  pool(id: string): PoolRow;
  archiveTraining(id: string): Answer;
  closeTraining(id: string): Answer;
  archivePool(id: string): Answer;
  closePool(id: string): Answer;
}

export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { store, operations } = options;
  /** Closing, and archiving a pool, take less time than archiving a training. */
  const shortMs = Math.min(1000, options.operationMs / 4);

  const started = (row: OperationRow): Answer => ({ status: 202, body: options.show(row), started: row.id });

  const training = (id: string): TrainingRow => {
    const row = store.trainings.get(id);
    if (!row) throw new Refusal(404);
    if (row.foreign) throw new Refusal(options.foreignStatus);
    return row;
  };
  const pool = (id: string): PoolRow => {
    const row = store.pools.get(id);
    if (!row) throw new Refusal(404);
    return row;
  };
  const refuseBusy = (kind: 'training' | 'pool', row: TrainingRow | PoolRow) => {
    if (row.status === 'LOCKED' || operations.underWay({ kind, id: row.id }))
      throw new Refusal(409, { code: 'POOL_LOCKED_BY_ANOTHER_OPERATION' });
  };
  const inappropriate = (appropriate: string[]) =>
    new Refusal(409, { code: 'INAPPROPRIATE_STATUS', payload: { appropriate_statuses: appropriate } });

  /** What Toloka checks itself, even if the caller has looked it up before. */
  const obstacle = (row: TrainingRow): Refusal | undefined => {
    if (row.status !== 'CLOSED') return inappropriate(['CLOSED']);
    const open = store.linkedPools(row.id).filter((linked) => linked.status !== 'ARCHIVED');
    if (open.length === 0) return undefined;
    return new Refusal(409, {
      code: 'UNARCHIVED_POOLS_CONFLICT',
      payload: { pool_ids: open.map((linked) => linked.id) },
    });
  };

  return {
    training,
    pool,
    archiveTraining(id) {
      const row = training(id);
      if (row.status === 'ARCHIVED') return { status: 204 };
      refuseBusy('training', row);
      const refusal = obstacle(row);
      if (refusal && options.conflictsAs === 'refusal') throw refusal;
      const outcome = refusal ? ({ status: 'FAIL' } as const) : row.archiveOutcome;
      const operation = operations.start({
        type: 'TRAINING.ARCHIVE',
        target: { kind: 'training', id },
        durationMs: row.operationMs ?? options.operationMs,
        statusBefore: row.status,
        statusWhile: refusal ? row.status : (row.whileArchiving ?? 'CLOSED'),
        ...(outcome ? { outcome } : {}),
        ...(row.operationWire ? { wire: row.operationWire } : {}),
      });
      return started(operation);
    },
    closeTraining: (id) => close('training', training(id), 'TRAINING.CLOSE', shortMs),
    closePool: (id) => close('pool', pool(id), 'POOL.CLOSE', pool(id).operationMs ?? shortMs),
    archivePool(id) {
      const row = pool(id);
      if (row.status === 'ARCHIVED') return { status: 204 };
      refuseBusy('pool', row);
      if (row.status !== 'CLOSED') throw inappropriate(['CLOSED']);
      const durationMs = row.operationMs ?? shortMs;
      const target = { kind: 'pool', id } as const;
      return started(
        operations.start({ type: 'POOL.ARCHIVE', target, durationMs, statusBefore: row.status }),
      );
    },
  };

  function close(
    kind: 'training' | 'pool',
    row: TrainingRow | PoolRow,
    type: 'TRAINING.CLOSE' | 'POOL.CLOSE',
    durationMs: number,
  ): Answer {
    refuseBusy(kind, row);
    if (row.status === 'CLOSED') return { status: 204 };
    if (row.status !== 'OPEN') throw inappropriate(['OPEN']);
    return started(
      operations.start({ type, target: { kind, id: row.id }, durationMs, statusBefore: row.status }),
    );
  }
}
