import { writeFileSync } from 'node:fs';
import type { Server as TlsServer } from 'node:https';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { type AppProcess, startApp, startReadyApp } from '../support/app-process';
import { createCertificate } from '../support/certificates';
import { freePort } from '../support/free-port';
import { createFront, listenOn } from '../support/front';
import { createFakes, type Fakes } from '../support/harness';

const hosts = ['127.0.0.1'];
const HOUR_MS = 3_600_000;

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

async function until<T>(read: () => Promise<T>, is: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (is(value)) return value;
    await sleep(50);
  }
}

function readiness(port: number) {
  return async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    return { status: answer?.status, text: (await answer?.text()) ?? '' };
  };
}

it('an unknown certificate of Slack’s Web API: the log and /readyz say how to make it known', async () => {
  const { workspace } = fakes;
  const front = await listen(createFront(workspace.port, '', createCertificate({ hosts })));
  const PORT = String(await freePort());
  const api = `https://127.0.0.1:${front}${new URL(workspace.url).pathname}`;
  const app = startApp(fakes.env({ SLACK_API_URL: api, PORT }));
  endings.push(app.kill);
  const advice = /DEPTH_ZERO_SELF_SIGNED_CERT.*PEM file.*NODE_EXTRA_CA_CERTS/;
  await app.waitForLog(
    (line) => /did not answer at the start/.test(line.message) && advice.test(String(line['advice'])),
  );
  const { status, text } = await until(readiness(Number(PORT)), (answer) => advice.test(answer.text));
  expect([status, JSON.parse(text).problems]).toEqual([503, [expect.stringMatching(advice)]]);
});

it('a certificate of Slack’s socket that expires: /readyz says so until there is a new one', async () => {
  const { workspace } = fakes;
  const root = createCertificate({ name: 'root' });
  const file = join(fakes.directory, 'root.pem');
  writeFileSync(file, root.cert);
  const good = createCertificate({ hosts, issuer: root });
  const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
  const expired = createCertificate({ hosts, issuer: root, from: ago(2), until: ago(1) });

  const socket = createFront(workspace.port, '', good) as TlsServer;
  const socketPort = await listen(socket);
  const api = await listen(createFront(workspace.port, `wss://127.0.0.1:${socketPort}`));
  const PORT = String(await freePort());
  const app: AppProcess = await startReadyApp(
    fakes.env({
      SLACK_API_URL: `http://127.0.0.1:${api}${new URL(workspace.url).pathname}`,
      NODE_EXTRA_CA_CERTS: file,
      PORT,
    }),
  );
  endings.push(app.kill);
  const read = readiness(Number(PORT));
  expect((await read()).status).toBe(200);
  await workspace.waitFor(() => workspace.socket.history().length === 2);
  socket.setSecureContext(expired);
  workspace.socket.drop();
  const { text } = await until(read, (answer) => answer.text.includes('CERT_HAS_EXPIRED'));
  expect(JSON.parse(text).problems).toEqual([expect.stringMatching(/has expired.*Renew.*clock \(NTP\)/)]);
  await app.waitForLog(
    ({ message, advice }) =>
      message === 'no connection to Slack opened; trying again' &&
      String(advice).includes('CERT_HAS_EXPIRED'),
  );
  socket.setSecureContext(good);
  await until(read, ({ status }) => status === 200);
});

it('an unknown certificate of PostgreSQL: the start ends and says how to make it known', async () => {
  const certificate = createCertificate({ hosts });
  // It agrees to TLS as PostgreSQL does. After that nothing comes, because the certificate is refused.
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write('S');
      new TLSSocket(socket, { isServer: true, ...certificate }).on('error', () => {});
    });
  });
  const address = `127.0.0.1:${await listen(server)}/journal?sslmode=require`;
  const app = startApp(fakes.env({ DATABASE_URL: `postgresql://me:secret-password@${address}` }));
  expect(await app.exited).toEqual({ code: 1, signal: null });
  expect(app.output()).toMatch(
    /^The journal, .* \(DEPTH_ZERO_SELF_SIGNED_CERT: .*PEM file.*sslrootcert of DATABASE_URL\.$/m,
  );
  expect(app.output()).not.toContain('secret-password');
});
