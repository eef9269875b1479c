import { COSTS } from './slow-network';

/** What Toloka's own client (toloka-kit) waits before its first look at an operation, and between two, in ms. */
const FIRST_MS = 500;
const EVERY_MS = 1_000;

export interface Watched {
  /** From the end of the operation to the final edit of its card, in ms. */
  lag: number;
  requests: number;
}

/**
 * How a fixed poller does with an operation of this length (ms). Each poller is alone with its operation and every
 * request takes the same time, so its looks can be told in advance.
 */
export function pollFixed(length: number): Watched {
  const there = COSTS.tolokaOneWay;
  // The answer to the POST comes back, the poller waits, and its request travels there.
  const first = there + FIRST_MS + there;
  const step = EVERY_MS + 2 * there;
  const later = Math.max(0, Math.ceil((length - first) / step));
  return { lag: first + later * step + there + COSTS.slack - length, requests: later + 1 };
}
