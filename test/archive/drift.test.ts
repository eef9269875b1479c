import fc from 'fast-check';
import {
  type Drift,
  describeDrift,
  type Plan,
  type Pool,
  readPlan,
  type Training,
} from '../../src/archive/plan';
import type { Environment, Reading, Toloka } from '../../src/archive/ports';

/** What Toloka has, and which of its answers cannot be read. */
interface World {
  training: Training;
  project: { id: string; name: string; requiresTraining: string | null };
  pools: Pool[];
  unread: { training: string; pools: string; project: string };
}

const ID = '7';
const status = fc.constantFrom('OPEN', 'CLOSED', 'ARCHIVED', 'LOCKED', 'FROZEN');
const name = fc.constantFrom('Signs', 'signs', '', '"', '["Signs","CLOSED"]', 'a,b', '<!channel>');
const projectId = fc.constantFrom('1', '2');
const requires = fc.constantFrom(null, ID, ID, '8');
/** '' when it can be read; else why not. */
const reading = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  fc.constantFrom('not_found', 'no_access', 'toloka_timeout', 'INTERNAL_ERROR'),
);
const url = fc.constantFrom('https://toloka.example/1', 'https://toloka.example/2');

const training: fc.Arbitrary<Training> = fc.record({
  id: fc.constant(ID),
  projectId,
  name,
  status: fc.oneof({ weight: 3, arbitrary: fc.constant('CLOSED') }, status),
  lastCloseReason: fc.option(name),
  created: fc.option(fc.nat()),
  url,
});
const pool: fc.Arbitrary<Pool> = fc.record({
  id: fc.constantFrom('9', '10', '11', '100'),
  name,
  status,
  url,
  requiresTraining: requires,
});
const pools = fc.uniqueArray(pool, { maxLength: 4, selector: ({ id }) => id });
const project = fc.record({ id: projectId, name, requiresTraining: requires });
const unread = fc.record({ training: reading, pools: reading, project: reading });
const world: fc.Arbitrary<World> = fc.record({ training, project, pools, unread });

/** The same world a little later: most of it is as it was. */
const later = (before: World): fc.Arbitrary<World> => {
  const kept = <T extends object>(value: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
    fc
      .tuple(other, fc.subarray(Object.keys(value) as (keyof T)[], { maxLength: 1 }))
      .map(([given, [key]]) => (key === undefined ? value : { ...value, [key]: given[key] }));
  const changedPools = fc
    .tuple(...before.pools.map((one) => kept(one, pool)), fc.boolean(), pools)
    .map((all) => {
      const [isOther, others] = all.slice(-2) as [boolean, Pool[]];
      const same = all.slice(0, -2) as Pool[];
      const left = others.length > 2 ? same.slice(1) : same;
      const ids = new Set(left.map(({ id }) => id));
      return isOther && ids.size === left.length ? left.toReversed() : before.pools;
    });
  return fc.record({
    training: kept(before.training, training),
    project: kept(before.project, project),
    pools: changedPools,
    unread: kept(before.unread, unread),
  });
};
const twoWorlds = world.chain((before) => later(before).map((after) => [before, after] as const));

function answer<T>(value: T, why: string): Promise<Reading<T>> {
  if (why === '') return Promise.resolve({ kind: 'found', value });
  if (why === 'not_found') return Promise.resolve({ kind: 'not_found' });
  const kind = why === 'no_access' ? 'no_access' : 'unavailable';
  return Promise.resolve({ kind, why: { code: why, said: `since ${why}` } });
}

function planOf({ training, project, pools, unread }: World, now: number): Promise<Plan> {
  const toloka = {
    readTraining: () => answer(training, unread.training),
    readPools: () => answer(pools, unread.pools),
    readProject: () => answer(project, unread.project),
  } as unknown as Toloka;
  return readPlan({ name: 'production', toloka } satisfies Environment, ID, now);
}

/** The pools that require the training, as Toloka's documents say it. */
function linkedPools({ pools, project, unread }: World): Pool[] {
  const inherited = unread.project === '' ? project.requiresTraining : null;
  if (unread.pools !== '') return [];
  return pools.filter(({ requiresTraining }) => (requiresTraining ?? inherited) === ID);
}

/** What somebody who looks at the plan decides on. */
const shown = ({ training, pools, blockers, unread, projectLinksTraining }: Plan) => ({
  ...{ blockers, projectLinksTraining, unread: unread.map(({ part }) => part) },
  training: training && [training.projectId, training.name, training.status],
  // Toloka’s order says nothing.
  pools: pools.map(({ id, name, status, linkedBy }) => [id, name, status, linkedBy].join()).sort(),
});

const RUNS = { numRuns: 1_000 };

describe('any two readings of Toloka', () => {
  it('have the same fingerprint when they show the same, and only then', async () => {
    let same = 0;
    await fc.assert(
      fc.asyncProperty(twoWorlds, async ([before, after]) => {
        const plans = [await planOf(before, 1), await planOf(after, 2)] as const;
        const isSame = JSON.stringify(shown(plans[0])) === JSON.stringify(shown(plans[1]));
        if (isSame) same += 1;
        expect(plans[0].fingerprint === plans[1].fingerprint).toBe(isSame);
        expect(describeDrift(...plans)).toEqual(isSame ? [] : expect.arrayContaining([expect.anything()]));
      }),
      RUNS,
    );
    expect(same).toBeGreaterThan(100);
  });

  it('drift says what changed, and nothing that did not', async () => {
    await fc.assert(
      fc.asyncProperty(twoWorlds, async (worlds) => {
        const [before, after] = await Promise.all(worlds.map(planOf));
        if (!before || !after) return;
        const drifts = describeDrift(before, after);
        const of = (what: Drift['what']) => drifts.filter((drift) => drift.what === what);
        const isUnread = [before, after].some(({ unread }) => unread.some(({ part }) => part === 'training'));
        // Nobody knows whether it changed.
        if (isUnread) return expect(drifts.every(({ what }) => what === 'unread')).toBe(true);
        const [was, is] = [before.training, after.training];
        for (const [what, from, to] of [
          ['status', was?.status, is?.status],
          ['name', was?.name, is?.name],
          ['project', was?.projectId, is?.projectId],
        ] as const)
          expect(of(what)).toEqual(from === to ? [] : [{ what, from: from ?? null, to: to ?? null }]);
        const ids = (plan: Plan) => plan.pools.map(({ id }) => id);
        expect(of('pool_added').map(({ id }) => id)).toEqual(
          ids(after).filter((id) => !ids(before).includes(id)),
        );
        expect(of('pool_removed').map(({ id }) => id)).toEqual(
          ids(before).filter((id) => !ids(after).includes(id)),
        );
        const statuses = before.pools.flatMap(({ id, status: from }): Drift[] => {
          const to = after.pools.find((one) => one.id === id)?.status ?? from;
          return from === to ? [] : [{ what: 'pool_status', id, from, to }];
        });
        expect(of('pool_status')).toEqual(statuses);
        // `details` is for what the others do not say, and comes alone.
        if (of('details').length > 0) expect(drifts).toHaveLength(1);
      }),
      RUNS,
    );
  });
});

it('a plan without a blocker is of a closed training whose linked pools are archived, as far as they could be read', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (some) => {
      const { blockers, unread, pools } = await planOf(some, 1);
      const isReady =
        some.unread.training === '' && some.training.status === 'CLOSED' && linkedPools(some).length === 0;
      expect(blockers.length === 0).toBe(isReady);
      if (blockers.length > 0) return;
      expect(pools).toEqual([]);
      // What was not read is said.
      const parts = (['pools', 'project'] as const).filter((part) => some.unread[part] !== '');
      expect(unread.map(({ part }) => part)).toEqual(parts);
    }),
    RUNS,
  );
});

it('a training that is not found is not one that the account may not see', async () => {
  const [some] = fc.sample(world, 1) as [World];
  const plans = await Promise.all(
    ['not_found', 'no_access'].map((why) =>
      planOf({ ...some, unread: { ...some.unread, training: why } }, 1),
    ),
  );
  const [before, after] = plans as [Plan, Plan];
  expect(before.fingerprint).not.toBe(after.fingerprint);
  expect(describeDrift(before, after)).toEqual([{ what: 'details' }]);
});
