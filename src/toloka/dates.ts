import type { IncomingHttpHeaders } from 'node:http';

const TOLOKA_DATE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z?$/;

/**
 * Reads a date of Toloka: UTC, written without a zone, with any number of fraction digits. Digits below the
 * millisecond are cut off.
 *
 * @returns epoch milliseconds, or null for anything that is not such a date; never an exception
 * @see toloka-kit src/client/primitives/_converter.py at e5e0450d (the server has sent 0, 3, 5 and 6 digits)
 */
export function parseTolokaDate(value: unknown): number | null {
  const [, seconds, fraction = ''] = (typeof value === 'string' && TOLOKA_DATE.exec(value)) || [];
  if (seconds === undefined) {
    return null;
  }
  // Without the zone, JavaScript would take the date for local time.
  const ms = Date.parse(`${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  if (Number.isNaN(ms)) {
    return null;
  }
  // JavaScript takes 30 February for 2 March.
  return new Date(ms).toISOString().startsWith(seconds) ? ms : null;
}

/**
 * Writes a date as Toloka's queries take it: UTC without a zone.
 *
 * @throws RangeError when it is not a date (epoch milliseconds)
 */
export function formatTolokaDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, -1);
}

/**
 * How far this machine's clock is ahead of the server's (behind: negative), in ms, as far as the answer to a request
 * proves it, which was sent and received at these moments (epoch ms). Null without a date, or with one from a cache.
 *
 * @see RFC 9110, 6.6.1: `Date` is when the answer was made, in whole seconds
 */
export function clockAhead(
  { date, age }: IncomingHttpHeaders,
  sentAt: number,
  receivedAt: number,
): number | null {
  const from = date === undefined || age !== undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(from)) return null;
  const until = from + 999;
  if (until < sentAt) return sentAt - until;
  return from > receivedAt ? receivedAt - from : 0;
}
