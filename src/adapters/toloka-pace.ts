import { type Budget, createBudget } from '../archive/budget';
import type { Clock } from '../archive/ports';
import { TolokaRateLimitedError, TolokaUnavailableError } from '../toloka';

/** When Toloka asks to slow down and does not say for how long: "in a couple of seconds". */
const HOLD_MS = 2_000;
/** One look in this time, in ms, is no burden, whatever Toloka or a gateway asks for; requests wait for their end. */
const LONGEST_HOLD_MS = 5 * 60_000;

export interface Pace {
  /** When reads may go on (epoch ms), as far as Toloka has said. */
  heldUntil(): number;
  /** How long a request would have to wait for its turn, in ms. */
  wait(): number;
  /** Takes a turn, and says how long to wait for it, in ms. */
  turn(): number;
  /** Listens to what Toloka says about its limits. */
  heard(error: unknown): void;
}

/**
 * The request budget of one Toloka account: so many a second, and as many at once after a rest.
 * @see Toloka's API reference, "Rate limiting"
 */
export function createPace(perSecond: number, clock: Clock): Pace {
  const budget: Budget = createBudget(perSecond, Math.max(1, perSecond), clock);
  let heldUntil = 0;
  return {
    heldUntil: () => heldUntil,
    wait: () => budget.wait(),
    turn: () => Math.max(budget.owe(), heldUntil - clock.now()),
    heard(error) {
      const limited = error instanceof TolokaRateLimitedError;
      if (!limited && !(error instanceof TolokaUnavailableError)) return;
      const wait = Math.min(error.retryAfterMs ?? (limited ? HOLD_MS : 0), LONGEST_HOLD_MS);
      heldUntil = Math.max(heldUntil, clock.now() + wait);
    },
  };
}
