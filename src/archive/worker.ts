import { createPoll } from './poll';
import type { Deps } from './ports';
import { claim } from './record';
import { BATCH, runSafely } from './step';
import { backoff } from './timing';
import { createWatchRound } from './watch-round';

/** The longest that a due request waits for the next tick, in ms. */
const TICK_MS = 250;
/** The longest pause between ticks that fail, in ms: the work goes on soon after the journal is back. */
const LONGEST_BACKOFF_MS = 5_000;

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
  const { clock, logger, random, sleep } = deps;
  const polls = [...deps.environments.values()].map((environment) => createPoll(deps, environment));
  const rounds = [...polls, createWatchRound(deps)];
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
    for (const round of rounds) if (round.isDue()) keep(looks, round.look());
    const limit = BATCH - steps.size;
    if (limit === 0) return clock.now() + TICK_MS;
    const now = clock.now();
    const claimed = await claim(deps, { limit });
    for (const request of claimed) keep(steps, runSafely(deps, request));
    if (claimed.length === limit) return now;
    return Math.min(now + TICK_MS, ...rounds.map((round) => round.nextAt()));
  }

  async function loop(): Promise<void> {
    let failures = 0;
    while (!stopped) {
      const pauseMs = await startDue().then(
        (next) => {
          failures = 0;
          // Never longer than a tick: the clock may have been set back since.
          return Math.min(TICK_MS, Math.max(1, next - clock.now()));
        },
        (error: unknown) => {
          const ms = Math.min(LONGEST_BACKOFF_MS, backoff(++failures, random));
          logger.error('tick failed; trying again', { error, failures, inMs: ms });
          return ms;
        },
      );
      const pause = sleep(pauseMs);
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
