import { DEMO_TRAININGS, requires } from '../../demo/toloka';
import { describeDrift, readPlan } from '../../src/archive/plan';
import type { Environment } from '../../src/archive/toloka-port';
import { createHouse, type House } from '../support/house';

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

const plan = (trainingId: string, known?: string) =>
  readPlan(house.parts.environments.get('production') as Environment, trainingId, house.clock.now(), known);

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
  ])('%s', async (_name, id, codes) => {
    const { blockers, unavailable } = await plan(id);
    expect(blockers.map(({ code }) => code)).toEqual(codes);
    expect(unavailable).toBeNull();
  });

  it('names the pools that stand in the way, with links, and not the archived ones', async () => {
    const { pools } = await plan(poolOpen.id);
    expect(pools.map(({ name, status, linkedBy }) => [name, status, linkedBy])).toEqual([
      ['Street signs, winter', 'CLOSED', 'pool'],
      ['Street signs, this week', 'OPEN', 'pool'],
    ]);
    expect(pools[0]?.url).toMatch(/^https:\/\/platform\.toloka\.ai\/requester\/project\/74175\/pool\/\d+$/);
    const { exchanges } = house.stage.account;
    expect(exchanges.filter(({ query }) => query.includes('ARCHIVED'))).toEqual([]);
  });

  it('a pool with a requirement of its own does not inherit its project’s', async () => {
    house.stage.account.addPool({
      project_id: '81776',
      private_name: 'Own',
      status: 'OPEN',
      quality_control: requires(ready.id),
    });
    expect((await plan(projectLevel.id)).pools.map(({ name }) => name)).toEqual(['Phone calls']);
  });

  it('when Toloka does not answer, it says so and blocks nothing', async () => {
    await house.stage.account.down(true);
    const { training, blockers, unavailable } = await plan(ready.id);
    expect([training, blockers]).toEqual([null, []]);
    expect(unavailable).toContain('Toloka cannot be reached');
    // That is for whoever runs the app, and stands in the log.
    expect(unavailable).not.toMatch(/ECONNREFUSED|socket|127\.0\.0\.1/);
    await house.stage.account.down(false);
  });

  it('when Toloka is silent, it is given up in time', async () => {
    house.stage.account.faults.add({ method: 'GET', times: 99, fault: { kind: 'silent' } });
    const production = house.parts.environments.get('production') as Environment;
    const { blockers, unavailable } = await readPlan(production, ready.id, house.clock.now(), undefined, 300);
    expect([blockers, unavailable]).toEqual([[], 'Toloka did not answer in time.']);
  });

  it('when only the pools cannot be read, it says which part is missing', async () => {
    house.stage.account.faults.add({ path: '/pools', times: 99, fault: { kind: 'status', status: 500 } });
    const { training, blockers, unavailable } = await plan(ready.id);
    expect([training?.name, blockers]).toEqual(['Street signs, training 1', []]);
    expect(unavailable).toMatch(/^linked pools: /);
  });

  it('has the same fingerprint as long as Toloka shows the same', async () => {
    const first = await plan(ready.id);
    house.clock.advance(60_000);
    const again = await plan(ready.id, first.training?.projectId);
    expect([again.fingerprint, describeDrift(first, again)]).toEqual([first.fingerprint, []]);
  });

  it.each<[string, (account: House['stage']['account']) => unknown, RegExp]>([
    [
      'status',
      (account) => account.updateTraining(ready.id, { status: 'OPEN' }),
      /status: was CLOSED, is OPEN/,
    ],
    ['name', (account) => account.updateTraining(ready.id, { private_name: 'New' }), /name: was .*, is New/],
    [
      'a new pool',
      (account) =>
        account.addPool({
          project_id: '74175',
          private_name: 'New',
          status: 'OPEN',
          quality_control: requires(ready.id),
        }),
      /pool \d+ stands in the way now \(OPEN\)/,
    ],
    [
      'project',
      (account) => account.updateTraining(ready.id, { project_id: '81776' }),
      /project: was 74175, is 81776/,
    ],
  ])('drift of %s is told', async (_what, change, words) => {
    const before = await plan(ready.id);
    change(house.stage.account);
    const drift = describeDrift(before, await plan(ready.id, before.training?.projectId));
    expect(drift.join('\n')).toMatch(words);
  });

  it('takes a status that Toloka added later for "not closed"', async () => {
    house.stage.account.updateTraining(ready.id, { wire: { status: 'FROZEN' } });
    expect((await plan(ready.id)).blockers).toEqual([{ code: 'not_closed' }]);
  });
});
