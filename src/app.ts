import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { config as readDotenv } from 'dotenv';
import { createSlackCards, permalink } from './adapters/slack-cards';
import { createSlackDirectory } from './adapters/slack-directory';
import { withHolds } from './adapters/slack-holds';
import { createTell } from './adapters/slack-tell';
import { createTolokaAccounts } from './adapters/toloka-accounts';
import { createAccess } from './archive/access';
import { createArchiveService } from './archive/archive-service';
import { CALLS_IN_A_LEASE, type Parts } from './archive/parts';
import { createTracker } from './archive/tracker';
import { loadConfig, type Settings, secretsOf } from './config';
import { AppError } from './errors';
import { registerHandlers } from './handlers';
import { type EnvironmentWord, kindOf } from './handlers/parse-command';
import { type OpenJournal, openJournal } from './journal/open-journal';
import { createInFlight } from './runtime/in-flight';
import { createLogger, type Logger } from './runtime/logger';
import { createRedactor } from './runtime/redact';
import { createSlackConnection } from './runtime/slack';
import { stopOnSignal } from './runtime/stop';

interface RunningApp {
  stop(): Promise<void>;
}

/** The longest that one call to Slack may take, in ms, where the lease allows it. */
const SLACK_TIMEOUT_MS = 10_000;
/** The longest that one statement on PostgreSQL may take, in ms, where the lease allows it. */
const DATABASE_TIMEOUT_MS = 10_000;
const clock = { now: () => Date.now() };

/** From the settings to a running app. Whatever fails on the way is closed again and thrown. */
async function startApp(settings: Settings, logger: Logger): Promise<RunningApp> {
  const { leaseMs, graceMs, deadlineMs } = settings;
  const callMs = Math.floor(Math.min(SLACK_TIMEOUT_MS, leaseMs / CALLS_IN_A_LEASE));
  const archiveMs = Math.floor(leaseMs / 2);
  const accounts = createTolokaAccounts(settings.environments, {
    archiveMs,
    readingMs: callMs,
    requestsPerSecond: settings.tolokaRequestsPerSecond,
    clock,
    logger,
  });
  const { environments } = accounts;
  const inFlight = createInFlight();
  let journal: OpenJournal | undefined;
  const notReady = async () => {
    if (journal === undefined) return ['the journal is not open'];
    await journal.recent({ limit: 1 });
    const clockProblem = await journal.clockProblem();
    return clockProblem === null ? [] : [clockProblem];
  };
  const slack = createSlackConnection({
    settings,
    logger,
    inFlight,
    health: { notReady },
    timeoutMs: callMs,
    sleep,
  });
  const close = async () => {
    await journal?.close();
    await accounts.close();
  };
  try {
    const opened = await openJournal({
      path: settings.journalPath,
      databaseUrl: settings.databaseUrl,
      timeoutMs: Math.min(DATABASE_TIMEOUT_MS, leaseMs / 2),
      now: clock.now,
      logger,
    });
    journal = opened;
    const { client } = slack.app;
    const cards = withHolds(createSlackCards(client), clock);
    const limits = { leaseMs, graceMs, deadlineMs };
    const parts: Parts = {
      journal: opened,
      cards,
      environments,
      clock,
      sleep,
      random: Math.random,
      newId: randomUUID,
      logger,
      limits,
    };
    const tracker = createTracker(parts);
    const rules = {
      allow: settings.archiveAllow,
      channels: settings.archiveChannels,
      settings: SETTINGS_NAMED,
    };
    const service = createArchiveService(parts, createAccess(rules, createSlackDirectory(client)));
    registerHandlers(slack.app, {
      service,
      client,
      permalink: (card) => permalink(client, card),
      environmentOf: (word) => environmentOf(settings, word),
      typesId: (name) => environments.get(name)?.kind !== 'sandbox',
      tell: createTell(cards, { sleep, logger }),
      sleep,
      logger,
    });
    await slack.start();
    tracker.start();
    return {
      async stop() {
        await slack.stop();
        await inFlight.drained();
        await tracker.stop();
        await close();
      },
    };
  } catch (error) {
    await slack.stop().catch(() => {});
    await close();
    throw error;
  }
}

const SETTINGS_NAMED = { allow: '`ARCHIVE_ALLOW`', channels: '`ARCHIVE_CHANNELS`' };

/** `sandbox` means the sandbox that this app has, whatever its hosts; an exact name means itself. */
function environmentOf({ environments, defaultEnvironment }: Settings, word: EnvironmentWord | null): string {
  if (word === null) return defaultEnvironment;
  const exact = environments.find(({ name }) => name === word);
  return exact?.name ?? environments.find(({ kind }) => word === kind && kind === kindOf(word))?.name ?? word;
}

async function main(): Promise<void> {
  readDotenv({ quiet: true });
  const settings = loadConfig(process.env);
  const redact = createRedactor(secretsOf(settings));
  const write = (line: string) => process.stdout.write(`${line}\n`);
  const logger = createLogger({ level: settings.logLevel, redact, write, now: clock.now });
  const starting = startApp(settings, logger);
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

if (require.main === module) {
  main().catch((error: unknown) => {
    // Ours are written for people; anything else is in the log with its stack.
    process.stderr.write(error instanceof AppError ? `${error.message}\n` : 'The app could not start.\n');
    process.exitCode = 1;
    process.exit();
  });
}
