import { compareIdsBy } from './ordering';
import { createTable, type Table } from './table';
import type {
  OperationRow,
  PoolInput,
  PoolRow,
  ProjectInput,
  ProjectRow,
  TrainingInput,
  TrainingRow,
} from './types';

export interface Change {
  kind: 'project' | 'training' | 'pool' | 'operation';
  id: string;
}

export interface StoreOptions {
  now(): number;
  idOrder: 'numeric' | 'lexicographic';
  changed(change: Change): void;
}

/** The account's rows and the links between them. Knows neither HTTP nor archiving. */
export interface Store {
  projects: Table<ProjectRow>;
  trainings: Table<TrainingRow>;
  pools: Table<PoolRow>;
  operations: Table<OperationRow>;
  addProject(input: ProjectInput): ProjectRow;
  addTraining(input: TrainingInput): TrainingRow;
  addPool(input: PoolInput): PoolRow;
  updateProject(id: string, patch: Partial<ProjectRow>): ProjectRow;
  updateTraining(id: string, patch: Partial<TrainingRow>): TrainingRow;
  updatePool(id: string, patch: Partial<PoolRow>): PoolRow;
  /** The pools that let in only those who passed this training. */
  linkedPools(trainingId: string): PoolRow[];
  clear(): void;
}

export function createStore({ now, idOrder, changed }: StoreOptions): Store {
  const compareIds = compareIdsBy[idOrder];
  const life = {
    keys: {
      created: (row: { created: number }) => row.created,
      last_started: (row: { last_started?: number }) => row.last_started,
    },
    buckets: {
      project_id: (row: { project_id: string }) => row.project_id,
      status: (row: { status: string }) => row.status,
    },
    compareIds,
  };
  const projects = createTable<ProjectRow>({ keys: {}, buckets: {}, compareIds });
  const trainings = createTable<TrainingRow>(life);
  const pools = createTable<PoolRow>(life);
  const operations = createTable<OperationRow>({
    keys: { submitted: (row) => row.submitted, finished: (row) => row.finished },
    buckets: { type: (row) => row.type, phase: (row) => row.phase },
    compareIds,
  });

  // training id -> the ids of the pools, or projects, that name it.
  const poolsOf = new Map<string, Set<string>>();
  const projectsOf = new Map<string, Set<string>>();
  let lastId = 1_000_000;
  const nextId = (): string => {
    const id = String(++lastId);
    return [projects, trainings, pools].some((table) => table.get(id)) ? nextId() : id;
  };

  const add = <Row extends { id: string }>(kind: Change['kind'], table: Table<Row>, row: Row): Row => {
    table.insert(row);
    changed({ kind, id: row.id });
    return row;
  };
  const update = <Row extends { id: string }>(
    kind: Change['kind'],
    table: Table<Row>,
    id: string,
    patch: Partial<Row>,
  ): Row => {
    const row = table.get(id);
    if (!row) throw new Error(`There is no ${kind} ${id} to update.`);
    table.update(row, patch);
    changed({ kind, id });
    return row;
  };
  const relink = (links: Map<string, Set<string>>, id: string, before?: string, after?: string) => {
    if (before === after) return;
    if (before) links.get(before)?.delete(id);
    if (!after) return;
    const linked = links.get(after) ?? new Set();
    links.set(after, linked.add(id));
  };

  return {
    projects,
    trainings,
    pools,
    operations,
    addProject(input) {
      const row = add<ProjectRow>('project', projects, {
        id: nextId(),
        public_name: 'A project',
        status: 'ACTIVE',
        created: now(),
        ...input,
      });
      relink(projectsOf, row.id, undefined, requirement(row));
      return row;
    },
    addTraining: (input) =>
      add<TrainingRow>('training', trainings, {
        id: nextId(),
        private_name: 'Simple training pool',
        status: 'CLOSED',
        created: now(),
        ...input,
      }),
    addPool(input) {
      const defaults = {
        id: nextId(),
        private_name: 'A pool',
        status: 'CLOSED',
        created: now(),
        type: 'REGULAR',
      } as const;
      const row = add<PoolRow>('pool', pools, { ...defaults, ...input });
      relink(poolsOf, row.id, undefined, requirement(row));
      return row;
    },
    updateProject(id, patch) {
      const before = requirement(projects.get(id));
      const row = update('project', projects, id, patch);
      relink(projectsOf, id, before, requirement(row));
      return row;
    },
    updateTraining: (id, patch) => update('training', trainings, id, patch),
    updatePool(id, patch) {
      const before = requirement(pools.get(id));
      const row = update('pool', pools, id, patch);
      relink(poolsOf, id, before, requirement(row));
      return row;
    },
    linkedPools(trainingId) {
      const own = [...(poolsOf.get(trainingId) ?? [])].map((id) => pools.get(id) as PoolRow);
      const inherited = [...(projectsOf.get(trainingId) ?? [])]
        .flatMap((projectId) => pools.inBucket('project_id', projectId))
        .filter((pool) => pool.type !== 'TRAINING' && requirement(pool) === undefined);
      return [...own, ...inherited];
    },
    clear() {
      for (const table of [projects, trainings, pools, operations]) table.clear();
      poolsOf.clear();
      projectsOf.clear();
      lastId = 1_000_000;
    },
  };
}

function requirement(row: ProjectRow | PoolRow | undefined): string | undefined {
  return row?.quality_control?.training_requirement?.training_pool_id;
}
