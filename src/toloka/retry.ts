import * as errors from './errors';
import { TolokaUnreadableError } from './unreadable-error';

/** How often, and for how long, a call is tried again. All times in milliseconds. */
export interface RetryPolicy {
  /** In all, the first included. */
  readonly tries: number;
  /** The longest possible wait before the second try; it doubles for each further one. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** When Toloka asks for a longer wait, the call fails at once instead. */
  readonly maxRetryAfterMs: number;
  /** No try begins later than this after the first; the last one may still take its own time limit. */
  readonly totalMs: number;
}

/**
 * `reads` is for calls that change nothing. `none` is for the archive, which is sent at most once: whether Toloka
 * acted on a POST whose answer was lost has to be looked up, not tried.
 */
export const RETRY_POLICIES = {
  none: { tries: 1, firstDelayMs: 0, maxDelayMs: 0, maxRetryAfterMs: 0, totalMs: 0 },
  reads: { tries: 4, firstDelayMs: 500, maxDelayMs: 4_000, maxRetryAfterMs: 5_000, totalMs: 30_000 },
} as const satisfies Record<string, RetryPolicy>;

export interface RetryTools {
  /** Resolves after so many milliseconds; may reject when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to, but not including, 1. */
  random(): number;
  /** Epoch milliseconds. */
  now(): number;
}

/**
 * How long to wait before another try, in milliseconds; null when there is to be none. The wait is random between
 * nothing and a bound that doubles ("full jitter"), so that callers who failed together do not come back together.
 *
 * @param triesMade how many tries there were, the failed one included
 * @param elapsedMs since the first try began
 */
export function retryDelayMs(
  error: unknown,
  triesMade: number,
  elapsedMs: number,
  policy: RetryPolicy,
  random: () => number,
): number | null {
  if (triesMade >= policy.tries || !isPassing(error)) {
    return null;
  }
  const asked = 'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : 0;
  if (asked > policy.maxRetryAfterMs) {
    return null;
  }
  const bound = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (triesMade - 1));
  const delay = Math.max(asked, Math.round(random() * bound));
  return elapsedMs + delay > policy.totalMs ? null : delay;
}

/**
 * Runs `attempt` until it succeeds or the policy ends; then throws its last error.
 *
 * @param onRetry told before each wait
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  tools: RetryTools,
  signal?: AbortSignal,
  onRetry?: (error: unknown, delayMs: number) => void,
): Promise<T> {
  const began = tools.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const delay = retryDelayMs(error, tries, tools.now() - began, policy, tools.random);
      if (delay === null) {
        throw error;
      }
      onRetry?.(error, delay);
      // A wait that the signal cuts short ends in the next attempt, which then says so without sending.
      await tools.sleep(delay, signal).catch(() => undefined);
      if (signal?.aborted) {
        return await attempt().catch((aborted: unknown) => {
          throw aborted instanceof Error ? Object.assign(aborted, { cause: error }) : aborted;
        });
      }
    }
  }
}

/** Whether the same read may well succeed a little later. */
function isPassing(error: unknown): error is errors.TolokaError {
  return (
    error instanceof errors.TolokaTimeoutError ||
    error instanceof errors.TolokaRateLimitedError ||
    error instanceof errors.TolokaUnavailableError ||
    error instanceof errors.TolokaUnreachableError ||
    error instanceof errors.TolokaLostResponseError ||
    (error instanceof TolokaUnreadableError && error.reason === 'truncated')
  );
}
