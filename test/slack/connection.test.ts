import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogFields, Logger } from '../../src/logger';
import { PortError } from '../../src/process/health';
import { createInFlight } from '../../src/process/in-flight';
import { type ConnectionOptions, createSlackConnection, SlackStartError } from '../../src/slack/connection';
import { ALICE, createFakes, type Fakes, GENERAL, TOKENS } from '../support/harness';

let fakes: Fakes;
const open: ReturnType<typeof createSlackConnection>[] = [];
beforeEach(async () => {
  fakes = await createFakes();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.stop().catch(() => {})));
  await fakes.close();
});

const SOCKET = { mode: 'socket', appToken: TOKENS.app } as const;
const HTTP = { mode: 'http', signingSecret: TOKENS.signing } as const;

function connect({ slack, ...change }: Partial<ConnectionOptions> = {}) {
  const pauses: number[] = [];
  const log: [string, LogFields][] = [];
  const at =
    () =>
    (message: string, fields: LogFields = {}) =>
      void log.push([message, fields]);
  const logger: Logger = { debug: at(), info: at(), warn: at(), error: at() };
  const inFlight = createInFlight();
  const connection = createSlackConnection({
    slack: { botToken: TOKENS.bot, apiUrl: fakes.workspace.url, transport: SOCKET, ...slack },
    ...{ port: 0, logger, inFlight, health: { notReady: async () => [] }, timeoutMs: 1_000 },
    sleep: async (ms) => void pauses.push(ms),
    ...change,
  });
  open.push(connection);
  return { ...connection, pauses, log, inFlight };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

describe('start', () => {
  it('does not go on with a bot token that Slack does not accept', async () => {
    const { start, pauses } = connect({
      slack: { botToken: 'xoxb-wrong', apiUrl: fakes.workspace.url, transport: SOCKET },
    });
    await expect(start()).rejects.toThrow(SlackStartError);
    await expect(start()).rejects.toThrow(/SLACK_BOT_TOKEN \(invalid_auth\)/);
    expect(pauses).toEqual([]);
  });

  it('does not go on with an app token that Slack does not accept', async () => {
    const transport = { mode: 'socket', appToken: 'xapp-wrong' } as const;
    const { start } = connect({ slack: { botToken: TOKENS.bot, apiUrl: fakes.workspace.url, transport } });
    await expect(start()).rejects.toThrow(/SLACK_APP_TOKEN \(invalid_auth\)/);
  });

  it.each(['status', 'error', 'reset', 'html', 'ratelimited'] as const)(
    'tries again after %s',
    async (kind) => {
      fakes.workspace.faults.add({ kind, method: 'auth.test', times: 2 });
      const { start, pauses, log } = connect();
      await start();
      expect(pauses).toEqual([1_000, 2_000]);
      expect(log.filter(([message]) => message.includes('trying again'))).toHaveLength(2);
      expect(fakes.workspace.socket.connections()).toHaveLength(1);
    },
  );

  it('gives up when Slack does not answer', async () => {
    fakes.workspace.faults.add({ kind: 'status', method: 'auth.test', times: Number.POSITIVE_INFINITY });
    const { start, pauses } = connect();
    await expect(start()).rejects.toThrow(/did not answer \(slack_http_503\)/);
    expect(pauses).toEqual([1_000, 2_000, 3_000, 4_000]);
  });

  it.each([SOCKET, HTTP])('says that the port is taken: %j', async (transport) => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, done));
    const { port } = server.address() as AddressInfo;
    const slack = { botToken: TOKENS.bot, apiUrl: fakes.workspace.url, transport };
    await expect(connect({ slack, port }).start()).rejects.toThrow(PortError);
    await new Promise((done) => server.close(done));
  });

  it('sends nothing before it', () => {
    connect();
    expect(fakes.workspace.calls).toEqual([]);
  });
});

describe('health', () => {
  it('is ready when it is connected and nothing else is in the way', async () => {
    const port = await freePort();
    const problems: string[] = [];
    const { start } = connect({ port, health: { notReady: async () => problems } });
    await start();
    const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
    expect(await ready()).toBe(200);
    problems.push('the journal is not open');
    expect(await ready()).toBe(503);
  });

  it.each([SOCKET, HTTP])('is answered to HEAD as to GET, and with a query: %j', async (transport) => {
    const port = await freePort();
    const slack = { botToken: TOKENS.bot, apiUrl: fakes.workspace.url, transport };
    await connect({ slack, port }).start();
    const ask = async (path: string, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      const { 'content-type': type, 'content-length': length } = Object.fromEntries(response.headers);
      return { status: response.status, type, length, body: await response.text() };
    };
    for (const path of ['/healthz', '/readyz', '/healthz?x=1', '/readyz?']) {
      const got = await ask(path);
      expect(got).toMatchObject({ status: 200, type: 'application/json', length: String(got.body.length) });
      expect(await ask(path, 'HEAD')).toEqual({ ...got, body: '' });
    }
    for (const [path, method] of [
      ['/other'],
      ['/healthz/x'],
      ['/healthz', 'POST'],
      ['/slack/events'],
    ] as const)
      expect((await ask(path, method)).status).toBe(404);
  });
});

describe('work', () => {
  it('is counted, and goes on after a stop', async () => {
    const { app, start, stop, inFlight } = connect();
    let finish = () => {};
    const handled = new Promise<void>((done) => {
      app.command('/toloka-archive', async ({ ack }) => {
        await ack();
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        done();
      });
    });
    await start();
    await fakes.workspace.person(ALICE).command('123456', { channel: GENERAL });
    await stop();
    expect(inFlight.count()).toBe(1);
    finish();
    await handled;
    await inFlight.drained();
    expect(inFlight.count()).toBe(0);
  });

  it('whose handler fails is logged', async () => {
    const { app, start, log, inFlight } = connect();
    app.command('/toloka-archive', async ({ ack }) => {
      await ack();
      throw new Error('odd');
    });
    await start();
    await fakes.workspace.person(ALICE).command('123456', { channel: GENERAL });
    await inFlight.drained();
    await fakes.workspace.waitFor(() => log.some(([message]) => message === 'handler failed'));
  });

  it('comes by HTTP only with Slack’s signature', async () => {
    const port = await freePort();
    const slack = { botToken: TOKENS.bot, apiUrl: fakes.workspace.url, transport: HTTP };
    const { app, start } = connect({ slack, port });
    app.command('/toloka-archive', ({ ack, command }) => ack(`read ${command.text}`));
    await start();
    const url = `http://127.0.0.1:${port}/slack/events`;
    fakes.workspace.setRequestUrl(url);
    await fakes.workspace.person(ALICE).command('123456', { channel: GENERAL });
    expect(fakes.workspace.ephemerals(ALICE).at(-1)?.text).toBe('read 123456');
    const send = (body: string, headers = {}) => fetch(url, { method: 'POST', body, headers });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await send('command=%2Ftoloka-archive&text=1', form)).status).toBe(401);
    expect((await send('{}')).status).toBe(401);
    expect((await send('ssl_check=1&payload=null', form)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/other`, { method: 'POST' })).status).toBe(404);
  });

  it.each([
    ['null', 'application/json'],
    ['1', 'application/json'],
    ['payload=null', 'application/x-www-form-urlencoded'],
    ['payload=true', 'application/x-www-form-urlencoded'],
  ])('by HTTP is refused when it is no object, although it is signed: %s', async (body, type) => {
    const port = await freePort();
    const slack = { botToken: TOKENS.bot, apiUrl: fakes.workspace.url, transport: HTTP };
    await connect({ slack, port }).start();
    const at = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', TOKENS.signing).update(`v0:${at}:${body}`).digest('hex');
    const headers = {
      'content-type': type,
      'x-slack-request-timestamp': at,
      'x-slack-signature': `v0=${signature}`,
    };
    const url = `http://127.0.0.1:${port}/slack/events`;
    expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(400);
  });

  it('by HTTP is not read when it is too large', async () => {
    const port = await freePort();
    const slack = { botToken: TOKENS.bot, apiUrl: fakes.workspace.url, transport: HTTP };
    await connect({ slack, port }).start();
    const send = fetch(`http://127.0.0.1:${port}/slack/events`, {
      method: 'POST',
      body: Buffer.alloc(5 * 1024 * 1024, 'x'),
    });
    expect(
      await send.then(
        ({ status }) => status,
        () => 413,
      ),
    ).toBe(413);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });

  it('that arrived by HTTP is answered before a stop ends', async () => {
    const port = await freePort();
    const slack = { botToken: TOKENS.bot, apiUrl: fakes.workspace.url, transport: HTTP };
    const { app, start, stop } = connect({ slack, port });
    let arrived = () => {};
    const taken = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let finish = () => {};
    const wait = new Promise<void>((resolve) => {
      finish = resolve;
    });
    app.command('/toloka-archive', async ({ ack }) => {
      arrived();
      await wait;
      await ack('done');
    });
    await start();
    fakes.workspace.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
    const command = fakes.workspace.person(ALICE).command('123456', { channel: GENERAL });
    await taken;
    const stopped = stop();
    finish();
    await Promise.all([command, stopped]);
    expect(fakes.workspace.ephemerals(ALICE).at(-1)?.text).toBe('done');
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });
});
