import type { ArchiveLogger } from '../archive/parts';
import type { Clock, Environment, Environments } from '../archive/ports';
import { createTolokaClient, type TolokaLogger, type TrainingPath } from '../toloka';
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
  sleep: (ms: number) => Promise<unknown>;
  logger: ArchiveLogger & TolokaLogger;
}

/** The accounts that the app may speak to, each with its own connections and its own request budget. */
export function createTolokaAccounts(
  accounts: readonly AccountSettings[],
  { archiveMs, readingMs, requestsPerSecond, clock, sleep, logger }: AccountOptions,
): { environments: Environments; close(): Promise<void> } {
  const clients = accounts.map(({ apiUrl, token, trainingPath }) =>
    createTolokaClient({ apiUrl, token, trainingPath, logger, timeouts: { archiveMs } }),
  );
  const environments = new Map<string, Environment>();
  for (const [n, { name, kind, platformUrl }] of accounts.entries()) {
    const client = clients[n];
    if (client === undefined) continue;
    const pace = createPace(requestsPerSecond, clock, sleep);
    environments.set(name, {
      name,
      kind,
      toloka: createTolokaGateway(client, { platformUrl, readingMs, pace, clock }),
    });
  }
  return {
    environments,
    async close() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
