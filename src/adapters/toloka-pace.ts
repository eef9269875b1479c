import { type Budget, createBudget } from '../archive/budget';
import type { Clock } from '../archive/ports';
import { TolokaRateLimitedError, TolokaUnavailableError } from '../toloka';

/** Toloka allows 300 requests a second to an account; a good neighbour leaves most of them to others. */
const PER_SECOND = 100;
const AT_ONCE = 100;
/** When Toloka asks to slow down and does not say for how long: "in a couple of seconds". */
const HOLD_MS = 2_000;

export interface Pace {
  /** When reads may go on (epoch ms), as far as Toloka has said. */
  heldUntil(): number;
  /** Waits for this request's turn. */
  turn(): Promise<void>;
  /** Counts a request that must not wait. */
  count(): void;
  /** Listens to what Toloka says about its limits. */
  heard(error: unknown): void;
}

/** The request budget of one Toloka account. @see Toloka's API reference, "Rate limiting" */
export function createPace(clock: Clock, sleep: (ms: number) => Promise<unknown>): Pace {
  const budget: Budget = createBudget(PER_SECOND, AT_ONCE, clock);
  let heldUntil = 0;
  return {
    heldUntil: () => heldUntil,
    async turn() {
      const wait = budget.owe();
      if (wait > 0) await sleep(wait);
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
