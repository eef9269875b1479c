import { CLOCK_SKEW_MS } from '../archive/timing';
import type { TolokaExchangeNote } from '../toloka';

export interface TolokaClock {
  /** Listens to what an answer tells of Toloka's clock. */
  heard(note: Pick<TolokaExchangeNote, 'aheadMs'>): void;
  /** Why nothing may be sent; null when the clocks agree, or Toloka does not say what its clock shows. */
  problem(): string | null;
}

/**
 * Compares this machine's clock with Toloka's. When an answer is lost, the operation that it would have named is told
 * from earlier ones by its time: with clocks too far apart that would be a guess.
 */
export function createTolokaClock(): TolokaClock {
  let ahead = 0;
  return {
    heard({ aheadMs }) {
      if (aheadMs !== null) ahead = aheadMs;
    },
    problem() {
      const apart = Math.abs(ahead);
      if (apart <= CLOCK_SKEW_MS) return null;
      const minutes = Math.round(apart / 60_000);
      return `The clock of this app’s machine is ${minutes} minutes ${ahead > 0 ? 'ahead of' : 'behind'} Toloka’s, so it could not tell what became of a request whose answer is lost. Nothing was sent. Ask whoever runs this app to have the clock set (NTP).`;
    },
  };
}
