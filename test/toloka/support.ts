import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  createTolokaClient,
  type TolokaClient,
  type TolokaClientOptions,
  type TolokaError,
} from '../../src/toloka';

export const TOKEN = 'AQAAAAB-secret-token-0123456789';

interface SeenRequest {
  method: string;
  /** With its query. */
  url: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  body: string;
}

type Answer = (request: SeenRequest, response: ServerResponse, index: number) => void;

interface TestServer {
  apiUrl: string;
  port: number;
  requests: SeenRequest[];
  /** How many connections were made to it. */
  connections(): number;
  sockets: Set<Socket>;
}

const cleanups: (() => Promise<void> | void)[] = [];

/** Call it in `afterEach`: closes all that this file has opened. */
export async function closeAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
}

/** A real server on loopback; `answer` is told the request and how many came before it. */
export async function startServer(answer: Answer): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const url = new URL(message.url ?? '/', 'http://localhost');
      const request = {
        method: message.method ?? '',
        url: message.url ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: message.headers,
        body: Buffer.concat(chunks).toString(),
      };
      requests.push(request);
      answer(request, response, requests.length - 1);
    });
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return { apiUrl: `http://127.0.0.1:${port}/api`, port, requests, connections: () => connections, sockets };
}

export function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

interface TestClient {
  client: TolokaClient;
  /** What was asked of `sleep`. */
  slept: number[];
  logs: { level: string; message: string; fields: Record<string, unknown> }[];
}

/** A client whose waits take no time and whose jitter is at its upper end. */
export function startClient(
  server: { apiUrl: string },
  options: Partial<TolokaClientOptions> = {},
): TestClient {
  const slept: number[] = [];
  const logs: TestClient['logs'] = [];
  const log =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void logs.push({ level, message, fields });
  const client = createTolokaClient({
    apiUrl: server.apiUrl,
    token: TOKEN,
    trainingPath: 'trainings',
    logger: { debug: log('debug'), warn: log('warn') },
    sleep: async (ms) => void slept.push(ms),
    random: () => 1,
    now: () => 1_700_000_000_000,
    ...options,
  });
  cleanups.push(() => client.close());
  return { client, slept, logs };
}

/** The error that a promise ends with. */
export async function errorFrom(promise: Promise<unknown>): Promise<TolokaError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  if ('error' in outcome) {
    return outcome.error;
  }
  throw new Error(`expected an error, got ${JSON.stringify(outcome.value)}`);
}
