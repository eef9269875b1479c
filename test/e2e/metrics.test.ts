import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { describePostgres, ownServer, postgresPlace } from '../journal/postgres-place';
import { type AppProcess, startApp, startReadyApp } from '../support/app-process';
import { freePort } from '../support/free-port';
import { ALICE, createFakes, type Fakes, GENERAL, TOKENS } from '../support/harness';

let fakes: Fakes;
let app: AppProcess | undefined;
beforeEach(async () => {
  fakes = await createFakes();
});
afterEach(async () => {
  await app?.kill();
  app = undefined;
  await fakes.close();
});

const ports = async () => ({ port: await freePort(), metricsPort: await freePort() });
const get = (port: number, path = '/metrics', method = 'GET') =>
  fetch(`http://127.0.0.1:${port}${path}`, { method });
const textOf = async (port: number) => (await get(port)).text();
const httpEnv = (more: Record<string, string>) => {
  const { SLACK_APP_TOKEN: _, ...env } = fakes.env(more);
  return { ...env, SLACK_SIGNING_SECRET: TOKENS.signing };
};
const start = async (env: Record<string, string>) => {
  app = await startReadyApp(env);
};
/** Waits until the metrics have such a line. */
async function until(port: number, line: RegExp): Promise<string> {
  let text = '';
  for (let tries = 0; tries < 150; tries++) {
    text = await textOf(port);
    if (line.test(text)) return text;
    await sleep(100);
  }
  throw new Error(`No line ${line} in:\n${text}`);
}

describe('in Socket Mode', () => {
  it('the metrics are on the port of the app', async () => {
    const { port } = await ports();
    await start(fakes.env({ PORT: String(port) }));
    await until(port, /^toloka_archive_ready 1$/m);
    const alice = fakes.workspace.person(ALICE);
    await alice.command(DEMO_TRAININGS.open.id, { channel: GENERAL });
    const text = await until(port, /^toloka_archive_denials_total\{code="not_closed"\} 1$/m);
    expect(text).toMatch(/^toloka_archive_commands_total\{kind="ask"\} 1$/m);
    expect(text).toMatch(/^toloka_archive_ack_seconds_count\{kind="command"\} 1$/m);
    expect(text).toMatch(/^toloka_archive_slack_sockets\{state="serving"\} [12]$/m);
    expect(text).toMatch(/^toloka_archive_journal_up 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
    for (const word of [DEMO_TRAININGS.open.id, ALICE, GENERAL, ...Object.values(TOKENS)])
      expect(text).not.toContain(word);
    const answer = await get(port);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const head = await get(port, '/metrics?x=1', 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await get(port, '/metrics', 'POST')).status).toBe(404);
  });

  it('they are only on METRICS_PORT when that is set', async () => {
    const { port, metricsPort } = await ports();
    await start(fakes.env({ PORT: String(port), METRICS_PORT: String(metricsPort) }));
    expect((await get(port)).status).toBe(404);
    await until(metricsPort, /^toloka_archive_slack_sockets\{state="serving"\} [12]$/m);
  });
});

describe('in HTTP mode', () => {
  it('the metrics are nowhere without METRICS_PORT, because Slack’s port is public', async () => {
    const { port } = await ports();
    await start(httpEnv({ PORT: String(port) }));
    expect((await get(port)).status).toBe(404);
    expect((await get(port, '/healthz')).status).toBe(200);
  });

  it('they are on METRICS_PORT with the health checks, and not on PORT', async () => {
    const { port, metricsPort } = await ports();
    await start(httpEnv({ PORT: String(port), METRICS_PORT: String(metricsPort) }));
    expect((await get(port)).status).toBe(404);
    const text = await until(metricsPort, /^toloka_archive_ready 1$/m);
    expect(text).not.toMatch(/^toloka_archive_slack_sockets\{/m);
    for (const path of ['/healthz', '/readyz'])
      expect(await (await get(metricsPort, path)).text()).toBe(await (await get(port, path)).text());
    expect((await get(metricsPort, '/slack/events', 'POST')).status).toBe(404);
    expect((await app?.stop())?.code).toBe(0);
  });
});

describe('METRICS_PORT', () => {
  it.each([
    ['the given', '3999', '3999'],
    ['the default', '', '3000'],
  ])('cannot be %s port of the app', async (_which, port, metricsPort) => {
    app = startApp(fakes.env({ PORT: port, METRICS_PORT: metricsPort }));
    expect((await app.exited).code).toBe(1);
    expect(app.output()).toContain('METRICS_PORT is the port of the app itself: choose another one');
  });

  it('is named when its port is taken, and the app does not start', async () => {
    const { port } = await ports();
    const taken = Number(new URL(fakes.account.url).port);
    app = startApp(fakes.env({ PORT: String(port), METRICS_PORT: String(taken) }));
    expect((await app.exited).code).toBe(1);
    expect(app.output()).toContain(`Port ${taken} can't be used. Set METRICS_PORT to a free one.`);
  });
});

it('the metrics are there while Slack does not answer at the start', async () => {
  const { port } = await ports();
  fakes.workspace.down(true);
  app = startApp(fakes.env({ PORT: String(port) }));
  await app.waitForLog(({ message }) => message.startsWith('Slack did not answer at the start'));
  expect(await textOf(port)).toMatch(/^toloka_archive_ready 0$/m);
});

it('the metrics go on when the SQLite file is deleted, and say that the app is not ready', async () => {
  const { port } = await ports();
  await start(fakes.env({ PORT: String(port) }));
  await until(port, /^toloka_archive_ready 1$/m);
  rmSync(join(fakes.directory, 'journal.db'));
  await until(port, /^toloka_archive_ready 0$/m);
});

describePostgres('with PostgreSQL', (server) => {
  (ownServer ? it : it.skip)(
    'the metrics go on without the database, and leave out what comes from it',
    async () => {
      const { port } = await ports();
      const database = await postgresPlace(server());
      await start(fakes.env({ PORT: String(port), DATABASE_URL: database.url }));
      const before = await until(port, /^toloka_archive_ready 1$/m);
      expect(before).toMatch(/^toloka_archive_due_requests 0$/m);
      await server().stop();
      const during = await until(port, /^toloka_archive_journal_up 0$/m);
      expect(during).toMatch(/^toloka_archive_ready 0$/m);
      expect(during).not.toMatch(/^toloka_archive_(open_requests\{|due_|oldest_|leased_requests |paused )/m);
      expect(during).toMatch(/^toloka_archive_slack_sockets\{state="serving"\} [12]$/m);
      await server().start();
      await until(port, /^toloka_archive_due_requests 0$/m);
      await app?.kill();
      await database.remove();
    },
    60_000,
  );
});
