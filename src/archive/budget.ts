import type { Clock } from './ports';

export interface Budget {
  /** Takes one, or says that none is left now. */
  take(): boolean;
  /** Takes one, into debt if need be, and says how long to wait until the debt is paid, in ms. */
  owe(): number;
  /** What `owe` would say now. Takes none. */
  wait(): number;
}

/** A token bucket: so many a second in the long run, so many at once after a rest. */
export function createBudget(perSecond: number, atOnce: number, clock: Clock): Budget {
  let left = atOnce;
  let at = clock.now();
  const refill = () => {
    const now = clock.now();
    left = Math.min(atOnce, left + (Math.max(0, now - at) / 1000) * perSecond);
    at = now;
  };
  const waitNow = () => {
    refill();
    return left >= 1 ? 0 : Math.ceil(((1 - left) / perSecond) * 1000);
  };
  return {
    take() {
      refill();
      if (left < 1) return false;
      left -= 1;
      return true;
    },
    owe() {
      const wait = waitNow();
      left -= 1;
      return wait;
    },
    wait: waitNow,
  };
}
