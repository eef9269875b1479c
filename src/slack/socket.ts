import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  type App,
  LogLevel,
  type Receiver,
  SocketModeReceiver,
  type SocketModeReceiverOptions,
} from '@slack/bolt';
import type { WebClientOptions } from '@slack/web-api';
import { CardError } from '../archive/errors';
import type { Logger } from '../logger';
import { isTokenError } from '../messages/token';
import { SlackStartError, tlsAdvice, toCardError } from './errors';
import { backoffMs } from './retry';

const PING_MS = 2_000;
/** Slack sends nothing new to a connection that it is going to end, so there is always another one. */
const WANTED = 2;
/** Slack ends a connection about 10 s after its warning. Until then it may still send something there. */
const RETIRE_MS = 15_000;
/** The least time between the opening of a connection and that of the one that replaces it. */
const BETWEEN_MS = 1_000;
const TOO_MANY = 'too_many_websockets';

interface Link {
  receiver: SocketModeReceiver;
  /** `ending`: Slack has said so. */
  state: 'opening' | 'serving' | 'ending';
  greetedAt: number;
  /** Why Slack does not open it. */
  refusal?: unknown;
}

/** Whether `apps.connections.open` answers so to a token that can't open connections. */
export const deniesAppToken = (reason: string): boolean =>
  isTokenError(reason) || reason === 'missing_scope' || reason === 'no_permission';

const advice = (reason: string) =>
  `Slack does not accept SLACK_APP_TOKEN (${reason}). Create an app-level token (xapp-…) with the scope connections:write.`;

/**
 * Receives from Slack by Socket Mode, and never stops trying to. In place of the reconnecting of Slack's own client,
 * which leaves a gap of some seconds whenever Slack replaces a connection, and retries a wrong token for ever. Here two
 * connections are open, and the next one is ready before the last one is closed.
 * @see https://docs.slack.dev/apis/events-api/using-socket-mode
 */
export function createSocketReceiver(options: {
  appToken: string;
  clientOptions: WebClientOptions;
  dispatcher?: SocketModeReceiverOptions['dispatcher'];
  timeoutMs: number;
  logger: Logger;
  sleep: (ms: number) => Promise<unknown>;
}): Receiver & { problems(): string[]; sockets(): Record<Link['state'], number> } {
  const { appToken, clientOptions, dispatcher, timeoutMs, logger, sleep } = options;
  const links = new Set<Link>();
  let app: App;
  let stopped = false;
  let connecting = false;
  /** When the next connection may be opened. */
  let notBefore = 0;
  /** Ends the pause before the next try. */
  let wake = () => {};
  let failure: CardError | undefined;

  const linksThatAre = (state: Link['state']) => [...links].filter((link) => link.state === state);

  /** Once for each: the client would forget the timer of its first closing, and keep the process alive. */
  const close = (link: Link) => {
    if (links.delete(link)) void link.receiver.stop();
  };

  function greeted(link: Link): void {
    link.state = 'serving';
    link.greetedAt = Date.now();
    failure = undefined;
    if (stopped) close(link);
    for (const last of linksThatAre('ending')) setTimeout(() => close(last), RETIRE_MS).unref();
  }

  function ends(link: Link): void {
    if (link.state !== 'serving') return;
    link.state = 'ending';
    notBefore = link.greetedAt + BETWEEN_MS;
    // It may have been waiting for long to open a second one.
    if (linksThatAre('serving').length === 0) wake();
    void keepConnected(WANTED);
  }

  async function connect(): Promise<void> {
    const receiver = new SocketModeReceiver({
      appToken,
      dispatcher,
      ...(clientOptions.logger && { logger: clientOptions.logger }),
      logLevel: LogLevel.DEBUG,
      clientPingTimeout: PING_MS,
      autoReconnectEnabled: false,
      installerOptions: { clientOptions: { ...clientOptions } },
    });
    const link: Link = { receiver, state: 'opening', greetedAt: 0 };
    receiver.init(app);
    readMessages(receiver, logger, (reason) => {
      logger.info('Slack ends a connection', { reason });
      if (link.state === 'opening') link.refusal = reason;
      ends(link);
    });
    receiver.client.on('connected', () => greeted(link));
    receiver.client.on('disconnected', () => {
      links.delete(link);
      ends(link);
    });
    links.add(link);
    // One call, and the greeting.
    const late = setTimeout(() => close(link), 2 * timeoutMs);
    const { connectError, stopWatching } = watchSocket(receiver);
    try {
      await receiver.start();
    } catch (error) {
      links.delete(link);
      throw error ?? refused(link, connectError());
    } finally {
      clearTimeout(late);
      stopWatching();
    }
  }

  /** Opens connections until so many serve. @throws SlackStartError at the start, when the token is wrong */
  async function keepConnected(wanted: number, atStart = false): Promise<void> {
    if (connecting) return;
    connecting = true;
    try {
      for (let failures = 0; !stopped && linksThatAre('serving').length < wanted; ) {
        const pause = failure && failures > 0 ? backoffMs(failures, failure) : notBefore - Date.now();
        const woken = new Promise<void>((done) => {
          wake = done;
        });
        if (pause > 0) await Promise.race([sleep(pause), woken]);
        if (stopped) return;
        try {
          await connect();
          failures = 0;
        } catch (error) {
          failures += 1;
          failure = toCardError(error);
          const { reason } = failure;
          if (deniesAppToken(reason) && atStart) throw new SlackStartError(advice(reason), { cause: error });
          const fields = { tries: failures, reason, advice: tlsAdvice(error) ?? undefined, error };
          if (deniesAppToken(reason)) logger.error(advice(reason), fields);
          else logger.warn('no connection to Slack opened; trying again', fields);
          // Those that have been replaced, or are about to be, only take up room.
          if (reason === TOO_MANY) for (const link of linksThatAre('ending')) close(link);
        }
      }
    } finally {
      connecting = false;
    }
  }

  return {
    init(its) {
      app = its;
    },
    async start() {
      await keepConnected(1, true);
      void keepConnected(WANTED);
    },
    async stop() {
      stopped = true;
      // One that is being opened is closed once it is open. Before that, the client would forget a timer as well.
      for (const link of links) if (link.state !== 'opening') close(link);
    },
    sockets: () => ({
      opening: linksThatAre('opening').length,
      serving: linksThatAre('serving').length,
      ending: linksThatAre('ending').length,
    }),
    problems() {
      if (failure && deniesAppToken(failure.reason)) return [advice(failure.reason)];
      if ([...links].some(({ state }) => state !== 'opening')) return [];
      const fallback = failure ? `not connected to Slack (${failure.reason})` : 'not connected to Slack';
      return [tlsAdvice(failure) ?? fallback];
    },
  };
}

/** Finds out why the socket could not connect: the client's own error does not say it, but undici publishes it. */
function watchSocket({ client }: SocketModeReceiver) {
  const channel = 'undici:client:connectError';
  let host: string | undefined;
  let found: unknown;
  client.once('authenticated', ({ url }: { url: string }) => {
    host = new URL(url).host;
  });
  const watch = (message: unknown) => {
    const { connectParams, error } = message as { connectParams: { host: string }; error: unknown };
    if (connectParams.host === host) found = error;
  };
  subscribe(channel, watch);
  return { connectError: () => found, stopWatching: () => unsubscribe(channel, watch) };
}

function refused({ refusal }: Link, cause: unknown): CardError {
  if (refusal === TOO_MANY)
    return new CardError(
      'not_now',
      TOO_MANY,
      'Slack allows an app 10 connections, and each process opens two.',
    );
  const closed = tlsAdvice(cause) ?? 'Slack closed the connection before it was ready.';
  return new CardError('not_now', 'slack_socket_closed', closed, null, { cause });
}

/**
 * Handles Slack's `disconnect` in place of the client, which would close the connection at once. A message that the
 * client can't read would end the process, as a rejection that nobody handles.
 */
function readMessages(
  { client }: SocketModeReceiver,
  logger: Logger,
  onDisconnect: (reason: unknown) => void,
): void {
  for (const read of client.listeners('ws_message')) {
    client.off('ws_message', read);
    const warn = (error: unknown) => logger.warn('message from Slack not understood', { error });
    client.on('ws_message', (...message: unknown[]) => {
      const envelope = parse(message[0]);
      if (envelope?.type === 'disconnect') onDisconnect(envelope.reason);
      else void Promise.resolve(read(...message)).catch(warn);
    });
  }
}

function parse(data: unknown): { type?: unknown; reason?: unknown } | null {
  try {
    return typeof data === 'string' ? (JSON.parse(data) as object | null) : null;
  } catch {
    return null;
  }
}
