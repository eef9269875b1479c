import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, buildConnector } from 'undici';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { createApp } from '../../src/app';
import { loadConfig, SECRET_NAMES } from '../../src/config';
import { startReadyApp } from '../support/app-process';
import { ALICE, createFakes, type Fakes, GENERAL, TOKENS, textOf } from '../support/harness';

let fakes: Fakes;
let endings: (() => Promise<unknown>)[];
beforeEach(async () => {
  fakes = await createFakes();
  endings = [fakes.close];
});
afterEach(async () => {
  for (const end of endings.reverse()) await end();
});

it('works with quotes around the values, and says once that it left them out', async () => {
  const quoted = Object.entries(fakes.env()).map(([name, value]) => [name, `"${value}"`]);
  const app = await startReadyApp(Object.fromEntries(quoted));
  endings.push(app.kill);
  await app.stop();
  expect(app.log.filter(({ message }) => message.includes('quotes'))).toEqual([
    expect.objectContaining({
      level: 'warn',
      message: expect.stringMatching(/^The quotes around .*TOLOKA_TOKEN.* were left out\.$/),
    }),
  ]);
  for (const token of Object.values(TOKENS)) expect(app.output()).not.toContain(token);
});

it('works with its secrets in files, and logs none of them', async () => {
  const secrets = Object.entries(fakes.env()).filter(([name]) => SECRET_NAMES.includes(name));
  expect(secrets.length).toBeGreaterThan(2);
  const files = secrets.flatMap(([name, value]) => {
    const path = join(fakes.directory, name);
    writeFileSync(path, `${value}\n`, { mode: 0o400 });
    return [
      [name, ''],
      [`${name}_FILE`, path],
    ];
  });
  const app = await startReadyApp(fakes.env(Object.fromEntries(files)));
  endings.push(app.kill);
  const alice = fakes.workspace.person(ALICE);
  await alice.command(DEMO_TRAININGS.ready.id, { channel: GENERAL });
  await fakes.workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
  await app.stop();
  for (const [, token] of secrets) expect(app.output()).not.toContain(token);
});

it.each([
  ['no ID on this machine', '127.0.0.1', false],
  ['the ID at a host that nobody knows', '10.255.255.1', true],
])('with a sandbox token, people type %s', async (_what, host, typed) => {
  const { port, pathname } = new URL(fakes.account.url);
  const connect = buildConnector({});
  // Whatever the host, the fake is on this machine.
  const dispatcher = new Agent({
    connect: (options, done) => connect({ ...options, host: '127.0.0.1', hostname: '127.0.0.1' }, done),
  });
  const settings = loadConfig(
    fakes.env({
      TOLOKA_TOKEN: '',
      TOLOKA_SANDBOX_TOKEN: TOKENS.toloka,
      TOLOKA_API_URL: `http://${host}:${port}${pathname}`,
    }),
  );
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const { start, stop } = await createApp(settings, { dispatcher, logger });
  endings.push(() => dispatcher.close(), stop);
  await start();
  const alice = fakes.workspace.person(ALICE);
  await alice.command(DEMO_TRAININGS.ready.id, { channel: GENERAL });
  await fakes.workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
  expect(textOf(alice.modal()).includes('Type the training ID')).toBe(typed);
});
