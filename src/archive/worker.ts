import { createPoll } from './poll';
import type { Deps } from './ports';
import { claim } from './record';
import { BATCH, runSafely } from './step';

/** The longest that a due request waits for the next tick, in ms. */
const TICK_MS = 250;

export interface Worker {
  start(): void;
  /** One tick: works on what is due and polls what is running. Resolves when that is done. */
  tick(): Promise<void>;
  /** Starts nothing more. Resolves when the work in progress is done. */
  stop(): Promise<void>;
}

/**
 * The only scheduler: takes every open request to its end and every card up to date, also after a restart. Any number
 * of workers may share a journal, since each request belongs to the holder of its lease.
 */
export function createWorker(deps: Deps): Worker {
  const { clock, logger, sleep } = deps;
  const polls = [...deps.environments.values()].map((environment) => createPoll(deps, environment));
  const steps = new Set<Promise<unknown>>();
  const looks = new Set<Promise<unknown>>();
  let running: Promise<unknown> | undefined;
  let stopped = false;

  const keep = (set: Set<Promise<unknown>>, work: Promise<unknown>) => {
    const kept: Promise<unknown> = work.finally(() => set.delete(kept));
    set.add(kept);
  };

  /** Starts what is due. A step that takes long, because Toloka is silent, delays no other. Returns when to come again. */
  async function startDue(): Promise<number> {
    for (const poll of polls) if (poll.isDue()) keep(looks, poll.look());
    const limit = BATCH - steps.size;
    if (limit === 0) return clock.now() + TICK_MS;
    const now = clock.now();
    const claimed = await claim(deps, { limit });
    for (const request of claimed) keep(steps, runSafely(deps, request));
    if (claimed.length === limit) return now;
    return Math.min(now + TICK_MS, ...polls.map((poll) => poll.nextAt()));
  }

  async function loop(): Promise<void> {
    while (!stopped) {
      const next = await startDue().catch((error: unknown) => {
        logger.error('tick failed; trying again', { error });
        return clock.now() + TICK_MS;
      });
      // Never longer than a tick: the clock may have been set back since.
      const pause = sleep(Math.min(TICK_MS, Math.max(1, next - clock.now())));
      await (steps.size < BATCH ? pause : Promise.race([pause, ...steps]));
    }
  }

  return {
    start() {
      running ??= loop();
    },
    async tick() {
      await startDue();
      while (steps.size + looks.size > 0) await Promise.all([...steps, ...looks]);
    },
    async stop() {
      stopped = true;
      await running;
      while (steps.size + looks.size > 0) await Promise.all([...steps, ...looks]);
    },
  };
}
