import type { CardError } from '../archive/errors';
import { toCardError } from './errors';

export interface RetryOptions {
  /** How long to wait before each further try, in ms. When all are used up, the last failure is thrown. */
  pausesMs: readonly number[];
  /** When Slack asks for a longer wait than this (ms), the call is given up. */
  longestMs: number;
  sleep: (ms: number) => Promise<unknown>;
  onRetry?: (failure: CardError, tries: number) => void;
}

const FIRST_BACKOFF_MS = 1_000;
/** Nobody gets a reply meanwhile, so Slack must not be back for long without the app noticing it. */
const MAX_BACKOFF_MS = 10_000;

/** How long to wait after so many failures in a row, where trying never ends: twice as long each time, up to a limit. */
export const backoffMs = (failures: number, { retryAfterMs }: CardError): number =>
  Math.max(Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS), retryAfterMs ?? 0);

/**
 * Makes a call to Slack again until it works or is refused. Only for calls that do no harm when they are done twice.
 * @throws CardError the last failure
 */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { pausesMs, longestMs, sleep, onRetry } = options;
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const failure = toCardError(error);
      const pause = Math.max(pausesMs[tries] ?? Number.POSITIVE_INFINITY, failure.retryAfterMs ?? 0);
      if (failure.failure === 'refused' || pause > longestMs) throw failure;
      onRetry?.(failure, tries + 1);
      await sleep(pause);
    }
  }
}
