import { createHash } from 'node:crypto';
import type { Blocker, LinkedPool, Plan, TrainingFacts } from './plan-types';
import type { Environment, PoolFacts, ProjectFacts, Reading } from './toloka-port';

/** How long a person is kept waiting for the preflight, in milliseconds; what is not read by then is said. */
export const PREFLIGHT_MS = 8_000;

/**
 * Reads what would be archived and what stands in the way. Never throws for what Toloka says or does not say: that
 * is part of the plan. `known` is the project of an earlier plan: with it everything is read at once. `limitMs` is for
 * those who hold a lease meanwhile.
 * @see docs/architecture.md, "The plan"
 */
export async function readPlan(
  environment: Environment,
  trainingId: string,
  now: number,
  known?: string,
  limitMs = PREFLIGHT_MS,
): Promise<Plan> {
  const signal = AbortSignal.timeout(limitMs);
  const { toloka } = environment;
  const surroundings = (projectId: string) =>
    Promise.all([toloka.readUnarchivedPools(projectId, signal), toloka.readProject(projectId, signal)]);
  const [reading, early] = await Promise.all([
    toloka.readTraining(trainingId, signal),
    known === undefined ? undefined : surroundings(known),
  ]);
  const base = { environment: environment.name, trainingId, readAt: now };
  if (reading.kind !== 'found') return seal({ ...base, ...nothing, ...withoutTraining(reading) });
  const training = reading.value;
  const [pools, project] =
    early && known === training.projectId ? early : await surroundings(training.projectId);
  return seal({ ...base, ...assess(training, pools, project) });
}

type Facts = Omit<Plan, 'fingerprint'>;

const nothing = {
  training: null,
  projectName: null,
  projectLinksTraining: false,
  pools: [] as LinkedPool[],
  blockers: [] as Blocker[],
  unavailable: null,
};

function withoutTraining(reading: Exclude<Reading<TrainingFacts>, { kind: 'found' }>): Partial<Facts> {
  if (reading.kind === 'unavailable') return { unavailable: reading.message };
  return { blockers: [{ code: reading.kind }] };
}

function assess(training: TrainingFacts, pools: Reading<PoolFacts[]>, project: Reading<ProjectFacts>) {
  const projectLinksTraining = project.kind === 'found' && project.value.requiresTraining === training.id;
  const linked =
    pools.kind === 'found'
      ? pools.value.flatMap((pool) => linkOf(pool, training.id, projectLinksTraining))
      : [];
  const blockers = blockersOf(training, linked);
  return {
    training,
    projectName: project.kind === 'found' ? project.value.name : null,
    projectLinksTraining,
    pools: linked.sort((a, b) => compareIds(a.id, b.id)),
    blockers,
    // An archived training has nothing left to check.
    unavailable: training.status === 'ARCHIVED' ? null : whatIsMissing(pools, project),
  };
}

function linkOf(pool: PoolFacts, trainingId: string, projectLinks: boolean): LinkedPool[] {
  const { id, name, status, url, requiresTraining } = pool;
  if (requiresTraining === trainingId) return [{ id, name, status, url, linkedBy: 'pool' }];
  if (requiresTraining === null && projectLinks) return [{ id, name, status, url, linkedBy: 'project' }];
  return [];
}

function blockersOf(training: TrainingFacts, linked: readonly LinkedPool[]): Blocker[] {
  if (training.status === 'ARCHIVED') return [{ code: 'already_archived' }];
  const blockers: Blocker[] = [];
  if (training.status === 'LOCKED') blockers.push({ code: 'locked' });
  else if (training.status !== 'CLOSED') blockers.push({ code: 'not_closed' });
  if (linked.length > 0) blockers.push({ code: 'pools_not_archived' });
  return blockers;
}

function whatIsMissing(pools: Reading<unknown>, project: Reading<unknown>): string | null {
  const say = (what: string, reading: Reading<unknown>) => {
    if (reading.kind === 'found') return [];
    return [`${what}: ${'message' in reading ? reading.message : 'not found'}`];
  };
  const missing = [...say('linked pools', pools), ...say('project', project)];
  return missing.length === 0 ? null : missing.join('; ');
}

/** Ids are strings of digits as far as anybody has seen; longer is larger. */
const compareIds = (a: string, b: string) => a.length - b.length || (a < b ? -1 : Number(a > b));

function seal(facts: Facts): Plan {
  return { ...facts, fingerprint: fingerprint(facts) };
}

/** What a person looked at and said yes to: everything shown that could change, and nothing that changes by itself. */
function fingerprint({
  environment,
  trainingId,
  training,
  pools,
  blockers,
  projectLinksTraining,
  unavailable,
}: Facts) {
  const seen = [
    environment,
    trainingId,
    training && [training.projectId, training.name, training.status],
    projectLinksTraining,
    pools.map(({ id, name, status, linkedBy }) => [id, name, status, linkedBy]),
    blockers.map(({ code }) => code),
    // The wording of a failure may differ from one try to the next; that something was not seen may not.
    unavailable !== null,
  ];
  return createHash('sha256').update(JSON.stringify(seen)).digest('hex').slice(0, 16);
}

/** What differs between the plan that somebody saw and the one read now, in plain words; empty when nothing does. */
export function describeDrift(before: Plan, after: Plan): string[] {
  if (before.fingerprint === after.fingerprint) return [];
  // What could not be read is no change, and is not said to be one.
  if (unread(after)) return ['the training could not be read now'];
  if (unread(before)) return ['the training could be read now'];
  const changes: string[] = [];
  const compare = (what: string, a: string | undefined, b: string | undefined) => {
    if (a !== b) changes.push(`${what}: was ${a ?? 'not known'}, is ${b ?? 'not known'}`);
  };
  compare('status', before.training?.status, after.training?.status);
  compare('name', before.training?.name, after.training?.name);
  compare('project', before.training?.projectId, after.training?.projectId);
  const poolsBefore = new Map(before.pools.map((pool) => [pool.id, pool]));
  const poolsAfter = new Map(after.pools.map((pool) => [pool.id, pool]));
  for (const [id, pool] of poolsAfter)
    if (!poolsBefore.has(id)) changes.push(`pool ${id} stands in the way now (${pool.status})`);
  for (const [id, pool] of poolsBefore) {
    const now = poolsAfter.get(id);
    if (!now) changes.push(`pool ${id} stands in the way no more`);
    else if (now.status !== pool.status) changes.push(`pool ${id}: was ${pool.status}, is ${now.status}`);
  }
  if ((before.unavailable === null) !== (after.unavailable === null))
    changes.push(
      after.unavailable === null ? 'the check could be made now' : 'the check could not be made now',
    );
  return changes.length > 0 ? changes : ['details shown in the plan'];
}

const unread = ({ training, unavailable }: Plan): boolean => training === null && unavailable !== null;
