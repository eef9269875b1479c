/**
 * Request URLs: deliveries as signed POSTs.
 *
 * Read in docs.slack.dev "Verifying requests from Slack" (v0 signature over `v0:timestamp:body`, five minutes) and in
 * bolt/dist/receivers (HTTPReceiver, verify-request, HTTPModuleFunctions): a slash command is a form, an interaction
 * a form with one `payload` field, an event a JSON body; the body of the answer is the ack. An array of addresses is
 * a round-robin balancer that skips an address which refuses the connection. Not imitated: url_verification,
 * ssl_check, and the second and third retry of an event (after 1 and 5 minutes).
 */
import { createHmac } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Ack, Envelope, Sent, Signature } from './envelope';
import type { Timers } from './timers';
import type { Obj } from './types';
import type { World } from './world';

const FORM = 'application/x-www-form-urlencoded';

function encode({ type, payload }: Envelope): { body: string; contentType: string } {
  if (type === 'events_api') return { body: JSON.stringify(payload), contentType: 'application/json' };
  if (type === 'interactive') {
    return { body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), contentType: FORM };
  }
  return { body: new URLSearchParams(payload as Record<string, string>).toString(), contentType: FORM };
}

export function signedHeaders(
  secret: string,
  body: string,
  atMs: number,
  how: Signature,
): Record<string, string> {
  if (how === 'none') return {};
  const stale = how === 'stale' ? 6 * 60 : 0;
  const timestamp = String(Math.floor(atMs / 1000) - stale);
  const key = how === 'bad' ? `${secret}-of-somebody-else` : secret;
  const digest = createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${digest}` };
}

function readAck(response: IncomingMessage, body: string): Ack {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) return { acked: false, error: 'dispatch_failed', status };
  if (body === '') return { acked: true, payload: {}, status };
  if (!(response.headers['content-type'] ?? '').includes('json'))
    return { acked: true, payload: { text: body }, status };
  try {
    return { acked: true, payload: JSON.parse(body) as Obj, status };
  } catch {
    return { acked: false, error: 'dispatch_failed', status };
  }
}

type Outcome = Ack & { refused?: boolean };

function post(
  url: string,
  body: string,
  headers: Record<string, string>,
  timers: Timers,
  timeoutMs: number,
  open: Set<ClientRequest>,
): Promise<Outcome> {
  return new Promise((resolve) => {
    // No keep-alive: after a restart of the app, a dead connection would be a fault that no test injected.
    const outgoing = request(url, { method: 'POST', headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        stop();
        resolve(readAck(response, Buffer.concat(chunks).toString('utf8')));
      });
      response.on('error', () => resolve({ acked: false, error: 'dispatch_failed' }));
    });
    const cancel = timers.after(timeoutMs, () => {
      resolve({ acked: false, error: 'operation_timeout' });
      outgoing.destroy();
    });
    const stop = () => {
      cancel();
      open.delete(outgoing);
    };
    open.add(outgoing);
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      stop();
      resolve({ acked: false, error: 'dispatch_failed', refused: error.code === 'ECONNREFUSED' });
    });
    outgoing.end(body);
  });
}

export function createHttpDelivery(world: World, timers: Timers) {
  const open = new Set<ClientRequest>();
  let turn = 0;
  const { signingSecret, ackTimeoutMs } = world.settings;

  async function once(
    urls: readonly string[],
    envelope: Envelope,
    how: Signature,
    retry: number,
    sent: Sent[],
  ): Promise<Outcome> {
    const { body, contentType } = encode(envelope);
    const repeated: Record<string, string> =
      retry > 0 ? { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': 'http_timeout' } : {};
    const length = String(Buffer.byteLength(body));
    const signed = signedHeaders(signingSecret, body, world.now(), how);
    const headers = { 'content-type': contentType, 'content-length': length, ...signed, ...repeated };
    let last: Outcome = { acked: false, error: 'dispatch_failed' };
    for (let tries = 0; tries < urls.length; tries += 1) {
      const url = urls[turn % urls.length] as string;
      turn += 1;
      const at = world.now();
      last = await post(url, body, headers, timers, ackTimeoutMs, open);
      const ackedAt = last.acked ? world.now() : null;
      sent.push({ at, to: url, ackedAt, refused: last.refused === true });
      if (!last.refused) return last;
    }
    return last;
  }

  return {
    async send(urls: readonly string[], envelope: Envelope, how: Signature = 'good'): Promise<Ack> {
      const sent: Sent[] = [];
      const first = await once(urls, envelope, how, 0, sent);
      // Slack repeats events, never commands or interactions.
      const final =
        first.acked || envelope.type !== 'events_api' ? first : await once(urls, envelope, how, 1, sent);
      const { refused: _, ...ack } = final;
      return { ...ack, sent };
    },
    /** Ends all waits. Used by reset and close. */
    abandon(): void {
      for (const outgoing of open) outgoing.destroy();
    },
  };
}

export type HttpDelivery = ReturnType<typeof createHttpDelivery>;
