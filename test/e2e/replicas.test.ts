import { DEMO_TRAININGS } from '../../fakes/toloka';
import { describePostgres, postgresPlace } from '../journal/postgres-place';
import { type AppProcess, startApp } from '../support/app-process';
import { freePort } from '../support/free-port';
import { ALICE, cardsIn, createFakes, type Fakes, GENERAL, TOKENS, textOf } from '../support/harness';

const { ready } = DEMO_TRAININGS;
const NAMES = ['first', 'second'] as const;
type Name = (typeof NAMES)[number];

interface Replica {
  app: AppProcess;
  url: string;
}

describePostgres('two processes over HTTP on one journal', (server) => {
  let fakes: Fakes;
  let database: Awaited<ReturnType<typeof postgresPlace>>;
  let replicas: Record<Name, Replica>;

  beforeEach(async () => {
    fakes = await createFakes({ account: { operationMs: 4_000 } });
    database = await postgresPlace(server());
    // At the same time, on an empty database: one creates the tables, both use them.
    const [first, second] = await Promise.all(NAMES.map(start));
    replicas = { first: first as Replica, second: second as Replica };
  }, 60_000);
  afterEach(async () => {
    await Promise.all(Object.values(replicas).map(({ app }) => app.kill()));
    await fakes.close();
    await database.remove();
  });

  async function start(): Promise<Replica> {
    const port = await freePort();
    const more = { DATABASE_URL: database.url, PORT: String(port), LEASE_SECONDS: '6' };
    const { SLACK_APP_TOKEN: _, ...env } = fakes.env(more);
    const app = startApp({ ...env, SLACK_SIGNING_SECRET: TOKENS.signing });
    await app.waitForLog(({ message }) => message === 'ready');
    return { app, url: `http://127.0.0.1:${port}/slack/events` };
  }

  const deliverTo = (name: Name) => fakes.workspace.setRequestUrl(replicas[name].url);
  const logged = (name: Name, message: string) =>
    replicas[name].app.log.filter((line) => line.message === message).length;
  const card = () => textOf(cardsIn(fakes)[0]);
  const until = (words: string) =>
    fakes.workspace.waitFor(() => card().includes(words), { what: words, timeoutMs: 20_000 });

  async function askFirst(id: string) {
    const alice = fakes.workspace.person(ALICE);
    deliverTo('first');
    await alice.command(id, { channel: GENERAL });
    await fakes.workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
    await alice.fill('Reason', 'no longer used');
    await alice.fill('Type the training ID to confirm', id);
    return alice;
  }

  it('takes the command in one and the confirmation in the other', async () => {
    const alice = await askFirst(ready.id);
    deliverTo('second');
    await alice.submit();
    await until('*Archived*');
    expect([logged('first', 'asked'), logged('first', 'confirmed')]).toEqual([1, 0]);
    expect([logged('second', 'asked'), logged('second', 'confirmed')]).toEqual([0, 1]);
    expect(fakes.account.posts(ready.id)).toEqual({ arrived: 1, effective: 1 });
    expect(cardsIn(fakes)).toHaveLength(1);
  }, 60_000);

  it('archives once when a confirmation is delivered to both', async () => {
    const alice = await askFirst(ready.id);
    fakes.workspace.setRequestUrl([replicas.first.url, replicas.second.url]);
    await alice.submit({ copies: 2 });
    await until('*Archived*');
    expect(logged('first', 'confirmed') + logged('second', 'confirmed')).toBe(1);
    expect(fakes.account.posts(ready.id)).toEqual({ arrived: 1, effective: 1 });
    expect(cardsIn(fakes)).toHaveLength(1);
  }, 60_000);

  it('follows the operation to its end when the process that sent it is killed', async () => {
    const alice = await askFirst(ready.id);
    await alice.submit();
    await until('Toloka is archiving');
    await replicas.first.app.kill();
    await until('*Archived*');
    expect(logged('second', 'confirmed')).toBe(0);
    expect(fakes.account.posts(ready.id)).toEqual({ arrived: 1, effective: 1 });
    expect(cardsIn(fakes)).toHaveLength(1);
  }, 60_000);
});
