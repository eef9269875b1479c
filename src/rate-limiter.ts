export interface RateLimiter {
  /** Takes one, or returns false when none is left now. */
  take(): boolean;
  /** Takes one in any case, and returns how long to wait before using it, in ms. */
  reserve(): number;
  /** What `reserve` would return now. Takes none. */
  wait(): number;
  /** Lets nothing through for this long (ms), as a service asked with Retry-After. */
  hold(ms: number): void;
  /** How long the hold still lasts, in ms; 0 when there is none. */
  held(): number;
}

/** A token bucket: `perSecond` in the long run, `burst` at once after a rest. */
export function createRateLimiter({
  perSecond = Number.POSITIVE_INFINITY,
  burst = Math.max(1, perSecond),
  clock,
}: {
  perSecond?: number;
  burst?: number;
  clock: { now(): number };
}): RateLimiter {
  let left = burst;
  let at = clock.now();
  let heldUntil = 0;
  const held = () => Math.max(0, heldUntil - clock.now());
  const wait = () => {
    const now = clock.now();
    if (perSecond !== Number.POSITIVE_INFINITY)
      left = Math.min(burst, left + (Math.max(0, now - at) / 1000) * perSecond);
    at = now;
    const debt = left >= 1 ? 0 : Math.ceil(((1 - left) / perSecond) * 1000);
    return Math.max(debt, held());
  };
  return {
    take() {
      if (wait() > 0) return false;
      left -= 1;
      return true;
    },
    reserve() {
      const ms = wait();
      left -= 1;
      return ms;
    },
    wait,
    hold(ms) {
      heldUntil = Math.max(heldUntil, clock.now() + ms);
    },
    held,
  };
}
