import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Libsql from 'libsql';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { type AppProcess, startReadyApp } from '../support/app-process';
import { freePort } from '../support/free-port';
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
  await fakes.workspace.waitFor(() => fakes.workspace.socket.connections().length > 0);
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

// A file system that is full, for this one process: of util-linux.
(existsSync('/usr/bin/prlimit') ? it : it.skip)('is not ready while the disk takes no more', async () => {
  const { workspace, account } = fakes;
  const alice = workspace.person(ALICE);
  /** Asks until it has this status. Returns what it says then. */
  const readiness = async (status: number): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    const text = await answer.text();
    if (answer.status === status) return text;
    await sleep(100);
    return readiness(status);
  };
  const limitFiles = (bytes: string) =>
    execFileSync('prlimit', ['--pid', String(app.child.pid), `--fsize=${bytes}:unlimited`]);
  await readiness(200);

  limitFiles('1');
  expect(await readiness(503)).toContain('Check that the disk has room');
  await alice.command(ready.id, { channel: GENERAL });
  await workspace.waitFor(() => screen().includes(WRONG), { what: 'an answer' });
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503);

  limitFiles('unlimited');
  await readiness(200);
  await alice.command(fails.id, { channel: GENERAL });
  await workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
  expect(account.exchanges.filter(({ method }) => method === 'POST')).toEqual([]);
});
