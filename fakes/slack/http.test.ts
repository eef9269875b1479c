import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from '@slack/bolt';
import type { Signature, Workspace } from '.';
import {
  ALICE,
  actions,
  button,
  clientOf,
  closeAll,
  httpApp,
  modal,
  openWorkspace,
  SECRET,
  section,
  socketApp,
} from './test-helpers';

const servers: Server[] = [];
afterEach(async () => {
  await closeAll();
  for (const server of servers.splice(0)) server.close();
});

/** A plain HTTP server instead of the app. */
async function listen(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    answer(request, response, Buffer.concat(chunks).toString());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const ask = (workspace: Workspace, options: { signature?: Signature; copies?: number } = {}) =>
  workspace.person(ALICE).command('123', { channel: 'C01', ...options });

describe('Bolt over HTTP', () => {
  let workspace: Workspace;
  let seen: string[];

  const register = (app: App) => {
    app.command('/toloka-archive', async ({ ack, command, client }) => {
      seen.push(command.text);
      if (command.text === 'open') {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: modal('Archive', [section('s')]) });
      } else await ack(command.text === 'text' ? 'just text' : { text: 'json', response_type: 'in_channel' });
    });
    app.view('archive', async ({ ack }) =>
      ack({ response_action: 'update', view: modal('Done', [section('s')]) }),
    );
    app.action('go', async ({ ack }) => {
      seen.push('go');
      await ack();
    });
    app.event('app_home_opened', async ({ event }) => {
      seen.push(event.type);
    });
  };

  beforeEach(async () => {
    seen = [];
    workspace = await openWorkspace();
    workspace.setRequestUrl(await httpApp(workspace, register));
  });

  it('reads commands, interactions and events, and its answer is the ack', async () => {
    const alice = workspace.person(ALICE);
    expect(await ask(workspace)).toMatchObject({ acked: true, status: 200, payload: { text: 'json' } });
    expect(workspace.messages('C01').map(({ text }) => text)).toEqual(['json']);
    expect(await alice.command('text', { channel: 'C01' })).toMatchObject({ payload: { text: 'just text' } });
    expect(workspace.ephemerals(ALICE).map(({ text }) => text)).toEqual(['just text']);
    await alice.command('open', { channel: 'C01' });
    await workspace.waitFor(() => alice.modal());
    expect(await alice.submit()).toMatchObject({ acked: true, response_action: 'update' });
    expect(alice.modal()?.title?.text).toBe('Done');
    await clientOf(workspace).chat.postMessage({
      channel: 'C01',
      text: 't',
      blocks: [actions(button('Go', 'go'))],
    });
    expect(await alice.click('Go')).toMatchObject({ acked: true });
    expect(await alice.openHome()).toMatchObject({ acked: true });
    expect(seen).toEqual(['123', 'text', 'open', 'go', 'app_home_opened']);
  });

  it.each<[Signature]>([['none'], ['bad'], ['stale']])(
    'refuses a delivery whose signature is %s',
    async (signature) => {
      expect(await ask(workspace, { signature })).toMatchObject({ acked: false, error: 'dispatch_failed' });
      expect(seen).toEqual([]);
      expect(await ask(workspace, { signature: 'good' })).toMatchObject({ acked: true });
    },
  );

  it('delivers copies', async () => {
    expect((await ask(workspace, { copies: 2 })).acks).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(seen).toEqual(['123', '123']);
  });

  it('goes back to Socket Mode without an address', async () => {
    const app = await socketApp(workspace);
    app.command('/toloka-archive', async ({ ack }) => ack('socket'));
    workspace.setRequestUrl(undefined);
    expect(await ask(workspace)).toMatchObject({ payload: { text: 'socket' } });
    expect(seen).toEqual([]);
  });
});

describe('a request', () => {
  it('is a signed form', async () => {
    const workspace = await openWorkspace();
    const checks: unknown[] = [];
    const url = await listen((request, response, body) => {
      const { 'x-slack-request-timestamp': at, 'x-slack-signature': signature } = request.headers;
      const digest = createHmac('sha256', SECRET).update(`v0:${at}:${body}`).digest('hex');
      checks.push(signature === `v0=${digest}`, request.headers['content-type']);
      checks.push(new URLSearchParams(body).get('text'));
      response.end();
    });
    workspace.setRequestUrl(url);
    expect(await ask(workspace)).toMatchObject({ acked: true, payload: {} });
    expect(checks).toEqual([true, 'application/x-www-form-urlencoded', '123']);
  });

  it('has three seconds', async () => {
    const workspace = await openWorkspace({ ackTimeoutMs: 40 });
    let cut = false;
    const url = await listen((request) => {
      request.socket.on('close', () => {
        cut = true;
      });
    });
    workspace.setRequestUrl(url);
    expect(await ask(workspace)).toMatchObject({ acked: false, error: 'operation_timeout' });
    await workspace.waitFor(() => {
      if (!cut) setTimeout(() => workspace.person(ALICE).say('tick', { channel: 'C01' }), 5);
      return cut;
    });
  });

  it.each([500, 401, 404])('fails on HTTP %i', async (status) => {
    const workspace = await openWorkspace();
    workspace.setRequestUrl(await listen((_, response) => response.writeHead(status).end()));
    expect(await ask(workspace)).toMatchObject({ acked: false, error: 'dispatch_failed', status });
  });

  it('is repeated for an event, with the retry headers', async () => {
    const workspace = await openWorkspace();
    const tries: unknown[] = [];
    workspace.setRequestUrl(
      await listen((request, response) => {
        tries.push(request.headers['x-slack-retry-num']);
        response.writeHead(tries.length === 1 ? 500 : 200).end();
      }),
    );
    expect(await workspace.person(ALICE).openHome()).toMatchObject({ acked: true });
    expect(tries).toEqual([undefined, '1']);
    tries.length = 0;
    expect(await ask(workspace)).toMatchObject({ acked: false });
    expect(tries).toEqual([undefined]);
  });
});

describe('a balancer', () => {
  it('takes turns, and skips an address where nobody listens', async () => {
    const workspace = await openWorkspace();
    const hits = [0, 0];
    const replica = (index: 0 | 1) =>
      listen((_, response) => {
        hits[index] = (hits[index] ?? 0) + 1;
        response.end();
      });
    const urls = [await replica(0), await replica(1)];
    workspace.setRequestUrl(urls);
    for (let n = 0; n < 6; n += 1) await ask(workspace);
    expect(hits).toEqual([3, 3]);
    await new Promise<void>((done) => void servers[0]?.close(() => done()));
    for (let n = 0; n < 4; n += 1) expect(await ask(workspace)).toMatchObject({ acked: true });
    expect(hits).toEqual([3, 7]);
    await new Promise<void>((done) => void servers[1]?.close(() => done()));
    expect(await ask(workspace)).toMatchObject({ acked: false, error: 'dispatch_failed' });
    expect(urls).toHaveLength(2);
  });
});

it('records which address was tried, and that nobody listened there', async () => {
  const free = await listen((_request, response) => void response.end());
  const workspace = await openWorkspace({ requestUrl: ['http://127.0.0.1:1/', free] });
  expect((await ask(workspace)).acks[0]?.sent).toMatchObject([
    { to: 'http://127.0.0.1:1/', ackedAt: null, refused: true },
    { to: free, ackedAt: expect.any(Number), refused: false },
  ]);
});
