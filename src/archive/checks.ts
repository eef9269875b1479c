import type { Asked, Denied, Target } from './answers';
import { RequestChangedError } from './errors';
import { createPlanReader, type Drift, type Plan } from './plan';
import type { Actor } from './policy';
import type { Deps } from './ports';
import type { Fence } from './ports-journal';
import type { ArchiveRequest } from './request';
import { FRESH_MS } from './timing';

/** What a denial is about. */
export type DenialSubject = Partial<Target> & { requestId?: string | undefined; detail?: string };

export type Checks = ReturnType<typeof createChecks>;

/** What asking and confirming have in common: who may, what is open, how the plan is now, and the record of each denial. */
export function createChecks(deps: Deps) {
  const { journal, clock, environments, policy, newId, logger } = deps;
  /** When (epoch ms) this process showed a plan that nobody has confirmed since, by request ID. */
  const shownHere = new Map<string, number>();

  /** Records a denial. Never throws: the person must get the answer in any case. */
  async function deny(actor: Actor, code: string, about: DenialSubject = {}): Promise<void> {
    const { detail = '', environment = null, trainingId = null, requestId = null } = about;
    const subject = { environment, trainingId, requestId };
    const { user, channel, team } = actor;
    const denial = { id: newId(), at: clock.now(), code, detail, user, team, channel, ...subject };
    try {
      await journal.deny(denial);
    } catch (error) {
      logger.error('denial not recorded', { denial, error });
    }
    logger.info('denied', { denial });
  }

  async function denied(
    actor: Actor,
    denial: Omit<Denied, 'kind'>,
    about: DenialSubject = {},
  ): Promise<Denied> {
    await deny(actor, denial.code, about);
    return { kind: 'denied', ...denial };
  }

  /** Whether this person may archive now; null when they may. */
  async function checkActor(actor: Actor): Promise<Omit<Denied, 'kind'> | null> {
    const [denial, pause] = await Promise.all([policy(actor), journal.pause()]);
    if (denial !== null) return { code: denial };
    return pause === null ? null : { code: 'paused', pause };
  }

  const findOpen = ({ environment, trainingId }: Target) => journal.findOpen(environment, trainingId);

  /** Reads plans as they are now; undefined for an environment that the app has no account for. */
  function plansNow(): (target: Target, projectId?: string) => Promise<Plan> | undefined {
    const readers = new Map<string, ReturnType<typeof createPlanReader>>();
    return ({ environment: name, trainingId }, projectId) => {
      const environment = environments.get(name);
      const reader =
        readers.get(name) ?? (environment && createPlanReader(environment, { now: clock.now() }));
      if (reader) readers.set(name, reader);
      return reader?.(trainingId, projectId);
    };
  }

  /** @param about the training, or the plan that was clicked */
  async function alreadyOpen(actor: Actor, request: ArchiveRequest, about: DenialSubject): Promise<Asked> {
    await deny(actor, 'already_open', { ...about, detail: request.id });
    return { kind: 'already_open', request };
  }

  /** Reports what blocks the training, and records that it was reported. */
  async function blocked(
    actor: Actor,
    plan: Plan,
    {
      changes = [],
      notInChannel = false,
      about,
    }: { changes?: Drift[]; notInChannel?: boolean; about: DenialSubject },
  ): Promise<Asked> {
    const codes = [...plan.blockers, ...(notInChannel ? ['not_in_channel'] : [])];
    await deny(actor, codes[0] ?? 'blocked', { ...about, detail: codes.join(', ') });
    return { kind: 'blocked', plan, changes, notInChannel };
  }

  function remember({ id }: ArchiveRequest): void {
    const now = clock.now();
    for (const [known, at] of shownHere) if (now - at >= FRESH_MS) shownHere.delete(known);
    shownHere.set(id, now);
  }

  /** Whether this process showed the plan a short time ago, and nobody has confirmed it since. */
  function takeFresh({ id }: ArchiveRequest): boolean {
    const shownAt = shownHere.get(id) ?? 0;
    shownHere.delete(id);
    return clock.now() - shownAt < FRESH_MS;
  }

  const fence = ({ id, version }: ArchiveRequest, actor: string): Fence => ({
    ...{ id, version, actor, at: clock.now() },
  });

  return {
    ...{ deny, denied, checkActor, findOpen, plansNow, alreadyOpen, blocked, remember, takeFresh, fence },
  };
}

/** Whether the change was written: false when the request was another one by then. */
export async function ifUnchanged(advanced: Promise<unknown>): Promise<boolean> {
  try {
    await advanced;
    return true;
  } catch (error) {
    if (error instanceof RequestChangedError) return false;
    throw error;
  }
}

export const aboutTarget = ({ environment, trainingId }: Target): DenialSubject => ({
  environment,
  trainingId,
});

/** For a denial that is about all of them at once. */
export function aboutTargets(targets: readonly Target[]): DenialSubject {
  const [first, ...others] = targets;
  if (first === undefined || others.length === 0) return first ? aboutTarget(first) : {};
  const ids = targets.map(({ trainingId }) => trainingId).join(', ');
  return { environment: first.environment, detail: `trainings ${ids}` };
}

export const aboutOf = ({ id, environment, trainingId }: ArchiveRequest): DenialSubject => ({
  requestId: id,
  environment,
  trainingId,
});
