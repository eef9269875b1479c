/**
 * Only the page itself may drive the demo. Another web page in the same browser could send requests to loopback: under
 * a host name of its own that points here (DNS rebinding, visible in `Host`), or across origins (CSRF, visible in
 * `Origin`).
 */
import type { IncomingMessage } from 'node:http';
import { PageRefusal } from './errors';

/** Only this server's own scripts, styles, images and connections. Nothing inline, and no frame around the page. */
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const HEADERS = {
  'content-security-policy': CSP,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

export function guard({ method, headers }: IncomingMessage, port: number): void {
  const { host = '', origin } = headers;
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(host)) {
    throw new PageRefusal(403, `This demo answers at http://127.0.0.1:${port} only.`);
  }
  if (method === 'GET') {
    if (origin !== undefined && origin !== `http://${host}`)
      throw new PageRefusal(403, 'Not from this page.');
    return;
  }
  if (method !== 'POST') throw new PageRefusal(405, 'GET or POST.');
  if (origin !== `http://${host}`) throw new PageRefusal(403, 'Not from this page.');
  if (!(headers['content-type'] ?? '').startsWith('application/json'))
    throw new PageRefusal(415, 'JSON only.');
}

const MOST_BYTES = 64 * 1024;

export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES) throw new PageRefusal(413, 'That is too much.');
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new PageRefusal(400, 'That is not JSON.');
  }
}
