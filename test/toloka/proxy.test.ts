import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { throughProxy } from '../../src/process/proxy';
import { closeAll, json, OPERATION, startAccount, startServer, TRAINING } from './support';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  await closeAll();
  for (const end of endings.splice(0)) await end();
});

/** A proxy for http addresses, and how often it was asked for a tunnel. */
async function startProxy(answer: 'tunnel' | 403 | 'silence') {
  let asked = 0;
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  server.on('connect', (request, socket: Socket) => {
    asked += 1;
    if (answer === 'silence') return;
    if (answer === 403) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const [host = '', port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const httpProxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { createAgent: throughProxy({ httpProxy, httpsProxy: '', noProxy: '' }), asked: () => asked };
}

const startToloka = () =>
  startServer(({ method }, response) =>
    method === 'POST' ? json(response, 202, OPERATION) : json(response, 200, TRAINING),
  );

test('reads share a tunnel, and each archive has its own', async () => {
  const server = await startToloka();
  const { createAgent, asked } = await startProxy('tunnel');
  const { account } = startAccount(server, { createAgent });
  for (let reads = 0; reads < 5; reads += 1) {
    expect(await account.readTraining('123456')).toMatchObject({ kind: 'found' });
  }
  const before = asked();
  expect(before).toBeLessThanOrEqual(2);
  for (let posts = 1; posts <= 2; posts += 1) {
    expect(await account.archive('123456', 'c-1')).toMatchObject({ kind: 'accepted' });
    expect(asked()).toBe(before + posts);
    expect(server.requests.at(-1)?.headers.connection).toBe('close');
  }
});

test.each([
  [403, 'toloka_unreachable'],
  ['silence', 'toloka_timeout'],
] as const)('where the proxy answers with %s, nothing was sent', async (answer, code) => {
  const server = await startToloka();
  const { createAgent, asked } = await startProxy(answer);
  const { account } = startAccount(server, {
    createAgent,
    archiveMs: answer === 'silence' ? 500 : 10_000,
  });
  expect(await account.archive('123456', 'c-1')).toEqual({ kind: 'not_sent', outcome: { code } });
  expect(asked()).toBe(1);
  expect(server.requests).toEqual([]);
});
