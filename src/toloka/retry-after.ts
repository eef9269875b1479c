const HTTP_DATE = /^[A-Za-z]{3,9}, .+ GMT$/;
const INTERVALS: Record<string, number> = { MIN: 60_000, HOUR: 3_600_000, DAY: 86_400_000 };

/**
 * How long an answer asks to wait, in milliseconds: its `Retry-After`, in seconds or as an HTTP date, else the
 * interval of the exceeded quota in the body. Null when it asks for nothing that can be understood.
 *
 * @param now epoch milliseconds
 * @see toloka-kit src/client/primitives/retry.py at e5e0450d, lines 48-88
 */
export function retryAfterMs(header: unknown, payload: unknown, now: number): number | null {
  return fromHeader(header, now) ?? fromPayload(payload);
}

function fromHeader(header: unknown, now: number): number | null {
  if (typeof header !== 'string') {
    return null;
  }
  const value = header.trim();
  if (/^\d{1,9}$/.test(value)) {
    return Number(value) * 1000;
  }
  const date = HTTP_DATE.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function fromPayload(payload: unknown): number | null {
  if (typeof payload !== 'object' || payload === null || !('interval' in payload)) {
    return null;
  }
  const { interval } = payload;
  return typeof interval === 'string' && Object.hasOwn(INTERVALS, interval)
    ? (INTERVALS[interval] ?? null)
    : null;
}
