import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

export interface ExchangeRequest {
  method: 'GET' | 'POST';
  origin: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  /** For everything: waiting for a connection, connecting, sending, the whole body. */
  timeoutMs: number;
  maxBodyBytes: number;
  /** One that has not fired yet. */
  signal: AbortSignal | undefined;
}

/** Why an exchange did not come to its end. */
export interface Problem {
  kind: 'timeout' | 'aborted' | 'broken' | 'too_large';
  cause?: unknown;
}

/** How one exchange went. A problem after the status leaves status and what there is of the body. */
export interface Exchange {
  /** False: certainly not a byte of the request left. */
  started: boolean;
  status: number | null;
  headers: IncomingHttpHeaders;
  text: string;
  problem: Problem | null;
}

/**
 * One HTTP exchange, with a hard time limit and a bounded body; the body is always read. Never rejects and follows no
 * redirect. The request is written at most once, whatever the dispatcher does.
 *
 * It stands on `dispatch`, where undici's own `request` stands too: only `onRequestStart`, which undici calls just
 * before it writes, tells whether a request that failed can have left, and `request` does not pass that on. Nor does
 * `request` return when its signal fires before there is a connection.
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

    const settle = (problem: Problem | null) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', onAbort);
      resolve({ started, status, headers, text: Buffer.concat(chunks).toString('utf8'), problem });
    };
    const giveUp = (problem: Problem) => {
      settle(problem);
      controller?.abort(new Error('given up'));
    };
    const onAbort = () => giveUp({ kind: 'aborted' });
    const timer = setTimeout(() => giveUp({ kind: 'timeout' }), request.timeoutMs);

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(current) {
        controller = current;
        if (started) {
          giveUp({ kind: 'broken', cause: new Error('the connection broke; not sent a second time') });
        } else if (settled || performance.now() - began >= request.timeoutMs) {
          // Its connection came too late: the caller has been told that nothing was sent, or is told now. A process
          // that was stopped sees the connection first and its own timer only then.
          settle({ kind: 'timeout' });
          current.abort(new Error('given up'));
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
        if (bytes > request.maxBodyBytes) {
          giveUp({ kind: 'too_large' });
        } else {
          chunks.push(chunk);
        }
      },
      onResponseEnd: () => settle(null),
      onResponseError: (_controller, cause) => settle({ kind: 'broken', cause }),
    };

    request.signal?.addEventListener('abort', onAbort);
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
          // A POST ends its connection, so that no other request inherits one of doubtful state.
          reset: request.method === 'POST',
        },
        handler,
      );
    } catch (cause) {
      settle({ kind: 'broken', cause });
    }
  });
}
