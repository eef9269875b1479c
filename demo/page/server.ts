import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Act, readAct } from './act';
import { type Asset, loadAssets } from './assets';
import { PageRefusal } from './errors';
import { guard, HEADERS, readJson } from './guard';
import type { Sessions } from './sessions';
import type { Spot } from './spot';

export interface ServerParts {
  sessions: Sessions;
  page: () => string;
  isPerson: (id: string) => boolean;
  act: (act: Act) => Promise<object>;
}

function spotOf({ searchParams }: URL, isPerson: (id: string) => boolean): Spot {
  const user = searchParams.get('user') ?? '';
  if (!isPerson(user)) throw new PageRefusal(404, 'There is no such person.');
  return { user, at: searchParams.get('at') ?? '', thread: searchParams.get('thread') ?? undefined };
}

function send(response: ServerResponse, status: number, { type, body }: Asset): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

const json = (body: object): Asset => ({ type: 'application/json', body: JSON.stringify(body) });

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });

/** Serves the page, its files and its events, and takes its acts. Only this machine can reach it. */
export async function startServer(
  parts: ServerParts,
  wantedPort: number,
): Promise<{ server: Server; port: number }> {
  const assets = loadAssets();
  let port = wantedPort;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    guard(request, port);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method === 'POST') {
      if (url.pathname !== '/act') throw new PageRefusal(404, 'Not found.');
      const act = readAct(await readJson(request));
      if (!act) throw new PageRefusal(400, 'Unknown act.');
      // An impossible act is shown to the person. It is not an error of the page.
      const reply = await parts.act(act).catch((error: unknown) => ({ refused: (error as Error).message }));
      send(response, 200, json(reply));
      return;
    }
    const asset = assets.get(url.pathname);
    if (asset) send(response, 200, asset);
    else if (url.pathname === '/')
      send(response, 200, { type: 'text/html; charset=utf-8', body: parts.page() });
    else if (url.pathname === '/events') parts.sessions.open(spotOf(url, parts.isPerson), response);
    else throw new PageRefusal(404, 'Not found.');
  }

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (error instanceof PageRefusal) send(response, error.status, json({ refused: error.message }));
      else send(response, 500, json({ refused: String(error) }));
    });
  });
  await listen(server, wantedPort).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return listen(server, 0);
  });
  const address = server.address();
  if (typeof address === 'object' && address) port = address.port;
  return { server, port };
}
