import { readPlan } from '../../src/archive/plan';
import type { Deps, Environment, Operation, Reading, Toloka } from '../../src/archive/ports';
import type { ArchiveRequest, Pause } from '../../src/archive/request';
import { submit } from '../../src/archive/submit';
import { CLOCK_SKEW_MS, PLAN_LIFE_MS } from '../../src/archive/timing';
import { LIMITS } from '../support/harness';
import { CARD, DOWN, OPERATION, TRAINING, useSteps } from '../support/steps';

const { harness, steps } = useSteps();

const { leaseMs } = LIMITS;
const kinds = async (id: string) => (await harness.journal.events(id)).map(({ kind }) => kind);
const found = <T>(value: T): Reading<T> => ({ kind: 'found', value });

describe('a request that was confirmed a moment ago', () => {
  it('gets its card, then its intent, and then its one POST, with a new lease', async () => {
    const leased = await steps.confirmed();
    const { clock } = harness;
    leased.lease.until = clock.now() + leaseMs / 3;
    const shown: ArchiveRequest[] = [];
    const after = await submit(steps.world(), leased, {
      fresh: true,
      onCard: (request) => shown.push(request),
    });
    expect(steps.calls).toEqual(['post', 'archive']);
    expect(after).toMatchObject({ request: { state: 'running', card: CARD }, hold: 'given_back' });
    expect(after.lease.until).toBe(clock.now() + leaseMs);
    expect(shown).toMatchObject([{ id: leased.request.id, state: 'confirmed', card: CARD }]);
  });

  it('keeps the card that it has', async () => {
    const { request, lease } = await steps.confirmed();
    const card = { channel: 'C1', ts: '2.2' };
    const { after } = await steps.submit(steps.world(), { request: { ...request, card }, lease });
    expect([steps.calls, after.request.card]).toEqual([['archive'], card]);
  });

  it('is not sent when its account is gone', async () => {
    const deps = { ...steps.world(), environments: new Map() };
    expect(await steps.submit(deps, await steps.confirmed())).toMatchObject({
      state: 'not_started',
      code: 'environment_gone',
    });
  });

  it.each([
    [0, true],
    [1, false],
  ])('is not sent when %d ms more than half of the lease went by after the intent', async (ms, sent) => {
    const deps = steps.world();
    const advance: Deps['journal']['advance'] = async (fence, change) => {
      const request = await harness.journal.advance(fence, change);
      if (change.kind === 'submitting') harness.clock.advance(leaseMs / 2 + ms);
      return request;
    };
    const late = { ...deps, journal: { ...harness.journal, advance } };
    const { state, code, ...after } = await steps.submit(late, await steps.confirmed());
    expect([state, code, after.sent]).toEqual(
      sent ? ['running', undefined, true] : ['not_started', 'stalled', false],
    );
  });
});

describe('a confirmation', () => {
  it.each([
    [0, 'running'],
    [1, 'not_started'],
  ])('counts for a day, and %d ms more: %s', async (ms, state) => {
    const { request, lease } = await steps.confirmed();
    const at = harness.clock.now() - PLAN_LIFE_MS - ms;
    const old = { ...request, releasedAt: at, confirmedAt: at };
    const { code, ...after } = await steps.submit(steps.world(), { request: old, lease });
    expect([after.state, code]).toEqual([state, ms === 0 ? undefined : 'confirmation_expired']);
  });

  it.each([
    ['a moment ago', 0, undefined],
    ['more than a day ago', PLAN_LIFE_MS + 1, 'confirmation_expired'],
  ])('that waited for the end of a pause, %s, counts from then on', async (_when, ago, code) => {
    const { request, lease } = await steps.confirmed();
    const at = harness.clock.now() - 9 * PLAN_LIFE_MS;
    const old = { ...request, releasedAt: at, confirmedAt: at, heldAt: harness.clock.now() - ago };
    const after = await steps.submit(steps.world(), { request: old, lease }, false);
    expect([after.code, after.sent]).toEqual([code, code === undefined]);
  });

  it('that had expired before the pause is not revived by it', async () => {
    const { request, lease } = await steps.confirmed();
    const at = harness.clock.now() - PLAN_LIFE_MS - 1;
    const pause = async (): Promise<Pause> => ({ user: 'U9', reason: 'an incident', at: 5 });
    const deps = { ...steps.world(), journal: { ...harness.journal, pause } };
    const old = { ...request, releasedAt: at, confirmedAt: at };
    expect(await steps.submit(deps, { request: old, lease })).toMatchObject({ code: 'confirmation_expired' });
  });

  it.each([
    [9_999, ['post', 'archive']],
    [10_000, expect.arrayContaining(['listOperations', 'readTraining', 'archive'])],
  ])('is checked again when its card took %d ms', async (ms, calls) => {
    const post = async () => {
      harness.clock.advance(ms);
      return CARD;
    };
    const { sent } = await steps.submit(steps.world({}, { post }), await steps.confirmed());
    expect([sent, steps.calls]).toEqual([true, calls]);
  });

  it('counts from the last approval, where that is known', async () => {
    const { request, lease } = await steps.confirmed();
    const confirmedAt = harness.clock.now() - PLAN_LIFE_MS - 1;
    const notNoted = { ...request, confirmedAt, releasedAt: null };
    expect(await steps.submit(steps.world(), { request: notNoted, lease })).toMatchObject({
      code: 'confirmation_expired',
    });
    const next = await steps.confirmed();
    expect(
      await steps.submit(steps.world(), { ...next, request: { ...next.request, confirmedAt } }),
    ).toMatchObject({
      sent: true,
    });
  });
});

describe('a request that was taken over', () => {
  const listed = (...operations: Partial<Operation>[]): Partial<Toloka> => ({
    listOperations: async () => found(operations.map((one) => ({ ...OPERATION, ...one }))),
  });
  const ours = (request: ArchiveRequest) => listed({ trainingId: request.trainingId }, { id: 'other' });

  it.each<[string, (request: ArchiveRequest) => Partial<Toloka>, string | undefined]>([
    ['nothing has changed', () => ({}), undefined],
    ['the operations cannot be listed', () => ({ listOperations: async () => DOWN }), 'not_checked'],
    ['an operation names no training', () => listed({}), 'not_checked'],
    ['an operation is about another training', () => listed({ trainingId: '1' }), undefined],
    ['the training cannot be read', () => ({ readTraining: async () => DOWN }), 'not_checked'],
    ['its pools cannot be read', () => ({ readPools: async () => DOWN }), 'not_checked'],
    ['the training is gone', () => ({ readTraining: async () => ({ kind: 'not_found' }) }), 'plan_drifted'],
    [
      'the training is gone, and operations cannot be listed',
      () => ({ readTraining: async () => ({ kind: 'not_found' }), listOperations: async () => DOWN }),
      'plan_drifted',
    ],
  ])('%s', async (_what, toloka, code) => {
    const leased = await steps.confirmed();
    leased.request.stepTries = 6;
    const after = await steps.submit(steps.world(toloka(leased.request)), leased, false);
    expect([after.code, after.sent]).toEqual([code, code === undefined]);
    expect(after.state).toBe(code === undefined ? 'running' : 'not_started');
  });

  it.each([0, 5])('waits when it could not be checked for the %d + first time', async (stepTries) => {
    const { request, lease } = await steps.confirmed();
    const now = harness.clock.now();
    const deps = { ...steps.world({ listOperations: async () => DOWN }), random: () => 0.5 };
    const pause: Pause = { user: 'U9', reason: 'an incident', at: 5 };
    const after = await steps.submit(deps, { request: { ...request, stepTries, pause }, lease }, false);
    expect(after).toMatchObject({ state: 'confirmed', sent: false, stepAt: now + 1_000 * 2 ** stepTries });
    // The card does not go on to say that archiving is paused.
    expect(after.after.request).toMatchObject({ stepTries: stepTries + 1, pause: null, publishAt: now });
  });

  it.each<[string, Partial<Toloka>, Partial<Toloka>]>([
    ['the training was renamed', {}, { readTraining: async () => found({ ...TRAINING, name: 'New' }) }],
    ['what could not be read for the plan can be read', { readPools: async () => DOWN }, {}],
  ])('is not sent when %s', async (_what, before, now) => {
    const { request, lease } = await steps.confirmed();
    const fixed = { readTraining: async () => found(TRAINING) };
    const production = steps.world({ ...fixed, ...before }).environments.get('production') as Environment;
    const plan = await readPlan(production, request.trainingId, harness.clock.now());
    const after = await steps.submit(
      steps.world({ ...fixed, ...now }),
      { request: { ...request, plan }, lease },
      false,
    );
    expect(after).toMatchObject({ code: 'plan_drifted', sent: false });
  });

  it('is looked up instead of sent when Toloka has an operation on its training, also when other checks fail', async () => {
    const leased = await steps.confirmed();
    const deps = { ...steps.world(ours(leased.request)), policy: async () => 'not_allowed' as const };
    const after = await steps.submit(deps, leased, false);
    expect([after.state, after.sent]).toEqual(['running', false]);
    expect(await kinds(leased.request.id)).toEqual([
      ...['asked', 'confirmed', 'late_evidence', 'found_running'],
    ]);
  });

  it.each([
    ['access_unknown', 'not_checked'],
    ['not_allowed', 'right_lost'],
    ['access_not_set', 'right_lost'],
  ] as const)('is not sent when the requester’s right is now: %s', async (denial, code) => {
    const asked: string[] = [];
    const policy: Deps['policy'] = async ({ user }) => {
      asked.push(user);
      return denial;
    };
    const leased = await steps.confirmed();
    leased.request.stepTries = 6;
    expect(await steps.submit({ ...steps.world(), policy }, leased, false)).toMatchObject({
      code,
      sent: false,
    });
    expect(asked).toEqual(['U1']);
  });

  it('is not sent when its account is gone', async () => {
    const deps = { ...steps.world(), environments: new Map() };
    expect(await steps.submit(deps, await steps.confirmed(), false)).toMatchObject({
      code: 'environment_gone',
    });
    expect(steps.calls).toEqual(['find', 'post']);
  });

  it('asks for the operations since its plan, less the difference of the clocks', async () => {
    const since: unknown[] = [];
    const leased = await steps.confirmed();
    const listOperations: Toloka['listOperations'] = async (filter) => {
      since.push(filter);
      return found([]);
    };
    await steps.submit(steps.world({ listOperations }), leased, false);
    expect(since).toEqual([{ submittedSince: leased.request.createdAt - CLOCK_SKEW_MS }]);
  });
});

describe('while archiving is paused', () => {
  const PAUSE: Pause = { user: 'U9', reason: 'an incident', at: 5 };
  const change = (kind: 'paused' | 'resumed') =>
    harness.journal.setPause({ ...PAUSE, kind, team: 'T1', channel: 'C1' });
  afterEach(() => change('resumed'));

  it.each<[string, Pause | null, boolean]>([
    ['shows it on the card at once', null, true],
    ['leaves the card alone that shows it', PAUSE, false],
    ['shows who paused again', { ...PAUSE, user: 'U8' }, true],
    ['shows that it was paused again', { ...PAUSE, at: 4 }, true],
  ])('a request waits, and %s', async (_what, pause, isNew) => {
    const { request, lease } = await steps.confirmed();
    const now = harness.clock.now();
    const waiting = { ...request, pause, releasedAt: now - 30_000, publishAt: 7, stepTries: 5 };
    await change('paused');
    const after = await steps.submit(steps.world(), { request: waiting, lease });
    expect(after).toMatchObject({ state: 'confirmed', sent: false, stepAt: now + 3_000 });
    expect([after.publishAt, after.after.request.pause]).toEqual([isNew ? now : 7, PAUSE]);
    expect(after.after.request).toMatchObject({ heldAt: now, stepTries: 0 });
  });

  it('nothing is read before it is resumed', async () => {
    const leased = await steps.confirmed();
    await change('paused');
    expect(await steps.submit(steps.world(), leased, false)).toMatchObject({ state: 'confirmed' });
    expect(steps.calls).toEqual(['find', 'post']);
  });

  it('nothing is sent when it was paused while the plan was checked', async () => {
    const readTraining: Toloka['readTraining'] = async (id) => {
      await change('paused');
      return found({ ...TRAINING, id });
    };
    const after = await steps.submit(steps.world({ readTraining }), await steps.confirmed(), false);
    expect(after).toMatchObject({ state: 'confirmed', sent: false });
    expect(after.after.request.pause).toEqual(PAUSE);
  });

  it('what cannot be sent any more ends all the same', async () => {
    const readTraining: Toloka['readTraining'] = async () => {
      await change('paused');
      return { kind: 'not_found' };
    };
    const after = await steps.submit(steps.world({ readTraining }), await steps.confirmed(), false);
    expect(after).toMatchObject({ code: 'plan_drifted' });
  });
});
