import { driveSafely } from './drive';
import type { Parts } from './parts';
import { createWatch } from './watch';

/** How many requests are driven at once; the rest follow when there is room. */
const BATCH = 50;
/** The longest that a due request waits for the next tick, in ms. */
const TICK_MS = 250;

export interface Tracker {
  start(): void;
  /** One tick now: drives what is due, and looks at the running operations if it is time. */
  tick(): Promise<void>;
  /** No tick begins any more; resolves when those under way are through. */
  stop(): Promise<void>;
}

/**
 * Drives every open request to its end, and every card to the truth, after a restart too. Any number of trackers may
 * work on one journal: each request belongs to whoever holds its lease.
 */
export function createTracker(parts: Parts): Tracker {
  const watches = [...parts.environments.values()].map((environment) => createWatch(parts, environment));
  const under = new Set<Promise<unknown>>();
  let running: Promise<unknown> | undefined;
  let stopped = false;

  /** Takes what is due, as far as there is room. One that takes long, since Toloka is silent, keeps no other waiting. */
  async function takeDue(): Promise<number | undefined> {
    const limit = BATCH - under.size;
    if (limit === 0) {
      await Promise.race(under);
      return parts.clock.now();
    }
    const now = parts.clock.now();
    const claimed = await parts.journal.claim({ now, until: now + parts.limits.leaseMs, limit });
    for (const request of claimed) {
      const driving: Promise<unknown> = driveSafely(parts, request).then(() => under.delete(driving));
      under.add(driving);
    }
    return claimed.length === limit ? now : undefined;
  }

  /**
   * Each loop is its own, so that a Toloka that does not answer delays no card. `work` says when it has more to do
   * (epoch ms), if it knows.
   */
  async function loop(work: () => Promise<number | undefined>): Promise<void> {
    while (!stopped) {
      const next = await work().catch((error: unknown) => {
        parts.logger.error('tick failed; trying again', { error });
        return undefined;
      });
      const wait = next === undefined ? TICK_MS : Math.min(TICK_MS, next - parts.clock.now());
      if (wait > 0) await parts.sleep(wait);
    }
  }

  return {
    start() {
      const looks = watches.map((watch) =>
        loop(async () => {
          await watch.tick();
          const at = watch.lookAt();
          return at > parts.clock.now() ? at : undefined;
        }),
      );
      running ??= Promise.all([loop(takeDue), ...looks]);
    },
    async tick() {
      await takeDue();
      await Promise.all(under);
      await Promise.all(watches.map((watch) => watch.tick()));
    },
    async stop() {
      stopped = true;
      await running;
      await Promise.all(under);
      await Promise.all(watches.map((watch) => watch.release()));
    },
  };
}
