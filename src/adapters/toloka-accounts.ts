import type { ArchiveLogger } from '../archive/parts';
import type { Clock } from '../archive/ports';
import type { Environment, Environments } from '../archive/toloka-port';
import { createTolokaClient, type TolokaClient, type TolokaLogger, type TrainingPath } from '../toloka';
import { createTolokaClock } from './toloka-clock';
import { createTolokaGateway } from './toloka-gateway';
import { createPace } from './toloka-pace';

/** How to reach one Toloka account. */
export interface AccountSettings {
  name: string;
  kind: 'production' | 'sandbox';
  apiUrl: string;
  platformUrl: string;
  trainingPath: TrainingPath;
  token: string;
}

export interface AccountOptions {
  /** The time limit of the archive call, in ms. */
  archiveMs: number;
  /** How long one reading may take in all, in ms. */
  readingMs: number;
  /** The request budget of each account in this process. */
  requestsPerSecond: number;
  clock: Clock;
  logger: ArchiveLogger & TolokaLogger;
}

export interface TolokaAccounts {
  environments: Environments;
  close(): Promise<void>;
}

/** The accounts that the app may speak to, each with its own connections and its own request budget. */
export function createTolokaAccounts(
  accounts: readonly AccountSettings[],
  { archiveMs, readingMs, requestsPerSecond, clock, logger }: AccountOptions,
): TolokaAccounts {
  const clients: TolokaClient[] = [];
  const environments = new Map<string, Environment>();
  for (const { name, kind, platformUrl, apiUrl, token, trainingPath } of accounts) {
    const tolokaClock = createTolokaClock(clock, logger);
    const pace = createPace(requestsPerSecond, clock);
    const client = createTolokaClient({
      ...{ apiUrl, token, trainingPath, logger, now: clock.now, readTurn: pace.turn },
      onRequest: tolokaClock.heard,
      timeouts: { archiveMs },
    });
    clients.push(client);
    const toloka = createTolokaGateway(client, { platformUrl, readingMs, pace, tolokaClock, clock });
    environments.set(name, { name, kind, toloka });
  }
  return {
    environments,
    async close() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
