import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AppError } from '../errors';

export interface HealthChecks {
  /** What keeps the app from doing its work now; empty when nothing does. */
  notReady: () => Promise<string[]>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** `/healthz` says that the process lives, `/readyz` that it can do its work. */
export function healthRoutes({
  notReady,
}: HealthChecks): { path: string; method: string; handler: Handler }[] {
  const answer = (response: ServerResponse, status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const ready = async (response: ServerResponse) => {
    const problems = await notReady().catch(() => ['the check itself failed']);
    answer(response, problems.length === 0 ? 200 : 503, { ready: problems.length === 0, problems });
  };
  return [
    {
      path: '/healthz',
      method: 'GET',
      handler: (_request, response) => answer(response, 200, { alive: true }),
    },
    { path: '/readyz', method: 'GET', handler: (_request, response) => void ready(response) },
  ];
}

/** The port is taken, or not ours to take. */
export class PortError extends AppError {
  readonly code = 'port_unavailable';
}

/**
 * In Socket Mode the routes get a server of their own, since Bolt's is an uncaught error when the port is busy.
 * @throws PortError
 */
export async function startHealthServer(port: number, checks: HealthChecks): Promise<Server> {
  const routes = healthRoutes(checks);
  const server = createServer((request, response) => {
    const route = routes.find(({ path, method }) => request.url === path && request.method === method);
    if (route) route.handler(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(portError(port, cause)));
    server.listen(port, resolve);
  });
  return server;
}

export const portError = (port: number, cause: unknown): PortError =>
  new PortError(`Port ${port} cannot be used. Set PORT to a free one.`, { cause });
