import type { ServerResponse } from 'node:http';
import type { Answer } from './types';

/** The ways in which one request can end, good and bad. They do nothing if the client has gone. */
export interface Reply {
  readonly gone: boolean;
  send(answer: Answer): void;
  /** Promises a whole answer, sends half of it, and hangs up. */
  truncate(answer: Answer): void;
  /** Ends the connection without an answer. */
  reset(): void;
}

export function createReply(response: ServerResponse, sending: (status: number) => void): Reply {
  const gone = () => response.destroyed || response.writableEnded;

  return {
    get gone() {
      return gone();
    },
    send(answer) {
      if (gone()) return;
      sending(answer.status);
      const text = textOf(answer);
      response.writeHead(answer.status, headersOf(answer, text));
      response.end(text);
    },
    truncate(answer) {
      if (gone()) return;
      // A 204 has no body to cut short, so it becomes an answer that promises one.
      const text = textOf(answer) || '{"id":"';
      response.writeHead(answer.status === 204 ? 200 : answer.status, {
        'content-type': 'application/json;charset=utf-8',
        'content-length': Buffer.byteLength(text) + 1,
      });
      response.write(text.slice(0, Math.ceil(text.length / 2)), () => response.destroy());
    },
    reset() {
      response.socket?.resetAndDestroy();
      response.destroy();
    },
  };
}

function textOf({ body }: Answer): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function headersOf(answer: Answer, text: string): Record<string, string | number> {
  if (answer.status === 204 || answer.status === 304) return { ...answer.headers };
  return {
    ...(answer.body === undefined ? {} : { 'content-type': 'application/json;charset=utf-8' }),
    'content-length': Buffer.byteLength(text),
    ...answer.headers,
  };
}
