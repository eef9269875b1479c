import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type AppProcess, startReadyApp } from '../support/app-process';
import { freePort } from '../support/free-port';
import { createFakes, type Fakes, TOKENS } from '../support/harness';

const MB = 1024 * 1024;
let fakes: Fakes;
let app: AppProcess;
let port: number;
const sockets: Socket[] = [];

beforeEach(async () => {
  fakes = await createFakes();
  port = await freePort();
  app = await startReadyApp(
    fakes.env({ SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: TOKENS.signing, PORT: String(port) }),
  );
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await app.kill();
  await fakes.close();
});

/** A connection, what it was answered, and whether the app has closed it. */
interface Client {
  socket: Socket;
  received: string;
  closed: boolean;
}

function open(): Client {
  const client: Client = { socket: connect(port, '127.0.0.1'), received: '', closed: false };
  client.socket.on('data', (data) => {
    client.received += String(data);
  });
  client.socket.on('error', () => {});
  client.socket.on('close', () => {
    client.closed = true;
  });
  sockets.push(client.socket);
  return client;
}

const head = (...headers: string[]) =>
  ['POST /slack/events HTTP/1.1', 'host: a', ...headers, '', ''].join('\r\n');
const CHUNKED = 'transfer-encoding: chunked';

/** Bytes of memory that the app holds now, and held at most. */
function memory(): { now: number; most: number } {
  const status = readFileSync(`/proc/${app.child.pid}/status`, 'utf8');
  const bytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  return { now: bytes('VmRSS'), most: bytes('VmHWM') };
}

/** Ends with the test's app too, or a test that failed would never let Jest end. */
async function until(reached: () => boolean): Promise<void> {
  while (!reached() && !app.child.killed) await new Promise((resolve) => setTimeout(resolve, 50));
}

const health = async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status;

describe('memory stays flat under unsigned requests', () => {
  const tiny = Buffer.from('1\r\nx\r\n'.repeat(MB / 4));
  const big = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MB, 'x'), Buffer.from('\r\n')]);
  const four = String(4 * MB);
  it.each([
    ['of 4 MB, sent half', 300, [head(`content-length: ${four}`), Buffer.alloc(2 * MB, 'x')]],
    ['of chunks without an end', 300, [head(CHUNKED), big, big, big]],
    // Each chunk is an object of its own, a hundred times as large as what it carries.
    ['of chunks of one byte', 100, [head(CHUNKED), tiny]],
    ['just below the limit, half-sent', 300, [head('content-length: 131072'), Buffer.alloc(130_000, 'x')]],
  ])(
    '%s',
    async (_name, count, parts) => {
      expect(await health()).toBe(200);
      const before = memory();
      const grown = () => Math.max(memory().now, memory().most) - Math.max(before.now, before.most);
      const clients = Array.from({ length: count }, () => {
        const client = open();
        for (const part of parts) client.socket.write(part);
        return client;
      });
      await until(() => clients.every(({ closed }) => closed) || grown() > 80 * MB);
      expect(grown() / MB).toBeLessThan(80);
      expect(await health()).toBe(200);
    },
    30_000,
  );
});

describe('a client', () => {
  it('is answered 413 when its body is too large, without waiting for the body', async () => {
    const client = open();
    client.socket.write(head('content-length: 300000'));
    await until(() => client.closed);
    expect(client.received).toMatch(/^HTTP\/1\.1 413 /);
  });

  it.each([
    ['that sends nothing', ''],
    ['that does not finish its headers', 'POST /slack/events HTTP/1.1\r\nhost: a\r\n'],
    ['that does not finish its body', `${head('content-length: 100')}x`],
    ['that sends to another address without an end', `${head(CHUNKED).replace('/slack/events', '/x')}1\r\n`],
  ])(
    '%s is cut off',
    async (_name, sent) => {
      const client = open();
      client.socket.write(sent);
      await until(() => client.closed);
      expect(await health()).toBe(200);
    },
    30_000,
  );

  it('gets no connection beyond 200, until another one ends', async () => {
    const held = Array.from({ length: 200 }, open);
    await Promise.all(held.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
    const more = open();
    await until(() => more.closed);
    for (const { socket } of held) socket.destroy();
    await until(() => held.every(({ closed }) => closed));
    const last = open();
    last.socket.write('GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    await until(() => last.closed);
    expect(last.received).toContain('{"alive":true}');
  });
});

describe('SIGTERM', () => {
  it.each([
    ['an idle connection', ''],
    ['a connection that was used', 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['half-sent headers', 'POST /slack/events HTTP/1.1\r\nhost: a\r\n'],
    ['a half-sent body', `${head('content-length: 100')}x`],
  ])('ends the app while a client holds %s', async (_name, sent) => {
    const client = open();
    client.socket.write(sent);
    // In the order of their arrival, so the app knows the first connection when it answers here.
    expect(await health()).toBe(200);
    expect(await app.stop()).toEqual({ code: 0, signal: null });
    expect(app.log.at(-1)?.message).toBe('stopped');
  });
});
