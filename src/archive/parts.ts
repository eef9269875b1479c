import { LeaseLostError } from './errors';
import type { Journal } from './journal-port';
import type { CardPort, Clock } from './ports';
import type { Lease } from './request';
import type { Environments } from './toloka-port';

/** The little that the use case says to a log. */
export interface ArchiveLogger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface Limits {
  /**
   * How long a worker owns a request, in ms. Half of it is how long the POST may take, so that a worker whose lease
   * is about to run out never starts one.
   */
  leaseMs: number;
  /** How long Toloka is given to show an operation whose answer was lost, in ms, before it is called not started. */
  graceMs: number;
  /** After this age, in ms, a request that has no end is called unknown. */
  deadlineMs: number;
}

/** Everything the use case is given from outside. */
export interface Parts {
  journal: Journal;
  cards: CardPort;
  environments: Environments;
  clock: Clock;
  sleep: (ms: number) => Promise<void>;
  /** In [0, 1). */
  random: () => number;
  newId: () => string;
  logger: ArchiveLogger;
  limits: Limits;
}

export const newLease = ({ clock, newId, limits }: Pick<Parts, 'clock' | 'newId' | 'limits'>): Lease => ({
  token: newId(),
  until: clock.now() + limits.leaseMs,
});

/** A worker makes up to six calls in one step; together they must fit into its lease. */
export const CALLS_IN_A_LEASE = 6;

/**
 * Comes before whatever is said to Slack, which takes no lease into account: only who holds the request for as long
 * as the call may take can be sure to be the only one who speaks.
 * @throws LeaseLostError
 */
export function needTimeToSpeak({ clock, limits }: Pick<Parts, 'clock' | 'limits'>, { until }: Lease): void {
  if (clock.now() + limits.leaseMs / CALLS_IN_A_LEASE <= until) return;
  throw new LeaseLostError('Too little of the lease is left to speak to Slack under it; nothing was said.');
}
