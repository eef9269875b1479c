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
