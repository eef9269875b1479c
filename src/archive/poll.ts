import { createRateLimiter } from '../rate-limiter';
import type { Deps, Environment, Operation, Reading } from './ports';
import { claim, hasEnded } from './record';
import type { ArchiveRequest } from './request';
import { BATCH, runSafely } from './step';
import { CLOCK_SKEW_MS, PROGRESS_EVERY_MS, pollDelay } from './timing';

/** Up to this many operations are read one by one, which shows their progress too. More are read by listings. */
const FEW = 2;
/** An operation may be listed a little later than its own `finished`, in ms. */
const LATE_MS = 5_000;
/** How often what the listings may have missed is looked for, in ms. */
const SWEEP_EVERY_MS = 60_000;
const MOST_SINGLE_READS = 20;
/** For how long the same ends are listed again because they could not be written, in ms. This outlasts a lease. */
const LIST_AGAIN_MS = 3_600_000;
/** Longer than any pause between two looks, in ms. A longer one means that the clock was set back. */
const LONGEST_PAUSE_MS = 2_000;
const IDLE_MS = 250;

export interface Poll {
  isDue(): boolean;
  /** When the next look is due (epoch ms). */
  nextAt(): number;
  /** One look at all running operations of the account. Never throws. */
  look(): Promise<void>;
}

/**
 * Follows all running operations of one Toloka account: one listing of those that have finished since the last look
 * serves any number of open requests. Looking needs no lease, since only what a look finds is written, by the worker
 * that can claim the request.
 * @see docs/decisions/0006-one-poll-for-all-operations-of-an-account.md
 */
export function createPoll(deps: Deps, { name, toloka }: Environment): Poll {
  const { journal, clock, logger, random } = deps;
  // Slack allows about 50 edits a minute. Progress gets the smaller part, so that outcomes need not wait.
  const edits = createRateLimiter({ perSecond: 0.5, burst: 15, clock });
  let nextAt = 0;
  let progressAt = 0;
  let sweepAt = 0;
  let finishedSince: number | undefined;
  let sweeps = 0;
  let isLooking = false;

  async function lookNow(): Promise<void> {
    const now = clock.now();
    const { count, oldest, newest } = await journal.countRunning(name);
    if (count === 0) {
      finishedSince = undefined;
      sweepAt = now + SWEEP_EVERY_MS;
      nextAt = now + IDLE_MS;
      return;
    }
    nextAt = now + pollDelay(now - (newest ?? now), random);
    if (count <= FEW) {
      await readEach(await journal.runningOperations(name));
      return;
    }
    finishedSince ??= (oldest ?? now) - CLOCK_SKEW_MS;
    await readFinished(finishedSince);
    if (now >= progressAt) {
      progressAt = now + PROGRESS_EVERY_MS;
      await readProgress();
    }
    if (now >= sweepAt) {
      sweepAt = now + SWEEP_EVERY_MS;
      await sweep(oldest ?? now);
    }
  }

  async function readEach(ids: readonly string[]): Promise<void> {
    const readings = await Promise.all(ids.map((id) => toloka.readOperation(id)));
    await work(readings.flatMap((reading) => found(reading, 'operation not read') ?? []));
  }

  async function readFinished(since: number): Promise<void> {
    const finished = found(await toloka.listOperations({ finishedSince: since }), 'operations not listed');
    if (finished === undefined) return;
    let all = true;
    for (let from = 0; from < finished.length; from += BATCH)
      all = (await work(finished.slice(from, from + BATCH))) && all;
    // What could not be written has to be listed again. What never can be is left to the sweeps.
    // An end in the future is a mistake of Toloka's. It must not hide the ends that come before it.
    const ends = finished.map((one) => one.finished ?? 0).filter((at) => at <= clock.now() + CLOCK_SKEW_MS);
    const last = Math.max(since + LATE_MS, ...ends);
    finishedSince = all ? last - LATE_MS : Math.max(since, clock.now() - LIST_AGAIN_MS);
  }

  async function readProgress(): Promise<void> {
    const reading = await toloka.listOperations({ statuses: ['RUNNING'], newest: true });
    if (reading.kind === 'found') await work(reading.value);
  }

  /** Reads, one by one, the operations that Toloka doesn't list as open: they have ended, or are unknown to it. */
  async function sweep(oldest: number): Promise<void> {
    const ids = await journal.runningOperations(name);
    const submittedSince = oldest - CLOCK_SKEW_MS;
    const open = await toloka.listOperations({ submittedSince, statuses: ['PENDING', 'RUNNING'] });
    if (open.kind !== 'found') return;
    const listed = new Set(open.value.map(({ id }) => id));
    const missed = ids.filter((id) => !listed.has(id));
    // Starts elsewhere each time, so that some which Toloka never answers for don't keep the rest waiting.
    const from = missed.length > MOST_SINGLE_READS ? (sweeps++ * MOST_SINGLE_READS) % missed.length : 0;
    const some = [...missed.slice(from), ...missed.slice(0, from)].slice(0, MOST_SINGLE_READS);
    if (some.length > 0) await readEach(some);
  }

  function found<T>(reading: Reading<T>, problem: string): T | undefined {
    if (reading.kind === 'found') return reading.value;
    logger.warn(problem, { environment: name, why: reading });
    return undefined;
  }

  /**
   * Takes the requests whose operation has ended to their end; and notes, as far as Slack's limits allow, the progress of
   * others. Returns false when another worker held one of those that have ended, or its step failed.
   */
  async function work(operations: readonly Operation[]): Promise<boolean> {
    const byId = new Map(operations.map((operation) => [operation.id, operation]));
    const operationOf = ({ operationId }: ArchiveRequest) => byId.get(operationId ?? '');
    const ended: Promise<boolean>[] = [];
    const ids: string[] = [];
    for (const request of await journal.running(name, [...byId.keys()])) {
      const operation = operationOf(request);
      if (operation === undefined) continue;
      const age = clock.now() - (request.submittedAt ?? 0);
      // The first change takes the lease.
      if (hasEnded(operation)) ended.push(runSafely(deps, { ...request, lease: null }, operation));
      // Most archives end before their card would show any progress.
      else if (operation.progress !== request.progress && age >= PROGRESS_EVERY_MS && edits.take())
        ids.push(request.id);
    }
    const done = await Promise.all(ended);
    const claimed = await claim(deps, { limit: BATCH, ids });
    await Promise.all(claimed.map((request) => runSafely(deps, request, operationOf(request))));
    return done.every(Boolean);
  }

  return {
    isDue: () => !isLooking && (clock.now() >= nextAt || nextAt - clock.now() > LONGEST_PAUSE_MS),
    nextAt: () => (isLooking ? Number.POSITIVE_INFINITY : nextAt),
    async look() {
      isLooking = true;
      try {
        await lookNow();
      } catch (error) {
        nextAt = clock.now() + LONGEST_PAUSE_MS / 2;
        logger.error('poll failed; trying again', { environment: name, error });
      } finally {
        isLooking = false;
      }
    },
  };
}
