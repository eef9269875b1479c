import type { ArchiveLogger } from '../archive/parts';
import type { Clock } from '../archive/ports';
import { CLOCK_SKEW_MS } from '../archive/timing';
import type { TolokaExchangeNote } from '../toloka';

export interface TolokaClock {
  /** Listens to what an answer tells of Toloka's clock. */
  heard(note: Pick<TolokaExchangeNote, 'aheadMs'>): void;
  /** Why nothing may be sent; null when the clocks agree, or nothing was heard of Toloka's lately. */
  problem(): string | null;
}

/** A plan is read just before anything is sent, so what is older than this was another clock's time, in ms. */
const HEARD_LATELY_MS = 60_000;

/**
 * Compares this machine's clock with Toloka's. When an answer is lost, the operation that it would have named is told
 * from earlier ones by its time: with clocks too far apart that would be a guess.
 */
export function createTolokaClock(clock: Clock, logger: Pick<ArchiveLogger, 'warn'>): TolokaClock {
  let ahead = 0;
  let heardAt = 0;
  const isApart = () => Math.abs(ahead) > CLOCK_SKEW_MS;
  return {
    heard({ aheadMs }) {
      if (aheadMs === null) return;
      const before = isApart();
      ahead = aheadMs;
      heardAt = clock.now();
      if (isApart() && !before) logger.warn('clocks apart: nothing is sent to Toloka', { aheadMs });
    },
    problem() {
      if (!isApart() || Math.abs(clock.now() - heardAt) > HEARD_LATELY_MS) return null;
      const minutes = Math.round(Math.abs(ahead) / 60_000);
      return `The clock of this app’s machine is ${minutes} minutes ${ahead > 0 ? 'ahead of' : 'behind'} Toloka’s, so it could not tell what became of a request whose answer is lost. Nothing was sent. Ask whoever runs this app to have the clock set (NTP).`;
    },
  };
}
