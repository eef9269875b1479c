import { COSTS } from './slow-network';

/** What Toloka's own client (toloka-kit) waits before its first look at an operation, and between two, in ms. */
const FIRST_MS = 500;
const EVERY_MS = 1_000;

/**
 * How a fixed poller does with an operation of this length (ms): its lag from the end of the operation to the final
 * edit of the card (ms), and its requests. It is alone with its operation and every request takes the same time, so
 * this needs no simulation.
 */
export function pollFixed(length: number): { lag: number; requests: number } {
  const oneWay = COSTS.tolokaOneWay;
  // The answer to the POST comes back, the poller waits, and its request travels to Toloka.
  const first = oneWay + FIRST_MS + oneWay;
  const step = EVERY_MS + 2 * oneWay;
  const later = Math.max(0, Math.ceil((length - first) / step));
  return { lag: first + later * step + oneWay + COSTS.slack - length, requests: later + 1 };
}
