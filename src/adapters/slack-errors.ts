import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { CardError } from '../archive/errors';

/** What to do about Slack's refusals that people can mend. */
const ADVICE: Record<string, string> = {
  not_in_channel: 'This app is not in the channel. Invite it there with /invite, then ask again.',
  channel_not_found: 'This app cannot see the channel. Invite it there with /invite, then ask again.',
  is_archived: 'The channel is archived. Ask again in another one.',
  restricted_action:
    'A workspace setting keeps this app from posting in the channel. Ask again in another one.',
  missing_scope: 'This app lacks a Slack permission. Whoever runs it should reinstall it from its manifest.',
  invalid_auth: 'Slack does not accept this app’s token any more. Whoever runs it should renew it.',
  token_revoked: 'Slack does not accept this app’s token any more. Whoever runs it should renew it.',
  account_inactive: 'Slack does not accept this app’s token any more. Whoever runs it should renew it.',
  message_not_found: 'The card was deleted.',
};

/** Slack says of these itself that a part may have been done. */
const MAYBE = new Set(['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable']);
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Sorts what a Web API call threw by what it means for the message: not there, not there yet, or perhaps there.
 * @see https://docs.slack.dev/reference/methods/chat.postMessage#errors
 */
export function toCardError(error: unknown): CardError {
  if (error instanceof CardError) return error;
  const options = { cause: error };
  if (error instanceof WebAPIRateLimitedError)
    return new CardError(
      'not_now',
      'ratelimited',
      'Slack asks to slow down.',
      error.retryAfter * 1000,
      options,
    );
  if (error instanceof WebAPIPlatformError) {
    const reason = error.data.error;
    // What a proxy in between answers may pass for Slack's word; Slack's own are plain names.
    if (!/^[\w.-]{1,80}$/.test(reason)) return unreadable(options);
    const message = ADVICE[reason] ?? `Slack answered: ${reason}.`;
    if (reason === 'ratelimited') return new CardError('not_now', reason, message, null, options);
    return new CardError(MAYBE.has(reason) ? 'maybe' : 'refused', reason, message, null, options);
  }
  if (error instanceof WebAPIHTTPError) {
    const reason = `slack_http_${error.statusCode}`;
    return new CardError('maybe', reason, `Slack has trouble (HTTP ${error.statusCode}).`, null, options);
  }
  if (error instanceof WebAPIRequestError) {
    const code = causeCode(error.original);
    const failure = code !== null && NEVER_CONNECTED.has(code) ? 'not_now' : 'maybe';
    return new CardError(failure, 'slack_unreachable', 'Slack did not answer.', null, options);
  }
  return unreadable(options);
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
