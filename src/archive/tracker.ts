import { drive, type ReadOperations } from './drive';
import type { Parts } from './parts';
import type { OperationFacts } from './ports';
import type { ArchiveRequest } from './request';

/** How many requests one tick takes; the rest follow in the next one. */
const BATCH = 50;
/** The longest that a due request waits for the next tick, in ms. */
const TICK_MS = 250;

export interface Tracker {
  start(): void;
  /** One tick now: claims what is due and drives it. Returns how many requests it took. */
  tick(): Promise<number>;
  /** No tick begins any more; resolves when the one under way is through. */
  stop(): Promise<void>;
}

/**
 * Drives every open request to its end, and every card to the truth, after a restart too. Any number of trackers may
 * work on one journal: each request belongs to whoever holds its lease.
 */
export function createTracker(parts: Parts): Tracker {
  let running: Promise<void> | undefined;
  let stopped = false;

  async function tick(): Promise<number> {
    const now = parts.clock.now();
    const claimed = await parts.journal.claim({ now, until: now + parts.limits.leaseMs, limit: BATCH });
    if (claimed.length === 0) return 0;
    const read = await readTogether(parts, claimed, now);
    await Promise.all(claimed.map((request) => driveSafely(parts, request, read)));
    return claimed.length;
  }

  async function loop(): Promise<void> {
    while (!stopped) {
      const taken = await tick().catch((error: unknown) => {
        parts.logger.error('tick failed; trying again', { error });
        return 0;
      });
      if (taken < BATCH) await parts.sleep(TICK_MS);
    }
  }

  return {
    start() {
      running ??= loop();
    },
    tick,
    async stop() {
      stopped = true;
      await running;
    },
  };
}

/** One request gone wrong must not stop the others. */
async function driveSafely(parts: Parts, request: ArchiveRequest, read: ReadOperations): Promise<void> {
  try {
    await drive(parts, request, { read });
  } catch (error) {
    parts.logger.error('step failed; it is tried again when the lease ends', { request: request.id, error });
  }
}

/**
 * With several operations of one account due, one listing serves them all. What it does not show (or if it fails) is
 * read one by one.
 */
async function readTogether(
  parts: Parts,
  claimed: readonly ArchiveRequest[],
  now: number,
): Promise<ReadOperations> {
  const byEnvironment = new Map<string, ArchiveRequest[]>();
  for (const request of claimed) {
    if (request.state !== 'running' || request.stepAt === null || request.stepAt > now) continue;
    byEnvironment.set(request.environment, [...(byEnvironment.get(request.environment) ?? []), request]);
  }
  const found = new Map<string, OperationFacts>();
  for (const [name, requests] of byEnvironment) {
    const toloka = parts.environments.get(name)?.toloka;
    if (toloka === undefined || requests.length < 2) continue;
    const since = Math.min(...requests.map((request) => request.submittedAt ?? now));
    const reading = await toloka.readArchiveOperations(since - 2 * 60_000);
    if (reading.kind === 'found') for (const operation of reading.value) found.set(operation.id, operation);
  }
  return found;
}
