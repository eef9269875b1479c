import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Agent, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';

/** For a connection to the proxy, and for its answer that the tunnel is there, in ms. */
const CONNECT_MS = 5_000;

/**
 * Makes connections that go through a proxy, except to the hosts of `noProxy`. The proxy gets a CONNECT for each and sees
 * nothing of what is sent to an https address. Without `httpsProxy`, `httpProxy` is for https too.
 */
export const throughProxy =
  (proxy: { httpProxy: string; httpsProxy: string; noProxy: string }) =>
  (options: Agent.Options = {}): Dispatcher =>
    new EnvHttpProxyAgent({
      ...options,
      ...proxy,
      proxyTls: { timeout: CONNECT_MS },
      clientFactory: (origin, given) => new Pool(origin, { ...given, headersTimeout: CONNECT_MS }),
    });

/**
 * Asks a proxy for a tunnel, and closes it at once.
 * @param target such as `slack.com:443`
 * @returns the HTTP status of its answer: 200 when there is a tunnel, 407 when it does not accept the login
 * @throws when the proxy can't be reached
 */
export function askProxy(address: string, target: string, timeoutMs: number): Promise<number> {
  const { hostname, port, protocol, username, password } = new URL(address);
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` };
  const request = protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request({
      ...{ hostname: hostname.replace(/^\[|\]$/g, ''), port, method: 'CONNECT', path: target },
      ...(username && { headers }),
      signal: AbortSignal.timeout(timeoutMs),
    })
      // With any status.
      .once('connect', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode ?? 0);
      })
      .once('error', reject)
      .end();
  });
}
