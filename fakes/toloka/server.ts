import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on loopback that can go down, with all connections, and come back on the same port. */
export interface LoopbackServer {
  readonly port: number;
  down(): Promise<void>;
  up(): Promise<void>;
  /** Like `setTimeout`, forgotten when the server goes down. */
  wait(ms: number, then: () => void): void;
  /** Forgets what waits and drops every connection, and stays up. */
  drop(): void;
}

export async function startServer(
  wantedPort: number,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<LoopbackServer> {
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((request, response) => {
    // Connections break on purpose here. That must not crash the process.
    response.on('error', () => {});
    // An archive call has no body, but any body is read, so that the connection can be used again.
    request.resume();
    request.on('end', () => onRequest(request, response));
  });
  // Longer than any client keeps an idle connection: a close at the moment of reuse would look like a fault.
  server.keepAliveTimeout = 120_000;

  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: '127.0.0.1', backlog: 1024 }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  const drop = () => {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    server.closeAllConnections();
  };

  await listen(wantedPort);
  const { port } = server.address() as AddressInfo;

  return {
    port,
    drop,
    up: async () => {
      if (!server.listening) await listen(port);
    },
    down: () =>
      new Promise((resolve) => {
        if (!server.listening) return resolve();
        server.close(() => resolve());
        drop();
      }),
    wait(ms, then) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        then();
      }, ms);
      timers.add(timer);
    },
  };
}
