import { createChecks } from '../../src/archive/checks';
import { createLists } from '../../src/archive/lists';
import type { Policy } from '../../src/archive/policy';
import type { Deps, Environment } from '../../src/archive/ports';
import type { Approval, ArchiveRequest, Location, Pause } from '../../src/archive/request';
import { createService } from '../../src/archive/service';
import { CARD, useSteps } from '../support/steps';

const { harness, steps } = useSteps();

const ACTOR = { user: 'U1', channel: 'C1', team: 'T1' };
const TARGET = { environment: 'production', trainingId: '7' };
const LINKED: Location = { channel: 'C1', ts: '5.5', url: 'https://slack/p55' };
interface World {
  archive?: boolean;
  approve?: boolean;
  admin?: boolean;
  needed?: number;
  journal?: Partial<Deps['journal']>;
}
const asked: string[] = [];
function world({
  archive = true,
  approve = false,
  admin = false,
  needed = 1,
  journal = {},
}: World = {}): Deps {
  const rule =
    (name: string, may: boolean): Policy =>
    async (_actor, where) => {
      asked.push(`${name} ${where}`);
      return may ? null : 'not_allowed';
    };
  const deps = steps.world();
  return {
    ...deps,
    policy: rule('archive', archive),
    approval: { ...deps.approval, needed: () => needed, policy: rule('approve', approve) },
    adminPolicy: rule('admin', admin),
    journal: { ...deps.journal, ...journal },
  };
}
const lists = (given?: World) => {
  const deps = world(given);
  return createLists(deps, createChecks(deps));
};
const request = (id: string, over: Partial<ArchiveRequest> = {}): ArchiveRequest =>
  ({
    ...{ id, batch: null, card: CARD, state: 'running', requester: 'U2', approval: null },
    ...over,
  }) as ArchiveRequest;
const waits = (id: string, over: Partial<ArchiveRequest> = {}, given: string[] = []) =>
  request(id, {
    ...{
      state: 'awaiting_approval',
      approval: { given: given.map((user) => ({ user, at: 1 })) } as Approval,
      ...over,
    },
  });
const lastDenial = async () => (await harness.denials())[0];

describe('the rights of a person', () => {
  it('are looked up as they are anywhere, or here', async () => {
    asked.length = 0;
    expect(await lists({ approve: true, admin: true }).rightsOf(ACTOR)).toEqual({
      ...{ archive: true, approve: true, admin: true, unknown: false },
    });
    expect(await lists({ archive: false }).rightsOf(ACTOR, 'here')).toEqual({
      ...{ archive: false, approve: false, admin: false, unknown: false },
    });
    expect(asked).toEqual(
      ['anywhere', 'here'].flatMap((where) =>
        ['archive', 'approve', 'admin'].map((who) => `${who} ${where}`),
      ),
    );
  });

  it('are not to approve where nothing needs approval', async () => {
    expect(await lists({ approve: true, needed: 0 }).rightsOf(ACTOR)).toMatchObject({ approve: false });
    const deps = world({ approve: true });
    const [production] = deps.environments.values();
    const two = new Map(
      ['production', 'sandbox'].map((name) => [name, { ...production, name } as Environment]),
    );
    const approval = { ...deps.approval, needed: (name: string) => (name === 'sandbox' ? 1 : 0) };
    const { rightsOf } = createLists({ ...deps, environments: two, approval }, createChecks(deps));
    expect(await rightsOf(ACTOR)).toMatchObject({ approve: true });
  });
});

describe('the overview', () => {
  it('shows what is open, what is this person’s, and what waits for them, by card', async () => {
    const pause: Pause = { user: 'U9', reason: 'r', at: 1 };
    const open = [
      ...[request('a'), waits('b', { batch: 'b', requester: 'U1' }), waits('c', { batch: 'b' }), waits('d')],
      ...[waits('e', {}, ['U1']), waits('f', {}, ['U3']), waits('g', { requester: 'U1' })],
    ];
    const limits: number[] = [];
    const journal: Partial<Deps['journal']> = {
      pause: async () => pause,
      get: async () => undefined,
      open: async (limit) => {
        limits.push(limit);
        return open;
      },
      confirmedBy: async (user, limit) => {
        limits.push(limit);
        return [request(`of ${user}`)];
      },
    };
    const overview = await lists({ approve: true, journal }).overview(ACTOR);
    expect(overview).toMatchObject({
      pause,
      open: open.map(({ id }) => ({ id })),
      recent: [{ id: 'of U1' }],
    });
    expect(overview.watches).toEqual([]);
    expect(overview.waiting.map((card) => card.map(({ id }) => id))).toEqual([['b', 'c'], ['d'], ['f']]);
    expect(limits).toEqual([50, 10]);
    expect((await lists({ journal }).overview(ACTOR)).waiting).toEqual([]);
  });

  it.each<[World, number]>([
    [{ archive: false }, 0],
    [{ archive: false, approve: true }, 1],
    [{ archive: false, admin: true }, 1],
    [{}, 1],
  ])('shows what others do to those who may do something: %j', async (rights, count) => {
    const journal = { open: async () => [request('a')], confirmedBy: async () => [request('b')] };
    const overview = await lists({ ...rights, journal }).overview(ACTOR);
    expect([overview.open.length, overview.recent.length]).toEqual([count, 1]);
  });

  it('knows the card of a batch by its first request', async () => {
    const got: string[] = [];
    const get: Deps['journal']['get'] = async (id) => {
      got.push(id);
      return id === 'b' ? request('b', { batch: 'b', card: LINKED }) : undefined;
    };
    const { url, ...bare } = LINKED;
    expect(url).toBeDefined();
    const open = async () => [
      ...[request('a'), request('b', { batch: 'b', card: LINKED }), request('c', { batch: 'b', card: bare })],
      ...[request('d', { batch: 'b', card: null }), request('e', { batch: 'gone', card: bare })],
    ];
    const { open: shown } = await lists({ journal: { open, get } }).overview(ACTOR);
    expect(shown.map(({ card }) => card)).toEqual([CARD, LINKED, LINKED, LINKED, bare]);
    expect(got).toEqual(['b', 'gone']);
  });
});

describe('the history and the check of a training', () => {
  it.each<[World, boolean]>([
    [{}, true],
    [{ archive: false, approve: true }, true],
    [{ archive: false, admin: true }, true],
    [{ archive: false }, false],
  ])('are for those who may do something: %j', async (rights, may) => {
    const history: Deps['journal']['history'] = async (environment, trainingId, limit) => [
      request(`${environment} ${trainingId} ${limit}`),
    ];
    const pause = { user: 'U9', reason: 'r', at: 1 };
    const given = lists({ ...rights, journal: { history, pause: async () => pause } });
    if (may) {
      expect(await given.history(ACTOR, TARGET)).toMatchObject([{ id: 'production 7 20' }]);
      expect(await given.check(ACTOR, TARGET)).toMatchObject({
        plan: { trainingId: '7', readAt: harness.clock.now() },
        pause,
      });
    } else {
      const denied = { kind: 'denied', code: 'not_allowed' };
      expect([await given.history(ACTOR, TARGET), await given.check(ACTOR, TARGET)]).toEqual([
        denied,
        denied,
      ]);
      expect(await lastDenial()).toMatchObject({ code: 'not_allowed', user: 'U1' });
    }
  });

  it('are not for an account that the app does not have', async () => {
    const elsewhere = { ...TARGET, environment: 'elsewhere' };
    expect(await lists().check(ACTOR, elsewhere)).toBeUndefined();
    expect(await lists({ archive: false }).check(ACTOR, elsewhere)).toMatchObject({ kind: 'denied' });
  });
});

describe('the service', () => {
  it('cancels the plan of its requester, once', async () => {
    const { id } = await steps.planned();
    const { cancel } = createService(world());
    expect(await cancel({ ...ACTOR, user: 'U2' }, id)).toBe('already_decided');
    expect(await cancel(ACTOR, 'gone')).toBe('already_decided');
    expect((await harness.journal.get(id))?.state).toBe('planned');
    expect(await Promise.all([cancel(ACTOR, id), cancel(ACTOR, id)])).toEqual(
      expect.arrayContaining(['cancelled', 'already_decided']),
    );
    expect((await harness.journal.events(id)).at(-1)).toMatchObject({ kind: 'cancelled', actor: 'U1' });
    expect(await cancel(ACTOR, id)).toBe('already_decided');
  });

  it('says whether a person may archive in some channel, now', async () => {
    asked.length = 0;
    expect(await createService(world()).mayArchive(ACTOR)).toBeNull();
    expect(asked).toContain('archive anywhere');
    expect(await createService(world({ archive: false })).mayArchive(ACTOR)).toEqual({
      ...{ kind: 'denied', code: 'not_allowed' },
    });
    const pause = { user: 'U9', reason: 'r', at: 1 };
    const paused = createService(world({ journal: { pause: async () => pause } }));
    harness.clock.advance(1);
    expect(await paused.mayArchive(ACTOR)).toEqual({ kind: 'denied', code: 'paused', pause });
    expect(await lastDenial()).toMatchObject({ code: 'paused' });
  });

  it('shows a plan without the last request when that cannot be read', async () => {
    const { lastEnded } = createService(
      world({ journal: { lastEnded: () => Promise.reject(new Error('down')) } }),
    );
    expect(await lastEnded(TARGET)).toBeUndefined();
    expect(harness.log.at(-1)).toContain('last request not read');
    const ended = createService(world({ journal: { lastEnded: async (_, id) => request(id) } }));
    expect(await ended.lastEnded(TARGET)).toMatchObject({ id: '7' });
  });

  it('knows requests, cards and how many must approve', async () => {
    const { id } = await steps.planned();
    const service = createService(world({ needed: 3 }));
    expect(await service.requestOf(id)).toMatchObject({ id });
    expect(await service.onCardOf(id)).toMatchObject([{ id }]);
    expect(service.approvalsNeeded('production')).toBe(3);
  });
});
