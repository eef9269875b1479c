/** How far the clocks of this machine and of Toloka may be apart, in ms. */
export const CLOCK_SKEW_MS = 2 * 60_000;

/** A plan can be confirmed within this time, in ms, and a confirmation be carried out. */
export const PLAN_LIFE_MS = 24 * 3_600_000;

/** The first looks at an operation follow each other quickly, since most archives take a second or two. */
const FIRST_MS = 500;
/** Then they slow down with its age, but no further than this: one look serves all operations that are open. */
const CAP_MS = 800;
const SHARE_OF_AGE = 0.1;
const PAST_DEADLINE_MS = 5 * 60_000;

/** Spreads a delay by ±10 %, so that requests which began together don't stay in step. */
const jitter = (ms: number, random: () => number) => Math.round(ms * (0.9 + 0.2 * random()));

/** How long to wait, in ms, before the next look at the operations, the newest of which has this age (ms). */
export function watchDelay(age: number, random: () => number): number {
  return jitter(Math.min(CAP_MS, Math.max(FIRST_MS, age * SHARE_OF_AGE)), random);
}

/** How long to wait, in ms, before the next look for an end that has not come by the deadline. */
export const pastDeadlineDelay = (random: () => number): number => jitter(PAST_DEADLINE_MS, random);

/** How long to wait, in ms, after the nth failed try (1, 2, …): doubling from one second to a minute. */
export function backoff(tries: number, random: () => number): number {
  return jitter(Math.min(60_000, 1000 * 2 ** Math.max(0, tries - 1)), random);
}

/** A card is written at most this often for progress alone, in ms: Slack allows about 50 edits a minute. */
export const PROGRESS_EVERY_MS = 2_000;
