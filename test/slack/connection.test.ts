import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DisconnectReason } from '../../fakes/slack';
import type { LogFields, Logger } from '../../src/logger';
import { PortError } from '../../src/process/health';
import { createInFlight } from '../../src/process/in-flight';
import { type ConnectionOptions, createSlackConnection } from '../../src/slack/connection';
import { SlackStartError } from '../../src/slack/errors';
import { freePort } from '../support/free-port';
import { ALICE, createFakes, type Fakes, GENERAL, TOKENS } from '../support/harness';

let fakes: Fakes;
const open: ReturnType<typeof createSlackConnection>[] = [];
beforeEach(async () => {
  fakes = await createFakes();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.stop().catch(() => {})));
  // A client that is cut off while it closes keeps its process alive for 30 s.
  await fakes.workspace.waitFor(() => fakes.workspace.socket.connections().length === 0);
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
      expect(fakes.workspace.socket.connections()).not.toEqual([]);
    },
  );

  it.each([
    ...['fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited', 'team_added_to_org'],
    ...['unknown_method', '<h1>502 Bad Gateway</h1>'],
  ])('tries again after an answer that may pass: %s', async (error) => {
    fakes.workspace.faults.add({ kind: 'error', error, method: 'auth.test', times: 2 });
    const { start, pauses } = connect();
    await start();
    expect(pauses).toEqual([1_000, 2_000]);
  });

  it('goes on trying, less and less often, while Slack does not answer', async () => {
    fakes.workspace.faults.add({ kind: 'html', method: 'auth.test', times: 8 });
    const { start, pauses, log } = connect();
    await start();
    expect(pauses).toEqual([1, 2, 4, 8, 10, 10, 10, 10].map((s) => s * 1_000));
    const advice = log.filter(([, { advice }]) =>
      /Check the network, a proxy, and SLACK_API_URL/.test(String(advice)),
    );
    expect(advice).toHaveLength(8);
  });

  it('waits as long as Slack asks', async () => {
    fakes.workspace.faults.add({ kind: 'ratelimited', method: 'auth.test', retryAfter: 45, times: 2 });
    const { start, pauses } = connect();
    await start();
    expect(pauses).toEqual([45_000, 45_000]);
  });

  it.each([
    ...['not_authed', 'invalid_auth', 'account_inactive', 'token_revoked', 'token_expired'],
    ...['not_allowed_token_type', 'user_removed_from_team', 'team_disabled'],
  ])('ends when the bot token is wrong: %s', async (error) => {
    fakes.workspace.faults.add({ kind: 'error', error, method: 'auth.test' });
    const { start, pauses } = connect();
    await expect(start()).rejects.toThrow(`SLACK_BOT_TOKEN (${error})`);
    expect(pauses).toEqual([]);
  });

  it.each([
    ...['missing_scope', 'no_permission', 'not_allowed_token_type', 'token_revoked', 'token_expired'],
    ...['invalid_auth', 'not_authed', 'account_inactive'],
  ])('ends when the app token can’t open a connection, and names the scope: %s', async (error) => {
    fakes.workspace.faults.add({ kind: 'error', error, method: 'apps.connections.open' });
    const { start, pauses } = connect();
    const failed = start();
    await expect(failed).rejects.toThrow(SlackStartError);
    await expect(failed).rejects.toThrow(`SLACK_APP_TOKEN (${error})`);
    await expect(failed).rejects.toThrow('connections:write');
    expect(pauses).toEqual([]);
  });

  it.each(['status', 'error', 'reset', 'html', 'ratelimited'] as const)(
    'tries again when no connection can be opened: %s',
    async (kind) => {
      fakes.workspace.faults.add({ kind, method: 'apps.connections.open', times: 3 });
      const { start, pauses } = connect();
      await start();
      expect(pauses).toEqual([1_000, 2_000, 4_000]);
      expect(fakes.workspace.socket.connections()).not.toEqual([]);
    },
  );

  it.each([SOCKET, HTTP])('is alive and not ready while Slack does not answer: %j', async (transport) => {
    fakes.workspace.faults.add({ kind: 'status', method: 'auth.test' });
    const port = await freePort();
    const slack = { botToken: TOKENS.bot, apiUrl: fakes.workspace.url, transport };
    const seen: unknown[] = [];
    const sleep = async () => {
      for (const path of ['healthz', 'readyz', 'slack/events']) {
        const method = path === 'slack/events' ? 'POST' : 'GET';
        const answer = await fetch(`http://127.0.0.1:${port}/${path}`, { method });
        seen.push(answer.status, await answer.text());
      }
    };
    await connect({ slack, port, sleep }).start();
    const events = transport === HTTP ? 503 : 404;
    expect(seen).toEqual([200, '{"alive":true}', 503, expect.stringContaining('slack_http_503'), events, '']);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  });

  it('can be stopped while Slack does not answer', async () => {
    fakes.workspace.faults.add({ kind: 'status', method: 'auth.test', times: Number.POSITIVE_INFINITY });
    const stops: Promise<void>[] = [];
    const connection = connect({ sleep: async () => void stops.push(connection.stop()) });
    await connection.start();
    await Promise.all(stops);
    expect(fakes.workspace.calls.map(({ method }) => method)).toEqual(['auth.test']);
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

  it.each(['token_revoked', 'token_expired', 'account_inactive'])(
    'says that the bot token is not valid any more, until it is again: %s',
    async (error) => {
      const port = await freePort();
      const { start, client } = connect({ port });
      await start();
      const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).json();
      fakes.workspace.faults.add({ kind: 'error', error, method: 'chat.postMessage' });
      await expect(client.chat.postMessage({ channel: GENERAL, text: 'x' })).rejects.toThrow(error);
      const problem = expect.stringContaining(`SLACK_BOT_TOKEN any more (${error})`);
      expect(await ready()).toEqual({ ready: false, problems: [problem] });
      await client.chat.postMessage({ channel: GENERAL, text: 'x' });
      expect(await ready()).toEqual({ ready: true, problems: [] });
    },
  );

  it('does not take the answer to a response_url for one about the bot token', async () => {
    const port = await freePort();
    const { app, start, client, inFlight } = connect({ port });
    app.command('/toloka-archive', async ({ ack, respond }) => {
      await ack();
      await client.chat.postMessage({ channel: GENERAL, text: 'x' }).catch(() => {});
      await respond('not posted');
    });
    await start();
    fakes.workspace.faults.add({ kind: 'error', error: 'token_revoked', method: 'chat.postMessage' });
    await fakes.workspace.person(ALICE).command('1', { channel: GENERAL });
    await inFlight.drained();
    expect(fakes.workspace.ephemerals(ALICE)).toMatchObject([{ text: 'not posted' }]);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('token_revoked')]);
  });

  it('asks Slack about the bot token when nothing was heard for a while', async () => {
    const port = await freePort();
    await connect({ port }).start();
    const now = Date.now();
    const later = jest.spyOn(Date, 'now').mockReturnValue(now + 60_000);
    fakes.workspace.faults.add({ kind: 'error', error: 'token_revoked', method: 'auth.test' });
    const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
    expect(await ready()).toBe(200);
    await fakes.workspace.waitFor(() => fakes.workspace.calls.at(-1)?.error === 'token_revoked');
    while ((await ready()) !== 503) await new Promise(setImmediate);
    later.mockRestore();
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

describe('connections', () => {
  const held = { channel: GENERAL };
  const histories = () => fakes.workspace.socket.history();
  const opened = (count: number) => fakes.workspace.waitFor(() => histories().length === count);
  const closed = () => fakes.workspace.waitFor(() => fakes.workspace.socket.connections().length === 0);
  const isAnswered = async () => {
    await fakes.workspace.person(ALICE).command('1', held);
    expect(fakes.workspace.ephemerals(ALICE).at(-1)?.text).toBe('read 1');
  };

  /** An app with both connections, whose slow commands are answered when the test says so. */
  async function connected(change: Partial<ConnectionOptions> = {}) {
    const port = await freePort();
    const it = connect({ port, ...change });
    let finish = () => {};
    let arrived = () => {};
    const taken = new Promise<void>((done) => {
      arrived = done;
    });
    it.app.command('/toloka-archive', async ({ ack, command: { text } }) => {
      arrived();
      if (text === 'slow')
        await new Promise<void>((done) => {
          finish = done;
        });
      await ack(`read ${text}`);
    });
    const before = histories().length;
    await it.start();
    await opened(before + 2);
    const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).json();
    return { ...it, ready, taken, finish: () => finish() };
  }

  const end = (why: DisconnectReason) => (id: string) => fakes.workspace.socket.disconnect(why, id);
  const cut = (id: string) => fakes.workspace.socket.drop(id);

  it.each<[string, (id: string) => void]>([
    ['warning', end('warning')],
    ['refresh_requested', end('refresh_requested')],
    ['link_disabled', end('link_disabled')],
    ['too_many_websockets', end('too_many_websockets')],
    [
      'refresh_requested, and closed at once',
      (id) => {
        end('refresh_requested')(id);
        cut(id);
      },
    ],
    ['without a word', cut],
  ])('end 20 times, and no command is lost: %s', async (_why, endOne) => {
    await connected();
    const alice = fakes.workspace.person(ALICE);
    const failed: unknown[] = [];
    const command = async () => {
      const { error } = await alice.command('1', held);
      if (error) failed.push(error);
    };
    let over = false;
    const stream = (async () => {
      // A command that fails at once would leave the app no time to connect.
      while (!over) await command().then(() => new Promise(setImmediate));
    })();
    for (let round = 0; round < 20; round++) {
      await opened(round + 2);
      endOne(histories()[round]?.id ?? '');
      await Promise.all(Array.from({ length: 5 }, command));
    }
    over = true;
    await stream;
    expect(failed).toEqual([]);
  });

  it.each(['warning', 'refresh_requested'] as const)(
    'are kept until the next ones are open, when Slack ends both: %s',
    async (why) => {
      const { ready } = await connected();
      fakes.workspace.faults.add({ kind: 'slow', effect: false, ms: 300, method: 'apps.connections.open' });
      fakes.workspace.socket.disconnect(why);
      await fakes.workspace.waitFor(
        () => fakes.workspace.calls.filter(({ method }) => method === 'apps.connections.open').length === 3,
      );
      expect(await ready()).toEqual({ ready: true, problems: [] });
      await opened(4);
      expect(histories().map(({ closedAt }) => closedAt)).toEqual([null, null, null, null]);
      await isAnswered();
    },
  );

  it('still carry the acknowledgement of what came by them', async () => {
    const { finish, taken } = await connected();
    const asked = fakes.workspace.person(ALICE).command('slow', held);
    await taken;
    fakes.workspace.socket.disconnect('refresh_requested');
    await opened(4);
    finish();
    await asked;
    expect(fakes.workspace.ephemerals(ALICE).at(-1)?.text).toBe('read slow');
    const [a = 0, b = 0, ...next] = histories().map(({ acks }) => acks);
    expect([a + b, ...next]).toEqual([1, 0, 0]);
  });

  it('are replaced once each, however often Slack asks', async () => {
    await connected();
    for (const why of ['warning', 'refresh_requested', 'link_disabled'] as const)
      fakes.workspace.socket.disconnect(why, histories()[0]?.id ?? '');
    await opened(3);
    await isAnswered();
    expect(histories()).toHaveLength(3);
  });

  it('that end are closed first when there is no room for one more', async () => {
    for (let n = 0; n < 5; n++) await connected();
    fakes.workspace.socket.disconnect('refresh_requested', histories()[0]?.id);
    await opened(11);
    expect(histories()[0]?.closedAt).not.toBeNull();
    expect(fakes.workspace.socket.connections()).toHaveLength(10);
    await isAnswered();
  });

  it('wait for room, and /readyz says that there is none', async () => {
    const [first] = [await connected()];
    for (let n = 1; n < 5; n++) await connected();
    const port = await freePort();
    const problems: unknown[] = [];
    const sleep = async () => {
      problems.push(await (await fetch(`http://127.0.0.1:${port}/readyz`)).json());
      await first.stop();
    };
    await connect({ port, sleep }).start();
    const none = { ready: false, problems: ['not connected to Slack (too_many_websockets)'] };
    expect(problems[0]).toEqual(none);
    await opened(12);
  });

  it('are enough when there is one', async () => {
    const fault = { kind: 'status', method: 'apps.connections.open', skip: 1 } as const;
    fakes.workspace.faults.add({ ...fault, times: Number.POSITIVE_INFINITY });
    const port = await freePort();
    const { app, start } = connect({ port, sleep: () => new Promise(() => {}) });
    app.command('/toloka-archive', ({ ack }) => ack('read 1'));
    await start();
    await fakes.workspace.waitFor(() => fakes.workspace.calls.at(-1)?.status === 503);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    await isAnswered();
    // Its loss ends the pause before the next try.
    fakes.workspace.faults.clear();
    fakes.workspace.socket.drop();
    await opened(2);
    await isAnswered();
  });

  it('are replaced when both are lost without a word', async () => {
    const { ready } = await connected();
    fakes.workspace.socket.drop();
    await opened(4);
    await fakes.workspace.waitFor(() => fakes.workspace.socket.connections().length === 2);
    await isAnswered();
    expect(await ready()).toEqual({ ready: true, problems: [] });
  });

  it('are not replaced after a stop', async () => {
    const { stop } = await connected();
    fakes.workspace.socket.disconnect('refresh_requested');
    await stop();
    await closed();
  });

  it('that are being opened at a stop are closed, and keep no timer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const { start, stop } = connect();
    // Slack has accepted it, and the app does not know yet.
    const stops: Promise<void>[] = [];
    const off = fakes.workspace.on('change', ({ kind }) => kind === 'connection' && stops.push(stop()));
    await start();
    off();
    await Promise.all([...stops, closed()]);
    expect(timers()).toBe(before);
  });

  it.each(['token_revoked', 'missing_scope'])(
    'can’t be opened when the app token has become wrong, and /readyz says why: %s',
    async (error) => {
      const answers: unknown[] = [];
      const sleep = async () => void answers.push(await ready());
      const { ready, log } = await connected({ sleep });
      fakes.workspace.faults.add({ kind: 'error', error, method: 'apps.connections.open', times: 3 });
      fakes.workspace.socket.drop();
      await opened(4);
      const problem = expect.stringMatching(`SLACK_APP_TOKEN \\(${error}\\).*connections:write`);
      const wrong = answers.filter((answer) => JSON.stringify(answer).includes('SLACK_APP_TOKEN'));
      expect(wrong).toEqual(Array(3).fill({ ready: false, problems: [problem] }));
      expect(log.filter(([message]) => message.startsWith('Slack does not accept'))).toHaveLength(3);
      await fakes.workspace.waitFor(() => fakes.workspace.socket.connections().length === 2);
      expect(await ready()).toEqual({ ready: true, problems: [] });
    },
  );
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

  it.each([SOCKET, HTTP])('has its acknowledgement reported: %j', async (transport) => {
    const port = await freePort();
    const kinds: string[] = [];
    const slack = { botToken: TOKENS.bot, apiUrl: fakes.workspace.url, transport };
    const { app, start } = connect({ slack, port, onAck: ({ kind }) => kinds.push(kind) });
    let before: string[] | undefined;
    app.command('/toloka-archive', async ({ ack }) => {
      before = [...kinds];
      await ack('read');
    });
    await start();
    if (transport === HTTP) fakes.workspace.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
    await fakes.workspace.person(ALICE).command('123456', { channel: GENERAL });
    expect(fakes.workspace.ephemerals(ALICE).at(-1)?.text).toBe('read');
    expect([before, kinds]).toEqual([[], ['command']]);
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
