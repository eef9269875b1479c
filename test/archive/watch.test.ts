import { DEMO_PROJECTS, DEMO_TRAININGS } from '../../fakes/toloka';
import { CardError } from '../../src/archive/errors';
import type { Actor } from '../../src/archive/service';
import type { Watch, WatchEnd } from '../../src/archive/watch';
import { createWatchRound } from '../../src/archive/watch-round';
import { createWorker } from '../../src/archive/worker';
import { ALICE, BOB, createHarness, type Harness, withToloka } from '../support/harness';

const { open, archived, foreign } = DEMO_TRAININGS;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const SIGNS = DEMO_PROJECTS.signs;

let harness: Harness;
/** Which messages were sent, to whom. */
let sent: { user: string; trainingId: string; why: WatchEnd['why'] }[];
/** Thrown instead of sending, one after the other. */
let failures: CardError[];

async function begin(options: Parameters<typeof createHarness>[0] = {}): Promise<void> {
  sent = [];
  failures = [];
  harness = await createHarness({
    ...options,
    env: { ARCHIVE_ALLOW: `${ALICE},${BOB}`, ...options.env },
    deps: (deps) => ({
      ...(options.deps?.(deps) ?? deps),
      notices: {
        watchEnded: async ({ user, trainingId }: Watch, { why }: WatchEnd) => {
          const failure = failures.shift();
          if (failure) throw failure;
          sent.push({ user, trainingId, why });
        },
      },
    }),
  });
}
beforeEach(() => begin());
afterEach(() => harness.close());

const bob = (): Actor => ({ ...harness.actor, user: BOB });
async function watch(trainingId: string, actor = harness.actor, environment = 'production') {
  const { watches, denied } = await harness.service.watch(actor, environment, [{ trainingId, name: null }]);
  return denied ?? { kind: 'watching', watch: watches[0] };
}
const watches = (actor = harness.actor) => harness.service.watches(actor);
const close = (id: string) => harness.account.updateTraining(id, { status: 'CLOSED' });
const reads = () => harness.account.exchanges.filter(({ method }) => method === 'GET').length;

/** Lets time pass, a minute at a time. Returns at which minutes something was read. */
async function wait(minutes: number, deps = harness.deps): Promise<number[]> {
  const worker = createWorker(deps);
  const at: number[] = [];
  for (let minute = 1; minute <= minutes; minute++) {
    const before = reads();
    harness.clock.advance(MINUTE);
    await worker.tick();
    if (reads() > before) at.push(minute);
  }
  return at;
}

/** On the mark to which looks are rounded, so that minutes can be counted. */
function toTheMark(): void {
  harness.clock.advance(5 * MINUTE - (harness.clock.now() % (5 * MINUTE)));
}

it('a watch from before there were names has one as soon as the training was read', async () => {
  await watch(open.id);
  await wait(10);
  expect(await watches()).toMatchObject([{ tries: 1, name: 'Street signs, newcomers' }]);
});

it('a person is notified once when the training can be archived, and the watch is over', async () => {
  expect(await watch(open.id)).toMatchObject({ kind: 'watching', watch: { user: ALICE, tries: 0 } });
  await wait(30);
  expect(sent).toEqual([]);
  close(open.id);
  await wait(60);
  expect(sent).toEqual([{ user: ALICE, trainingId: open.id, why: 'ready' }]);
  expect(await watches()).toEqual([]);
  await wait(120);
  expect(sent).toHaveLength(1);
});

it('the app looks after 5 minutes, then 10, 20 and 40 minutes later, and then every hour', async () => {
  toTheMark();
  await watch(open.id);
  expect(await wait(260)).toEqual([5, 15, 35, 75, 135, 195, 255]);
}, 60_000);

it('after 14 days it says that it stopped, and looks one last time', async () => {
  await watch(open.id);
  // From now on it is looked at every hour.
  await wait(90);
  harness.clock.advance(14 * DAY - 120 * MINUTE);
  await wait(29);
  expect(sent).toEqual([]);
  await wait(6);
  expect(sent).toEqual([{ user: ALICE, trainingId: open.id, why: 'over' }]);
  expect(await watches()).toEqual([]);

  await watch(open.id);
  harness.clock.advance(14 * DAY);
  close(open.id);
  await wait(1);
  expect(sent.at(-1)).toMatchObject({ why: 'ready' });
});

it.each([
  [archived.id, 'already_archived'],
  [foreign.id, 'no_access'],
  ['999999', 'not_found'],
])('%s: the person is told why it stopped: %s', async (id, why) => {
  await watch(id);
  await wait(10);
  expect(sent).toEqual([{ user: ALICE, trainingId: id, why }]);
  expect(await watches()).toEqual([]);
});

it('a token that is not valid any more ends it with a message', async () => {
  await watch(open.id);
  const denied = { kind: 'no_access', why: { code: 'AUTHENTICATION_ERROR', httpStatus: 401 } } as const;
  await wait(
    10,
    withToloka(harness.deps, () => ({ readTraining: async () => denied })),
  );
  expect(sent).toMatchObject([{ why: 'no_access' }]);
});

it('an account that the app does not use any more ends it with a message', async () => {
  await watch(open.id);
  await wait(10, { ...harness.deps, environments: new Map() });
  expect(sent).toMatchObject([{ why: 'environment_not_set' }]);
});

it('what cannot be read is not called ready', async () => {
  await watch(open.id);
  close(open.id);
  const down = { kind: 'unavailable', why: { code: 'toloka_timeout' } } as const;
  await wait(
    20,
    withToloka(harness.deps, () => ({ readPools: async () => down })),
  );
  await wait(
    20,
    withToloka(harness.deps, () => ({ readTraining: async () => down })),
  );
  expect(sent).toEqual([]);
  await wait(60);
  expect(sent).toMatchObject([{ why: 'ready' }]);
});

it('while a request for the training is open, nobody is told that it can be archived', async () => {
  harness.account.addTraining({ id: '700001', project_id: SIGNS, status: 'OPEN', operationMs: 30 * MINUTE });
  await watch('700001', bob());
  close('700001');
  await harness.archive('700001');
  await wait(25);
  expect(sent).toEqual([]);
  await wait(90);
  expect(sent).toEqual([{ user: BOB, trainingId: '700001', why: 'already_archived' }]);
}, 60_000);

it('nothing is looked at while archiving is paused', async () => {
  const pause = { user: BOB, reason: 'x', at: harness.clock.now(), team: 'T', channel: 'C' };
  await watch(open.id);
  close(open.id);
  await harness.journal.setPause({ ...pause, kind: 'paused' });
  const before = reads();
  await wait(60);
  expect([sent, reads()]).toEqual([[], before]);
  await harness.journal.setPause({ ...pause, kind: 'resumed' });
  await wait(10);
  expect(sent).toMatchObject([{ why: 'ready' }]);
});

it('a person who lost the right hears nothing, and a log line says why', async () => {
  await watch(open.id);
  close(open.id);
  await wait(10, { ...harness.deps, policy: async () => 'not_allowed' });
  expect(sent).toEqual([]);
  expect(await watches()).toEqual([]);
  expect(harness.log.join('\n')).toMatch(/watch ended without a message.*not_allowed/);
});

it('while Slack does not say who may archive, the watch goes on', async () => {
  await watch(open.id);
  close(open.id);
  await wait(10, { ...harness.deps, policy: async () => 'access_unknown' });
  expect([sent, (await watches()).length]).toEqual([[], 1]);
  await wait(15);
  expect(sent).toHaveLength(1);
});

it('a message that could not be sent is sent later, also when Slack refuses it for a while', async () => {
  await watch(open.id);
  close(open.id);
  failures.push(new CardError('not_now', 'ratelimited', 'slow down', 20 * MINUTE));
  await wait(20);
  expect([sent, failures]).toEqual([[], []]);
  failures.push(new CardError('refused', 'token_revoked', 'revoked'));
  await wait(120);
  expect(sent).toMatchObject([{ why: 'ready' }]);
  expect(await watches()).toEqual([]);
});

it('a message that Slack refuses to the end is given up', async () => {
  await watch(open.id);
  harness.clock.advance(14 * DAY);
  failures.push(new CardError('refused', 'account_inactive', 'gone'));
  await wait(1);
  expect([sent, await watches()]).toEqual([[], []]);
  expect(harness.log.join('\n')).toContain('watch: not notified');
});

describe('many watches', () => {
  const ids = Array.from({ length: 20 }, (_, i) => String(700_000 + i));
  const addAll = (status: 'OPEN' | 'CLOSED') => {
    for (const id of ids) harness.account.addTraining({ id, project_id: SIGNS, status });
  };

  it('share one listing of the account, and what is around the trainings of a project', async () => {
    addAll('OPEN');
    toTheMark();
    for (const id of ids) {
      await watch(id);
      harness.clock.advance(1_000);
    }
    const before = reads();
    expect(await wait(6)).toHaveLength(1);
    // Trainings and pools in three states each, and the project.
    expect(reads() - before).toBe(3 + 3 + 1);
    for (const id of ids.slice(0, 5)) close(id);
    await wait(15);
    expect(sent.map(({ trainingId }) => trainingId).sort()).toEqual(ids.slice(0, 5));
    expect(await watches()).toHaveLength(15);
  });

  it('are read one by one when there is no listing, and not at all while Toloka is down', async () => {
    addAll('CLOSED');
    for (const id of ids) await watch(id);
    const down = { kind: 'unavailable', why: { code: 'toloka_timeout' } } as const;
    const before = reads();
    await wait(
      10,
      withToloka(harness.deps, () => ({ listUnarchived: async () => down })),
    );
    expect([sent, reads()]).toEqual([[], before]);
    await wait(
      15,
      withToloka(harness.deps, () => ({ listUnarchived: async () => ({ kind: 'not_found' }) })),
    );
    expect(sent).toHaveLength(20);
  });

  it('of which one was archived or deleted are read again one by one', async () => {
    addAll('OPEN');
    for (const id of ids) await watch(id);
    harness.account.updateTraining(ids[0] ?? '', { status: 'ARCHIVED' });
    await wait(10);
    expect(sent).toEqual([{ user: ALICE, trainingId: ids[0], why: 'already_archived' }]);
  });

  it('one that goes wrong stops no other', async () => {
    addAll('CLOSED');
    for (const id of ids) await watch(id);
    const journal = {
      ...harness.journal,
      findOpen: async (environment: string, trainingId: string) => {
        if (trainingId === ids[0]) throw new Error('hiccup');
        return harness.journal.findOpen(environment, trainingId);
      },
    };
    harness.clock.advance(8 * MINUTE);
    await createWatchRound({ ...harness.deps, journal }).look();
    expect(sent).toHaveLength(19);
    await wait(10);
    expect(sent).toHaveLength(20);
  });

  it('are 20 for each person at most', async () => {
    for (const id of ids) expect(await watch(id)).toMatchObject({ kind: 'watching' });
    expect(await watch(open.id)).toEqual({ kind: 'denied', code: 'too_many_watches' });
    // Not another one.
    expect(await watch(ids[0] ?? '')).toMatchObject({ kind: 'watching' });
    expect(await watch(open.id, bob())).toMatchObject({ kind: 'watching' });
    const [first] = await watches();
    expect(await harness.service.cancelWatch(harness.actor, first?.id ?? '')).toMatchObject({
      kind: 'cancelled',
    });
    expect(await watch(open.id)).toMatchObject({ kind: 'watching' });
    expect(await harness.denials()).toMatchObject([{ code: 'too_many_watches', trainingId: open.id }]);
  });
});

describe('processes that share the watches', () => {
  it('notify once, whoever is first', async () => {
    await watch(open.id);
    await watch(open.id, bob());
    close(open.id);
    const rounds = [1, 2, 3].map(() => createWatchRound(harness.deps));
    for (let minute = 0; minute < 10; minute++) {
      harness.clock.advance(MINUTE);
      await Promise.all(rounds.map((round) => round.look()));
    }
    expect(sent.map(({ user }) => user).sort()).toEqual([ALICE, BOB]);
  });

  it('go on with what a killed one had taken, also after a restart', async () => {
    await watch(open.id);
    close(open.id);
    const killed = createWatchRound({
      ...harness.deps,
      notices: { watchEnded: () => new Promise(() => {}) },
    });
    harness.clock.advance(10 * MINUTE);
    void killed.look();
    while ((await watches())[0]?.claimedUntil === null) await new Promise(setImmediate);
    const other = createWatchRound(harness.deps);
    await other.look();
    expect(sent).toEqual([]);
    harness.clock.advance(5 * MINUTE);
    await createWatchRound(harness.deps).look();
    expect(sent).toMatchObject([{ why: 'ready' }]);
  });

  it('one that stalled after its look sends nothing when another one has gone on', async () => {
    await watch(open.id);
    close(open.id);
    const stalling = createWatchRound({
      ...harness.deps,
      policy: async () => {
        harness.clock.advance(5 * MINUTE);
        await createWatchRound(harness.deps).look();
        return null;
      },
    });
    harness.clock.advance(10 * MINUTE);
    await stalling.look();
    expect(sent).toHaveLength(1);
  });

  it('one whose person cancels while it looks sends nothing', async () => {
    await watch(open.id);
    close(open.id);
    const [first] = await watches();
    const looking = createWatchRound({
      ...harness.deps,
      policy: async () => {
        await harness.service.cancelWatch(harness.actor, first?.id ?? '');
        return null;
      },
    });
    harness.clock.advance(10 * MINUTE);
    await looking.look();
    expect(sent).toEqual([]);
  });
});

describe('denials', () => {
  it('are for people who may not archive, environments that are not set, and watches of others', async () => {
    await begin({ env: { ARCHIVE_ALLOW: ALICE } });
    expect(await watch(open.id, bob())).toEqual({ kind: 'denied', code: 'not_allowed' });
    expect(await watch(open.id, harness.actor, 'sandbox')).toMatchObject({ code: 'environment_not_set' });
    await watch(open.id);
    const [first] = await watches();
    const id = first?.id ?? '';
    expect(await harness.service.cancelWatch(bob(), id)).toEqual({ kind: 'denied', code: 'watch_unknown' });
    expect(await watches()).toHaveLength(1);
    const codes = (await harness.denials()).map(({ code, detail }) => [code, detail]);
    expect(codes).toEqual([
      ['watch_unknown', id],
      ['environment_not_set', ''],
      ['not_allowed', ''],
    ]);
  });
});
