import { CardError } from '../../src/archive/errors';
import type { Blocker, Plan } from '../../src/archive/plan';
import type { PolicyDenial } from '../../src/archive/policy';
import type { Deps, Toloka } from '../../src/archive/ports';
import { nextLook } from '../../src/archive/timing';
import { canBecomeReady, WATCH_LIFE_MS, type Watch, type WatchEnd } from '../../src/archive/watch';
import { createWatchRound } from '../../src/archive/watch-round';
import { DOWN, TRAINING, useSteps } from '../support/steps';

const { harness, steps } = useSteps();

const MINUTE = 60_000;
const CLAIM_MS = 2 * MINUTE;
const training = (status: string): Partial<Toloka> => ({
  readTraining: async (id) => ({ kind: 'found', value: { ...TRAINING, id, status } }),
});
const OPEN = training('OPEN');
const watch = (over: Partial<Watch> = {}): Watch => ({
  ...{ id: 'w1', environment: 'production', trainingId: '1', user: 'U1', team: 'T1', channel: 'C1' },
  ...{
    enterprise: null,
    name: null,
    createdAt: harness.clock.now() - MINUTE,
    tries: 0,
    dueAt: 0,
    claimedUntil: 1,
    ...over,
  },
});

interface World {
  watches?: Watch[];
  toloka?: Partial<Toloka>;
  denial?: PolicyDenial | null;
  failure?: Error;
  journal?: Partial<Deps['journal']>;
}

/** One round. Returns what it did, in order. */
async function round({ watches = [watch()], toloka = {}, denial = null, failure, journal = {} }: World = {}) {
  const did: unknown[] = [];
  const world = steps.world(toloka);
  const deps: Deps = {
    ...world,
    policy: async () => denial,
    journal: {
      ...world.journal,
      claimWatches: async (options) => {
        did.push(options);
        return watches;
      },
      updateWatch: async ({ id, claimedUntil }, change) => {
        did.push({ id, claimedUntil, ...change });
        return true;
      },
      removeWatch: async ({ claimedUntil }) => void did.push(`removed ${claimedUntil}`),
      ...journal,
    },
    notices: {
      watchEnded: async (_watch: Watch, { why }: WatchEnd) => {
        did.push(why);
        if (failure) throw failure;
      },
    },
  };
  steps.calls.length = 0;
  const poll = createWatchRound(deps);
  await poll.look();
  return { poll, claim: did[0], did: did.slice(1) };
}
const later = (tries: number, over: Partial<Watch> = {}) => ({
  ...{ id: 'w1', claimedUntil: null, tries, dueAt: nextLook(harness.clock.now(), tries), ...over },
});
const claimed = () => harness.clock.now() + CLAIM_MS;
const took = () => ({ id: 'w1', claimedUntil: claimed() });
const cardError = (failure: CardError['failure'], retryAfterMs: number | null = null) =>
  new CardError(failure, 'a_reason', 'Slack said no.', retryAfterMs);

describe('a training', () => {
  it.each<[Blocker[], boolean]>([
    [[], false],
    [['not_closed'], true],
    [['locked', 'pools_not_archived'], true],
    [['training_unread'], true],
    [['not_closed', 'already_archived'], false],
    [['not_found'], false],
    [['no_access'], false],
  ])('that is blocked by %j may be archived later: %s', (blockers, can) => {
    expect(canBecomeReady({ blockers } as unknown as Plan)).toBe(can);
  });
});

describe('a round', () => {
  it('comes every five seconds, and at once after a full one', async () => {
    const { poll, claim, did } = await round({ watches: [] });
    const now = harness.clock.now();
    expect([claim, did]).toEqual([{ now, until: now + CLAIM_MS, limit: 50 }, []]);
    expect([poll.nextAt(), poll.isDue()]).toEqual([now + 5_000, false]);
    harness.clock.advance(5_000);
    expect(poll.isDue()).toBe(true);
    harness.clock.advance(-5_001);
    expect(poll.isDue()).toBe(true);
    harness.clock.advance(1);
    expect(poll.isDue()).toBe(false);
    const full = await round({ watches: Array.from({ length: 50 }, () => watch()), toloka: OPEN });
    expect(full.poll.nextAt()).toBe(harness.clock.now());
    const single = await round({ toloka: OPEN });
    expect(single.poll.nextAt()).toBe(harness.clock.now() + 5_000);
  });

  it('reads up to three trainings by themselves, and more by one listing', async () => {
    const some = (count: number) => Array.from({ length: count }, (_, i) => watch({ trainingId: `${i}` }));
    const elsewhere = watch({ environment: 'elsewhere' });
    const listUnarchived: Toloka['listUnarchived'] = async () => ({
      kind: 'found',
      value: some(4).map(({ trainingId: id }) => ({ ...TRAINING, id, status: 'OPEN' })),
    });
    await round({ watches: [...some(3), elsewhere], toloka: { ...OPEN, listUnarchived } });
    expect(steps.calls.filter((call) => call === 'readTraining')).toHaveLength(3);
    expect(steps.calls).not.toContain('listUnarchived');
    await round({ watches: some(4), toloka: { ...OPEN, listUnarchived } });
    expect(steps.calls).toContain('listUnarchived');
    expect(steps.calls).not.toContain('readTraining');
  });

  it('while archiving is paused puts all off, and reads nothing', async () => {
    const pause = async () => ({ user: 'U9', reason: 'r', at: 1 });
    const { did } = await round({ watches: [watch({ tries: 2 })], journal: { pause } });
    expect([did, steps.calls]).toEqual([[later(2)], []]);
  });

  it('goes on with the other watches when one goes wrong', async () => {
    const updateWatch: Deps['journal']['updateWatch'] = async ({ id }) => {
      if (id === 'w1') throw new Error('odd');
      return false;
    };
    await round({ watches: [watch(), watch({ id: 'w2' })], toloka: OPEN, journal: { updateWatch } });
    expect(harness.log.at(-1)).toContain('watch not looked at');
    await round({ journal: { claimWatches: () => Promise.reject(new Error('down')) } });
    expect(harness.log.at(-1)).toContain('watches not looked at');
  });
});

describe('a watch', () => {
  it.each<[string, Partial<Toloka>, WatchEnd['why']]>([
    ['can be archived', {}, 'ready'],
    ['was archived', training('ARCHIVED'), 'already_archived'],
    ['is gone', { readTraining: async () => ({ kind: 'not_found' }) }, 'not_found'],
    [
      'is somebody else’s',
      { readTraining: async () => ({ kind: 'no_access', why: { code: 'x' } }) },
      'no_access',
    ],
  ])('ends with one message when its training %s', async (_what, toloka, why) => {
    const { did } = await round({ toloka });
    expect(did).toEqual([took(), why, `removed ${claimed()}`]);
  });

  it('ends when its account is gone', async () => {
    const { did } = await round({ watches: [watch({ environment: 'elsewhere' })] });
    expect(did).toEqual([took(), 'environment_not_set', `removed ${claimed()}`]);
  });

  it.each<[string, Partial<Toloka>]>([
    ['is blocked', OPEN],
    ['cannot be read', { readTraining: async () => DOWN }],
    ['has pools that cannot be read', { readPools: async () => DOWN }],
  ])('goes on while its training %s', async (_what, toloka) => {
    expect((await round({ watches: [watch({ tries: 1 })], toloka })).did).toEqual([later(2)]);
  });

  it('goes on while a request for the training is open', async () => {
    const { request } = await steps.confirmed();
    const { trainingId } = request;
    expect((await round({ watches: [watch({ trainingId })] })).did).toEqual([later(1)]);
    const { did } = await round({ watches: [watch({ trainingId })], toloka: training('ARCHIVED') });
    expect(did).toContain('already_archived');
  });

  it('looks one last time at its end, and then says so', async () => {
    const ending = (ms: number) => [watch({ createdAt: harness.clock.now() - WATCH_LIFE_MS + ms, tries: 9 })];
    const dueAt = harness.clock.now() + 1;
    expect((await round({ watches: ending(1), toloka: OPEN })).did).toEqual([later(10, { dueAt })]);
    expect((await round({ watches: ending(0), toloka: OPEN })).did).toContain('over');
    expect((await round({ watches: ending(0) })).did).toContain('ready');
    const pause = async () => ({ user: 'U9', reason: 'r', at: 1 });
    const soon = { dueAt: harness.clock.now() + 5 * MINUTE };
    expect((await round({ watches: ending(0), journal: { pause } })).did).toEqual([later(9, soon)]);
  });

  it.each<[PolicyDenial, () => unknown[]]>([
    ['access_unknown', () => [later(0)]],
    ['not_allowed', () => ['removed 1']],
  ])('of a person whose right is %s gets no message', async (denial, expected) => {
    expect((await round({ denial })).did).toEqual(expected());
  });

  it('that another process has, or the person cancelled, gets no message', async () => {
    const { did } = await round({ journal: { updateWatch: async () => false } });
    expect(did).toEqual([]);
  });
});

describe('a message about a watch', () => {
  const AT_END = () => watch({ createdAt: harness.clock.now() - WATCH_LIFE_MS });

  it('that could not be sent is sent later, also when Slack refuses it', async () => {
    for (const failure of [cardError('not_now'), cardError('maybe'), cardError('refused')])
      expect((await round({ failure })).did).toEqual([took(), 'ready', { ...later(1), id: 'w1' }]);
  });

  it('waits as long as Slack asks for', async () => {
    const wait = 3 * 3_600_000;
    const { did } = await round({ failure: cardError('not_now', wait) });
    expect(did.at(-1)).toEqual(later(1, { dueAt: harness.clock.now() + wait }));
  });

  it('is given up when Slack refuses it at the end, and only then', async () => {
    expect((await round({ watches: [AT_END()], failure: cardError('refused') })).did.at(-1)).toBe(
      `removed ${claimed()}`,
    );
    const { did } = await round({ watches: [AT_END()], failure: cardError('not_now') });
    expect(did.at(-1)).toMatchObject({ tries: 1, dueAt: harness.clock.now() + 5 * MINUTE });
  });

  it('that goes wrong in an unexpected way leaves the watch claimed', async () => {
    const { did } = await round({ failure: new Error('odd') });
    expect(did).toEqual([took(), 'ready']);
  });
});
