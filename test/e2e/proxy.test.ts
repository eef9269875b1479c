import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { startApp, startReadyApp } from '../support/app-process';
import { createCertificate } from '../support/certificates';
import { createFront, listenOn } from '../support/front';
import { ALICE, cardsIn, createFakes, type Fakes, GENERAL } from '../support/harness';

const PASSWORD = 'p@ss:w%rd-of-the-proxy';
const LOGIN = Buffer.from(`app:${PASSWORD}`).toString('base64');

let fakes: Fakes;
let endings: (() => unknown)[];
beforeEach(async () => {
  fakes = await createFakes();
  endings = [fakes.close];
});
afterEach(async () => {
  for (const end of endings.reverse()) await end();
});

const listen = (server: Server) => listenOn(server, endings);

/** A proxy that leads to the hosts it knows, and asks for a login. Nothing else knows these hosts. */
async function startProxy(hosts: Record<string, number>) {
  const tunnels: string[] = [];
  const denied: string[] = [];
  const server = createServer((request, response) => {
    denied.push(request.url ?? '');
    response.writeHead(405).end();
  });
  server.on('connect', (request, socket: Socket, head: Buffer) => {
    const target = request.url ?? '';
    const port = hosts[target];
    if (port === undefined || request.headers['proxy-authorization'] !== `Basic ${LOGIN}`) {
      denied.push(target);
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    tunnels.push(target);
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
    socket.on('close', () => upstream.destroy());
  });
  return { port: await listen(server), tunnels, denied };
}

/** A certificate for the hosts of the test, and its file. */
function certificate() {
  const tls = createCertificate({ hosts: ['slack.test', 'socket.slack.test', 'toloka.test'] });
  const file = join(fakes.directory, 'cert.pem');
  writeFileSync(file, tls.cert);
  return { file, tls };
}

/** Archives a training from the command to the last card. */
async function archive(): Promise<void> {
  const { workspace } = fakes;
  const alice = workspace.person(ALICE);
  // Without a modal, the answer goes to the address for replies.
  workspace.faults.add({ kind: 'error', method: 'views.open', error: 'expired_trigger_id' });
  await alice.command(DEMO_TRAININGS.ready.id, { channel: GENERAL });
  await workspace.waitFor(() => workspace.ephemerals(ALICE).length > 0, { what: 'the reply' });
  await alice.command(DEMO_TRAININGS.ready.id, { channel: GENERAL });
  await workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
  await alice.fill('Reason', 'not used any more');
  await alice.fill('Type the training ID to confirm', DEMO_TRAININGS.ready.id);
  await alice.submit();
  await workspace.waitFor(() => JSON.stringify(cardsIn(fakes)).includes('Archived'), { what: 'the end' });
}

const HTTPS = ['slack.test:443', 'socket.slack.test:443', 'toloka.test:443'];
const HTTP = ['10.255.255.1:80', '10.255.255.2:80', '10.255.255.3:80'];

describe.each([
  ['https', 'HTTPS_PROXY'],
  ['https', 'https_proxy'],
  ['https', 'HTTP_PROXY'],
  ['http', 'HTTP_PROXY'],
  ['http', 'http_proxy'],
])('%s with %s as the only way out', (scheme, setting) => {
  it('reaches Slack, its socket and Toloka, and keeps the password secret', async () => {
    const { workspace, account } = fakes;
    const [slack = '', socket = '', toloka = ''] = scheme === 'https' ? HTTPS : HTTP;
    const [slackHost, socketHost, tolokaHost] = [slack, socket, toloka].map((host) => host.split(':')[0]);
    const { file, tls } = scheme === 'https' ? certificate() : { file: '', tls: undefined };
    const socketUrl = `${scheme.replace('http', 'ws')}://${socketHost}`;
    const slackFront = await listen(createFront(workspace.port, socketUrl, tls));
    const tolokaFront = await listen(createFront(Number(new URL(account.url).port), socketUrl, tls));
    // The fake's address for replies to a command is always http.
    const replies = `127.0.0.1:${workspace.port}`;
    const proxy = await startProxy({
      ...{ [slack]: slackFront, [socket]: slackFront, [toloka]: tolokaFront },
      [replies]: workspace.port,
    });
    const address = `http://app:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}`;
    const env = fakes.env({
      SLACK_API_URL: `${scheme}://${slackHost}${new URL(workspace.url).pathname}`,
      TOLOKA_API_URL: `${scheme}://${tolokaHost}${new URL(account.url).pathname}`,
      [setting]: address,
      NO_PROXY: 'elsewhere.test',
      ...(file && { NODE_EXTRA_CA_CERTS: file }),
    });
    const app = await startReadyApp(env);
    endings.push(app.kill);
    await archive();
    expect(await app.stop()).toEqual({ code: 0, signal: null });
    expect(proxy.denied).toEqual([]);
    const expected = [slack, socket, toloka, ...(setting.toUpperCase() === 'HTTP_PROXY' ? [replies] : [])];
    expect([...new Set(proxy.tunnels)].sort()).toEqual(expected.sort());
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), LOGIN]) {
      expect(app.output()).not.toContain(secret);
    }
  });
});

it.each(['NO_PROXY', 'no_proxy'])('leaves the proxy out for the hosts of %s', async (setting) => {
  const proxy = await startProxy({});
  const app = await startReadyApp(
    fakes.env({ HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, [setting]: 'example.test, 127.0.0.1' }),
  );
  endings.push(app.kill);
  await archive();
  await app.stop();
  expect([proxy.tunnels, proxy.denied]).toEqual([[], []]);
});

it('says that the proxy denies it, without the password', async () => {
  const proxy = await startProxy({});
  const address = `http://app:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}`;
  const app = startApp(fakes.env({ HTTP_PROXY: address }));
  endings.push(app.kill);
  await app.waitForLog((line) => /trying again/.test(line.message) && JSON.stringify(line).includes('407'));
  expect(app.output()).not.toContain(PASSWORD);
  expect(app.output()).not.toContain(LOGIN);
});

it('says how to make a certificate in a tunnel known, as that of a proxy which opens TLS connections', async () => {
  const { workspace } = fakes;
  const socketFront = await listen(createFront(workspace.port, '', certificate().tls));
  const slackFront = await listen(createFront(workspace.port, 'wss://socket.slack.test'));
  const proxy = await startProxy({ '10.255.255.1:80': slackFront, 'socket.slack.test:443': socketFront });
  const app = startApp(
    fakes.env({
      SLACK_API_URL: `http://10.255.255.1${new URL(workspace.url).pathname}`,
      HTTP_PROXY: `http://app:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}`,
    }),
  );
  endings.push(app.kill);
  // On a busy machine a try may run out of time first.
  await app.waitForLog(
    ({ message, advice }) =>
      message === 'no connection to Slack opened; trying again' &&
      /^No TLS connection to Slack .*proxy.*NODE_EXTRA_CA_CERTS/.test(String(advice)),
  );
});
