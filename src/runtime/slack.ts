import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebAPIPlatformError, type WebClientOptions } from '@slack/web-api';
import type { Settings } from '../config';
import { AppError } from '../errors';
import { type HealthChecks, healthRoutes, portError, startHealthServer } from './health';
import type { InFlight } from './in-flight';
import { forSlack, type Logger } from './logger';

/** Slack could not be reached or said no when the app started. */
export class SlackStartError extends AppError {
  readonly code = 'slack_start_failed';
}

export interface SlackConnection {
  app: App;
  start(): Promise<void>;
  /** Takes no more work; what was taken runs on. */
  stop(): Promise<void>;
}

interface SlackOptions {
  settings: Settings;
  logger: Logger;
  inFlight: InFlight;
  health: HealthChecks;
  /** How long one Web API call may take, in ms. */
  timeoutMs: number;
  sleep: (ms: number) => Promise<void>;
}

const START_TRIES = 5;
const MAX_RECONNECT_MS = 30_000;
const PING_MS = 2_000;

/** Bolt, built so that none of its defaults re-sends a message, hides a failure or forgets work at a stop. */
export function createSlackConnection(options: SlackOptions): SlackConnection {
  const { settings, logger, inFlight, timeoutMs } = options;
  const { botToken, apiUrl, transport } = settings.slack;
  const slackLogger = forSlack(logger);
  const base: WebClientOptions = {
    ...(apiUrl && { slackApiUrl: apiUrl }),
    timeout: timeoutMs,
    // Posts must not be sent twice: what to do about a lost answer is decided where its meaning is known.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: slackLogger,
  };
  const carrier =
    transport.mode === 'socket'
      ? socketCarrier(options, transport.appToken)
      : httpCarrier(options, transport.signingSecret);
  const app = new App({
    token: botToken,
    receiver: carrier.receiver,
    logger: slackLogger,
    logLevel: LogLevel.DEBUG,
    deferInitialization: true,
    clientOptions: base,
  });
  app.use(({ next }) => inFlight.run(next));
  app.error(async (error) => logger.error('handler failed', { error }));
  return {
    app,
    async start() {
      await initialise(app, options);
      await carrier.start(app);
    },
    stop: () => carrier.stop(app),
  };
}

interface Carrier {
  receiver: SocketModeReceiver | HTTPReceiver;
  start(app: App): Promise<void>;
  stop(app: App): Promise<void>;
}

function socketCarrier({ settings, logger, health, timeoutMs }: SlackOptions, appToken: string): Carrier {
  const { apiUrl } = settings.slack;
  const receiver = new SocketModeReceiver({
    appToken,
    logger: forSlack(logger),
    logLevel: LogLevel.DEBUG,
    clientPingTimeout: PING_MS,
    installerOptions: {
      clientOptions: {
        ...(apiUrl && { slackApiUrl: apiUrl }),
        timeout: timeoutMs,
        // A series that ends does so in an unhandled rejection. `forever` and not a great number of retries, which
        // are all worked out in advance: a million took a second of the start.
        retryConfig: { forever: true, retries: 20, factor: 1.3, maxTimeout: MAX_RECONNECT_MS },
      },
    },
  });
  let connected = false;
  receiver.client.on('connected', () => {
    connected = true;
  });
  receiver.client.on('disconnected', () => {
    connected = false;
  });
  const notReady = async () => [
    ...(connected ? [] : ['not connected to Slack']),
    ...(await health.notReady()),
  ];
  let server: Awaited<ReturnType<typeof startHealthServer>> | undefined;
  return {
    receiver,
    async start(app) {
      server = await startHealthServer(settings.port, { notReady });
      await app.start().catch((cause: unknown) => {
        // What passes is tried again without end; what comes here is Slack's no.
        throw new SlackStartError(
          `Slack does not accept SLACK_APP_TOKEN (${reasonOf(cause)}). Make an app-level token with connections:write anew.`,
          { cause },
        );
      });
    },
    async stop(app) {
      await app.stop();
      server?.close();
      server?.closeAllConnections();
    },
  };
}

function httpCarrier({ settings, logger, health }: SlackOptions, signingSecret: string): Carrier {
  const receiver = new HTTPReceiver({
    signingSecret,
    logger: forSlack(logger),
    logLevel: LogLevel.DEBUG,
    customRoutes: healthRoutes(health),
  });
  return {
    receiver,
    async start(app) {
      await app.start(settings.port).catch((cause: unknown) => {
        throw portError(settings.port, cause);
      });
    },
    async stop(app) {
      await app.stop();
    },
  };
}

const reasonOf = (error: unknown): string =>
  error instanceof WebAPIPlatformError ? error.data.error : String((error as Error | null)?.message);

async function initialise(app: App, { logger, sleep }: SlackOptions): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await app.init();
      return;
    } catch (cause) {
      if (cause instanceof WebAPIPlatformError)
        throw new SlackStartError(
          `Slack does not accept SLACK_BOT_TOKEN (${cause.data.error}). Copy the Bot User OAuth Token again.`,
          { cause },
        );
      if (tries === START_TRIES)
        throw new SlackStartError(
          'Slack did not answer. Check the network, a proxy, and SLACK_API_URL if it is set.',
          { cause },
        );
      logger.warn('Slack did not answer at the start; trying again', { tries, error: cause });
      await sleep(1000 * tries);
    }
  }
}
