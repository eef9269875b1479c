import { createBudget } from './budget';
import { BATCH, driveSeen } from './drive-seen';
import type { RunningRequest } from './journal-port';
import type { Parts } from './parts';
import { CLOCK_SKEW_MS, PROGRESS_EVERY_MS, watchDelay } from './timing';
import type { Environment } from './toloka-port';

/** Up to so many operations are read one by one, which shows their progress too; more are watched by listings. */
const FEW = 2;
/** An end may be listed a little later than its own time says, in ms. */
const LATE_MS = 5_000;
/** So often, in ms, what the listings of ends may have missed is looked for. */
const ROUND_EVERY_MS = 60_000;
const MOST_SINGLE_READS = 20;
/** How long one process watches for all, in ms; it renews in time, and if it dies another takes over after this. */
export const HOLD_MS = 5_000;
const ASK_AGAIN_MS = 1_000;
/** An end cannot be written while the card is: then the next look is soon, but not for ever. */
const SOON_MS = 200;
const MOST_SOON = 5;
/** So often ends are listed again that could not be written, which is longer than a lease. */
const MOST_AGAIN = 100;
/** Slack allows about 50 edits a minute and ends must not wait for them: progress gets the smaller part. */
const PROGRESS_EDITS_PER_SECOND = 0.5;
const PROGRESS_EDITS_AT_ONCE = 15;

export interface Watch {
  /** One look, if it is time for one and no other process watches this account. */
  tick(): Promise<void>;
  /** When the next look is due (epoch ms). */
  lookAt(): number;
  /** Lets another process watch at once. */
  release(): Promise<void>;
}

/**
 * Watches all running operations of one Toloka account together: however many are open, one listing of those that
 * have ended since the last look tells of them all. Once in a while a full round finds what that listing missed.
 */
export function createWatch(parts: Parts, environment: Environment): Watch {
  const { journal, clock, logger } = parts;
  const { name, toloka } = environment;
  const edits = createBudget(PROGRESS_EDITS_PER_SECOND, PROGRESS_EDITS_AT_ONCE, clock);
  let lookAt = 0;
  let progressAt = 0;
  let roundAt = 0;
  let endedSince: number | undefined;
  const holder = parts.newId();
  let heldUntil = 0;
  let soon = 0;
  let rounds = 0;

  async function held(now: number): Promise<boolean> {
    if (heldUntil - now > HOLD_MS / 2) return true;
    const until = now + HOLD_MS;
    const mine = await journal.holdWatch(name, holder, now, until);
    heldUntil = mine ? until : 0;
    // Whoever watches after another must look back as far as the oldest open operation.
    if (!mine) endedSince = undefined;
    return mine;
  }

  async function tick(): Promise<void> {
    const now = clock.now();
    // Longer than any pause there is: the clock was set back.
    if (now < lookAt && lookAt - now <= 2 * ASK_AGAIN_MS) return;
    const { count, oldest, newest } = await journal.countRunning(name);
    if (count === 0) {
      endedSince = undefined;
      roundAt = now + ROUND_EVERY_MS;
      return;
    }
    if (!(await held(now))) {
      lookAt = now + ASK_AGAIN_MS;
      return;
    }
    lookAt = now + watchDelay(now - (newest ?? now), parts.random);
    const few = count <= FEW;
    if (!few) endedSince ??= (oldest ?? now) - CLOCK_SKEW_MS;
    const all = few ? await lookAtEach(await journal.running(name)) : await lookAtEnds(endedSince ?? now);
    soon = all ? 0 : soon + 1;
    if (soon > 0 && soon <= MOST_SOON) lookAt = Math.min(lookAt, clock.now() + SOON_MS);
    if (few) return;
    if (now >= progressAt) {
      progressAt = now + PROGRESS_EVERY_MS;
      await lookAtProgress();
    }
    if (now >= roundAt) {
      roundAt = now + ROUND_EVERY_MS;
      await round();
    }
  }

  /** Like the one below, says whether every end that was seen could be written. */
  async function lookAtEach(requests: readonly RunningRequest[]): Promise<boolean> {
    const readings = await Promise.all(requests.map(({ operationId }) => toloka.readOperation(operationId)));
    const operations = readings.flatMap((reading) => {
      if (reading.kind === 'found') return [reading.value];
      logger.warn('operation not read', {
        environment: name,
        why: 'message' in reading ? reading.message : 'not found',
      });
      return [];
    });
    return driveSeen(parts, requests, operations, edits);
  }

  async function lookAtEnds(since: number): Promise<boolean> {
    const reading = await toloka.readEndedOperations(since);
    if (reading.kind !== 'found') {
      logger.warn('ends not read', {
        environment: name,
        why: 'message' in reading ? reading.message : 'not found',
      });
      return true;
    }
    const ended = reading.value;
    let all = true;
    for (let from = 0; from < ended.length; from += BATCH) {
      const some = ended.slice(from, from + BATCH);
      const ids = some.map(({ id }) => id);
      all = (await driveSeen(parts, await journal.running(name, ids), some, edits)) && all;
    }
    // What could not be written must be listed again; what never can be is left to the rounds.
    if (all || soon >= MOST_AGAIN) {
      const last = Math.max(since + LATE_MS, ...ended.map(({ finished }) => finished ?? 0));
      endedSince = last - LATE_MS;
    }
    return all;
  }

  async function lookAtProgress(): Promise<void> {
    const reading = await toloka.readRunningOperations();
    if (reading.kind !== 'found') return;
    const requests = await journal.running(
      name,
      reading.value.map(({ id }) => id),
    );
    await driveSeen(parts, requests, reading.value, edits);
  }

  /** What Toloka does not list as under way has ended, or was never there: each such is read by itself. */
  async function round(): Promise<void> {
    const requests = await journal.running(name);
    const since = Math.min(...requests.map(({ submittedAt }) => submittedAt)) - CLOCK_SKEW_MS;
    const reading = await toloka.readOpenOperations(since);
    if (reading.kind !== 'found') return;
    const listed = new Set(reading.value.map(({ id }) => id));
    const missed = requests.filter(({ operationId }) => !listed.has(operationId));
    // Each round others, so that some that Toloka never tells of keep none of the rest waiting.
    const from = missed.length > MOST_SINGLE_READS ? (rounds++ * MOST_SINGLE_READS) % missed.length : 0;
    const some = [...missed.slice(from), ...missed.slice(0, from)].slice(0, MOST_SINGLE_READS);
    if (some.length > 0) await lookAtEach(some);
  }

  async function release(): Promise<void> {
    const now = clock.now();
    if (heldUntil > now) await journal.holdWatch(name, holder, now, now);
    heldUntil = 0;
  }

  return { tick, lookAt: () => lookAt, release };
}
