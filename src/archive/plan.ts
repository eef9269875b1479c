import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Environment, Reading } from './ports';

/** Toloka's view of a training. Times are epoch milliseconds. */
export const trainingSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  name: z.string(),
  /** OPEN, CLOSED, ARCHIVED, LOCKED, or a word that Toloka added later. */
  status: z.string(),
  lastCloseReason: z.string().nullable(),
  created: z.number().nullable(),
  url: z.string(),
});
export type Training = z.output<typeof trainingSchema>;

/** A main pool that is not archived. */
export interface Pool extends Omit<LinkedPool, 'linkedBy'> {
  /** The training that the pool's own requirement names, if any. */
  requiresTraining: string | null;
}

export interface Project {
  id: string;
  name: string;
  /** The training that the project's requirement names, if any. */
  requiresTraining: string | null;
}

/** A pool that requires the training: by itself, or through its project. */
const linkedPoolSchema = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  url: z.string(),
  linkedBy: z.enum(['pool', 'project']),
});
export type LinkedPool = z.output<typeof linkedPoolSchema>;

export const BLOCKERS = [
  'not_closed',
  'locked',
  'pools_not_archived',
  'already_archived',
  'not_found',
  'no_access',
  'training_unread',
] as const;
export type Blocker = (typeof BLOCKERS)[number];

/** A part of the plan that could not be read, and why. */
const unreadSchema = z.object({
  part: z.enum(['training', 'pools', 'project']),
  code: z.string(),
  said: z.string().optional(),
  httpStatus: z.number().optional(),
});
export type Unread = z.output<typeof unreadSchema>;

/**
 * What would be archived and what blocks it, as read from Toloka at one moment. When `training` is null, a blocker says
 * why: not found, no access, or not read, and then `unread` has the reason.
 */
export const planSchema = z.object({
  environment: z.string(),
  trainingId: z.string(),
  training: trainingSchema.nullable(),
  projectName: z.string().nullable(),
  projectLinksTraining: z.boolean(),
  pools: z.array(linkedPoolSchema),
  blockers: z.array(z.enum(BLOCKERS)),
  unread: z.array(unreadSchema),
  fingerprint: z.string(),
  /** Epoch milliseconds. */
  readAt: z.number(),
});
export type Plan = z.output<typeof planSchema>;

/** One difference between two plans. `from` and `to` are null where nothing was known. */
export const driftSchema = z.object({
  what: z.enum([
    'status',
    'name',
    'project',
    'pool_added',
    'pool_removed',
    'pool_status',
    'unread',
    'details',
  ]),
  /** The pool. */
  id: z.string().optional(),
  from: z.string().nullable().optional(),
  to: z.string().nullable().optional(),
});
export type Drift = z.output<typeof driftSchema>;

/** How long a person waits for the plan, in milliseconds. The plan says what was not read by then. */
export const PREFLIGHT_MS = 8_000;

/**
 * Reads what would be archived and what blocks it. Never throws for what Toloka does: that is part of the plan.
 * @param options.projectId the project of an earlier plan, with which everything is read at the same time
 * @param options.limitMs a shorter time limit, for callers that hold a lease
 * @see docs/architecture.md, "The plan"
 */
export const readPlan = (
  environment: Environment,
  trainingId: string,
  now: number,
  { projectId, limitMs = PREFLIGHT_MS }: { projectId?: string | undefined; limitMs?: number } = {},
): Promise<Plan> => createPlanReader(environment, { now, limitMs })(trainingId, projectId);

/**
 * Reads plans of several trainings at the same moment. What is around a training (its project and the pools of that) is
 * read once for all of a project. @see readPlan
 */
export function createPlanReader(
  { name, toloka }: Environment,
  { now, limitMs = PREFLIGHT_MS }: { now: number; limitMs?: number },
): (trainingId: string, projectId?: string) => Promise<Plan> {
  // One for each reading: Node warns of more than ten listeners on one.
  const limit = () => AbortSignal.timeout(limitMs);
  const around = new Map<string, Promise<[Reading<Pool[]>, Reading<Project>]>>();
  function readAround(projectId: string) {
    const signal = limit();
    const reading =
      around.get(projectId) ??
      Promise.all([toloka.readPools(projectId, signal), toloka.readProject(projectId, signal)]);
    around.set(projectId, reading);
    return reading;
  }
  return async (trainingId, projectId) => {
    // Its failure counts when it is needed.
    if (projectId !== undefined) readAround(projectId).catch(() => {});
    const reading = await toloka.readTraining(trainingId, limit());
    const base = { ...EMPTY, environment: name, trainingId, readAt: now };
    if (reading.kind !== 'found') return withFingerprint({ ...base, ...withoutTraining(reading) });
    const training = reading.value;
    return withFingerprint({ ...base, ...assess(training, ...(await readAround(training.projectId))) });
  };
}

/** Whether nothing blocks archiving. What could not be checked may still block it. */
export const isReady = ({ blockers, unread }: Plan): boolean => blockers.length === 0 && unread.length === 0;

type Facts = Omit<Plan, 'fingerprint'>;

const EMPTY = {
  ...{ training: null, projectName: null, projectLinksTraining: false },
  ...{ pools: [], blockers: [], unread: [] },
};

function withoutTraining(reading: Exclude<Reading<Training>, { kind: 'found' }>): Partial<Facts> {
  if (reading.kind === 'unavailable')
    return { blockers: ['training_unread'], unread: [{ part: 'training', ...reading.why }] };
  return { blockers: [reading.kind] };
}

function assess(training: Training, pools: Reading<Pool[]>, project: Reading<Project>): Partial<Facts> {
  // Pools without a requirement of their own inherit it.
  const inherited = project.kind === 'found' ? project.value.requiresTraining : null;
  const linked = (pools.kind === 'found' ? pools.value : [])
    .filter(({ requiresTraining }) => (requiresTraining ?? inherited) === training.id)
    .map(({ requiresTraining, ...pool }): LinkedPool => {
      return { ...pool, linkedBy: requiresTraining === null ? 'project' : 'pool' };
    });
  return {
    training,
    projectName: project.kind === 'found' ? project.value.name : null,
    projectLinksTraining: inherited === training.id,
    pools: linked.sort((a, b) => compareIds(a.id, b.id)),
    blockers: blockersOf(training, linked),
    // Nothing is left to check for an archived training.
    unread:
      training.status === 'ARCHIVED' ? [] : [...unreadOf('pools', pools), ...unreadOf('project', project)],
  };
}

function blockersOf(training: Training, linked: readonly LinkedPool[]): Blocker[] {
  if (training.status === 'ARCHIVED') return ['already_archived'];
  const blockers: Blocker[] = [];
  if (training.status === 'LOCKED') blockers.push('locked');
  else if (training.status !== 'CLOSED') blockers.push('not_closed');
  if (linked.length > 0) blockers.push('pools_not_archived');
  return blockers;
}

function unreadOf(part: Unread['part'], reading: Reading<unknown>): Unread[] {
  if (reading.kind === 'found') return [];
  return [{ part, ...(reading.kind === 'not_found' ? { code: 'not_found' } : reading.why) }];
}

/** IDs are strings of digits as far as anybody has seen, so a longer one is larger. */
const compareIds = (a: string, b: string) => a.length - b.length || (a < b ? -1 : Number(a > b));

const withFingerprint = (facts: Facts): Plan => ({ ...facts, fingerprint: fingerprint(facts) });

/** Covers everything that a person sees and that could change, and nothing that changes by itself. */
function fingerprint(facts: Facts): string {
  const { environment, trainingId, training, pools, blockers, projectLinksTraining, unread } = facts;
  const shown = [
    environment,
    trainingId,
    training && [training.projectId, training.name, training.status],
    projectLinksTraining,
    pools.map(({ id, name, status, linkedBy }) => [id, name, status, linkedBy]),
    blockers,
    // Which parts could not be read, but not why: the reason may differ from one try to the next.
    unread.map(({ part }) => part),
  ];
  return hash('sha256', JSON.stringify(shown)).slice(0, 16);
}

/** How the plan that somebody saw differs from the one read now. Empty when nothing does. */
export function describeDrift(before: Plan, after: Plan): Drift[] {
  if (before.fingerprint === after.fingerprint) return [];
  const parts = ({ unread }: Plan) => unread.map(({ part }) => part).join(', ') || null;
  const unread: Drift = { what: 'unread', from: parts(before), to: parts(after) };
  // A training that could not be read has not changed.
  if (isUnread(before) || isUnread(after)) return [unread];
  const drifts: Drift[] = [];
  const compare = (what: Drift['what'], from: string | undefined, to: string | undefined) => {
    if (from !== to) drifts.push({ what, from: from ?? null, to: to ?? null });
  };
  compare('status', before.training?.status, after.training?.status);
  compare('name', before.training?.name, after.training?.name);
  compare('project', before.training?.projectId, after.training?.projectId);
  const earlier = new Map(before.pools.map((pool) => [pool.id, pool]));
  const later = new Map(after.pools.map((pool) => [pool.id, pool]));
  for (const [id, { status }] of later)
    if (!earlier.has(id)) drifts.push({ what: 'pool_added', id, to: status });
  for (const [id, { status }] of earlier) {
    const now = later.get(id);
    if (now === undefined) drifts.push({ what: 'pool_removed', id, from: status });
    else if (now.status !== status) drifts.push({ what: 'pool_status', id, from: status, to: now.status });
  }
  if (unread.from !== unread.to) drifts.push(unread);
  return drifts.length > 0 ? drifts : [{ what: 'details' }];
}

/** Whether nothing is known to have changed, and only less could be read. */
export const isOnlyUnread = (changes: readonly Drift[]): boolean =>
  changes.every(({ what, to }) => what === 'unread' && to !== null);

const isUnread = ({ unread }: Plan): boolean => unread.some(({ part }) => part === 'training');
