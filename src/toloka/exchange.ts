import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { Agent, type Dispatcher } from 'undici';

const CONNECTIONS = 32;
/** For a connection with its TLS handshake, in ms. */
const CONNECT_MS = 5_000;
/** Of a body, as it comes and decompressed. */
const MAX_BODY_BYTES = 20 * 1024 * 1024;
/** How often a body may be compressed. Nobody does it more than once. */
const MAX_CODINGS = 3;

export interface Connections {
  for(method: 'GET' | 'POST'): Dispatcher;
  close(): Promise<void>;
}

/**
 * Reads share connections that stay open. A POST gets a new connection each time (`pipelining: 0`): on one that was
 * kept open, the server may be hanging up at that moment, and then it is not known whether it took the POST. HTTP/2 is
 * off, because undici sends a request again there when the server asks for it.
 *
 * @param injected used for everything instead, and not closed
 * @param createAgent makes connections in another way, such as through a proxy
 * @see undici 7.30.2 lib/dispatcher/client-h1.js (`pipelining: 0` sends `connection: close`)
 */
export function createConnections(
  injected?: Dispatcher,
  createAgent: (options: Agent.Options) => Dispatcher = (options) => new Agent(options),
): Connections {
  if (injected) return { for: () => injected, close: async () => undefined };
  const options = { connections: CONNECTIONS, allowH2: false, connect: { timeout: CONNECT_MS } };
  const reads = createAgent({ ...options, pipelining: 1 });
  const posts = createAgent({ ...options, pipelining: 0 });
  let closing: Promise<unknown> | undefined;
  return {
    for: (method) => (method === 'POST' ? posts : reads),
    async close() {
      closing ??= Promise.all([reads.close(), posts.close()]);
      await closing;
    },
  };
}

export interface ExchangeRequest {
  method: 'GET' | 'POST';
  origin: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  /** For everything: waiting for a connection, connecting, sending, the whole body. */
  timeoutMs: number;
  /** One that has not fired yet. When it fires, the time is up. */
  signal: AbortSignal | undefined;
  /** Asked right before the first byte leaves. When it says no, nothing is sent. */
  mayStart?: (() => boolean) | undefined;
}

/** How one exchange went. A problem after the status leaves status and what there is of the body. */
export interface Exchange {
  /** False: certainly not a byte of the request left. */
  started: boolean;
  status: number | null;
  headers: IncomingHttpHeaders;
  text: string;
  /** Why it did not come to its end; null when it did. */
  problem: { kind: 'timeout' | 'held' | 'broken' | 'too_large' | 'encoding'; cause?: unknown } | null;
}

/**
 * One HTTP exchange, with a hard time limit and a bounded body, which is always read. Never rejects and follows no
 * redirect. The request is written at most once, with any dispatcher.
 *
 * Uses `dispatch` instead of undici's `request`, which is built on it: only `onRequestStart`, which undici calls just
 * before it writes, shows whether a failed request can have left. `request` does not pass that on, and does not return
 * when its signal fires before there is a connection.
 *
 * @see undici 7.30.2 lib/dispatcher/client-h1.js, `writeH1` (start before write) and `onHttpSocketClose` (a request
 *   whose socket ends with an informational error goes back into the queue)
 */
export function exchange(dispatcher: Dispatcher, request: ExchangeRequest): Promise<Exchange> {
  return new Promise((resolve) => {
    const began = performance.now();
    let started = false;
    let settled = false;
    let status: number | null = null;
    let headers: IncomingHttpHeaders = {};
    let bytes = 0;
    let controller: Dispatcher.DispatchController | undefined;
    const chunks: Buffer[] = [];

    const settle = (problem: Exchange['problem']) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', onTimeout);
      const raw = Buffer.concat(chunks);
      void decode(raw, headers['content-encoding'], problem).then((body) =>
        resolve({ started, status, headers, ...body }),
      );
    };
    const giveUp = (problem: Exchange['problem']) => {
      settle(problem);
      controller?.abort(new Error('given up'));
    };
    const onTimeout = () => giveUp({ kind: 'timeout' });
    const timer = setTimeout(onTimeout, request.timeoutMs);

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(current) {
        controller = current;
        if (started) {
          giveUp({ kind: 'broken', cause: new Error('the connection broke; not sent a second time') });
        } else if (settled || performance.now() - began >= request.timeoutMs) {
          // Its connection came too late: the caller knows already that nothing was sent, or learns it now. A process
          // that was stopped sees the connection first and its own timer only then.
          settle({ kind: 'timeout' });
          current.abort(new Error('given up'));
        } else if (request.mayStart?.() === false) {
          giveUp({ kind: 'held' });
        } else {
          started = true;
        }
      },
      onResponseStart(_controller, code, received) {
        if (code < 200) return;
        status = code;
        headers = received;
      },
      onResponseData(_controller, chunk) {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) giveUp({ kind: 'too_large' });
        else chunks.push(chunk);
      },
      onResponseEnd: () => settle(null),
      onResponseError: (_controller, cause) => settle({ kind: 'broken', cause }),
    };

    request.signal?.addEventListener('abort', onTimeout);
    try {
      dispatcher.dispatch(
        {
          method: request.method,
          origin: request.origin,
          path: request.path,
          headers: request.headers,
          // The timer above covers both, and to the millisecond.
          headersTimeout: 0,
          bodyTimeout: 0,
          // A POST ends its connection, so that no other request gets one in an unclear state.
          reset: request.method === 'POST',
        },
        handler,
      );
    } catch (cause) {
      settle({ kind: 'broken', cause });
    }
  });
}

const gunzipped = promisify(gunzip);
const inflated = promisify(inflate);
const rawInflated = promisify(inflateRaw);
const brotliDecompressed = promisify(brotliDecompress);

/** Decompresses what a gateway on the way has compressed, although the request asks for no compression. */
async function decode(
  raw: Buffer,
  encoding: string | string[] | undefined,
  problem: Exchange['problem'],
): Promise<Pick<Exchange, 'text' | 'problem'>> {
  const codings = String(encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > MAX_CODINGS) return { text: '', problem: problem ?? { kind: 'encoding' } };
  let body = raw;
  try {
    // Applied in the order of the header, so undone from its end.
    for (const coding of codings.reverse()) {
      if (body.length > 0) body = await decodeOnce(body, coding);
    }
  } catch (cause) {
    return { text: '', problem: problem ?? { kind: problemOf(cause as NodeJS.ErrnoException), cause } };
  }
  return { text: body.toString('utf8'), problem };
}

function decodeOnce(body: Buffer, coding: string): Promise<Buffer> {
  const options = { maxOutputLength: MAX_BODY_BYTES };
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return gunzipped(body, options);
    case 'deflate':
      // Some servers leave out the header of two bytes, in which the low half of the first is 8.
      return ((body[0] ?? 0) & 0x0f) === 8 ? inflated(body, options) : rawInflated(body, options);
    case 'br':
      return brotliDecompressed(body, options);
    default:
      throw new Error(`The encoding ${coding} is not known`);
  }
}

function problemOf({ code }: NodeJS.ErrnoException): 'too_large' | 'broken' | 'encoding' {
  if (code === 'ERR_BUFFER_TOO_LARGE') return 'too_large';
  // Its end is missing.
  return code === 'Z_BUF_ERROR' ? 'broken' : 'encoding';
}
