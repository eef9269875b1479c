import { createPlanReader, describeDrift, type Pool, readPlan } from '../../src/archive/plan';
import type { Environment, Reading, Toloka } from '../../src/archive/ports';
import { DOWN, TRAINING } from '../support/steps';

const ID = TRAINING.id;
const NOT_FOUND = { kind: 'not_found' } as const;
const found = <T>(value: T): Reading<T> => ({ kind: 'found', value });
const pool = (id: string, over: Partial<Pool> = {}): Pool => ({
  ...{ id, name: `Pool ${id}`, status: 'OPEN', url: 'https://toloka', requiresTraining: ID, ...over },
});

let calls: string[] = [];
beforeEach(() => {
  calls = [];
});

/** An account with one project without pools. */
function account(over: Partial<Toloka> = {}): Environment {
  const toloka: Partial<Toloka> = {
    readTraining: async (id) => found({ ...TRAINING, id }),
    readPools: async () => found([]),
    readProject: async (id) => found({ id, name: 'Signs', requiresTraining: null }),
    ...over,
  };
  const noted = Object.entries(toloka).map(([name, read]) => [
    name,
    (id: string, signal: AbortSignal) => {
      calls.push(`${name} ${id}`);
      expect(signal).toBeInstanceOf(AbortSignal);
      return (read as Toloka['readProject'])(id, signal);
    },
  ]);
  return { name: 'production', toloka: Object.fromEntries(noted) };
}
const plan = (over: Partial<Toloka> = {}) => readPlan(account(over), ID, 7);
const archived: Partial<Toloka> = { readTraining: async () => found({ ...TRAINING, status: 'ARCHIVED' }) };

describe('the parts of a plan', () => {
  it('are read at the same moment when the project is known', async () => {
    const around = ['readPools 1', 'readProject 1'];
    await plan();
    expect(calls).toEqual([`readTraining ${ID}`, ...around]);
    calls = [];
    await readPlan(account(), ID, 7, { projectId: '1' });
    expect(calls).toEqual([...around, `readTraining ${ID}`]);
  });

  it('are read once for all trainings of a project', async () => {
    const read = createPlanReader(account(), { now: 7 });
    const plans = await Promise.all([read('1'), read('2', '1'), read('3')]);
    expect(plans.map(({ training }) => training?.id)).toEqual(['1', '2', '3']);
    expect(calls.filter((call) => !call.startsWith('readTraining'))).toEqual([
      'readPools 1',
      'readProject 1',
    ]);
  });

  it.each<[string, Partial<Toloka>, object]>([
    ['all there', {}, { projectName: 'Signs', unread: [] }],
    [
      'no project',
      { readProject: async () => NOT_FOUND },
      { unread: [{ part: 'project', code: 'not_found' }] },
    ],
    [
      'no pools',
      { readPools: async () => DOWN },
      { projectName: 'Signs', unread: [{ part: 'pools', code: 'down' }] },
    ],
    [
      'neither',
      { readPools: async () => DOWN, readProject: async () => DOWN },
      { projectName: null, unread: [{ part: 'pools' }, { part: 'project' }] },
    ],
    ['an archived training', { ...archived, readPools: async () => DOWN }, { unread: [] }],
  ])('%s', async (_what, over, expected) => {
    expect(await plan(over)).toMatchObject({ trainingId: ID, readAt: 7, ...expected });
  });

  it('are left out when the training is not there, or cannot be read', async () => {
    const nothing = {
      ...{ environment: 'production', trainingId: ID, training: null, projectName: null, readAt: 7 },
      ...{ projectLinksTraining: false, pools: [], fingerprint: expect.any(String) },
    };
    expect(await plan({ readTraining: async () => NOT_FOUND })).toEqual({
      ...{ ...nothing, blockers: ['not_found'], unread: [] },
    });
    const unread = await plan({ readTraining: async () => DOWN });
    const why = [{ part: 'training', code: 'down' }];
    expect(unread).toEqual({ ...nothing, blockers: ['training_unread'], unread: why });
    const all = await plan();
    expect(describeDrift(all, unread)).toEqual([{ what: 'unread', from: null, to: 'training' }]);
    expect(describeDrift(unread, all)).toEqual([{ what: 'unread', from: 'training', to: null }]);
  });

  it('name linked pools by their own requirement or that of the project, in the order of their IDs', async () => {
    const pools = [
      ...[pool('100'), pool('9'), pool('11', { requiresTraining: null }), pool('10')],
      pool('12', { requiresTraining: 'another' }),
    ];
    const readPools: Toloka['readPools'] = async () => found(pools);
    const linked = async (requiresTraining: string | null) => {
      const readProject: Toloka['readProject'] = async (id) => found({ id, name: 'Signs', requiresTraining });
      return (await plan({ readPools, readProject })).pools.map(({ id, linkedBy }) => `${id} ${linkedBy}`);
    };
    expect(await linked(null)).toEqual(['9 pool', '10 pool', '100 pool']);
    expect(await linked(ID)).toEqual(['9 pool', '10 pool', '11 project', '100 pool']);
    expect(await linked('another')).toEqual(['9 pool', '10 pool', '100 pool']);
  });

  it('that could not be read are named in the drift, and are part of the fingerprint', async () => {
    const noPools: Partial<Toloka> = { readPools: async () => DOWN };
    const noProject: Partial<Toloka> = { readProject: async () => DOWN };
    const [all, pools, project] = [await plan(), await plan(noPools), await plan(noProject)];
    const neither = await plan({ ...noPools, ...noProject });
    const plans = [all, pools, project, neither];
    expect(new Set(plans.map(({ fingerprint }) => fingerprint)).size).toBe(4);
    for (const { fingerprint } of plans) expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(describeDrift(all, neither)).toEqual([{ what: 'unread', from: null, to: 'pools, project' }]);
    expect(describeDrift(pools, project)).toEqual([{ what: 'unread', from: 'pools', to: 'project' }]);
    expect(describeDrift(neither, all)).toEqual([{ what: 'unread', from: 'pools, project', to: null }]);
  });
});
