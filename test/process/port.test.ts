import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startServer, stopServer } from '../../src/process/health';
import { readPort } from '../../src/process/port';
import { askProxy } from '../../src/process/proxy';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(stopServer));
});

async function listen(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('a port', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::', '::1', undefined])('of this app is known at %s', async (host) => {
    const notReady = jest.fn(async () => [] as string[]);
    const server = await startServer({ host, port: 0 }, { notReady });
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    expect(await readPort({ host, port }, 2_000)).toEqual({ kind: 'app', problems: [] });
    notReady.mockResolvedValue(['no journal']);
    expect(await readPort({ host, port }, 2_000)).toEqual({ kind: 'app', problems: ['no journal'] });
  });

  it.each<[string, RequestListener]>([
    ['a page', (_request, response) => void response.end('<html>')],
    ['other JSON', (_request, response) => void response.end('{"ready":"yes"}')],
    ['nothing', () => {}],
  ])('of a program that answers with %s is taken', async (_what, answer) => {
    const port = await listen(answer);
    const problem = `Port ${port} can't be used. Set PORT to a free one.`;
    expect(await readPort({ host: '127.0.0.1', port }, 200)).toEqual({ kind: 'taken', problem });
  });

  it('is free, and stays so', async () => {
    const port = await listen(() => {});
    await Promise.all(servers.splice(0).map(stopServer));
    for (let i = 0; i < 2; i++) expect(await readPort({ port }, 200)).toEqual({ kind: 'free' });
  });

  it('of an address that this machine has not is said to be so', async () => {
    const problem = expect.stringMatching(/^This machine has no address 192.0.2.1/);
    expect(await readPort({ host: '192.0.2.1', port: 1 }, 200)).toEqual({ kind: 'taken', problem });
  });
});

describe('a proxy', () => {
  it('gets its login, and its answer is returned', async () => {
    const logins: (string | undefined)[] = [];
    const port = await listen(() => {});
    servers[0]?.on('connect', ({ url, headers }, socket) => {
      logins.push(`${url} ${headers['proxy-authorization']} ${headers.authorization}`);
      socket.end(`HTTP/1.1 ${url === 'slack.com:443' ? 407 : 200} x\r\n\r\n`);
    });
    expect(await askProxy(`http://127.0.0.1:${port}`, 'toloka.dev:443', 2_000)).toBe(200);
    expect(await askProxy(`http://a:p%40ss@127.0.0.1:${port}`, 'slack.com:443', 2_000)).toBe(407);
    const login = Buffer.from('a:p@ss').toString('base64');
    expect(logins).toEqual(['toloka.dev:443 undefined undefined', `slack.com:443 Basic ${login} undefined`]);
  });

  it('that cannot be reached, or says nothing, is an error', async () => {
    const port = await listen(() => {});
    servers[0]?.on('connect', (_request, socket) => setTimeout(() => socket.destroy(), 300).unref());
    await expect(askProxy(`http://127.0.0.1:${port}`, 'slack.com:443', 50)).rejects.toThrow();
    await Promise.all(servers.splice(0).map(stopServer));
    await expect(askProxy(`http://127.0.0.1:${port}`, 'slack.com:443', 2_000)).rejects.toThrow(
      'ECONNREFUSED',
    );
  });
});
