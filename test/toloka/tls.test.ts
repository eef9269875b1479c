import { createServer as createHttpServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { Agent, ProxyAgent } from 'undici';
import { throughProxy } from '../../src/process/proxy';
import { createCertificate } from '../support/certificates';
import { closeAll, json, startAccount, TOKEN, TRAINING } from './support';

const hosts = ['127.0.0.1', 'localhost'];
const root = createCertificate({ name: 'root' });
const endings: (() => void)[] = [];
afterEach(async () => {
  await closeAll();
  for (const end of endings.splice(0)) end();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A Toloka with this certificate that has got nothing. */
async function startToloka(certificate = createCertificate({ hosts })) {
  let requests = 0;
  const port = await listen(
    createServer(certificate, (_request, response) => {
      requests += 1;
      json(response, 200, TRAINING);
    }),
  );
  return { apiUrl: `https://127.0.0.1:${port}/api`, requests: () => requests };
}

/**
 * A proxy that makes every tunnel. By https it needs a host name: undici 7 gives an IP address as the name for SNI, which
 * Node 26 refuses.
 */
async function startProxy(certificate?: { cert: string; key: string }): Promise<number> {
  const server = certificate ? createServer(certificate) : createHttpServer();
  server.on('connect', (request, socket: Socket) => {
    const [host = '', port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
  });
  return listen(server);
}

type Options = Parameters<typeof startAccount>[1];

/** What the log says about a read that failed. The archive that is asked for next sends nothing, and says only that. */
async function reasonOf(toloka: Awaited<ReturnType<typeof startToloka>>, options: Options = {}) {
  const { account, warnings } = startAccount(toloka, options);
  const why = { code: 'toloka_unreachable' };
  expect(await account.readTraining('123456')).toEqual({ kind: 'unavailable', why });
  const [{ reason } = {}] = warnings();
  expect(await account.archive('123456', 'c-1')).toEqual({ kind: 'not_sent', outcome: why });
  expect(toloka.requests()).toBe(0);
  expect(JSON.stringify(warnings())).not.toContain(TOKEN);
  return String(reason);
}

const trusting = (ca: string): Options => ({ dispatcher: new Agent({ connect: { ca } }) });

test('an unknown certificate: the log says how to make it known', async () => {
  const reason = await reasonOf(await startToloka());
  expect(reason).toMatch(/^Toloka cannot be reached\. .*PEM file.*NODE_EXTRA_CA_CERTS/);
  expect(reason).toMatch(/Reason: DEPTH_ZERO_SELF_SIGNED_CERT: /);
});

test('an expired certificate', async () => {
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000);
  const expired = createCertificate({ hosts, issuer: root, from: at(-2), until: at(-1) });
  expect(await reasonOf(await startToloka(expired), trusting(root.cert))).toMatch(/has expired.*clock/);
});

test('a certificate for another host', async () => {
  const other = createCertificate({ hosts: ['toloka.test'], issuer: root });
  const reason = await reasonOf(await startToloka(other), trusting(root.cert));
  expect(reason).toMatch(/another host name.*the address of its API.*Reason: ERR_TLS_CERT_ALTNAME_INVALID/);
});

test('an unknown certificate in a tunnel, as of a proxy that opens TLS connections', async () => {
  const httpsProxy = `http://127.0.0.1:${await startProxy()}`;
  const createAgent = throughProxy({ httpProxy: '', httpsProxy, noProxy: '' });
  expect(await reasonOf(await startToloka(), { createAgent })).toMatch(/NODE_EXTRA_CA_CERTS/);
});

test('an https proxy with an unknown certificate', async () => {
  const httpsProxy = `https://localhost:${await startProxy(createCertificate({ hosts }))}`;
  const createAgent = throughProxy({ httpProxy: '', httpsProxy, noProxy: '' });
  expect(await reasonOf(await startToloka(), { createAgent })).toMatch(/proxy.*NODE_EXTRA_CA_CERTS/);
});

test('an https proxy with a certificate for another host', async () => {
  const port = await startProxy(createCertificate({ hosts: ['proxy.test'], issuer: root }));
  const proxyTls = { ca: root.cert };
  const createAgent = () => new ProxyAgent({ uri: `https://localhost:${port}`, proxyTls });
  expect(await reasonOf(await startToloka(), { createAgent })).toMatch(
    /another host name.*of the proxy.*Reason: ERR_TLS_CERT_ALTNAME_INVALID/,
  );
});

test('an https address of a proxy that has no TLS', async () => {
  const httpsProxy = `https://localhost:${await startProxy()}`;
  const createAgent = throughProxy({ httpProxy: '', httpsProxy, noProxy: '' });
  expect(await reasonOf(await startToloka(), { createAgent })).toMatch(
    /does not speak TLS.*proxy.*http:\/\/ instead of https:\/\/.*Reason: ERR_SSL_WRONG_VERSION_NUMBER$/,
  );
});

test('HTTP/1.1 is spoken with a server that knows HTTP/2 too, where a request may be sent again', async () => {
  const certificate = createCertificate({ hosts });
  const spoken: string[] = [];
  const port = await listen(
    createSecureServer({ ...certificate, allowHTTP1: true }, ({ httpVersion }, response) => {
      spoken.push(httpVersion);
      response.writeHead(204).end();
    }),
  );
  const createAgent = (options: Agent.Options) =>
    new Agent({ ...options, connect: { ...options.connect, ca: certificate.cert } });
  const { account } = startAccount({ apiUrl: `https://127.0.0.1:${port}/api` }, { createAgent });
  expect(await account.archive('123456', 'c-1')).toEqual({ kind: 'already_archived' });
  expect(spoken).toEqual(['1.1']);
});

test('connections that are made in another way keep their limits', () => {
  const asked: Agent.Options[] = [];
  const createAgent = (options: Agent.Options) => {
    asked.push(options);
    return new Agent(options);
  };
  startAccount({ apiUrl: 'https://toloka.test/api' }, { createAgent });
  const limits = { connections: 32, allowH2: false, connect: { timeout: 5_000 } };
  expect(asked).toEqual([1, 0].map((pipelining) => ({ ...limits, pipelining })));
});
