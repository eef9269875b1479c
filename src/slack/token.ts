import { setTimeout as wait } from 'node:timers/promises';
import { isTokenError } from '../messages/token';
import type { Fetch } from './calls';
import { tlsAdvice } from './errors';

/** How old the last answer about the token may be, in ms. Slack allows hundreds of `auth.test` a minute. */
const FRESH_MS = 10_000;
/** Somebody is waiting for an acknowledgement, which Slack takes for 3 s. */
const ASK_MS = 1_000;

/** Learns from every call to Slack whether the bot token is still valid, what it may do, and whether TLS works. */
export function createTokenWatch(fetch: Fetch) {
  let wrong: string | null = null;
  let tls: string | null = null;
  let answeredAt = 0;
  let scopes: readonly string[] | null = null;
  const watchedFetch: Fetch = async (url, init) => {
    const response = (await fetch(url, init).catch((error: unknown) => {
      tls = tlsAdvice(error);
      throw error;
    })) as Response;
    tls = null;
    // An answer to a response_url looks the same, and needs no token.
    if (!new Headers(init?.headers).has('authorization')) return response;
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null);
    const { ok, error } = (body ?? {}) as { ok?: unknown; error?: unknown };
    if (ok === true || isTokenError(error)) {
      wrong = ok === true ? null : String(error);
      answeredAt = Date.now();
      scopes = response.headers.get('x-oauth-scopes')?.split(/[\s,]+/) ?? scopes;
    }
    return response;
  };
  return {
    fetch: watchedFetch,
    /** The scopes of the token. Null when Slack has not named them. @see https://docs.slack.dev/authentication/installing-with-oauth */
    scopes: () => scopes,
    /** Asks Slack with `test`. Its code when the token is wrong; what is known without it when Slack does not answer in time. */
    async ask(test: () => Promise<unknown>): Promise<string | null> {
      await Promise.race([test().catch(() => {}), wait(ASK_MS, undefined, { ref: false })]);
      return wrong;
    },
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
