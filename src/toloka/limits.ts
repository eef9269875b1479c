import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from '../logger';
import { createRateLimiter } from '../rate-limiter';
import type { TolokaError } from './errors';

/** When Toloka asks to slow down and does not say for how long, in ms: "in a couple of seconds". */
const HOLD_MS = 2_000;
/** The longest that one answer can make this app wait, in ms. */
const MAX_HOLD_MS = 5 * 60_000;
/** How far the clocks of this machine and of Toloka may be apart, in ms. */
const CLOCK_SKEW_MS = 2 * 60_000;
/** Toloka's time that was seen longer ago than this, in ms, says nothing about the clocks now. */
const CLOCK_SEEN_MS = 60_000;

export type Limits = ReturnType<typeof createLimits>;

/**
 * When something may be sent to one Toloka account.
 *
 * The budget: so many requests a second, and as many at once after a rest. The clocks: when an answer is lost, its
 * operation is distinguished from earlier ones by its time, which would be a guess with clocks too far apart.
 *
 * @see Toloka/docs en/api/reference/parts/api/info-description.md at c28c2aca, "Rate limiting"
 */
export function createLimits({
  name,
  requestsPerSecond,
  clock,
  logger,
}: {
  name: string;
  requestsPerSecond: number;
  clock: { now(): number };
  logger: Pick<Logger, 'warn'>;
}) {
  const limiter = createRateLimiter({ perSecond: requestsPerSecond, clock });
  let ahead = 0;
  let seenAt = 0;
  const apart = () => Math.abs(ahead) > CLOCK_SKEW_MS;
  const isKnown = () => Math.abs(clock.now() - seenAt) <= CLOCK_SEEN_MS;
  return {
    /**
     * What keeps a request waiting for its turn: Toloka, which asked to wait longer than `heldMs`, or the own budget,
     * for longer than `budgetMs`. Null when neither does.
     */
    delayedBy({ heldMs, budgetMs }: { heldMs: number; budgetMs: number }) {
      const held = limiter.held();
      if (held > heldMs) return 'rate_limited';
      const wait = limiter.wait();
      return wait > held && wait > budgetMs ? 'rate_limit_own' : null;
    },
    /** Takes a turn, and returns how long to wait for it, in ms. */
    turn: () => limiter.reserve(),
    /** Learns from an error how long Toloka asks to wait. */
    noteError({ kind, facts }: TolokaError) {
      const asked = facts.retryAfterMs ?? (kind === 'rate_limited' ? HOLD_MS : 0);
      limiter.hold(Math.min(asked, MAX_HOLD_MS));
    },
    /** Learns Toloka's time from an answer. @see clockAhead */
    noteClock(headers: IncomingHttpHeaders, sentAt: number, receivedAt: number) {
      const aheadMs = clockAhead(headers, sentAt, receivedAt);
      if (aheadMs === null) return;
      const before = apart();
      ahead = aheadMs;
      seenAt = receivedAt;
      if (apart() && !before) {
        const message = 'clocks apart: nothing is sent to Toloka. Set the clock of this machine (NTP)';
        logger.warn(message, { environment: name, aheadMs });
      }
    },
    /**
     * How far this machine's clock is ahead of Toloka's (behind: negative), in ms, as far as the last answer proves it.
     * Null when there was none lately.
     */
    clockAheadMs: () => (isKnown() ? ahead : null),
    clocksApart: () => apart() && isKnown(),
  };
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
