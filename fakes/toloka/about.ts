/** The descriptions of the demo's trainings, shown as long as they are true. */
import type { TolokaAccount, TolokaAccountData } from './options';
import { DEMO_TRAININGS, seedDemo } from './seed-demo';
import type { ProjectInput, Status, Wire } from './types';

/** Read from the seed itself, so that it is not written down twice. */
const atStart = new Map<string, Status>();
const note = (row: { id?: string; status?: Status }): Wire => {
  if (row.id !== undefined && row.status !== undefined) atStart.set(row.id, row.status);
  return row as Wire;
};
const ignore = (): Wire => ({}) as Wire;
const seeded: TolokaAccountData = {
  ...{ now: () => 0, addTraining: note, addPool: note },
  addProject: (row: ProjectInput) => row as unknown as Wire,
  ...{ updateProject: ignore, updateTraining: ignore, updatePool: ignore },
};
seedDemo(seeded);

const requirementOf = (row: Wire | undefined): string | undefined =>
  (row?.['quality_control'] as { training_requirement?: { training_pool_id?: string } } | undefined)
    ?.training_requirement?.training_pool_id;

export interface LinkedPool {
  pool: Wire;
  /** The pool names no training of its own, but its project does. */
  byProject: boolean;
}

/** The training that lets people into a pool is the pool's own requirement, or else its project's. */
export function linkedPools(account: TolokaAccount, trainingId: string): LinkedPool[] {
  return account
    .pools()
    .map((pool) => ({ pool, byProject: requirementOf(pool) === undefined }))
    .filter(({ pool, byProject }) => {
      const row = byProject ? account.getProject(String(pool['project_id'])) : pool;
      return requirementOf(row) === trainingId;
    });
}

export const notArchived = (pools: readonly LinkedPool[]): number =>
  pools.filter(({ pool }) => pool.status !== 'ARCHIVED').length;

/** Undefined if the training or one of its pools has another status by now: then the description is out of date. */
export function aboutOf(account: TolokaAccount, training: Wire): string | undefined {
  const rows = [training, ...linkedPools(account, training.id).map(({ pool }) => pool)];
  if (rows.some(({ id, status }) => atStart.get(id) !== status)) return undefined;
  return Object.values(DEMO_TRAININGS).find(({ id }) => id === training.id)?.about;
}
