import type { DenialCode, Denied, Target } from './answers';
import { aboutTarget, aboutTargets, type Checks, type DenialSubject } from './checks';
import type { Blocker, Plan } from './plan';
import type { Actor } from './policy';
import type { Deps } from './ports';
import { nextLook } from './timing';

/** A training that a person wants to be notified about when it can be archived. Times are epoch milliseconds. */
export interface Watch extends Target, Required<Actor> {
  id: string;
  /** The training's name when it was last read; null when it never was. */
  name: string | null;
  createdAt: number;
  /** How often the app has looked. */
  tries: number;
  dueAt: number;
  /** Until when a process looks at it. Names that claim: a write under it counts only while nobody else has made one. */
  claimedUntil: number | null;
}

/** The watches, for all processes that share the journal. A part of the journal. */
export interface Watches {
  /**
   * Writes a watch. One of the same person for the same training begins again instead and keeps its ID.
   * @returns what was written; null when the person has `most` others
   */
  watch(watch: Watch, most: number): Promise<Watch | null>;
  /** Of one person, oldest first. */
  watches(user: string): Promise<Watch[]>;
  /** Removes a watch of this person. Undefined when there is none. */
  cancelWatch(id: string, user: string): Promise<Watch | undefined>;
  /** Takes up to `limit` watches that are due and that no process looks at. */
  claimWatches(options: { now: number; until: number; limit: number }): Promise<Watch[]>;
  /** Writes a claimed watch with a change. False when it was cancelled, begun again, or claimed by another process since. */
  updateWatch(
    claimed: Watch,
    change: Partial<Pick<Watch, 'tries' | 'dueAt' | 'claimedUntil'>>,
  ): Promise<boolean>;
  /** Removes a claimed watch, unless another process has it by now. */
  removeWatch(claimed: Watch): Promise<void>;
}

/** Why a watch has ended, and the person gets a message. */
export type WatchEnd =
  /** `over`: it is still blocked after all that time. */
  | { why: 'ready' | 'over' | 'already_archived' | 'not_found' | 'no_access'; plan: Plan }
  | { why: 'environment_not_set' };

/** Private messages about watches. */
export interface Notices {
  /** @throws CardError */
  watchEnded(watch: Watch, end: WatchEnd): Promise<void>;
}

/** How many watches one person can have. */
const MOST_WATCHES = 20;
/** How long the app looks, in ms. */
export const WATCH_LIFE_MS = 14 * 24 * 3_600_000;

/** What can pass by itself, or when somebody acts in Toloka. */
const PASSING: readonly Blocker[] = ['not_closed', 'locked', 'pools_not_archived', 'training_unread'];

/** Whether a blocked training may be archived later. */
export const canBecomeReady = ({ blockers }: Plan): boolean =>
  blockers.length > 0 && blockers.every((code) => PASSING.includes(code));

/** Until when (epoch ms) the app looks. */
export const watchEndsAt = ({ createdAt }: Pick<Watch, 'createdAt'>): number => createdAt + WATCH_LIFE_MS;

/** What a person waits for from now on. `denied`: why not for the others. */
export interface WatchAnswer {
  watches: Watch[];
  /** How many of these they were waiting for already. Those began again. */
  again: number;
  denied: Denied | null;
}

/** What people do with their watches. */
export function createWatches(
  { journal, policy, environments, clock, newId, logger }: Deps,
  { denied }: Checks,
) {
  return {
    /** Notifies this person when each of the trainings can be archived. */
    async watch(
      actor: Actor,
      environment: string,
      trainings: readonly Pick<Watch, 'trainingId' | 'name'>[],
    ): Promise<WatchAnswer> {
      const watches: Watch[] = [];
      let again = 0;
      const denyRest = async (code: DenialCode, about: DenialSubject): Promise<WatchAnswer> => ({
        ...{ watches, again },
        denied: await denied(actor, { code }, about),
      });
      const all = aboutTargets(trainings.map(({ trainingId }) => ({ environment, trainingId })));
      if (!environments.has(environment)) return denyRest('environment_not_set', all);
      const denial = await policy(actor);
      if (denial !== null) return denyRest(denial, all);
      const createdAt = clock.now();
      const { user, team, channel, enterprise = null } = actor;
      const begun = { tries: 0, createdAt, dueAt: nextLook(createdAt, 0), claimedUntil: null };
      for (const { trainingId, name } of trainings) {
        const target = { environment, trainingId, name };
        const given = { id: newId(), ...target, user, team, channel, enterprise, ...begun };
        const watch = await journal.watch(given, MOST_WATCHES);
        if (watch === null) return denyRest('too_many_watches', aboutTarget(target));
        logger.info('watching', { watch: watch.id, user, environment, training: trainingId });
        watches.push(watch);
        if (watch.id !== given.id) again += 1;
      }
      return { watches, again, denied: null };
    },

    /**
     * Until when (epoch ms) this person waits for the training. Null when they don't, or when that can't be read: a plan
     * without it is better than no plan.
     */
    async watchedUntil({ user }: Actor, { environment, trainingId }: Target): Promise<number | null> {
      try {
        const isIt = (one: Watch) => one.environment === environment && one.trainingId === trainingId;
        const watch = (await journal.watches(user)).find(isIt);
        return watch !== undefined && clock.now() < watchEndsAt(watch) ? watchEndsAt(watch) : null;
      } catch (error) {
        logger.error('watches not read', { user, environment, training: trainingId, error });
        return null;
      }
    },

    /** The watches of this person, oldest first. */
    watches: ({ user }: Actor): Promise<Watch[]> => journal.watches(user),

    async cancelWatch(actor: Actor, id: string): Promise<{ kind: 'cancelled'; watch: Watch } | Denied> {
      const watch = await journal.cancelWatch(id, actor.user);
      return watch === undefined
        ? denied(actor, { code: 'watch_unknown' }, { detail: id })
        : { kind: 'cancelled', watch };
    },
  };
}
