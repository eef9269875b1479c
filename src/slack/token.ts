import type { WebClientOptions } from '@slack/web-api';
import { isTokenError, tlsAdvice } from './errors';

type Fetch = NonNullable<WebClientOptions['fetch']>;

/** How old the last answer about the token may be, in ms. Slack allows hundreds of `auth.test` a minute. */
const FRESH_MS = 10_000;

/** Learns from every call to Slack whether the bot token is still valid, and whether TLS works. */
export function createTokenWatch(fetch: Fetch) {
  let wrong: string | null = null;
  let tls: string | null = null;
  let answeredAt = 0;
  const watchedFetch: Fetch = async (url, init) => {
    const response = (await fetch(url, init).catch((error: unknown) => {
      tls = tlsAdvice(error);
      throw error;
    })) as Response;
    tls = null;
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null);
    const { ok, error } = (body ?? {}) as { ok?: unknown; error?: unknown };
    if (ok === true || isTokenError(error)) {
      wrong = ok === true ? null : String(error);
      answeredAt = Date.now();
    }
    return response;
  };
  return {
    fetch: watchedFetch,
    /** What keeps Slack from being called. Asks Slack with `test`, for the next time, when nothing was heard for a while. */
    problems(test: () => Promise<unknown>): string[] {
      if (Date.now() - answeredAt > FRESH_MS) {
        answeredAt = Date.now();
        test().catch(() => {});
      }
      if (tls !== null) return [tls];
      return wrong === null
        ? []
        : [
            `Slack does not accept SLACK_BOT_TOKEN any more (${wrong}). Copy the Bot User OAuth Token again and restart`,
          ];
    },
  };
}
