import type { RequestListener, Server } from 'node:http';
import { App, LogLevel, type Receiver } from '@slack/bolt';
import type { WebClient, WebClientOptions } from '@slack/web-api';
import type { Logger } from '../logger';
import { isTokenError } from '../messages/token';
import { type HealthChecks, startServer, stopServer } from '../process/health';
import type { InFlight } from '../process/in-flight';
import { type OnAck, reportAcks } from './acks';
import type { OnCall } from './calls';
import { type SlackDispatcher, webClientOptions } from './client';
import { SlackStartError, tlsAdvice, toCardError } from './errors';
import { createHttpReceiver } from './http';
import { backoffMs } from './retry';
import { reportScopes } from './scopes';
import { createSocketReceiver } from './socket';
import { createTokenWatch } from './token';

export interface SlackConnection {
  app: App;
  client: WebClient;
  /** Asks Slack for what is wrong with the bot token, as Slack's code. Null when nothing is, as far as is known. */
  tokenProblem(): Promise<string | null>;
  /** Goes on trying while Slack does not answer. @throws SlackStartError, PortError */
  start(): Promise<void>;
  /** What keeps the app from doing its work now. */
  notReady(): Promise<string[]>;
  /** How many connections there are to Slack's sockets, by state. Empty in HTTP mode. */
  sockets(): Record<string, number>;
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
  host?: string | undefined;
  port: number;
  logger: Logger;
  inFlight: InFlight;
  health: HealthChecks;
  /** Gets each call to the Web API. */
  onCall?: OnCall;
  /** Gets each acknowledgement of a command or click. */
  onAck?: OnAck;
  /** Further routes of the app's server. */
  routes?: Record<string, RequestListener>;
  /** How long one Web API call may take, in ms. */
  timeoutMs: number;
  sleep: (ms: number) => Promise<unknown>;
  /** The way to Slack through a proxy. @default direct */
  dispatcher?: SlackDispatcher;
}

/**
 * Bolt, set up so that it never re-sends a message by itself, hides no failure, and can be stopped without losing work.
 * Nothing is sent before `start`.
 */
export function createSlackConnection(options: ConnectionOptions): SlackConnection {
  const { slack, host, port, logger, inFlight, health, onAck = () => {}, sleep } = options;
  const clientOptions = webClientOptions({ ...options, apiUrl: slack.apiUrl });
  const { receiver, routes, problems, sockets } = createReceiver(options, clientOptions);
  const token = createTokenWatch(clientOptions.fetch);
  const test = () => app.client.auth.test();
  const app = new App({
    token: slack.botToken,
    receiver: reportAcks(receiver, onAck),
    logger: clientOptions.logger,
    logLevel: LogLevel.DEBUG,
    deferInitialization: true,
    clientOptions: { ...clientOptions, fetch: token.fetch },
  });
  app.use(({ next }) => inFlight.run(next));
  app.error(async (error) => logger.error('handler failed', { error }));
  let server: Server | undefined;
  let stopped = false;
  let unchecked: string | null = 'Slack has not answered yet';
  const notReady = async () => [
    // A certificate may keep away both calls and the socket, with the same words.
    ...(unchecked === null ? new Set([...token.problems(test), ...problems()]) : [unchecked]),
    ...(await health.notReady()),
  ];

  /** Checks the bot token, again and again while Slack has trouble. @throws SlackStartError */
  async function initialise(): Promise<void> {
    for (let tries = 1; !stopped; tries++) {
      try {
        await app.init();
        unchecked = null;
        return reportScopes(token.scopes(), logger);
      } catch (error) {
        const failure = toCardError(error);
        const { reason } = failure;
        if (isTokenError(reason)) {
          const message = `Slack does not accept SLACK_BOT_TOKEN (${reason}). Copy the Bot User OAuth Token again.`;
          throw new SlackStartError(message, { cause: error });
        }
        unchecked =
          tlsAdvice(failure) ??
          `Slack did not answer (${reason}). Check the network, a proxy, and SLACK_API_URL if it is set.`;
        const fields = { tries, advice: unchecked, error: failure };
        logger.warn('Slack did not answer at the start; trying again', fields);
        await sleep(backoffMs(tries, failure));
      }
    }
  }

  return {
    app,
    client: app.client,
    tokenProblem: () => token.ask(test),
    notReady,
    sockets,
    async start() {
      // First, because Slack may be away for long. Bolt's own server ends the process when the port is busy.
      server ??= await startServer({ host, port }, { ...health, notReady }, { ...routes, ...options.routes });
      await initialise();
      if (!stopped) await app.start();
    },
    async stop() {
      stopped = true;
      await app.stop();
      if (server) await stopServer(server);
    },
  };
}

interface Transport {
  receiver: Receiver;
  /** For Slack, beside those for the health checks. */
  routes: Record<string, RequestListener>;
  /** What keeps Slack's events away. */
  problems(): string[];
  sockets(): Record<string, number>;
}

function createReceiver(options: ConnectionOptions, clientOptions: WebClientOptions): Transport {
  const { slack, logger } = options;
  if (slack.transport.mode === 'socket') {
    const receiver = createSocketReceiver({ ...options, appToken: slack.transport.appToken, clientOptions });
    return { receiver, routes: {}, problems: receiver.problems, sockets: receiver.sockets };
  }
  const receiver = createHttpReceiver({ signingSecret: slack.transport.signingSecret, logger });
  return {
    receiver,
    routes: { 'POST /slack/events': receiver.listener },
    problems: () => [],
    sockets: () => ({}),
  };
}
