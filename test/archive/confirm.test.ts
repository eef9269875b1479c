import { createChecks } from '../../src/archive/checks';
import { createConfirm } from '../../src/archive/confirm';
import { CardError, OpenRequestExistsError } from '../../src/archive/errors';
import type { Actor } from '../../src/archive/policy';
import type { Deps, Reading, Toloka } from '../../src/archive/ports';
import type { ArchiveRequest, Denial } from '../../src/archive/request';
import { FRESH_MS, PLAN_LIFE_MS } from '../../src/archive/timing';
import type { Change } from '../../src/archive/transitions';
import { shownOf } from '../support/harness';
import { CARD, TRAINING, useSteps } from '../support/steps';

const { harness, steps } = useSteps();

const ACTOR: Actor = { user: 'U1', channel: 'C1', team: 'T1' };
const found = <T>(value: T): Reading<T> => ({ kind: 'found', value });
/** Clicks on what was shown. `isFresh`: this process showed it a moment ago. */
async function click(deps: Deps, requests: ArchiveRequest[], { isFresh = true, actor = ACTOR } = {}) {
  const checks = createChecks(deps);
  if (isFresh) for (const request of requests) checks.remember(request);
  const confirmation = await createConfirm(deps, checks)(actor, requests.map(shownOf), 'no longer used');
  await confirmation.done;
  return confirmation;
}

async function each(...given: Parameters<typeof click>) {
  const confirmation = await click(...given);
  return confirmation.kind === 'answers' ? confirmation.each : [confirmation];
}

const lastDenial = async (): Promise<Denial | undefined> => (await harness.denials())[0];
const last = async ({ id }: ArchiveRequest) => (await harness.journal.events(id)).at(-1);
const now = ({ id }: ArchiveRequest) => harness.journal.get(id);
const change = (request: ArchiveRequest, what: Change, over = {}) => {
  const { id, version } = request;
  return harness.journal.advance({ id, version, at: harness.clock.now(), actor: 'U1', ...over }, what);
};
/** A journal in which this change goes wrong. */
const failing = (kind: Change['kind'], error: Error, before = async () => {}): Deps => {
  const deps = steps.world();
  const advance: Deps['journal']['advance'] = async (fence, what) => {
    if (what.kind !== kind) return deps.journal.advance(fence, what);
    await before();
    throw error;
  };
  return { ...deps, journal: { ...deps.journal, advance } };
};

describe('a click on Archive', () => {
  it('confirms the plan, with its reason, and answers when the card is there', async () => {
    const request = await steps.planned();
    expect(await each(steps.world(), [request])).toMatchObject([
      { kind: 'confirmed', request: { id: request.id, card: CARD, reason: 'no longer used', batch: null } },
    ]);
    expect(steps.calls.slice(-2)).toEqual(['post', 'archive']);
    expect(steps.calls).not.toContain('listOperations');
    expect(await now(request)).toMatchObject({ state: 'running' });
  });

  it('asks Toloka for operations first when another process, or none lately, showed the plan', async () => {
    await click(steps.world(), [await steps.planned()], { isFresh: false });
    expect(steps.calls).toContain('listOperations');
    const deps = steps.world();
    const checks = createChecks(deps);
    const [recent, old] = [await steps.planned(), await steps.planned()];
    checks.remember(old);
    harness.clock.advance(1);
    checks.remember(recent);
    harness.clock.advance(FRESH_MS - 1);
    const confirm = createConfirm(deps, checks);
    await (await confirm(ACTOR, [shownOf(recent)], 'r')).done;
    expect(steps.calls).not.toContain('listOperations');
    await (await confirm(ACTOR, [shownOf(old)], 'r')).done;
    expect(steps.calls).toContain('listOperations');
  });

  it('asks for approval where it is needed, and sends nothing', async () => {
    const deps = { ...steps.world(), approval: { ...harness.deps.approval, needed: () => 2 } };
    const request = await steps.planned();
    expect(await each(deps, [request])).toMatchObject([{ kind: 'confirmed', request: { card: CARD } }]);
    expect(await now(request)).toMatchObject({
      state: 'awaiting_approval',
      approval: { needed: 2, given: [] },
    });
  });

  it('on several is for all of them: one card, in their order', async () => {
    const requests = [await steps.planned(), await steps.planned(), await steps.planned()];
    const batch = requests[0]?.id;
    const answers = await each(steps.world(), requests);
    expect(answers).toMatchObject(
      [0, 1, 2].map((place) => ({ kind: 'confirmed', request: { batch, place, card: CARD } })),
    );
    expect(steps.calls.filter((call) => call === 'post' || call === 'archive').sort()).toEqual([
      ...['archive', 'archive', 'archive', 'post'],
    ]);
    expect(steps.calls).not.toContain('listOperations');
  });

  it('on several, without a card: each ends as the first one', async () => {
    const requests = [await steps.planned(), await steps.planned()];
    const post = async () => {
      throw new CardError('refused', 'channel_not_found', 'There is no such channel.');
    };
    const ended = { state: 'not_started', outcome: { code: 'channel_not_found' }, card: null };
    expect(await each(steps.world({}, { post }), requests)).toMatchObject(
      requests.map(({ id }) => ({ kind: 'confirmed', request: { id, ...ended } })),
    );
    expect(steps.calls).toEqual(expect.not.arrayContaining(['archive']));
  });

  it('on several, of which one was decided at that moment, is for the others', async () => {
    const [first, second] = [await steps.planned(), await steps.planned()];
    const deps = steps.world();
    const advance: Deps['journal']['advance'] = async (fence, what) => {
      if (fence.id === first.id) await change(first, { kind: 'cancelled' });
      return deps.journal.advance(fence, what);
    };
    expect(await each({ ...deps, journal: { ...deps.journal, advance } }, [first, second])).toMatchObject([
      { kind: 'already_decided', request: { state: 'cancelled' } },
      { kind: 'confirmed', request: { id: second.id, batch: second.id, card: CARD } },
    ]);
  });
});

describe('a click that changes nothing', () => {
  it('on a plan that the journal does not have', async () => {
    const gone = { ...(await steps.planned()), id: 'gone' };
    expect(await each(steps.world(), [gone])).toMatchObject([{ kind: 'denied', code: 'request_unknown' }]);
    expect(await lastDenial()).toMatchObject({ code: 'request_unknown', requestId: 'gone', user: 'U1' });
  });

  it('on a plan that was decided', async () => {
    const request = await steps.planned();
    await change(request, { kind: 'cancelled' });
    expect(await each(steps.world(), [request])).toMatchObject([
      { kind: 'already_decided', request: { state: 'cancelled' } },
    ]);
    expect(await lastDenial()).toMatchObject({
      ...{
        code: 'already_decided',
        detail: 'cancelled',
        requestId: request.id,
        trainingId: request.trainingId,
      },
    });
  });

  it('on somebody else’s plan', async () => {
    const request = await steps.planned();
    const actor = { ...ACTOR, user: 'U2' };
    expect(await each(steps.world(), [request], { actor })).toMatchObject([
      { kind: 'denied', code: 'not_yours' },
    ]);
    expect(await lastDenial()).toMatchObject({ code: 'not_yours', requestId: request.id, user: 'U2' });
  });

  it('on a plan of more than a day ago, which expires', async () => {
    const [older, old] = [await steps.planned(), await steps.planned()];
    harness.clock.advance(old.createdAt + PLAN_LIFE_MS - harness.clock.now());
    expect(await each(steps.world(), [old])).toMatchObject([{ kind: 'confirmed' }]);
    expect(await each(steps.world(), [older])).toMatchObject([{ kind: 'denied', code: 'plan_expired' }]);
    expect(await last(older)).toMatchObject({ kind: 'expired', actor: 'app' });
    expect(await lastDenial()).toMatchObject({ code: 'plan_expired', requestId: older.id });
  });

  it('on an earlier plan of the request: the newer one is shown', async () => {
    const request = await steps.planned();
    const seen = { ...request, plan: { ...request.plan, fingerprint: 'earlier' } };
    expect(await each(steps.world(), [seen])).toMatchObject([
      { kind: 'planned', request: { version: 1 }, changes: [{ what: 'details' }], repeated: true },
    ]);
    expect(await lastDenial()).toMatchObject({
      code: 'plan_drifted',
      detail: 'details',
      requestId: request.id,
    });
  });

  it.each([
    [1, (ids: string[]) => ({ requestId: ids[0], detail: '' })],
    [
      2,
      (ids: string[]) => ({
        requestId: ids[0],
        trainingId: null,
        detail: expect.stringContaining('trainings'),
      }),
    ],
  ])('by a person without the right, on %d', async (count, about) => {
    const requests = [await steps.planned(), await steps.planned()].slice(0, count);
    const deps = { ...steps.world(), policy: async () => 'not_allowed' as const };
    expect(await click(deps, requests)).toMatchObject({ kind: 'denied', code: 'not_allowed' });
    expect(await lastDenial()).toMatchObject(about(requests.map(({ id }) => id)));
  });

  it('in an account that is gone', async () => {
    const request = await steps.planned();
    const deps = { ...steps.world(), environments: new Map() };
    expect(await each(deps, [request])).toMatchObject([{ kind: 'denied', code: 'environment_not_set' }]);
    expect(await lastDenial()).toMatchObject({ code: 'environment_not_set', requestId: request.id });
  });

  it('on a training that somebody else’s request is open for, or became open for at that moment', async () => {
    const request = await steps.planned();
    const { id } = await harness.journal.create({ ...request, id: `${request.id}b` });
    await change({ ...request, id }, { kind: 'confirmed', reason: 'r' });
    expect(await each(steps.world(), [request])).toMatchObject([{ kind: 'already_open', request: { id } }]);
    expect(await lastDenial()).toMatchObject({ code: 'already_open', detail: id, requestId: request.id });
    const late = await steps.planned();
    const other = await harness.journal.create({ ...late, id: `${late.id}b` });
    const deps = failing('confirmed', new OpenRequestExistsError('It is open.'), async () => {
      await change(other, { kind: 'confirmed', reason: 'r' });
    });
    expect(await each(deps, [late])).toMatchObject([{ kind: 'already_open', request: { id: other.id } }]);
    const gone = failing('confirmed', new OpenRequestExistsError('It was open.'));
    await expect(click(gone, [await steps.planned()])).rejects.toThrow('It was open.');
  });

  it('that is delivered twice: the other delivery confirmed it while this one read the plan', async () => {
    const request = await steps.planned();
    const readTraining: Toloka['readTraining'] = async (id) => found({ ...TRAINING, id });
    const deps = steps.world({ readTraining });
    const findOpen = async () => change(request, { kind: 'confirmed', reason: 'r' });
    const meeting = { ...deps, journal: { ...deps.journal, findOpen } };
    expect(await each(meeting, [request])).toMatchObject([
      { kind: 'already_decided', request: { state: 'confirmed' } },
    ]);
    expect(await lastDenial()).toMatchObject({ code: 'already_decided', detail: 'confirmed' });
  });

  it('because the journal is broken: that is no answer', async () => {
    await expect(click(failing('confirmed', new Error('odd')), [await steps.planned()])).rejects.toThrow(
      'odd',
    );
  });
});

describe('a plan that changed', () => {
  it('is written, shown and recorded, and can be confirmed then', async () => {
    const request = await steps.planned();
    const readTraining: Toloka['readTraining'] = async (id) =>
      found({ ...TRAINING, id, name: 'New', projectId: '2' });
    const deps = steps.world({ readTraining });
    expect(await each(deps, [request])).toMatchObject([
      { kind: 'planned', request: { version: 2 }, changes: [{ what: 'name' }, { what: 'project' }] },
    ]);
    expect(await last(request)).toMatchObject({ kind: 'replanned', actor: 'U1' });
    expect(await lastDenial()).toMatchObject({
      code: 'plan_drifted',
      detail: 'name, project',
      requestId: request.id,
    });
    const replanned = (await now(request)) as ArchiveRequest;
    expect(await each(deps, [replanned])).toMatchObject([{ kind: 'confirmed' }]);
  });

  it('and is blocked now, is shown with what blocks it', async () => {
    const request = await steps.planned();
    const readTraining: Toloka['readTraining'] = async (id) =>
      found({ ...TRAINING, id, name: 'New', status: 'OPEN' });
    expect(await each(steps.world({ readTraining }), [request])).toMatchObject([
      {
        kind: 'blocked',
        plan: { blockers: ['not_closed'] },
        changes: [{ what: 'status' }, { what: 'name' }],
      },
    ]);
    expect(await lastDenial()).toMatchObject({
      code: 'not_closed',
      detail: 'not_closed',
      requestId: request.id,
    });
  });

  it('of one of several: the others are shown once more, and none is confirmed', async () => {
    const [first, second] = [await steps.planned(), await steps.planned()];
    const readTraining: Toloka['readTraining'] = async (id) =>
      found({ ...TRAINING, id, name: id === second.trainingId ? 'New' : TRAINING.name });
    expect(await each(steps.world({ readTraining }), [first, second])).toEqual([
      { kind: 'planned', request: first, changes: [], repeated: true },
      expect.objectContaining({ kind: 'planned', changes: [{ what: 'name', from: 'T', to: 'New' }] }),
    ]);
    const gone = { ...second, id: 'gone' };
    expect(await each(steps.world(), [first, gone])).toMatchObject([
      { kind: 'planned', request: { id: first.id }, repeated: true },
      { kind: 'denied', code: 'request_unknown' },
    ]);
    expect((await now(first))?.state).toBe('planned');
  });
});
