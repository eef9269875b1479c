import { drive } from './drive';
import type { Parts } from './parts';
import type { ArchiveRequest } from './request';
import { createWatch } from './watch';

/** How many requests one tick takes; the rest follow in the next one. */
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
  let running: Promise<unknown> | undefined;
  let stopped = false;

  /** More may be due when as many were taken as may be at once. */
  async function driveDue(): Promise<number | undefined> {
    const now = parts.clock.now();
    const claimed = await parts.journal.claim({ now, until: now + parts.limits.leaseMs, limit: BATCH });
    await Promise.all(claimed.map((request) => driveSafely(parts, request)));
    return claimed.length === BATCH ? now : undefined;
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
      running ??= Promise.all([loop(driveDue), ...looks]);
    },
    async tick() {
      await driveDue();
      await Promise.all(watches.map((watch) => watch.tick()));
    },
    async stop() {
      stopped = true;
      await running;
      await Promise.all(watches.map((watch) => watch.release()));
    },
  };
}

/** One request gone wrong must not stop the others. */
async function driveSafely(parts: Parts, request: ArchiveRequest): Promise<void> {
  try {
    await drive(parts, request);
  } catch (error) {
    parts.logger.error('step failed; it is tried again when the lease ends', { request: request.id, error });
  }
}
