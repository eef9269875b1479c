import { createServer } from 'node:net';
import { portProblem, type Where } from './health';

/** What is at the port of the app: nothing, this app, or something that is in its way. */
export type PortState =
  | { kind: 'free' }
  | { kind: 'app'; problems: string[] }
  | { kind: 'taken'; problem: string };

/** Looks what is at a port. Listens there for a moment if nothing answers. */
export async function readPort(where: Where, timeoutMs: number): Promise<PortState> {
  const { host, port } = where;
  const problems = port === 0 ? null : await readiness(addressOf(host), port, timeoutMs);
  if (problems !== null) return { kind: 'app', problems };
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (cause) => resolve({ kind: 'taken', problem: portProblem(cause, where) }));
    server.listen({ port, host }, () => server.close(() => resolve({ kind: 'free' })));
  });
}

/** Where a server can be reached that listens on this address, or on every one. */
function addressOf(host = '127.0.0.1'): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host.includes(':') ? `[${host === '::' ? '::1' : host}]` : host;
}

/** What keeps an app from its work that answers there; null when none answers as this app does. */
async function readiness(host: string, port: number, timeoutMs: number): Promise<string[] | null> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(`http://${host}:${port}/readyz`, { signal, redirect: 'manual' });
    const { ready, problems } = (await answer.json()) as { ready?: unknown; problems?: unknown };
    return typeof ready === 'boolean' && Array.isArray(problems) ? problems.map(String) : null;
  } catch {
    return null;
  }
}
