import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { createApp } from '../../src/app';
import type { Shown } from '../../src/archive/answers';
import type { Deps } from '../../src/archive/ports';
import type { Actor } from '../../src/archive/service';
import { loadConfig } from '../../src/config';
import { createLogger } from '../../src/logger';
import { describePostgres, postgresPlace } from '../journal/postgres-place';
import { freePort } from '../support/free-port';
import {
  ALICE,
  askOne,
  BOB,
  cardsIn,
  createFakes,
  type Fakes,
  GENERAL,
  shownOf,
  textOf,
  withToloka,
} from '../support/harness';

const { id: trainingId } = DEMO_TRAININGS.ready;
const alice: Actor = { user: ALICE, channel: GENERAL, team: 'T0TEAM' };
const bob: Actor = { ...alice, user: BOB };
type App = Awaited<ReturnType<typeof createApp>>;

/** What a replica does at a moment of the test's choice, and what lets it go on. */
function gate() {
  let arrive = () => {};
  let open = () => {};
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    reached,
    open,
    wait: () => {
      arrive();
      return opened;
    },
  };
}

/** Cards of a replica that waits once the card is in the channel. */
const heldAfterPost = ({ cards }: Deps, { wait }: ReturnType<typeof gate>): Deps['cards'] => ({
  ...cards,
  post: async (requests) => {
    const posted = await cards.post(requests);
    await wait();
    return posted;
  },
});

describePostgres('two processes on one journal, one of which pauses', (server) => {
  let fakes: Fakes;
  let database: Awaited<ReturnType<typeof postgresPlace>>;
  let apps: App[];

  beforeEach(async () => {
    fakes = await createFakes();
    database = await postgresPlace(server());
    apps = [];
  }, 60_000);
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await fakes.close();
    await database.remove();
  });

  async function start(deps: (deps: Deps) => Deps = (same) => same) {
    const port = await freePort();
    const more = { DATABASE_URL: database.url, ADMIN_ALLOW: BOB, LEASE_SECONDS: '20', PORT: String(port) };
    const logger = createLogger({ level: 'error', redact: (text) => text, write: () => {}, now: Date.now });
    const app = await createApp(loadConfig(fakes.env(more)), { logger, deps });
    apps.push(app);
    await app.start();
    const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).json();
    return { ...app, ready };
  }

  async function plan(app: App): Promise<Shown> {
    const asked = await askOne(app.service, alice, { environment: 'production', trainingId });
    if (asked.kind !== 'planned') throw new Error(`Not planned: ${JSON.stringify(asked)}`);
    return shownOf(asked.request);
  }
  const confirm = async (app: App, shown: Shown) => (await app.service.confirm(alice, [shown], 'old')).done;
  const pause = (app: App) => app.service.pause(bob, 'an incident');
  const posts = () => fakes.account.posts(trainingId).arrived;
  const until = (words: string) =>
    fakes.workspace.waitFor(() => textOf(cardsIn(fakes)[0]?.blocks).includes(words), {
      what: words,
      timeoutMs: 30_000,
    });

  it('the other one denies, and says so in /readyz without reason and name', async () => {
    const [first, second] = [await start(), await start()];
    const shown = await plan(second);
    expect(await first.ready()).toEqual({ ready: true, problems: [] });
    expect(await pause(first)).toMatchObject({ kind: 'paused' });
    expect(await second.service.confirm(alice, [shown], 'old')).toMatchObject({
      kind: 'denied',
      code: 'paused',
      pause: { user: BOB, reason: 'an incident' },
    });
    expect(await second.ready()).toEqual({
      ready: true,
      problems: [],
      paused: { since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) },
    });
    expect(posts()).toBe(0);
    await second.service.resume(bob);
    expect(await first.ready()).toEqual({ ready: true, problems: [] });
    await confirm(first, shown);
    await until('*Archived*');
  }, 60_000);

  it('a request that the other one has confirmed waits, and either goes on with it', async () => {
    const atCard = gate();
    const [first, second] = [
      await start(),
      await start((deps) => ({
        ...deps,
        cards: heldAfterPost(deps, atCard),
      })),
    ];
    const confirming = confirm(second, await plan(second));
    await atCard.reached;
    await pause(first);
    atCard.open();
    await confirming;
    await until('waiting until archiving is resumed');
    expect(posts()).toBe(0);
    // The one that confirmed it is gone.
    await second.stop();
    apps = apps.filter((app) => app.service === first.service);
    await first.service.resume(bob);
    await until('*Archived*');
    expect(posts()).toBe(1);
    expect(cardsIn(fakes)).toHaveLength(1);
  }, 60_000);

  it('a request that waits is withdrawn through the other one, while its own goes on with it', async () => {
    const [atCard, atCheck] = [gate(), gate()];
    let resumed = false;
    const [first, second] = [
      await start(),
      await start((deps) => ({
        ...withToloka(deps, (toloka) => ({
          listOperations: async (filter) => {
            if (resumed) await atCheck.wait();
            return toloka.listOperations(filter);
          },
        })),
        cards: heldAfterPost(deps, atCard),
      })),
    ];
    // Only the second one takes the request to its end.
    await first.worker.stop();
    const shown = await plan(second);
    const confirming = confirm(second, shown);
    await atCard.reached;
    await pause(first);
    atCard.open();
    await confirming;
    await until('waiting until archiving is resumed');
    resumed = true;
    await first.service.resume(bob);
    await atCheck.reached;
    expect(await first.service.withdraw(alice, shown.requestId)).toMatchObject([{ kind: 'ended' }]);
    atCheck.open();
    await until('*Cancelled*');
    expect(await second.service.withdraw(alice, shown.requestId)).toMatchObject([
      { kind: 'denied', code: 'already_decided', request: { state: 'cancelled' } },
    ]);
    expect(posts()).toBe(0);
    expect(cardsIn(fakes)).toHaveLength(1);
  }, 60_000);

  it('a request whose process stalls after its intent is not sent', async () => {
    const atIntent = gate();
    const [first, second] = [
      await start(),
      await start((deps) => ({
        ...deps,
        journal: {
          ...deps.journal,
          advance: async (fence, change) => {
            const after = await deps.journal.advance(fence, change);
            if (change.kind === 'submitting') await atIntent.wait();
            return after;
          },
        },
      })),
    ];
    const confirming = confirm(second, await plan(second));
    await atIntent.reached;
    await pause(first);
    // The look that came with the intent is too old by then.
    await sleep(300);
    atIntent.open();
    await confirming;
    await until('Somebody paused archiving just before this was sent');
    expect(posts()).toBe(0);
    expect(cardsIn(fakes)).toHaveLength(1);
  }, 60_000);
});
