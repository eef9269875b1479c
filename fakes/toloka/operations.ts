/**
 * Imitates: operations that take time, PENDING then RUNNING then SUCCESS or FAIL (the API reference, line 4577).
 * Guessed: how long each stage takes, and that a training keeps its status until the end.
 * There are no timers: operations that are due end at the next read, so a manual clock is enough to move them.
 */
import { createOrdering } from './ordering';
import type { Store } from './store';
import type { ArchiveOutcome, OperationRow, OperationType, Status } from './types';

/** The longest time in PENDING. toloka-kit waits half a second before its first read (`wait_operation`). */
const PENDING_MS = 500;

export interface Start {
  type: OperationType;
  target: OperationRow['target'];
  durationMs: number;
  outcome?: ArchiveOutcome;
  statusBefore: Status;
  statusWhile?: Status;
  wire?: Record<string, unknown>;
}

export interface Operations {
  start(start: Start): OperationRow;
  /** The operation that keeps this training or pool busy. */
  underWay(target: OperationRow['target']): OperationRow | undefined;
  /** Ends everything that is due by now. */
  settle(): void;
  /** Ends one now, with this outcome or its own. */
  finish(id: string, outcome?: ArchiveOutcome): OperationRow;
  clear(): void;
}

export interface OperationsOptions {
  store: Store;
  now(): number;
  newId(): string;
  changed(id: string): void;
}

export function createOperations({ store, now, newId, changed }: OperationsOptions): Operations {
  const queue = createOrdering<OperationRow>(
    (a, b) => a.due - b.due || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  const busy = new Map<string, OperationRow>();
  const nameOf = ({ kind, id }: OperationRow['target']) => `${kind} ${id}`;

  const setTarget = (
    { kind, id }: OperationRow['target'],
    patch: { status?: Status } & Record<string, unknown>,
  ) => {
    const table = kind === 'training' ? store.trainings : store.pools;
    if (!table.get(id)) return;
    if (kind === 'training') store.updateTraining(id, patch);
    else store.updatePool(id, patch);
  };

  const end = (row: OperationRow, at: number) => {
    if (Number.isFinite(row.due)) queue.remove(row);
    busy.delete(nameOf(row.target));
    const details = row.outcome.status === 'FAIL' ? row.outcome.details : {};
    store.operations.update(row, {
      phase: row.outcome.status,
      finished: at,
      ...(details ? { details } : {}),
    });
    if (row.outcome.status === 'FAIL') setTarget(row.target, { status: row.statusBefore });
    else if (row.outcome.leaves) setTarget(row.target, { status: row.outcome.leaves });
    else if (row.type.endsWith('.ARCHIVE')) setTarget(row.target, { status: 'ARCHIVED' });
    else setTarget(row.target, { status: 'CLOSED', last_close_reason: 'MANUAL', last_stopped: at });
    changed(row.id);
  };

  return {
    start({ type, target, durationMs, outcome = { status: 'SUCCESS' }, statusBefore, statusWhile, wire }) {
      const submitted = now();
      const row = store.operations.insert({
        id: newId(),
        type,
        target,
        submitted,
        startsAt: submitted + Math.min(PENDING_MS, durationMs / 10),
        due: submitted + durationMs,
        phase: 'open',
        outcome,
        statusBefore,
        ...(wire ? { wire } : {}),
      });
      busy.set(nameOf(target), row);
      if (Number.isFinite(row.due)) queue.insert(row);
      if (statusWhile && statusWhile !== statusBefore) setTarget(target, { status: statusWhile });
      if (durationMs <= 0) end(row, submitted);
      else changed(row.id);
      return row;
    },
    underWay: (target) => busy.get(nameOf(target)),
    settle() {
      const at = now();
      for (let next = queue.first(); next && next.due <= at; next = queue.first()) end(next, next.due);
    },
    finish(id, outcome) {
      const row = store.operations.get(id);
      if (!row) throw new Error(`There is no operation ${id} to finish.`);
      if (row.phase !== 'open') return row;
      if (outcome) row.outcome = outcome;
      end(row, now());
      return row;
    },
    clear() {
      for (const row of [...queue.walk()]) queue.remove(row);
      busy.clear();
    },
  };
}
