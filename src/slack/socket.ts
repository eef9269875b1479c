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
import { isTokenError, SlackStartError, tlsAdvice, toCardError } from './errors';
import { backoffMs } from './retry';

const PING_MS = 2_000;
/** Slack ends a connection about 10 s after its warning. Until then it may still send something there. */
const RETIRE_MS = 15_000;
/** The least time between two connections, however short their lives are. */
const BETWEEN_MS = 1_000;

/** What `apps.connections.open` answers to a token that can't open connections. */
const isWrong = (reason: string): boolean =>
  isTokenError(reason) || reason === 'missing_scope' || reason === 'no_permission';

const advice = (reason: string) =>
  `Slack does not accept SLACK_APP_TOKEN (${reason}). Create an app-level token (xapp-…) with the scope connections:write.`;

/**
 * Receives from Slack by Socket Mode, and never stops trying to. In place of the reconnecting of Slack's own client,
 * which leaves a gap of some seconds whenever Slack replaces a connection, and retries a wrong token for ever. Here the
 * next connection is ready before the last one is closed.
 */
export function createSocketReceiver(options: {
  appToken: string;
  clientOptions: WebClientOptions;
  dispatcher?: SocketModeReceiverOptions['dispatcher'];
  timeoutMs: number;
  logger: Logger;
  sleep: (ms: number) => Promise<unknown>;
}): Receiver & { problems(): string[] } {
  const { appToken, clientOptions, dispatcher, timeoutMs, logger, sleep } = options;
  const open = new Set<SocketModeReceiver>();
  let app: App;
  let stopped = false;
  let current: SocketModeReceiver | undefined;
  /** Slack is going to end the current connection. */
  let outdated = false;
  let connecting = false;
  let greetedAt = 0;
  let failure: CardError | undefined;

  /** Once for each: the client would forget the timer of its first closing, and keep the process alive. */
  const close = (one: SocketModeReceiver) => {
    if (open.delete(one)) void one.stop();
  };

  function greeted(one: SocketModeReceiver): void {
    if (stopped) {
      void one.stop();
      return;
    }
    const last = current;
    if (last) setTimeout(() => close(last), RETIRE_MS).unref();
    current = one;
    outdated = false;
    greetedAt = Date.now();
    failure = undefined;
  }

  function lost(one: SocketModeReceiver): void {
    open.delete(one);
    if (one !== current) return;
    current = undefined;
    void keepConnected();
  }

  function replace(one: SocketModeReceiver, reason: unknown): void {
    logger.info('Slack ends a connection', { reason });
    // The new connection is one too many, so this time the last one must go first.
    if (current && one !== current && outdated && reason === 'too_many_websockets') close(current);
    if (one !== current) return;
    outdated = true;
    void keepConnected();
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
    receiver.init(app);
    readMessages(receiver, logger, (reason) => replace(receiver, reason));
    receiver.client.on('connected', () => greeted(receiver));
    receiver.client.on('disconnected', () => lost(receiver));
    open.add(receiver);
    // One call, and the greeting.
    const late = setTimeout(() => close(receiver), 2 * timeoutMs);
    const { connectError, stopWatching } = watchSocket(receiver);
    try {
      await receiver.start();
    } catch (error) {
      open.delete(receiver);
      const cause = connectError();
      const closed = tlsAdvice(cause) ?? 'Slack closed the connection before it was ready.';
      throw error ?? new CardError('not_now', 'slack_socket_closed', closed, null, { cause });
    } finally {
      clearTimeout(late);
      stopWatching();
    }
  }

  /** @throws SlackStartError at the start, when the token is wrong */
  async function keepConnected(atStart = false): Promise<void> {
    if (connecting) return;
    connecting = true;
    try {
      for (let failures = 0; !stopped && (current === undefined || outdated); ) {
        const rest = greetedAt + BETWEEN_MS - Date.now();
        const pause = failure ? backoffMs(failures, failure) : rest;
        if (pause > 0) await sleep(pause);
        if (stopped) return;
        try {
          await connect();
        } catch (error) {
          failures += 1;
          failure = toCardError(error);
          const { reason } = failure;
          if (isWrong(reason) && atStart) throw new SlackStartError(advice(reason), { cause: error });
          const fields = { tries: failures, reason, advice: tlsAdvice(error) ?? undefined, error };
          if (isWrong(reason)) logger.error(advice(reason), fields);
          else logger.warn('no connection to Slack; trying again', fields);
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
    start: () => keepConnected(true),
    async stop() {
      stopped = true;
      for (const one of open) close(one);
    },
    problems() {
      if (failure && isWrong(failure.reason)) return [advice(failure.reason)];
      if (current) return [];
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
