import { type Budget, createBudget } from '../archive/budget';
import type { Clock } from '../archive/ports';
import { TolokaRateLimitedError, TolokaUnavailableError } from '../toloka';

/** When Toloka asks to slow down and does not say for how long: "in a couple of seconds". */
const HOLD_MS = 2_000;

export interface Pace {
  /** When reads may go on (epoch ms), as far as Toloka has said. */
  heldUntil(): number;
  /** Waits for this request's turn; false, at once, when that would be longer than `most` (ms). */
  turn(most: number): Promise<boolean>;
  /** Counts a request that must not wait. */
  count(): void;
  /** Listens to what Toloka says about its limits. */
  heard(error: unknown): void;
}

/**
 * The request budget of one Toloka account: so many a second, and as many at once after a rest.
 * @see Toloka's API reference, "Rate limiting"
 */
export function createPace(perSecond: number, clock: Clock, sleep: (ms: number) => Promise<unknown>): Pace {
  const budget: Budget = createBudget(perSecond, Math.max(1, perSecond), clock);
  let heldUntil = 0;
  return {
    heldUntil: () => heldUntil,
    async turn(most) {
      const wait = budget.owe(most);
      if (wait === null) return false;
      if (wait > 0) await sleep(wait);
      return true;
    },
    count: () => void budget.owe(),
    heard(error) {
      const limited = error instanceof TolokaRateLimitedError;
      if (!limited && !(error instanceof TolokaUnavailableError)) return;
      const wait = error.retryAfterMs ?? (limited ? HOLD_MS : 0);
      heldUntil = Math.max(heldUntil, clock.now() + wait);
    },
  };
}
