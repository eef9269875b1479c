import { CardError } from './errors';
import { createPlanReader, isReady, type Plan } from './plan';
import type { Poll } from './poll';
import type { Deps, Toloka } from './ports';
import { BATCH } from './step';
import { nextLook, WATCH_FIRST_MS } from './timing';
import { type Watch, type WatchEnd, watchEndsAt } from './watch';

type PlanReader = ReturnType<typeof createPlanReader>;

/** How often the journal is asked which watches are due, in ms. */
const ROUND_EVERY_MS = 5_000;
/** How long a process may look at a watch, in ms. If it ends before, another one goes on after this time. */
const CLAIM_MS = 2 * 60_000;
/** Up to this many trainings of an account are read one by one. For more, one listing serves all. */
const FEW = 3;

/**
 * Looks at the watches that are due, whichever process wrote them, and notifies people of those that have ended. A watch
 * is claimed while a process looks at it, and once more right before the message. So a message is sent twice only if a
 * process is killed right after it has sent one.
 */
export function createWatchRound(deps: Deps): Poll {
  const { journal, clock, environments, policy, notices, logger } = deps;
  let nextAt = 0;
  let isLooking = false;

  async function lookNow(): Promise<void> {
    const now = clock.now();
    nextAt = now + ROUND_EVERY_MS;
    const claimed = await journal.claimWatches({ now, until: now + CLAIM_MS, limit: BATCH });
    if (claimed.length === 0) return;
    if (claimed.length === BATCH) nextAt = now;
    const isPaused = (await journal.pause()) !== null;
    const readers = isPaused ? new Map() : await readersFor(claimed);
    await Promise.all(
      claimed.map(async (watch) => {
        try {
          if (isPaused) await putOff(watch);
          else await lookAt(watch, readers.get(watch.environment));
        } catch (error) {
          // It is looked at again when its claim is over.
          logger.error('watch not looked at', { watch: watch.id, error });
        }
      }),
    );
  }

  /** Readers of plans, by account. All watches of one account share what is read. */
  async function readersFor(watches: readonly Watch[]): Promise<Map<string, PlanReader>> {
    const readers = new Map<string, PlanReader>();
    for (const { name, toloka } of environments.values()) {
      const { length } = watches.filter(({ environment }) => environment === name);
      const shared = length > FEW ? await withListing(toloka) : toloka;
      if (length > 0) readers.set(name, createPlanReader({ name, toloka: shared }, { now: clock.now() }));
    }
    return readers;
  }

  async function lookAt(watch: Watch, readPlan: PlanReader | undefined): Promise<void> {
    if (readPlan === undefined) return end(watch, { why: 'environment_not_set' });
    const plan = await readPlan(watch.trainingId);
    const why = whyEnded(plan, watch, clock.now());
    // While a request for the training is open, nobody else can ask for it.
    const isOpen =
      why === 'ready' && (await journal.findOpen(watch.environment, watch.trainingId)) !== undefined;
    const named = { ...watch, name: plan.training?.name ?? watch.name };
    return why === null || isOpen ? putOff(named, { tries: watch.tries + 1 }) : end(named, { why, plan });
  }

  async function putOff(watch: Watch, { tries = watch.tries, atLeastMs = 0 } = {}): Promise<void> {
    const now = clock.now();
    const last = watchEndsAt(watch);
    const next = nextLook(now, tries);
    // The last look is at the end, and not put off by much when it could not be made then.
    const dueAt = Math.max(now < last ? Math.min(next, last) : now + WATCH_FIRST_MS, now + atLeastMs);
    await journal.updateWatch(watch, { tries, dueAt, claimedUntil: null });
  }

  /** Sends the message, unless the person lost the right, cancelled, or another process does it. */
  async function end(watch: Watch, ended: WatchEnd): Promise<void> {
    const { id, user, environment, trainingId: training } = watch;
    const facts = { watch: id, user, environment, training, why: ended.why };
    const denial = await policy(watch);
    if (denial === 'access_unknown') return putOff(watch);
    if (denial !== null) {
      logger.info('watch ended without a message: the person may not archive any more', { ...facts, denial });
      return journal.removeWatch(watch);
    }
    const claimedUntil = clock.now() + CLAIM_MS;
    if (!(await journal.updateWatch(watch, { claimedUntil }))) return;
    const held = { ...watch, claimedUntil };
    try {
      await notices.watchEnded(held, ended);
      logger.info('watch ended', facts);
    } catch (error) {
      if (!(error instanceof CardError)) throw error;
      logger.warn('watch: not notified', { ...facts, error });
      // Also when Slack refuses it: perhaps because of a token that was revoked and will be renewed.
      const isOver = clock.now() >= watchEndsAt(watch);
      if (error.failure !== 'refused' || !isOver)
        return putOff(held, { tries: watch.tries + 1, atLeastMs: error.retryAfterMs ?? 0 });
    }
    await journal.removeWatch(held);
  }

  return {
    isDue: () => !isLooking && (clock.now() >= nextAt || nextAt - clock.now() > ROUND_EVERY_MS),
    nextAt: () => (isLooking ? Number.POSITIVE_INFINITY : nextAt),
    async look() {
      isLooking = true;
      try {
        await lookNow();
      } catch (error) {
        logger.error('watches not looked at; trying again', { error });
      } finally {
        isLooking = false;
      }
    },
  };
}

/** Answers for the trainings of the account from one listing. What is not in it was archived, or is not there. */
async function withListing(toloka: Toloka): Promise<Toloka> {
  const listing = await toloka.listUnarchived();
  if (listing.kind === 'unavailable') return { ...toloka, readTraining: async () => listing };
  if (listing.kind !== 'found') return toloka;
  const byId = new Map(listing.value.map((training) => [training.id, training]));
  return {
    ...toloka,
    readTraining: async (id, signal) => {
      const value = byId.get(id);
      return value === undefined ? toloka.readTraining(id, signal) : { kind: 'found', value };
    },
  };
}

function whyEnded(
  plan: Plan,
  watch: Watch,
  now: number,
): Exclude<WatchEnd['why'], 'environment_not_set'> | null {
  for (const why of ['already_archived', 'not_found', 'no_access'] as const)
    if (plan.blockers.includes(why)) return why;
  if (isReady(plan)) return 'ready';
  return now >= watchEndsAt(watch) ? 'over' : null;
}
