import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { CardError } from '../archive/errors';
import { AppError } from '../errors';
import { httpsSettings, tlsProblem } from '../tls-errors';

/** Slack denied access when the app started. */
export class SlackStartError extends AppError {
  readonly code = 'slack_start_failed';
}

/** With these, Slack says itself that a part may have been done. */
const MAYBE = new Set(['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable']);
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
/** The longest that one answer can make a card wait, in seconds. Slack itself asks for a minute or less. */
const MOST_RETRY_AFTER_S = 3_600;

const TLS = httpsSettings('SLACK_API_URL or HTTPS_PROXY');

/** Why there is no TLS connection to Slack, and what an operator can do; null when it is something else. */
export function tlsAdvice(error: unknown): string | null {
  const problem = tlsProblem(error, TLS);
  return problem && `No TLS connection to Slack (${problem.reason}). ${problem.advice}`;
}

/**
 * Sorts what a Web API call threw by what it means for the call: not done, not done yet, or perhaps done.
 * @see https://docs.slack.dev/reference/methods/chat.postMessage#errors
 */
export function toCardError(error: unknown): CardError {
  if (error instanceof CardError) return error;
  const options = { cause: error };
  if (error instanceof WebAPIRateLimitedError)
    return rateLimited(
      Number.isFinite(error.retryAfter) ? Math.min(error.retryAfter, MOST_RETRY_AFTER_S) * 1000 : null,
      options,
    );
  if (error instanceof WebAPIPlatformError) return ofCode(error.data.error, options);
  if (error instanceof WebAPIHTTPError) {
    const { statusCode } = error;
    return new CardError(
      'maybe',
      `slack_http_${statusCode}`,
      `Slack answered HTTP ${statusCode}.`,
      null,
      options,
    );
  }
  if (error instanceof WebAPIRequestError) {
    const code = causeCode(error.original);
    const failure = code !== null && NEVER_CONNECTED.has(code) ? 'not_now' : 'maybe';
    const message = tlsAdvice(error) ?? 'Slack did not answer.';
    return new CardError(failure, 'slack_unreachable', message, null, options);
  }
  return unreadable(options);
}

/** Slack asked to wait, for this long where it said so. */
export const rateLimited = (retryAfterMs: number | null, options?: ErrorOptions) =>
  new CardError('not_now', 'ratelimited', 'Slack asked to slow down.', retryAfterMs, options);

function ofCode(code: unknown, options: ErrorOptions): CardError {
  // The answer of a proxy may look like Slack's. Slack's own codes are plain names.
  if (typeof code !== 'string' || !/^[\w.-]{1,80}$/.test(code)) return unreadable(options);
  if (code === 'ratelimited') return rateLimited(null, options);
  const message = `Slack answered: ${code}. See https://docs.slack.dev/reference/methods/chat.postMessage#errors.`;
  return new CardError(MAYBE.has(code) ? 'maybe' : 'refused', code, message, null, options);
}

const unreadable = (options: ErrorOptions) =>
  new CardError('maybe', 'slack_unreadable', 'Slack’s answer could not be read.', null, options);

function causeCode(error: unknown): string | null {
  for (let one = error; typeof one === 'object' && one !== null; one = (one as { cause?: unknown }).cause) {
    const { code } = one as { code?: unknown };
    if (typeof code === 'string') return code;
  }
  return null;
}
