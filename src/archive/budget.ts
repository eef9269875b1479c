import type { Clock } from './ports';

export interface Budget {
  /** Takes one, or says that none is left now. */
  take(): boolean;
  /** Takes one in any case, into debt if need be. Returns how long to wait until the debt is paid, in ms. */
  owe(): number;
}

/** A token bucket: so many a second in the long run, so many at once after a rest. */
export function createBudget(perSecond: number, atOnce: number, clock: Clock): Budget {
  let left = atOnce;
  let at = clock.now();
  const refill = () => {
    const now = clock.now();
    left = Math.min(atOnce, left + ((now - at) / 1000) * perSecond);
    at = now;
  };
  return {
    take() {
      refill();
      if (left < 1) return false;
      left -= 1;
      return true;
    },
    owe() {
      refill();
      left -= 1;
      return left >= 0 ? 0 : Math.ceil((-left / perSecond) * 1000);
    },
  };
}
