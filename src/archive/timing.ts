/** How far the clocks of this machine and of Toloka may be apart, in ms. Further apart, nothing is sent. */
export const CLOCK_SKEW_MS = 2 * 60_000;

/** A plan can be confirmed, and a confirmation carried out, within this time, in ms. */
export const PLAN_LIFE_MS = 24 * 3_600_000;

/** A plan that this process showed within this time, in ms, is confirmed without looking for earlier operations. */
export const FRESH_MS = 10 * 60_000;

/** The card of a running request is written at most this often for progress alone, in ms. */
export const PROGRESS_EVERY_MS = 2_000;

/** The card of a batch is written at most this often, in ms. Slack allows about 50 edits a minute. */
export const BATCH_EVERY_MS = 1_500;

/** A worker makes up to six calls in one step. Together they must fit into its lease. */
export const CALLS_IN_A_LEASE = 6;

/** Spreads a delay by ±10 %, so that requests which began together don't stay in step. */
const jitter = (ms: number, random: () => number) => Math.round(ms * (0.9 + 0.2 * random()));

/**
 * How long to wait, in ms, before the next look at running operations, the newest of which has this age (ms). Most
 * archives take a second or two. One look serves all operations, so it never slows down much.
 */
export const pollDelay = (age: number, random: () => number): number =>
  jitter(Math.min(800, Math.max(500, age / 10)), random);

/** How long to wait, in ms, before a request that has waited so long (ms) for the end of a pause looks again. */
export const pauseDelay = (age: number, random: () => number): number =>
  jitter(Math.min(60_000, Math.max(2_000, age / 10)), random);

/** How soon after it began a watch is looked at, in ms; each further look takes twice as long, up to an hour. */
export const WATCH_FIRST_MS = 5 * 60_000;
const WATCH_LONGEST_MS = 3_600_000;

/**
 * When a watch that was looked at so often is looked at next (epoch ms). Rounded, so that many are looked at together and
 * share what is read.
 */
export function nextLook(now: number, tries: number): number {
  const wait = Math.min(WATCH_LONGEST_MS, WATCH_FIRST_MS * 2 ** tries);
  return Math.round((now + wait) / WATCH_FIRST_MS) * WATCH_FIRST_MS;
}

/** How long to wait, in ms, before the next look for an outcome that has not come by the deadline. */
export const pastDeadlineDelay = (random: () => number): number => jitter(5 * 60_000, random);

/** How long to wait, in ms, after the nth failed try (1, 2, …): doubles from one second to a minute. */
export const backoff = (tries: number, random: () => number): number =>
  jitter(Math.min(60_000, 1000 * 2 ** Math.max(0, tries - 1)), random);
