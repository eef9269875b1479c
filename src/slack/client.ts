import { format } from 'node:util';
import { LogLevel, type SocketModeReceiverOptions } from '@slack/bolt';
import type { WebClientOptions } from '@slack/web-api';
import type { Logger } from '../logger';
import { type Fetch, type OnCall, reportCalls } from './calls';

/** The way to Slack through a proxy. */
export type SlackDispatcher = SocketModeReceiverOptions['dispatcher'];

export interface ClientOptions {
  /** @default Slack's own */
  apiUrl?: string | undefined;
  /** How long one Web API call may take, in ms. */
  timeoutMs: number;
  /** @default direct */
  dispatcher?: SlackDispatcher;
  /** Gets each call. */
  onCall?: OnCall;
  logger: Logger;
}

/** How every client of the Web API here is set up: it sends nothing twice and hides no failure. */
export const webClientOptions = ({ apiUrl, timeoutMs, dispatcher, onCall, logger }: ClientOptions) =>
  ({
    ...(apiUrl && { slackApiUrl: apiUrl }),
    fetch: onCall ? reportCalls(fetchThrough(dispatcher), onCall) : fetchThrough(dispatcher),
    timeout: timeoutMs,
    // A retry could post a message twice. Only the callers know whether a lost answer does harm.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: forSlack(logger),
  }) satisfies WebClientOptions;

/** The dispatcher goes with each call: what is set globally does not reach the fetch of every Node. */
const fetchThrough =
  (dispatcher: SlackDispatcher): Fetch =>
  (url, init) =>
    fetch(url, { ...init, ...(dispatcher && { dispatcher }) } as RequestInit);

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
