import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { type AppProcess, startReadyApp } from '../support/app-process';
import { freePort } from '../support/free-port';
import { ALICE, cardsIn, createFakes, type Fakes, GENERAL, textOf } from '../support/harness';

const { ready, fails } = DEMO_TRAININGS;
let fakes: Fakes;
let app: AppProcess | undefined;
afterEach(async () => {
  await app?.kill();
  app = undefined;
  await fakes?.close();
});

const changes: [string, (journal: string) => void][] = [
  ['was deleted', (journal) => rmSync(journal)],
  [
    'was replaced by a backup',
    (journal) => {
      copyFileSync(journal, `${journal}.backup`);
      renameSync(`${journal}.backup`, journal);
    },
  ],
  ['lost its log', (journal) => rmSync(`${journal}-wal`)],
];

it.each(changes)(
  'nothing is sent to Toloka when the journal %s under the running app',
  async (_what, change) => {
    fakes = await createFakes();
    const { account, directory, workspace } = fakes;
    const port = await freePort();
    app = await startReadyApp(fakes.env({ PORT: String(port) }));
    const readiness = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
      return { status: answer.status, text: await answer.text() };
    };
    await workspace.waitFor(() => workspace.socket.connections().length > 0);
    expect((await readiness()).status).toBe(200);

    const alice = workspace.person(ALICE);
    await alice.command(ready.id, { channel: GENERAL });
    await workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
    await alice.fill('Reason', 'no longer used');
    await alice.fill('Type the training ID to confirm', ready.id);
    change(join(directory, 'journal.db'));
    await alice.submit();
    const screen = () => textOf([alice.modal(), workspace.ephemerals(ALICE)]);
    await workspace.waitFor(() => screen().includes('Something went wrong inside this app'), {
      what: 'an answer',
    });

    expect(await readiness()).toEqual({
      status: 503,
      text: expect.stringContaining('Stop the app, restore'),
    });
    const answered = workspace.ephemerals(ALICE).length;
    await alice.command(fails.id, { channel: GENERAL });
    await workspace.waitFor(() => workspace.ephemerals(ALICE).length > answered || alice.modal(), {
      what: 'an answer to the next command',
    });
    // Stopping waits for what the app still does.
    expect((await app.stop()).code).toBe(0);
    expect(account.exchanges.filter(({ method }) => method === 'POST')).toEqual([]);
    expect(cardsIn(fakes)).toEqual([]);
    expect(app.output()).toContain('journal_unavailable');
  },
);
