import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { exportLines } from '../../src/journal/transfer';
import { createWard, stateOf, type Ward } from '../cli/ward';
import { describePostgres, postgresPlace } from '../journal/postgres-place';
import { startReadyApp } from '../support/app-process';
import { freePort } from '../support/free-port';
import { GENERAL } from '../support/harness';

let ward: Ward;
beforeEach(async () => {
  ward = await createWard();
});
afterEach(() => ward.close());

/** The built program as a process, with only the given environment. */
function start(env: Record<string, string>, ...args: string[]) {
  const program = join(__dirname, '..', '..', 'dist', 'cli', 'doctor.js');
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  return new Promise<{ code: number | null; out: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, out }));
  });
}

it('runs beside the app, makes no second connection to Slack, and changes nothing', async () => {
  const env = ward.env({ HOST: '127.0.0.1', PORT: String(await freePort()) });
  const app = await startReadyApp(env);
  const content = async () => {
    const lines: string[] = [];
    for await (const line of exportLines({ path: ward.journalPath })) lines.push(line);
    // The files change, because the app tries a write when it is asked whether it is ready.
    return { ...stateOf(ward), files: lines };
  };
  await ward.workspace.waitFor(() => ward.workspace.socket.history().length === 2);
  const before = await content();
  const connections = ward.workspace.socket.history().length;
  const { code, out } = await start(env, '--channel', GENERAL);
  expect([code, out]).toEqual([0, expect.stringMatching(/^✓ Port: the app runs at \d+ and is ready\.$/m)]);
  expect(out).toContain(
    '✓ Slack events: Slack accepts SLACK_APP_TOKEN; the connection is left to the running app.',
  );
  expect(out).toContain('✓ Open requests: 0, with intact records.');
  expect(ward.workspace.socket.history()).toHaveLength(connections);
  expect(await content()).toEqual(before);
  await app.stop();
});

it('leaves the journal of a crashed app as it is', async () => {
  const env = ward.env();
  const app = await startReadyApp(env);
  await app.kill();
  await ward.workspace.waitFor(() => ward.workspace.socket.connections().length === 0);
  const before = stateOf(ward);
  expect(before.files).toHaveLength(2);
  expect((await start(env)).code).toBe(0);
  expect(stateOf(ward)).toEqual(before);
});

it('says what the network said', async () => {
  const url = `http://127.0.0.1:${await freePort()}/api/`;
  const { code, out } = await start(ward.env({ SLACK_API_URL: url }), '--json');
  expect([code, out]).toEqual([
    1,
    expect.stringContaining('Slack can’t be reached (connect ECONNREFUSED 127'),
  ]);
});

it('goes through the proxy, as the app does', async () => {
  const proxy = createServer();
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  proxy.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  proxy.on('connect', ({ url = '' }, socket: Socket) => {
    tunnels.push(url);
    const upstream = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  });
  const port = await ward.listen(proxy);
  const { code, out } = await ward.doctor({ env: { HTTP_PROXY: `http://app:pass-word@127.0.0.1:${port}` } });
  expect([code, out]).toEqual([0, expect.stringMatching(/^✓ Proxy 127\S+: leads to 127\.0\.0\.1:\d+\.$/m)]);
  const [slack, toloka] = [ward.workspace.port, ward.account.port].map((at) => `127.0.0.1:${at}`);
  expect(new Set(tunnels)).toEqual(new Set([slack, toloka]));
  // The check itself, the Web API and the socket.
  expect(tunnels.filter((tunnel) => tunnel === slack).length).toBeGreaterThan(2);
  // A client that is cut off while it closes keeps its process alive for 30 s.
  await ward.workspace.waitFor(() => ward.workspace.socket.connections().length === 0);
  for (const socket of sockets) socket.end();
});

describePostgres('a journal in PostgreSQL', (server) => {
  it('is looked at without a table being made or written', async () => {
    const place = await postgresPlace(server());
    const findings = async () => {
      const { findings } = await ward.findings({ env: { DATABASE_URL: place.url } });
      return Object.fromEntries(findings.map(({ check, subject, code }) => [subject ?? check, code]));
    };
    expect(await findings()).toMatchObject({ journal: 'journal_new', 'the database server': 'clock_ok' });
    expect(await findings()).toMatchObject({ journal: 'journal_new' });
    await place.open();
    expect(await findings()).toMatchObject({ journal: 'journal_ok', open_requests: 'open_requests_ok' });
    const { code, out } = await ward.doctor({
      env: { DATABASE_URL: place.url },
      options: { now: () => Date.now() + 9_000 },
    });
    expect([code, out]).toEqual([1, expect.stringMatching(/^✗ Clock, .* server: too far apart\. .*NTP\.$/m)]);
    await place.remove();
  });
});
