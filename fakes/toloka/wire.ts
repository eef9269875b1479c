/**
 * What is sent, field by field as in the samples of Toloka's documents (Toloka/docs
 * en/api/reference/responses/api: training-id.yaml at bd11c166, pool-id.yaml at ef895a26, project-id.yaml at
 * e213d96f, requester.yaml at 6655a7aa). Fields that do not matter for archiving have the sample's values.
 * Pools have no filters and prices, projects no task interface: they are left out.
 */
import { tolokaDate } from './dates';
import type { OperationRow, OperationStatus, PoolRow, ProjectRow, TrainingRow, Wire } from './types';

export const OWNER_ID = '6c6e20dc86cca2ae787afcb2629de162';

export interface WireForm {
  project(row: ProjectRow): Wire;
  training(row: TrainingRow): Wire;
  pool(row: PoolRow): Wire;
  operation(row: OperationRow, now: number): Wire;
}

export function createWireForm(fractionDigits: number): WireForm {
  const date = (ms: number) => tolokaDate(ms, fractionDigits);
  const owner = (row: { foreign?: boolean }) =>
    row.foreign ? { id: '566ec2b0ff0deeaae5f9d500629de162', myself: false } : { id: OWNER_ID, myself: true };
  const life = (row: TrainingRow | PoolRow) => ({
    status: row.status,
    ...(row.last_close_reason === undefined ? {} : { last_close_reason: row.last_close_reason }),
    created: date(row.created),
    ...(row.last_started === undefined ? {} : { last_started: date(row.last_started) }),
    ...(row.last_stopped === undefined ? {} : { last_stopped: date(row.last_stopped) }),
  });

  return {
    project: (row) => ({
      id: row.id,
      public_name: row.public_name,
      public_description: '',
      assignments_issuing_type: 'AUTOMATED',
      ...(row.quality_control ? { quality_control: row.quality_control } : {}),
      owner: owner({}),
      status: row.status,
      created: date(row.created),
      ...row.wire,
    }),
    training: (row) => ({
      id: row.id,
      project_id: row.project_id,
      private_name: row.private_name,
      inherited_instructions: true,
      public_instructions: '',
      may_contain_adult_content: false,
      assignment_max_duration_seconds: 600,
      mix_tasks_in_creation_order: true,
      shuffle_tasks_in_task_suite: true,
      training_tasks_in_task_suite_count: 10,
      retry_training_after_days: 14,
      owner: owner(row),
      ...life(row),
      ...row.wire,
    }),
    pool: (row) => ({
      id: row.id,
      project_id: row.project_id,
      private_name: row.private_name,
      may_contain_adult_content: false,
      assignment_max_duration_seconds: 600,
      ...(row.quality_control ? { quality_control: row.quality_control } : {}),
      owner: owner({}),
      type: row.type,
      ...life(row),
      ...row.wire,
    }),
    operation: (row, now) => {
      const status = statusAt(row, now);
      return {
        id: row.id,
        type: row.type,
        status,
        submitted: date(row.submitted),
        ...(status === 'PENDING'
          ? {}
          : { started: date(Math.min(row.startsAt, row.finished ?? row.startsAt)) }),
        ...(row.finished === undefined ? {} : { finished: date(row.finished) }),
        progress: progressAt(row, status, now),
        parameters: { [`${row.target.kind}_id`]: row.target.id },
        ...(row.details ? { details: row.details } : {}),
        ...row.wire,
      };
    },
  };
}

export function statusAt(row: OperationRow, now: number): OperationStatus {
  if (row.phase !== 'open') return row.phase;
  return now >= row.startsAt ? 'RUNNING' : 'PENDING';
}

/** Grows with time and stays below 100 while it runs. Guessed: a failed operation keeps its last progress. */
function progressAt(row: OperationRow, status: OperationStatus, now: number): number {
  if (status === 'SUCCESS') return 100;
  const elapsed = Math.max(0, Math.min(now, row.finished ?? now) - row.startsAt);
  const share = Number.isFinite(row.due)
    ? elapsed / Math.max(1, row.due - row.startsAt)
    : 1 - Math.exp(-elapsed / 60_000);
  return Math.min(99, Math.floor(share * 100));
}
