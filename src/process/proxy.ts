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
