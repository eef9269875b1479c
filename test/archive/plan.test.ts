import { DEMO_TRAININGS, type Fault, requires } from '../../fakes/toloka';
import { type Drift, describeDrift, readPlan } from '../../src/archive/plan';
import type { Environment } from '../../src/archive/ports';
import { createHarness, type Harness } from '../support/harness';

let harness: Harness;
beforeEach(async () => {
  harness = await createHarness();
});
afterEach(() => harness.close());

const production = () => harness.deps.environments.get('production') as Environment;
const plan = (trainingId: string, projectId?: string) =>
  readPlan(production(), trainingId, harness.clock.now(), { projectId });

const always = (fault: Fault) => (account: Harness['account']) =>
  account.faults.add({ method: 'GET', times: 99, fault });

const { ready, poolOpen, open, archived, locked, foreign, projectLevel, oddName } = DEMO_TRAININGS;

describe('the plan', () => {
  it.each([
    ['ready', ready.id, []],
    ['a pool that is open', poolOpen.id, ['pools_not_archived']],
    ['not closed', open.id, ['not_closed']],
    ['archived', archived.id, ['already_archived']],
    ['locked', locked.id, ['locked']],
    ['somebody else’s', foreign.id, ['no_access']],
    ['unknown', '999999', ['not_found']],
    ['required by its project', projectLevel.id, ['pools_not_archived']],
    ['with an odd name', oddName.id, []],
  ])('%s', async (_name, id, blockers) => {
    expect(await plan(id)).toMatchObject({ blockers, unread: [] });
  });

  it('names the pools that stand in the way, with links, and not the archived ones', async () => {
    const { pools } = await plan(poolOpen.id);
    expect(pools.map(({ name, status, linkedBy }) => [name, status, linkedBy])).toEqual([
      ['Street signs, winter', 'CLOSED', 'pool'],
      ['Street signs, this week', 'OPEN', 'pool'],
    ]);
    expect(pools[0]?.url).toMatch(/^https:\/\/platform\.toloka\.ai\/requester\/project\/74175\/pool\/\d+$/);
    const { exchanges } = harness.account;
    expect(exchanges.filter(({ query }) => query.includes('ARCHIVED'))).toEqual([]);
  });

  it('a pool with a requirement of its own does not inherit its project’s', async () => {
    harness.account.addPool({
      project_id: '81776',
      private_name: 'Own',
      status: 'OPEN',
      quality_control: requires(ready.id),
    });
    expect((await plan(projectLevel.id)).pools.map(({ name }) => name)).toEqual(['Phone calls']);
  });

  it.each<[string, string, (account: Harness['account']) => unknown]>([
    ['refuses connections', 'toloka_unreachable', (account) => account.down(true)],
    ['is not available', 'REMOTE_SERVICE_UNAVAILABLE', always({ kind: 'status', status: 503 })],
    ['sends a page', 'toloka_unreadable', always({ kind: 'html', status: 200 })],
    ['asks to slow down', 'TOO_MANY_REQUESTS', always({ kind: 'status', status: 429 })],
    ['cuts the connection', 'toloka_lost_response', always({ kind: 'reset', when: 'before' })],
    ['is silent', 'toloka_timeout', always({ kind: 'silent' })],
  ])('is blocked when Toloka %s, so that the training could not be read', async (_what, code, fail) => {
    await fail(harness.account);
    const limitMs = code === 'toloka_timeout' ? 800 : 10_000;
    const found = await readPlan(production(), ready.id, harness.clock.now(), { limitMs });
    expect(found).toMatchObject({
      ...{ training: null, blockers: ['training_unread'] },
      unread: [{ part: 'training', code }],
    });
  });

  it('says which part could not be read', async () => {
    harness.account.faults.add({ path: '/pools', times: 99, fault: { kind: 'status', status: 500 } });
    const { training, blockers, unread } = await plan(ready.id);
    expect([training?.name, blockers]).toEqual(['Street signs, training 1', []]);
    expect(unread).toMatchObject([{ part: 'pools', httpStatus: 500 }]);
  });

  it('has another fingerprint when a part could not be read', async () => {
    const before = await plan(ready.id);
    harness.account.faults.add({ path: '/pools', times: 99, fault: { kind: 'status', status: 500 } });
    const after = await plan(ready.id);
    expect(after.fingerprint).not.toBe(before.fingerprint);
    expect(describeDrift(before, after)).toEqual([{ what: 'unread', from: null, to: 'pools' }]);
  });

  it('has the same fingerprint as long as Toloka shows the same', async () => {
    const first = await plan(ready.id);
    harness.clock.advance(60_000);
    const again = await plan(ready.id, first.training?.projectId);
    expect([again.fingerprint, describeDrift(first, again)]).toEqual([first.fingerprint, []]);
  });

  it.each<[string, (account: Harness['account']) => unknown, Drift]>([
    [
      'status',
      (account) => account.updateTraining(ready.id, { status: 'OPEN' }),
      { what: 'status', from: 'CLOSED', to: 'OPEN' },
    ],
    [
      'name',
      (account) => account.updateTraining(ready.id, { private_name: 'New' }),
      { what: 'name', from: 'Street signs, training 1', to: 'New' },
    ],
    [
      'a new pool',
      (account) =>
        account.addPool({
          ...{ id: '555', project_id: '74175', private_name: 'New', status: 'OPEN' },
          quality_control: requires(ready.id),
        }),
      { what: 'pool_added', id: '555', to: 'OPEN' },
    ],
    [
      'project',
      (account) => account.updateTraining(ready.id, { project_id: '81776' }),
      { what: 'project', from: '74175', to: '81776' },
    ],
  ])('reports drift of %s', async (_what, change, drift) => {
    const before = await plan(ready.id);
    change(harness.account);
    const drifts = describeDrift(before, await plan(ready.id, before.training?.projectId));
    expect(drifts).toContainEqual(drift);
  });

  it('reports pools that left and pools whose status changed', async () => {
    const before = await plan(poolOpen.id);
    const [first, second] = before.pools;
    const after = {
      ...before,
      fingerprint: 'other',
      pools: before.pools.slice(1).map((pool) => ({ ...pool, status: 'LOCKED' })),
    };
    expect(describeDrift(before, after)).toEqual([
      { what: 'pool_removed', id: first?.id, from: 'CLOSED' },
      { what: 'pool_status', id: second?.id, from: 'OPEN', to: 'LOCKED' },
    ]);
  });

  it('takes a status that Toloka added later for "not closed"', async () => {
    harness.account.updateTraining(ready.id, { wire: { status: 'FROZEN' } });
    expect((await plan(ready.id)).blockers).toEqual(['not_closed']);
  });
});
