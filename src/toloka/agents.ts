import { Agent, type Dispatcher } from 'undici';

const CONNECTIONS = 32;

export interface Agents {
  dispatcherFor(method: 'GET' | 'POST'): Dispatcher;
  close(): Promise<void>;
}

/**
 * Reads share connections that stay open. The archive has a new connection each time (`pipelining: 0`): on one that
 * was kept open, the server may just be hanging up, and then nobody can say whether it took the POST. HTTP/2 is off,
 * because undici sends requests again there when the server asks it to.
 *
 * @param connectMs for a connection with its TLS handshake, in milliseconds
 * @see undici 7.30.2 lib/dispatcher/client-h1.js (`pipelining: 0` sends `connection: close`)
 */
export function createAgents(connectMs: number, injected?: Dispatcher): Agents {
  if (injected) {
    return { dispatcherFor: () => injected, close: async () => undefined };
  }
  const connect = { timeout: connectMs };
  const reads = new Agent({ connections: CONNECTIONS, pipelining: 1, allowH2: false, connect });
  const archives = new Agent({ connections: CONNECTIONS, pipelining: 0, allowH2: false, connect });
  return {
    dispatcherFor: (method) => (method === 'POST' ? archives : reads),
    close: async () => {
      await Promise.all([reads.close(), archives.close()]);
    },
  };
}
