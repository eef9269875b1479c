import type { Server } from 'node:http';
import { format } from 'node:util';
import {
  App,
  LogLevel,
  type Receiver,
  SocketModeReceiver,
  type SocketModeReceiverOptions,
} from '@slack/bolt';
import type { WebClient, WebClientOptions } from '@slack/web-api';
import { AppError } from '../errors';
import type { Logger } from '../logger';
import { type HealthChecks, startServer, stopServer } from '../process/health';
import type { InFlight } from '../process/in-flight';
import { toCardError } from './errors';
import { createHttpReceiver } from './http';
import { retry } from './retry';

/** Slack could not be reached, or denied access, when the app started. */
export class SlackStartError extends AppError {
  readonly code = 'slack_start_failed';
}

export interface SlackConnection {
  app: App;
  client: WebClient;
  /** @throws SlackStartError, PortError */
  start(): Promise<void>;
  /** Takes no more work. What was taken runs on. */
  stop(): Promise<void>;
}

export interface ConnectionOptions {
  slack: {
    botToken: string;
    /** @default Slack's own */
    apiUrl?: string | undefined;
    transport: { mode: 'socket'; appToken: string } | { mode: 'http'; signingSecret: string };
  };
  /** For the health routes, and for Slack in HTTP mode. */
  port: number;
  logger: Logger;
  inFlight: InFlight;
  health: HealthChecks;
  /** How long one Web API call may take, in ms. */
  timeoutMs: number;
  /** Carries all calls and the socket. @default Node's own connections */
  dispatcher?: SocketModeReceiverOptions['dispatcher'];
  sleep: (ms: number) => Promise<unknown>;
}

const START_PAUSES_MS = [1_000, 2_000, 3_000, 4_000];
const LONGEST_START_PAUSE_MS = 60_000;
const MAX_RECONNECT_MS = 30_000;
const PING_MS = 2_000;

/**
 * Bolt, set up so that it never re-sends a message by itself, hides no failure, and can be stopped without losing work.
 * Nothing is sent before `start`.
 */
export function createSlackConnection(options: ConnectionOptions): SlackConnection {
  const { slack, port, logger, inFlight, health, timeoutMs } = options;
  const { transport } = slack;
  const clientOptions: WebClientOptions = {
    ...reaching(options),
    timeout: timeoutMs,
    // A retry could post a message twice. Only the callers know whether a lost answer does harm.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: forSlack(logger),
  };
  const carrier: Carrier =
    transport.mode === 'socket'
      ? socketCarrier(options, transport.appToken)
      : {
          receiver: createHttpReceiver({ signingSecret: transport.signingSecret, port, health, logger }),
          start: (app) => app.start(),
          stop: (app) => app.stop(),
        };
  const app = new App({
    token: slack.botToken,
    receiver: carrier.receiver,
    logger: forSlack(logger),
    logLevel: LogLevel.DEBUG,
    deferInitialization: true,
    clientOptions,
  });
  app.use(({ next }) => inFlight.run(next));
  app.error(async (error) => logger.error('handler failed', { error }));
  return {
    app,
    client: app.client,
    async start() {
      await initialise(app, options);
      await carrier.start(app);
    },
    async stop() {
      await carrier.stop(app);
    },
  };
}

/** Where the Web API is, and the way to it. */
function reaching({ slack, dispatcher }: ConnectionOptions): WebClientOptions {
  return {
    ...(slack.apiUrl && { slackApiUrl: slack.apiUrl }),
    ...(dispatcher && {
      // Given to each call: what is set globally does not reach the fetch of every Node.
      fetch: (url: string | URL, init?: object) => fetch(url, { ...init, dispatcher } as RequestInit),
    }),
  };
}

interface Carrier {
  receiver: Receiver;
  start(app: App): Promise<unknown>;
  stop(app: App): Promise<unknown>;
}

function socketCarrier(options: ConnectionOptions, appToken: string): Carrier {
  const { port, logger, health, timeoutMs, dispatcher } = options;
  const receiver = new SocketModeReceiver({
    appToken,
    dispatcher,
    logger: forSlack(logger),
    logLevel: LogLevel.DEBUG,
    clientPingTimeout: PING_MS,
    installerOptions: {
      clientOptions: {
        ...reaching(options),
        timeout: timeoutMs,
        // A finite series ends in an unhandled rejection. `retries` stays small all the same: the client works out
        // all pauses in advance, and a million of them took a second of the start.
        retryConfig: { forever: true, retries: 20, factor: 1.3, maxTimeout: MAX_RECONNECT_MS },
      },
    },
  });
  catchUnreadable(receiver, logger);
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
  let server: Server | undefined;
  return {
    receiver,
    async start(app) {
      // Bolt's own server for such routes ends the process when the port is busy.
      server = await startServer(port, { notReady });
      await app.start().catch((cause: unknown) => {
        // Failures that may pass are retried without end, so this one is final.
        const { reason } = toCardError(cause);
        throw new SlackStartError(
          `Slack does not accept SLACK_APP_TOKEN (${reason}). Create a new app-level token with connections:write.`,
          { cause },
        );
      });
    },
    async stop(app) {
      await app.stop();
      if (server) await stopServer(server);
    },
  };
}

/** A message that the socket client can't read would end the process, as a rejection that nobody handles. */
function catchUnreadable({ client }: SocketModeReceiver, logger: Logger): void {
  for (const read of client.listeners('ws_message')) {
    client.off('ws_message', read);
    const warn = (error: unknown) => logger.warn('message from Slack not understood', { error });
    client.on('ws_message', (...message: unknown[]) => void Promise.resolve(read(...message)).catch(warn));
  }
}

/** Checks the bot token, again and again while Slack has trouble. */
async function initialise(app: App, { logger, sleep }: ConnectionOptions): Promise<void> {
  try {
    await retry(() => app.init(), {
      pausesMs: START_PAUSES_MS,
      longestMs: LONGEST_START_PAUSE_MS,
      sleep,
      onRetry: (failure, tries) =>
        logger.warn('Slack did not answer at the start; trying again', { tries, error: failure }),
    });
  } catch (cause) {
    const { failure, reason } = toCardError(cause);
    throw new SlackStartError(
      failure === 'refused'
        ? `Slack does not accept SLACK_BOT_TOKEN (${reason}). Copy the Bot User OAuth Token again.`
        : `Slack did not answer (${reason}). Check the network, a proxy, and SLACK_API_URL if it is set.`,
      { cause },
    );
  }
}

/** Our logger in the shape that Slack's packages ask for. */
function forSlack(logger: Logger) {
  const at =
    (level: keyof Logger) =>
    (...parts: unknown[]) =>
      logger[level](format(...parts), { from: 'slack' });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    setLevel: () => {},
    getLevel: () => LogLevel.DEBUG,
    setName: () => {},
  };
}
