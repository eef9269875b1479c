import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AppError } from '../errors';

export interface HealthChecks {
  /** What keeps the app from doing its work now. Empty when nothing does. */
  notReady: () => Promise<string[]>;
  /** Added to the answer. Anybody can ask, so it holds nothing that only the team should know. */
  info?: () => Promise<object>;
}

/** An address, a port and its setting. */
export interface Where {
  /** @default every address */
  host?: string | undefined;
  port: number;
  /** The name of the setting that has the port. */
  setting?: 'PORT' | 'METRICS_PORT';
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Everybody can connect, so a client gets no more than Slack and load balancers need. */
const MAX_CONNECTIONS = 200;
const REQUEST_MS = 10_000;
/** For a client that does not read its answers. */
const SILENCE_MS = 30_000;
/** How long a stop waits for answers. Slack itself waits for three seconds. */
const STOP_MS = 3_000;
const SWEEP_MS = 100;

/** The port is taken, or this process may not use it. */
export class PortError extends AppError {
  readonly code = 'port_unavailable';
}

const notFound: Listener = (_request, response) => {
  response.writeHead(404, { connection: 'close' }).end();
};

/**
 * The HTTP server of the app. `/healthz`: the process is alive. `/readyz`: it can do its work.
 * @param more further routes, such as `POST /path`
 * @throws PortError
 */
export async function startServer(
  where: Where,
  checks: HealthChecks,
  more: Record<string, Listener> = {},
): Promise<Server> {
  const routes: Record<string, Listener> = {
    'GET /healthz': (_request, response) => answer(response, 200, { alive: true }),
    'GET /readyz': (_request, response) => void ready(response, checks),
    ...more,
  };
  const limits = {
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: REQUEST_MS / 10,
  };
  const server = createServer(limits, (request, response) => {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const route = routes[`${method} ${request.url?.split('?')[0]}`] ?? notFound;
    route(request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = SILENCE_MS;
  await new Promise<void>((resolve, reject) => {
    // Stays on: a later error, such as too many open files, must not end the process.
    server.on('error', (cause) => reject(new PortError(portProblem(cause, where), { cause })));
    server.listen({ port: where.port, host: where.host }, resolve);
  });
  return server;
}

/** What to do about an error of `listen`. */
export const portProblem = (cause: NodeJS.ErrnoException, { host, port, setting = 'PORT' }: Where): string =>
  cause.code === 'EADDRNOTAVAIL'
    ? `This machine has no address ${host}. Set HOST to one that it has, or leave it out.`
    : `Port ${port} can't be used. Set ${setting} to a free one.`;

/** Waits for the answers to requests that have arrived, but for no client that is idle or still sends. */
export async function stopServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const last = setTimeout(() => server.closeAllConnections(), STOP_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(last);
}

/** A route that answers with text. An error of its own becomes a 500, which says nothing about it. */
export const textRoute =
  (contentType: string, text: () => Promise<string>): Listener =>
  (_request, response) =>
    void text().then(
      (body) => response.writeHead(200, { 'content-type': contentType }).end(body),
      () => response.writeHead(500).end(),
    );

async function ready(response: ServerResponse, { notReady, info }: HealthChecks): Promise<void> {
  const [problems, more] = await Promise.all([
    notReady().catch(() => ['the check itself failed']),
    info?.().catch(() => ({})),
  ]);
  const isReady = problems.length === 0;
  answer(response, isReady ? 200 : 503, { ready: isReady, problems, ...more });
}

function answer(response: ServerResponse, status: number, body: object): void {
  const json = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
  response.writeHead(status, headers).end(json);
}
