import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebAPIRequestError, WebClient } from '@slack/web-api';
import { CardError } from '../../src/archive/errors';
import { toCardError } from '../../src/slack/errors';
import { SILENT } from './support';

/** What a call throws when Slack answers like this. */
async function failureOf(answer: RequestListener, timeout = 10_000): Promise<CardError> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  try {
    return toCardError(await throws(port, timeout));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function throws(port: number, timeout = 10_000): Promise<unknown> {
  const client = new WebClient('xoxb-1', {
    slackApiUrl: `http://127.0.0.1:${port}/api/`,
    ...{ retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout, logger: SILENT },
  });
  return client.chat.postMessage({ channel: 'C1', text: 'x' }).then(
    () => new Error('It did not throw'),
    (error: unknown) => error,
  );
}

const json =
  (body: object, status = 200, headers = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

describe('toCardError', () => {
  it.each([
    ['a refusal', json({ ok: false, error: 'not_in_channel' }), 'refused', 'not_in_channel'],
    ['trouble at Slack', json({ ok: false, error: 'internal_error' }), 'maybe', 'internal_error'],
    ['a rate limit in the body', json({ ok: false, error: 'ratelimited' }), 'not_now', 'ratelimited'],
    ['a code that is no code', json({ ok: false, error: '<h1>Proxy</h1>' }), 'maybe', 'slack_unreadable'],
    ['a code of another type', json({ ok: false, error: 7 }), 'maybe', 'slack_unreadable'],
    ['a name of Object', json({ ok: false, error: 'constructor' }), 'refused', 'constructor'],
    ['HTTP 503', json({}, 503), 'maybe', 'slack_http_503'],
    ['a page', ((_, response) => response.end('<html>')) as RequestListener, 'maybe', 'slack_unreadable'],
    ['a reset', ((request) => request.socket.destroy()) as RequestListener, 'maybe', 'slack_unreachable'],
  ])('%s', async (_name, answer, failure, reason) => {
    expect(await failureOf(answer)).toMatchObject({ code: 'card_failed', failure, reason });
  });

  it('no answer', async () => {
    expect(await failureOf(() => {}, 300)).toMatchObject({ failure: 'maybe', reason: 'slack_unreachable' });
  });

  it('keeps how long Slack asks to wait', async () => {
    const failure = await failureOf(json({ ok: false }, 429, { 'retry-after': '7' }));
    expect(failure).toMatchObject({ failure: 'not_now', reason: 'ratelimited', retryAfterMs: 7_000 });
  });

  it('keeps no wait that a card would never see the end of', async () => {
    const failure = await failureOf(json({ ok: false }, 429, { 'retry-after': '99999999999999' }));
    expect(failure).toMatchObject({ failure: 'not_now', retryAfterMs: 3_600_000 });
  });

  // Made by hand: in Jest the errors of fetch are of another realm, and Slack's client keeps only their text.
  it.each(['ECONNREFUSED', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])(
    'knows that nothing was sent: %s',
    (code) => {
      const cause = Object.assign(new Error('connect'), { code });
      const error = new WebAPIRequestError(new TypeError('fetch failed', { cause }));
      expect(toCardError(error)).toMatchObject({
        failure: 'not_now',
        reason: 'slack_unreachable',
        cause: error,
      });
    },
  );

  it('says what an operator can do about a certificate', () => {
    const cause = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' });
    const { message, reason } = toCardError(new WebAPIRequestError(new TypeError('fetch failed', { cause })));
    expect(reason).toBe('slack_unreachable');
    expect(message).toMatch(/^No TLS connection to Slack \(CERT_HAS_EXPIRED: .*Renew/);
  });

  it('leaves a CardError as it is', () => {
    const error = new CardError('refused', 'x', 'y');
    expect(toCardError(error)).toBe(error);
  });
});
