import { createServer } from 'node:net';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { type AppProcess, startApp, startReadyApp } from '../support/app-process';
import { freePort } from '../support/free-port';
import { ALICE, cardsIn, createFakes, type Fakes, GENERAL, TOKENS, textOf } from '../support/harness';

const { ready, fails, poolOpen } = DEMO_TRAININGS;
let fakes: Fakes;
let app: AppProcess | undefined;
afterEach(async () => {
  await app?.kill();
  app = undefined;
  await fakes?.close();
});

async function archive(trainingId: string, word = ''): Promise<void> {
  const { workspace } = fakes;
  const alice = workspace.person(ALICE);
  await alice.command(`${trainingId} ${word}`, { channel: GENERAL });
  await workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
  await alice.fill('Reason', 'no longer used');
  await alice.fill('Type the training ID to confirm', trainingId);
  await alice.submit();
}

const card = (n = 0) => textOf(cardsIn(fakes)[n]);
const until = (words: string, n = 0) =>
  fakes.workspace.waitFor(() => card(n).includes(words), { what: words, timeoutMs: 10_000 });

const TRANSPORTS = ['Socket Mode', 'signed HTTP'] as const;

async function start(transport: (typeof TRANSPORTS)[number], more: Record<string, string> = {}) {
  if (transport === 'Socket Mode') return startReadyApp(fakes.env(more));
  const port = await freePort();
  fakes.workspace.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
  return startReadyApp(
    fakes.env({ SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: TOKENS.signing, PORT: String(port), ...more }),
  );
}

describe.each(TRANSPORTS)('the built app over %s', (transport) => {
  it('archives: plan, confirmation, card, POST, progress, end, thread, mention', async () => {
    fakes = await createFakes();
    app = await start(transport);
    await archive(ready.id);
    await until('*Archived*');
    await fakes.workspace.waitFor(() => card().includes(`<@${ALICE}>, the training is archived`));
    expect(fakes.account.posts(ready.id)).toEqual({ arrived: 1, effective: 1 });
    const sent = fakes.account.exchanges.find(({ method }) => method === 'POST');
    expect(sent?.path).toBe(`/api/v1/trainings/${ready.id}/archive`);
    expect((await app.stop()).code).toBe(0);
  });

  it('offers no Archive button while something blocks it, and shows a failure in Toloka', async () => {
    fakes = await createFakes();
    app = await start(transport);
    const alice = fakes.workspace.person(ALICE);
    await alice.command(poolOpen.id, { channel: GENERAL });
    await fakes.workspace.waitFor(() => textOf(alice.modal()).includes('not archived.'));
    await alice.close();
    await archive(fails.id);
    await until('*Failed in Toloka*');
    expect(fakes.account.posts(poolOpen.id).arrived).toBe(0);
  });

  it('logs no secret, at log level debug', async () => {
    fakes = await createFakes();
    app = await start(transport);
    await archive(ready.id);
    await until('*Archived*');
    await app.stop();
    for (const token of Object.values(TOKENS)) expect(app.output()).not.toContain(token);
    expect(app.output()).toContain('"level":"debug"');
  });

  it('finishes accepted work on SIGTERM', async () => {
    fakes = await createFakes();
    fakes.account.faults.add({ method: 'POST', fault: { kind: 'slow', ms: 700 } });
    app = await start(transport);
    await archive(ready.id);
    await fakes.workspace.waitFor(() => cardsIn(fakes).length === 1);
    expect((await app.stop()).code).toBe(0);
    // The answer to the POST was waited for and recorded. The card follows when the app runs again.
    expect(fakes.account.posts(ready.id).arrived).toBe(1);
    expect(app.output()).toMatch(/"to":"running"/);
    app = await start(transport);
    await until('*Archived*');
    expect(fakes.account.posts(ready.id).arrived).toBe(1);
  });
});

describe('both paths of a training', () => {
  it.each(['TOLOKA_TRAINING_PATH', 'TOLOKA_ENVIRONMENT'])(
    'archives at the path of 2021, set by %s',
    async (name) => {
      fakes = await createFakes({ account: { acceptedSpelling: 'training' } });
      app = await start('Socket Mode', { [name]: name === 'TOLOKA_ENVIRONMENT' ? 'yandex' : 'training' });
      await archive(ready.id);
      await until('*Archived*');
      const sent = fakes.account.exchanges.find(({ method }) => method === 'POST');
      expect(sent?.path).toBe(`/api/v1/training/${ready.id}/archive`);
    },
  );

  it('shows a refusal by a host that knows only the other path, after one POST', async () => {
    fakes = await createFakes({ account: { acceptedSpelling: 'training' } });
    app = await start('Socket Mode');
    await archive(ready.id);
    await until('*Refused by Toloka*');
    expect(fakes.account.exchanges.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });
});

describe('signed HTTP', () => {
  it.each(['badSignature', 'staleTimestamp', 'unsigned'] as const)(
    'does not accept a command with %s',
    async (kind) => {
      fakes = await createFakes();
      app = await start('signed HTTP');
      const alice = fakes.workspace.person(ALICE);
      const signature = { badSignature: 'bad', staleTimestamp: 'stale', unsigned: 'none' }[kind] as never;
      const { acked } = await alice.command(ready.id, { channel: GENERAL, signature });
      expect(acked).toBe(false);
      expect(alice.modal()).toBeUndefined();
      expect(fakes.account.exchanges).toEqual([]);
    },
  );
});

describe('the start', () => {
  it('needs only environment variables, and answers health checks', async () => {
    fakes = await createFakes();
    const port = await freePort();
    app = await startReadyApp(fakes.env({ PORT: String(port) }));
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    await fakes.workspace.waitFor(() => fakes.workspace.socket.connections().length > 0);
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, problems: [] }]);
    expect((await fetch(`http://127.0.0.1:${port}/other`)).status).toBe(404);
  });

  it('ends at once with 0 on SIGTERM while Slack does not answer yet', async () => {
    fakes = await createFakes();
    app = startApp(fakes.env({ SLACK_API_URL: 'http://127.0.0.1:1/api/' }));
    await app.waitForLog(({ message }) => message === 'Slack did not answer at the start; trying again');
    expect(await app.stop()).toEqual({ code: 0, signal: null });
    expect(app.log.map(({ message }) => message)).toContain('stopped');
    expect(app.output()).not.toContain('stop failed');
  });

  it('tries again when Slack accepts the first connection and sends nothing', async () => {
    fakes = await createFakes();
    fakes.workspace.faults.add({ kind: 'silent', method: 'apps.connections.open' });
    app = await startReadyApp(fakes.env());
    expect(fakes.workspace.socket.connections()).not.toEqual([]);
  });

  it('lists every problem of the settings and ends with 1', async () => {
    fakes = await createFakes();
    app = startApp({ PORT: 'x', LOG_LEVEL: 'loud' });
    expect((await app.exited).code).toBe(1);
    for (const name of ['SLACK_BOT_TOKEN', 'PORT', 'LOG_LEVEL', 'TOLOKA_TOKEN'])
      expect(app.output()).toContain(name);
  });

  it('names the setting, shows no secret and ends with 1 on a wrong token or a busy port', async () => {
    fakes = await createFakes();
    app = startApp(fakes.env({ SLACK_BOT_TOKEN: 'xoxb-9-wrong' }));
    expect((await app.exited).code).toBe(1);
    expect(app.output()).toContain('SLACK_BOT_TOKEN (invalid_auth)');
    expect(app.output()).not.toContain('xoxb-9-wrong');
    app = startApp(fakes.env({ SLACK_APP_TOKEN: 'xapp-9-wrong' }));
    expect((await app.exited).code).toBe(1);
    expect(app.output()).toContain('Slack does not accept SLACK_APP_TOKEN (invalid_auth)');
    expect(app.output()).not.toContain('xapp-9-wrong');
    const busy = createServer().listen(0);
    await new Promise((resolve) => busy.once('listening', resolve));
    const address = busy.address();
    app = startApp(fakes.env({ PORT: String(typeof address === 'object' ? address?.port : 0) }));
    expect((await app.exited).code).toBe(1);
    expect(app.output()).toContain('Set PORT to a free one');
    busy.close();
  });
});

describe('a rejection that nobody handles', () => {
  // Loaded before the app: at a signal, a promise is rejected. An app that goes on after that ends with 42.
  const rejects = encodeURIComponent(`process.on('SIGUSR2', () => {
    void Promise.reject(new Error('nobody caught ${TOKENS.toloka}'));
    setTimeout(() => process.exit(42), 1_000);
  })`);
  const NODE_OPTIONS = `--import=data:text/javascript,${rejects}`;

  it('is logged, without what is secret, and ends the process with 1', async () => {
    fakes = await createFakes();
    app = await startReadyApp(fakes.env({ NODE_OPTIONS }));
    app.child.kill('SIGUSR2');
    expect(await app.exited).toEqual({ code: 1, signal: null });
    expect(app.log.at(-1)).toMatchObject({
      ...{ level: 'error', message: 'unhandled rejection', error: { message: 'nobody caught [redacted]' } },
    });
    expect(app.output()).not.toContain(TOKENS.toloka);
  });
});
