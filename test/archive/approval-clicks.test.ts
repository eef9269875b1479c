import { approvalFor } from '../../src/archive/approval';
import { type ApprovalResult, createApprovals } from '../../src/archive/approval-clicks';
import { createChecks } from '../../src/archive/checks';
import { RequestChangedError } from '../../src/archive/errors';
import { readPlan } from '../../src/archive/plan';
import type { Actor, PolicyDenial } from '../../src/archive/policy';
import type { Deps, Environment, Reading, Toloka } from '../../src/archive/ports';
import type { ArchiveRequest } from '../../src/archive/request';
import type { Change } from '../../src/archive/transitions';
import { DOWN, TRAINING, useSteps } from '../support/steps';

const { harness, steps } = useSteps();

const HOUR = 3_600_000;
const ACTOR: Actor = { user: 'U2', channel: 'D1', team: 'T1' };
const by = (user: string): Actor => ({ ...ACTOR, user });
const found = <T>(value: T): Reading<T> => ({ kind: 'found', value });
const reads = (change: object): Partial<Toloka> => ({
  readTraining: async (id) => found({ ...TRAINING, id, ...change }),
});

/** A world in which two people must approve, and everybody may. */
function world(toloka: Partial<Toloka> = {}, needed = 2): Deps {
  const approval = { ...harness.deps.approval, needed: () => needed, policy: async () => null, lifeMs: HOUR };
  return { ...steps.world(toloka), approval };
}
const clicks = (deps = world()) => createApprovals(deps, createChecks(deps));

/** A request that awaits approval, for a plan of this world. */
async function waiting({
  toloka = {},
  batch = null as string | null,
  needed = 2,
} = {}): Promise<ArchiveRequest> {
  const { id, version, trainingId } = await steps.planned();
  const deps = world(toloka, needed);
  const production = deps.environments.get('production') as Environment;
  const plan = await readPlan(production, trainingId, harness.clock.now());
  const approval = approvalFor(deps, 'production');
  if (approval === null) throw new Error('No approval is needed');
  await advance({ id, version }, { kind: 'replanned', plan, changes: [] });
  const asked = { kind: 'approval_requested', reason: 'r', batch, place: 0, approval } as const;
  return advance({ id, version: version + 1 }, asked);
}
const advance = ({ id, version }: Pick<ArchiveRequest, 'id' | 'version'>, change: Change) =>
  harness.journal.advance({ id, version, at: harness.clock.now(), actor: 'U1' }, change);

const shown = ({ plan }: ArchiveRequest) => [plan.fingerprint];
const approve = (request: ArchiveRequest, user: string, deps = world()) =>
  clicks(deps).approve(by(user), request.id, shown(request));
const now = async ({ id }: ArchiveRequest) => (await harness.journal.get(id)) as ArchiveRequest;
const codes = (results: ApprovalResult[]) =>
  results.map((one) => (one.kind === 'denied' ? one.code : one.kind));
const lastDenial = async () => (await harness.denials())[0];

describe('approvals', () => {
  it('count until as many are there as are needed; then the request is released', async () => {
    const request = await waiting();
    expect(await approve(request, 'U2')).toMatchObject([{ kind: 'approved', left: 1 }]);
    expect((await now(request)).state).toBe('awaiting_approval');
    expect(await approve(request, 'U2')).toMatchObject([{ kind: 'denied', code: 'already_approved' }]);
    expect(await approve(request, 'U3')).toMatchObject([{ kind: 'approved', left: 0 }]);
    expect((await now(request)).state).toBe('confirmed');
    expect((await now(request)).approval?.given.map(({ user }) => user)).toEqual(['U2', 'U3']);
  });

  it('are for their time only', async () => {
    const request = await waiting();
    harness.clock.advance(HOUR - 1);
    expect(codes(await approve(request, 'U2'))).toEqual(['approved']);
    harness.clock.advance(1);
    expect(codes(await approve(request, 'U3'))).toEqual(['approval_expired']);
    expect(await lastDenial()).toMatchObject({ code: 'approval_expired', detail: '', user: 'U3' });
  });

  it('are for the plan that the card showed', async () => {
    const request = await waiting();
    const result = await clicks().approve(ACTOR, request.id, ['another']);
    expect(codes(result)).toEqual(['plan_drifted']);
    expect(codes(await clicks().approve(ACTOR, request.id, ['another', ...shown(request)]))).toEqual([
      'approved',
    ]);
  });
});

describe('a click by a person who may not', () => {
  it.each<[PolicyDenial, string]>([
    ['not_allowed', 'approve_not_allowed'],
    ['access_not_set', 'approve_not_allowed'],
    ['access_unknown', 'access_unknown'],
    ['other_workspace', 'other_workspace'],
    ['channel_not_allowed', 'channel_not_allowed'],
  ])('%s: approves and declines nothing', async (denial, code) => {
    const request = await waiting();
    const asked: Actor[] = [];
    const policy: Deps['policy'] = async (actor) => {
      asked.push(actor);
      return denial;
    };
    const deps = { ...world(), approval: { ...world().approval, policy } };
    const { decline, checkDecline } = clicks(deps);
    expect(codes(await approve(request, 'U2', deps))).toEqual([code]);
    expect(codes(await decline(ACTOR, request.id, 'no'))).toEqual([code]);
    expect(await checkDecline(ACTOR, request.id)).toMatchObject({ kind: 'denied', code });
    expect(asked[0]).toEqual({ ...ACTOR, channel: request.channel });
    expect(await lastDenial()).toMatchObject({ code, channel: ACTOR.channel, requestId: request.id });
    expect((await now(request)).version).toBe(request.version);
  });

  it('asked for it', async () => {
    const request = await waiting();
    expect(codes(await approve(request, request.requester))).toEqual(['own_request']);
    expect(codes(await clicks().decline(by(request.requester), request.id, 'no'))).toEqual(['own_request']);
  });

  it('did not ask for it: only the requester withdraws', async () => {
    const request = await waiting();
    expect(codes(await clicks().withdraw(ACTOR, request.id))).toEqual(['not_yours']);
    const result = await clicks().withdraw(by(request.requester), request.id);
    expect(result).toMatchObject([{ kind: 'ended', request: { state: 'cancelled' } }]);
  });
});

describe('a click that changes nothing', () => {
  it('on a card that the journal does not have', async () => {
    expect(await clicks().approve(ACTOR, 'gone', [])).toEqual([
      { kind: 'denied', code: 'request_unknown', request: undefined },
    ]);
    expect(await lastDenial()).toMatchObject({ code: 'request_unknown', detail: 'gone', requestId: null });
  });

  it('on a card whose requests are decided', async () => {
    const request = await waiting();
    expect(await clicks().checkDecline(ACTOR, request.id)).toBeNull();
    const declined = await clicks().decline(ACTOR, request.id, 'still used');
    expect(declined).toMatchObject([
      {
        kind: 'ended',
        request: { state: 'declined', approval: { declined: { user: 'U2', reason: 'still used' } } },
      },
    ]);
    expect(codes(await approve(request, 'U3'))).toEqual(['already_decided']);
    expect(await lastDenial()).toMatchObject({ code: 'already_decided', detail: 'declined' });
  });

  it('is for those of a batch that still wait', async () => {
    const first = await waiting();
    const batch = first.id;
    const all = [first, await waiting({ batch }), await waiting({ batch })] as const;
    await advance(all[1], { kind: 'withdrawn' });
    const requests = async () => all;
    const deps = world();
    const journal = { ...deps.journal, batch: async () => Promise.all((await requests()).map(now)) };
    const looked: string[] = [];
    const policy: Deps['policy'] = async ({ user }) => {
      looked.push(user);
      return null;
    };
    const result = await approve(first, 'U2', { ...deps, journal, policy });
    expect(codes(result)).toEqual(['approved', 'plan_drifted']);
    expect(looked).toEqual([]);
  });
});

describe('the last approval', () => {
  const one = { needed: 1 };

  it.each<[PolicyDenial, string, string]>([
    ['access_unknown', 'access_unknown', 'awaiting_approval'],
    ['not_allowed', 'ended', 'not_started'],
    ['channel_not_allowed', 'ended', 'not_started'],
  ])('needs the requester’s right: %s', async (denial, code, state) => {
    const request = await waiting(one);
    const asked: string[] = [];
    const policy: Deps['policy'] = async ({ user, channel }) => {
      asked.push(`${user} ${channel}`);
      return denial;
    };
    const result = await approve(request, 'U2', { ...world({}, 1), policy });
    expect([codes(result), (await now(request)).state]).toEqual([[code], state]);
    expect(asked).toEqual([`${request.requester} ${request.channel}`]);
    if (code === 'ended') expect((await now(request)).outcome).toEqual({ code: 'right_lost' });
    else expect(await lastDenial()).toMatchObject({ code, detail: 'of the requester' });
  });

  it('needs the account', async () => {
    const request = await waiting(one);
    const result = await approve(request, 'U2', { ...world(), environments: new Map() });
    expect(codes(result)).toEqual(['environment_not_set']);
  });

  it.each<[string, Partial<Toloka>, Partial<Toloka>, string]>([
    ['the training cannot be read', {}, { readTraining: async () => DOWN }, 'not_checked'],
    ['its pools cannot be read', {}, { readPools: async () => DOWN }, 'not_checked'],
    ['its pools can be read', { readPools: async () => DOWN }, {}, 'voided'],
    ['it was renamed', {}, reads({ name: 'New' }), 'voided'],
    [
      'it was renamed, and the pools cannot be read',
      {},
      { ...reads({ name: 'New' }), readPools: async () => DOWN },
      'voided',
    ],
    ['it is as blocked as before', reads({ status: 'OPEN' }), reads({ status: 'OPEN' }), 'blocked'],
    ['it is not blocked any more', reads({ status: 'OPEN' }), {}, 'voided'],
  ])('%s', async (_what, before, after, code) => {
    const request = await waiting({ ...one, toloka: before });
    harness.clock.advance(5);
    const result = await approve(request, 'U2', world(after, 1));
    expect(codes(result)).toEqual([code]);
    const { state, approval, plan } = await now(request);
    expect([state, approval?.given]).toEqual(['awaiting_approval', []]);
    if (code !== 'voided') return expect(await lastDenial()).toMatchObject({ code, requestId: request.id });
    expect(approval?.until).toBe(harness.clock.now() + HOUR);
    expect(plan.fingerprint).not.toBe(request.plan.fingerprint);
  });

  it('is not counted while something blocks it, and its denial says what', async () => {
    const pool = { id: '9', name: 'P', status: 'OPEN', url: 'u' };
    let requiresTraining = '';
    const toloka: Partial<Toloka> = {
      readTraining: async (id) => {
        requiresTraining = id;
        return found({ ...TRAINING, id, status: 'OPEN' });
      },
      readPools: async () => found([{ ...pool, requiresTraining }]),
    };
    // Also an approval that is not the last one: the plan may not be blocked any more.
    const request = await waiting({ toloka });
    expect(codes(await approve(request, 'U2', world(toloka)))).toEqual(['blocked']);
    expect(await lastDenial()).toMatchObject({ code: 'blocked', detail: 'not_closed, pools_not_archived' });
  });
});

describe('clicks that meet', () => {
  /** The journal says so often that somebody was faster. */
  function losing(
    times: number,
    error: Error = new RequestChangedError('Too late.'),
    act = async () => {},
  ): Deps {
    const deps = world();
    let left = times;
    const failing: Deps['journal']['advance'] = async (...given) => {
      if (left-- <= 0) return deps.journal.advance(...given);
      await act();
      throw error;
    };
    return { ...deps, journal: { ...deps.journal, advance: failing } };
  }

  it.each([
    [9, ['approved']],
    [10, 'Too late.'],
  ])('are tried again, up to ten times: after %d', async (times, result) => {
    const tried = approve(await waiting(), 'U2', losing(times));
    if (typeof result === 'string') await expect(tried).rejects.toThrow(result);
    else expect(codes(await tried)).toEqual(result);
  });

  it('are not tried again for another error', async () => {
    await expect(approve(await waiting(), 'U2', losing(1, new Error('odd')))).rejects.toThrow('odd');
  });

  it('find that it is decided', async () => {
    const request = await waiting();
    const deps = losing(1, undefined, async () => void (await advance(request, { kind: 'withdrawn' })));
    expect(await approve(request, 'U2', deps)).toMatchObject([
      { kind: 'denied', code: 'already_decided', request: { state: 'cancelled' } },
    ]);
    expect(await lastDenial()).toMatchObject({ code: 'already_decided', detail: 'cancelled' });
  });
});
