import type { TrainingFacts } from '../archive/plan-types';
import type { OperationFacts, PoolFacts, ProjectFacts } from '../archive/toloka-port';
import { type Operation, type Pool, type Project, poolUrl, type Training, trainingUrl } from '../toloka';

const REASON_LIMIT = 500;

/** Trainings may show up among the pools too (`type: TRAINING`). */
export const isMainPool = ({ type }: Pool): boolean => type !== 'TRAINING';

export function trainingFacts(training: Training, platformUrl: string): TrainingFacts {
  const projectId = training.projectId ?? '';
  return {
    id: training.id,
    projectId,
    name: training.privateName ?? '',
    status: training.status,
    lastCloseReason: training.lastCloseReason,
    created: training.created,
    url: trainingUrl(platformUrl, projectId, training.id),
  };
}

export const poolFacts = (pool: Pool, projectId: string, platformUrl: string): PoolFacts => ({
  id: pool.id,
  name: pool.privateName ?? '',
  status: pool.status,
  url: poolUrl(platformUrl, projectId, pool.id),
  requiresTraining: pool.trainingRequirement?.trainingPoolId ?? null,
});

export const projectFacts = (project: Project): ProjectFacts => ({
  id: project.id,
  name: project.publicName ?? '',
  requiresTraining: project.trainingRequirement?.trainingPoolId ?? null,
});

export function operationFacts(operation: Operation): OperationFacts {
  const { id, trainingId, status, progress, submitted, started, finished, details } = operation;
  return { id, trainingId, status, progress, submitted, started, finished, reason: reasonOf(details) };
}

/** A failed operation's details have no fixed shape and are often empty. */
function reasonOf(details: unknown): string | null {
  if (details === null || details === undefined) return null;
  if (typeof details === 'object' && Object.keys(details).length === 0) return null;
  return shorten(details);
}

/** Toloka's words and payloads, short enough for a card. */
export function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > REASON_LIMIT ? `${text.slice(0, REASON_LIMIT)}…` : text;
}
