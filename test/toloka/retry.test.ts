import fc from 'fast-check';
import {
  TolokaConflictError,
  TolokaRateLimitedError,
  TolokaTimeoutError,
  TolokaUnavailableError,
} from '../../src/toloka/errors';
import { RETRY_POLICIES, retryDelayMs, withRetries } from '../../src/toloka/retry';
import { TolokaUnreadableError } from '../../src/toloka/unreadable-error';

const facts = { call: 'GET /v1/x', sent: 'answered' } as const;
const unavailable = new TolokaUnavailableError(facts, null);
const { reads, none } = RETRY_POLICIES;

test('the waits double up to their bound, and end', () => {
  const policy = { ...reads, tries: 6, totalMs: Number.POSITIVE_INFINITY };
  const waits = [1, 2, 3, 4, 5, 6].map((tries) => retryDelayMs(unavailable, tries, 0, policy, () => 1));
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 4_000, null]);
});

test('the jitter is full: from nothing up to the bound', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 3 }),
      (random, tries) => {
        const delay = retryDelayMs(unavailable, tries, 0, reads, () => random);
        return delay === Math.round(random * 500 * 2 ** (tries - 1));
      },
    ),
  );
});

test('no try begins after the total time', () => {
  expect(retryDelayMs(unavailable, 1, reads.totalMs - 500, reads, () => 1)).toBe(500);
  expect(retryDelayMs(unavailable, 1, reads.totalMs - 499, reads, () => 1)).toBeNull();
});

test('what Toloka asks to wait is waited, at least; or not at all', () => {
  const limited = (ms: number) => new TolokaRateLimitedError(facts, ms);
  expect(retryDelayMs(limited(3_000), 1, 0, reads, () => 1)).toBe(3_000);
  expect(retryDelayMs(limited(100), 1, 0, reads, () => 1)).toBe(500);
  expect(retryDelayMs(limited(5_000), 1, 0, reads, () => 1)).toBe(5_000);
  expect(retryDelayMs(limited(5_001), 1, 0, reads, () => 1)).toBeNull();
  expect(retryDelayMs(new TolokaUnavailableError(facts, 60_000), 1, 0, reads, () => 1)).toBeNull();
});

test('only what may pass is tried again', () => {
  const delay = (error: unknown) => retryDelayMs(error, 1, 0, reads, () => 1);
  expect(delay(new TolokaTimeoutError(facts))).toBe(500);
  expect(delay(new TolokaUnreadableError('truncated', facts))).toBe(500);
  expect(delay(new TolokaUnreadableError('not_json', facts))).toBeNull();
  expect(delay(new TolokaConflictError(facts))).toBeNull();
  expect(delay(new Error('a bug'))).toBeNull();
});

test('the policy for the archive allows no second try', () => {
  expect(retryDelayMs(unavailable, 1, 0, none, () => 0)).toBeNull();
});

test('the last error is the one that is thrown', async () => {
  const errors = [unavailable, new TolokaTimeoutError(facts), new TolokaConflictError(facts)];
  const slept: number[] = [];
  const attempt = async () => {
    throw errors[slept.length];
  };
  const tools = { sleep: async (ms: number) => void slept.push(ms), random: () => 0.5, now: () => 0 };
  await expect(withRetries(attempt, reads, tools)).rejects.toBe(errors[2]);
  expect(slept).toEqual([250, 500]);
});
