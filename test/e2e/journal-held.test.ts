import { join } from 'node:path';
import Libsql from 'libsql';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { type AppProcess, freePort, startReadyApp } from '../support/app-process';
import { ALICE, createFakes, type Fakes, GENERAL, textOf } from '../support/harness';

const { ready, fails } = DEMO_TRAININGS;
const WRONG = 'Something went wrong inside this app';
let fakes: Fakes;
let app: AppProcess;
let port: number;
beforeEach(async () => {
  fakes = await createFakes();
  port = await freePort();
  app = await startReadyApp(fakes.env({ PORT: String(port) }));
  await fakes.workspace.waitFor(() => fakes.workspace.socket.connections().length === 1);
});
afterEach(async () => {
  await app.kill();
  await fakes.close();
});

const screen = () => {
  const alice = fakes.workspace.person(ALICE);
  return textOf([alice.modal(), fakes.workspace.ephemerals(ALICE)]);
};

it('answers people and health checks while another program keeps the journal locked', async () => {
  const { workspace, directory } = fakes;
  const alice = workspace.person(ALICE);
  const other = new Libsql(join(directory, 'journal.db'), { timeout: 5_000 });
  other.exec('begin immediate');
  await alice.command(ready.id, { channel: GENERAL });
  const health = await fetch(`http://127.0.0.1:${port}/healthz`);
  expect(health.status).toBe(200);
  await workspace.waitFor(() => screen().includes(WRONG), { what: 'an answer' });
  other.exec('commit');
  other.close();
  await alice.command(fails.id, { channel: GENERAL });
  await workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
  expect((await app.stop()).code).toBe(0);
  expect(app.output()).toContain('journal_busy');
});
