import { DEMO_TRAININGS } from '../../demo/toloka';
import { describePostgres, postgresPlace } from '../journal/postgres-place';
import { type AppProcess, freePort, startApp } from '../support/app-process';
import { cardsIn, textOf } from '../support/house';
import { ALICE, createStage, GENERAL, type Stage, TOKENS } from '../support/stage';

const { ready } = DEMO_TRAININGS;
const PLACES = ['first', 'second'] as const;

interface Replica {
  app: AppProcess;
  url: string;
}

describePostgres('two processes over HTTP on one journal', (server) => {
  let stage: Stage;
  let place: Awaited<ReturnType<typeof postgresPlace>>;
  let replicas: Record<(typeof PLACES)[number], Replica>;

  beforeEach(async () => {
    stage = await createStage({ account: { operationMs: 4_000 } });
    place = await postgresPlace(server());
    // At once, on an empty database: both find what one of them has made.
    const [first, second] = await Promise.all(PLACES.map(start));
    replicas = { first: first as Replica, second: second as Replica };
  }, 60_000);
  afterEach(async () => {
    await Promise.all(Object.values(replicas).map(({ app }) => app.kill()));
    await stage.close();
    await place.remove();
  });

  async function start(): Promise<Replica> {
    const port = await freePort();
    const { SLACK_APP_TOKEN: _, ...env } = stage.env({ DATABASE_URL: place.url, PORT: String(port) });
    const app = startApp({ ...env, SLACK_SIGNING_SECRET: TOKENS.signing });
    await app.waitForLog(({ message }) => message === 'ready');
    return { app, url: `http://127.0.0.1:${port}/slack/events` };
  }

  const deliverTo = (name: (typeof PLACES)[number]) => stage.workspace.setRequestUrl(replicas[name].url);
  const said = (name: (typeof PLACES)[number], message: string) =>
    replicas[name].app.log.filter((line) => line.message === message).length;
  const card = () => textOf(cardsIn(stage)[0]);
  const until = (words: string) =>
    stage.workspace.waitFor(() => card().includes(words), { what: words, timeoutMs: 20_000 });

  async function askFirst(id: string) {
    const alice = stage.workspace.person(ALICE);
    deliverTo('first');
    await alice.command(id, { channel: GENERAL });
    await stage.workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
    await alice.fill('Reason', 'no longer used');
    await alice.fill('Type the training ID to confirm', id);
    return alice;
  }

  it('a command goes to one, its confirmation to the other', async () => {
    const alice = await askFirst(ready.id);
    deliverTo('second');
    await alice.submit();
    await until('*Archived*');
    expect([said('first', 'asked'), said('first', 'confirmed')]).toEqual([1, 0]);
    expect([said('second', 'asked'), said('second', 'confirmed')]).toEqual([0, 1]);
    expect(stage.account.posts(ready.id)).toEqual({ arrived: 1, effective: 1 });
    expect(cardsIn(stage)).toHaveLength(1);
  }, 60_000);

  it('a confirmation that is delivered to both is one archive', async () => {
    const alice = await askFirst(ready.id);
    stage.workspace.setRequestUrl([replicas.first.url, replicas.second.url]);
    await alice.submit({ copies: 2 });
    await until('*Archived*');
    expect(said('first', 'confirmed') + said('second', 'confirmed')).toBe(1);
    expect(stage.account.posts(ready.id)).toEqual({ arrived: 1, effective: 1 });
    expect(cardsIn(stage)).toHaveLength(1);
  }, 60_000);

  it('the other one follows the operation to its end when the one that sent it is killed', async () => {
    const alice = await askFirst(ready.id);
    await alice.submit();
    await until('Toloka is archiving');
    await replicas.first.app.kill();
    await until('*Archived*');
    expect(said('second', 'confirmed')).toBe(0);
    expect(stage.account.posts(ready.id)).toEqual({ arrived: 1, effective: 1 });
    expect(cardsIn(stage)).toHaveLength(1);
  }, 60_000);
});
