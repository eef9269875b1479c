import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type AccountOptions, type AccountSettings, createTolokaAccount } from '../../src/toloka/account';

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

/** Closes all that this file has opened. Call it in `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
}

/** A real server on loopback; `answer` gets the request and how many came before it. */
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

interface Line {
  level: 'debug' | 'warn';
  message: string;
  fields: Record<string, unknown>;
}

/** An account whose waits advance its clock and take no time, and whose jitter is at its upper end. */
export function startAccount(
  server: { apiUrl: string },
  options: Partial<AccountOptions & AccountSettings> = {},
) {
  let at = Date.now();
  const clock = {
    now: () => at,
    advance: (ms: number) => {
      at += ms;
    },
  };
  const slept: number[] = [];
  const logs: Line[] = [];
  const log =
    (level: Line['level']) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void logs.push({ level, message, fields });
  const settings: AccountSettings = {
    name: 'production',
    apiUrl: server.apiUrl,
    platformUrl: 'https://platform.toloka.ai',
    trainingPath: 'trainings',
    token: TOKEN,
  };
  const account = createTolokaAccount(
    { ...settings, ...options },
    {
      archiveMs: 5_000,
      readMs: 5_000,
      requestsPerSecond: 100,
      clock,
      logger: { debug: log('debug'), warn: log('warn') },
      sleep: async (ms) => {
        slept.push(ms);
        clock.advance(ms);
      },
      random: () => 1,
      ...options,
    },
  );
  cleanups.push(() => account.close());
  const warnings = () => logs.filter(({ level }) => level === 'warn').map(({ fields }) => fields);
  return { account, clock, slept, logs, warnings };
}

/** The answer in the document that the product was asked for from. */
export const OPERATION = {
  id: '95029e60-eace-4a3e-96b9-c72c5e727218',
  type: 'TRAINING.ARCHIVE',
  status: 'SUCCESS',
  submitted: '2021-02-26T10:13:32.921',
  started: '2021-02-26T10:13:32.921',
  finished: '2021-02-26T10:13:32.921',
  progress: 100,
  parameters: { training_id: '123456' },
  details: {},
};

export const TRAINING = { id: '123456', project_id: '7', private_name: 'Cats', status: 'CLOSED' };
