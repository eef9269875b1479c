import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { config as readDotenv } from 'dotenv';
import type { Dispatcher } from 'undici';
import { createPolicy } from './archive/policy';
import type { Clock, Deps } from './archive/ports';
import { createService } from './archive/service';
import { CALLS_IN_A_LEASE } from './archive/timing';
import { createWorker } from './archive/worker';
import { loadConfig, resolveEnvironment, type Settings, secretsOf } from './config';
import { AppError } from './errors';
import { createGiveWay, createHomes, type HandlerDeps, registerHandlers } from './handlers';
import { reportBrokenChains } from './journal/open-chains';
import { openJournal } from './journal/store';
import { createLogger, type Logger } from './logger';
import { createMetrics, type Observed } from './metrics';
import { startServer, stopServer, textRoute } from './process/health';
import { createInFlight } from './process/in-flight';
import { isGone, processOwner } from './process/owner';
import { throughProxy } from './process/proxy';
import { stopOnSignal, surviveLostReaders } from './process/shutdown';
import { createRedactor } from './redact';
import { createCards, permalink } from './slack/cards';
import { createSlackConnection } from './slack/connection';
import { createDirectory } from './slack/directory';
import { createNotices, createNotify } from './slack/notify';
import { createTolokaAccount } from './toloka';

/** The longest that one call to Slack, or one statement on PostgreSQL, may take where the lease allows it, in ms. */
const CALL_MS = 10_000;
const realSleep = (ms: number, signal?: AbortSignal) => wait(ms, undefined, { signal });

/** The logger, and what tests and benchmarks replace. */
export interface Overrides {
  logger: Logger;
  clock?: Clock;
  /** For the waits of the use case and of the Toloka client. Waits on behalf of Slack are always real. */
  sleep?: (ms: number) => Promise<void>;
  random?: () => number;
  newId?: () => string;
  /** Time limits, in ms, of a call to Slack, a reading of Toloka and the archive POST. @default parts of the lease */
  callMs?: number;
  readMs?: number;
  archiveMs?: number;
  /** Carries all calls to Toloka. Must not retry a POST. @default the account's own connections */
  dispatcher?: Dispatcher;
  /** Wraps or replaces what the use case is given. */
  deps?: (deps: Deps) => Deps;
}

/**
 * The composition root: from the settings to the parts of the app, wired. `start` connects to Slack and starts the
 * worker; `close` gives back what a composed but never started app holds.
 * @throws JournalError when the journal can't be opened
 */
export async function createApp(settings: Settings, overrides: Overrides) {
  const { leaseMs, graceMs, deadlineMs } = settings;
  const { logger } = overrides;
  const clock = overrides.clock ?? { now: () => Date.now() };
  const callMs = overrides.callMs ?? Math.floor(Math.min(CALL_MS, leaseMs / CALLS_IN_A_LEASE));
  const journal = await openJournal({
    path: settings.journalPath,
    databaseUrl: settings.databaseUrl,
    timeoutMs: Math.min(CALL_MS, leaseMs / 2),
    now: clock.now,
    logger,
  });
  const createAgent = settings.proxy && throughProxy(settings.proxy);
  const slackDispatcher = createAgent?.();
  const names = settings.environments.map(({ name }) => name);
  const metrics = createMetrics({ clock, environments: names });
  const environments = settings.environments.map((environment) => ({
    name: environment.name,
    toloka: createTolokaAccount(environment, {
      archiveMs: overrides.archiveMs ?? Math.floor(leaseMs / 2),
      readMs: overrides.readMs ?? callMs,
      requestsPerSecond: settings.tolokaRequestsPerSecond,
      clock,
      logger,
      onExchange: metrics.tolokaCall(environment.name),
      dispatcher: overrides.dispatcher,
      createAgent,
      sleep: overrides.sleep,
    }),
  }));
  const inFlight = createInFlight();
  const health = {
    notReady: async () => [await journal.problem()].filter((problem) => problem !== null),
    info: async () => {
      const pause = await journal.pause();
      return pause === null ? {} : { paused: { since: new Date(pause.at).toISOString() } };
    },
  };
  const metricsRoute = { 'GET /metrics': textRoute(metrics.contentType, () => metrics.text(observed)) };
  const isSocketMode = settings.slack.transport.mode === 'socket';
  const slack = createSlackConnection({
    slack: settings.slack,
    host: settings.host,
    port: settings.port,
    logger,
    inFlight,
    health,
    onCall: metrics.slackCall,
    onAck: metrics.slackAck,
    // In HTTP mode everybody can reach this port.
    routes: isSocketMode && settings.metricsPort === undefined ? metricsRoute : {},
    timeoutMs: callMs,
    dispatcher: slackDispatcher,
    sleep: realSleep,
  });
  const { client } = slack;
  const directory = createDirectory(client, clock.now);
  const environmentOf = (name: string) => settings.environments.find((one) => one.name === name);
  const wired: Deps = {
    journal,
    cards: createCards({ client, clock, logger }),
    notices: createNotices(client),
    environments: new Map(environments.map((environment) => [environment.name, environment])),
    policy: createPolicy(settings.rules, directory),
    approval: {
      needed: (name) => environmentOf(name)?.approvals ?? 0,
      policy: createPolicy(settings.approvers, directory),
      audience: settings.approvers,
      lifeMs: settings.approvalMs,
    },
    adminPolicy: createPolicy(settings.admins, directory),
    clock,
    sleep: overrides.sleep ?? realSleep,
    random: overrides.random ?? Math.random,
    newId: overrides.newId ?? randomUUID,
    owner: processOwner(),
    logger,
    limits: { leaseMs, graceMs, deadlineMs },
  };
  const given = overrides.deps?.(wired) ?? wired;
  const deps = { ...given, journal: metrics.watchJournal(given.journal) };
  const observed: Observed = {
    journal,
    ready: async () => (await slack.notReady()).length === 0,
    sockets: slack.sockets,
    clockAhead: () => environments.map(({ name, toloka }) => [name, toloka.clockAheadMs()]),
  };
  let metricsServer: Server | undefined;
  const service = createService(deps);
  const worker = createWorker(deps);
  const handlerDeps: HandlerDeps = {
    service,
    client,
    notify: createNotify({ client, sleep: realSleep, logger }),
    tokenProblem: slack.tokenProblem,
    permalink: (card) => permalink(client, card),
    resolveEnvironment: (word) => resolveEnvironment(settings, word),
    environments: names,
    requiresTyping: (name) => environmentOf(name)?.requiresTypedId !== false,
    admins: settings.admins.people,
    denialContext: { channels: settings.rules.channels },
    countCommand: metrics.countCommand,
    sleep: realSleep,
    giveWay: createGiveWay(realSleep),
    logger,
  };
  const homes = createHomes(handlerDeps, clock.now);
  registerHandlers(slack.app, { ...handlerDeps, homes });

  const close = async () => {
    if (metricsServer) await stopServer(metricsServer);
    await journal.close();
    await slackDispatcher?.destroy();
    await Promise.all(environments.map(({ toloka }) => toloka.close()));
  };
  return {
    deps,
    service,
    worker,
    slack,
    homes,
    inFlight,
    metricsText: () => metrics.text(observed),
    close,
    async start() {
      try {
        // What a process of this host held that was killed need not wait for the end of its lease.
        await journal.releaseAll((token) => isGone(token.split(' ')[0] ?? ''));
        if (settings.metricsPort !== undefined) {
          const where = { host: settings.host, port: settings.metricsPort, setting: 'METRICS_PORT' } as const;
          metricsServer = await startServer(where, { ...health, notReady: slack.notReady }, metricsRoute);
        }
        await slack.start();
      } catch (error) {
        await slack.stop().catch(() => {});
        await close();
        throw error;
      }
      worker.start();
      homes.start();
      void reportBrokenChains(journal, logger);
    },
    /** Takes no more from Slack, finishes what was accepted, and closes everything. */
    async stop() {
      await slack.stop();
      await inFlight.drained();
      await homes.stop();
      await worker.stop();
      await close();
    },
  };
}

/** Runs the app as a program, with its settings from the environment and `.env`. Never rejects. */
export async function main(): Promise<void> {
  surviveLostReaders();
  try {
    await run();
  } catch (error) {
    // Our errors are written for people. Anything else is in the log with its stack.
    process.stderr.write(error instanceof AppError ? `${error.message}\n` : 'The app could not start.\n');
    process.exit(1);
  }
}

async function run(): Promise<void> {
  readDotenv({ quiet: true });
  const settings = loadConfig(process.env);
  const logger = createLogger({
    level: settings.logLevel,
    redact: createRedactor(secretsOf(settings)),
    write: (line) => process.stdout.write(`${line}\n`),
    now: Date.now,
  });
  for (const note of settings.notes) logger.warn(note);
  const starting = createApp(settings, { logger }).then(async (app) => {
    await app.start();
    return app;
  });
  stopOnSignal(starting, logger);
  await starting.catch((error: unknown) => {
    logger.error('not started', { error });
    throw error;
  });
  logger.info('ready', {
    mode: settings.slack.transport.mode,
    port: settings.port,
    environments: settings.environments.map(({ name }) => name),
    default: settings.defaultEnvironment,
  });
}

if (require.main === module) void main();
