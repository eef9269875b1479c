import { DEMO_TRAININGS, type Fault, type FaultRule } from '../../fakes/toloka';
import { createWorker } from '../../src/archive/worker';
import { cardsIn, createHarness, type Harness, textOf, withToloka } from '../support/harness';

let harness: Harness;
beforeEach(async () => {
  harness = await createHarness();
});
afterEach(() => harness.close());

const id = DEMO_TRAININGS.ready.id;
const post = (fault: Fault): FaultRule => ({ method: 'POST', fault });

async function run(trainingId: string = id) {
  const confirmed = await harness.archive(trainingId);
  const request = await harness.settle(confirmed.id);
  const events = await harness.journal.events(request.id);
  return { request, kinds: events.map(({ kind }) => kind), posts: harness.account.posts(trainingId) };
}

const FULL = ['asked', 'confirmed', 'submitting'];

describe('how a confirmed request ends', () => {
  it('202, RUNNING, SUCCESS', async () => {
    const { request, kinds, posts } = await run();
    expect(request).toMatchObject({
      state: 'succeeded',
      outcome: null,
      progress: 100,
      reason: 'no longer used',
    });
    expect(kinds).toEqual([...FULL, 'accepted', 'succeeded']);
    expect(posts).toEqual({ arrived: 1, effective: 1 });
    expect(harness.account.getTraining(id)?.status).toBe('ARCHIVED');
  });

  it('202 with SUCCESS at once, as in the seed document', async () => {
    harness.account.updateTraining(id, { operationMs: 0 });
    const { request, kinds } = await run();
    expect(kinds).toEqual([...FULL, 'succeeded']);
    expect(request.operationId).toBe(harness.account.operations().at(-1)?.id);
  });

  it('204: archived already, by whomever', async () => {
    harness.account.faults.add(post({ kind: 'empty', status: 204 }));
    const { request, kinds } = await run();
    expect(request).toMatchObject({
      state: 'succeeded',
      outcome: { code: 'already_archived' },
      operationId: null,
    });
    expect(kinds).toEqual([...FULL, 'succeeded']);
  });

  it('FAIL without a reason says so, and FAIL with details shows them', async () => {
    const { request } = await run(DEMO_TRAININGS.fails.id);
    expect(request).toMatchObject({ state: 'failed', outcome: { code: 'OPERATION_FAILED' } });
    expect(request.outcome?.said).toBeUndefined();
    harness.account.updateTraining(id, {
      archiveOutcome: { status: 'FAIL', details: { why: 'moon phase' } },
    });
    const second = await run();
    expect(second.request.outcome?.said).toContain('moon phase');
    expect(textOf(cardsIn(harness)[1])).toContain('moon phase');
  });

  it.each([
    [400, 'VALIDATION_ERROR'],
    [401, 'AUTHENTICATION_ERROR'],
    [403, 'ACCESS_DENIED'],
    [404, 'DOES_NOT_EXIST'],
    [409, 'UNARCHIVED_POOLS_CONFLICT'],
    [429, 'TOO_MANY_REQUESTS'],
  ])('HTTP %d is a refusal, with Toloka’s own code and message in the card', async (status, code) => {
    harness.account.faults.add(post({ kind: 'status', status, code, message: `Because ${status}` }));
    const { request, kinds, posts } = await run();
    expect(request).toMatchObject({ state: 'refused', outcome: { code } });
    expect(kinds).toEqual([...FULL, 'refused']);
    expect(posts).toEqual({ arrived: 1, effective: 0 });
    const card = textOf(cardsIn(harness)[0]);
    expect(card).toContain(code);
    expect(card).toContain(`Because ${status}`);
    expect(card).toContain('Try again');
  });

  it('a connection that was never made is no doubt: not started', async () => {
    const asked = harness.archive(id);
    const off = harness.workspace.on('call', ({ method }) => {
      // The card is the last thing before the POST.
      if (method === 'chat.postMessage') void harness.account.down(true);
    });
    const { id: requestId } = await asked;
    off();
    await harness.account.down(false);
    const request = await harness.settle(requestId);
    expect(request).toMatchObject({ state: 'not_started', outcome: { code: 'toloka_unreachable' } });
  });

  it.each<[string, Fault, string]>([
    ['lost after it took effect', { kind: 'lost' }, 'succeeded'],
    ['lost before it took effect', { kind: 'reset', when: 'before' }, 'not_started'],
    ['500 although it took effect', { kind: 'status', status: 500, effect: true }, 'succeeded'],
    ['503 and no effect', { kind: 'status', status: 503 }, 'not_started'],
    ['an HTML page', { kind: 'html', status: 200 }, 'not_started'],
    ['an HTML page although it took effect', { kind: 'html', status: 502, effect: true }, 'succeeded'],
    ['202 without a body', { kind: 'empty', status: 202, effect: true }, 'succeeded'],
    ['truncated', { kind: 'truncated' }, 'succeeded'],
    ['silence', { kind: 'silent' }, 'not_started'],
    ['silence although it took effect', { kind: 'silent', effect: true }, 'succeeded'],
    ['too slow', { kind: 'slow', ms: 2_000 }, 'succeeded'],
    ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:1/' }, 'not_started'],
  ])('answer %s: called unknown, looked up, then told', async (_name, fault, end) => {
    harness.account.faults.add(post(fault));
    const { request, kinds, posts } = await run();
    expect(request.state).toBe(end);
    expect(kinds.slice(0, 4)).toEqual([...FULL, 'outcome_unknown']);
    expect(posts.arrived).toBe(1);
    expect(harness.account.getTraining(id)?.status === 'ARCHIVED').toBe(end === 'succeeded');
  });

  it('a POST that takes effect only after the answer was given up is not taken for one that did nothing', async () => {
    harness.account.faults.add(post({ kind: 'late', ms: 800 }));
    const takesEffect = new Promise<void>((resolve) => {
      harness.account.on('change', ({ kind }) => kind === 'operation' && resolve());
    });
    const confirmed = await harness.archive(id);
    expect(confirmed.state).toBe('unknown');
    await takesEffect;
    expect(await harness.settle(confirmed.id)).toMatchObject({ state: 'succeeded' });
  });

  it('an operation that Toloka shows only after a while is waited for', async () => {
    harness.account.updateTraining(id, { operationMs: 60_000 });
    harness.account.faults.add(post({ kind: 'lost' }));
    const confirmed = await harness.archive(id);
    const shownFrom = harness.clock.now() + 20_000;
    const slow = withToloka(harness.deps, (toloka) => ({
      listOperations: async (filter) =>
        harness.clock.now() < shownFrom ? { kind: 'found', value: [] } : toloka.listOperations(filter),
    }));
    expect(await harness.settle(confirmed.id, slow)).toMatchObject({ state: 'succeeded' });
    const kinds = (await harness.journal.events(confirmed.id)).map(({ kind }) => kind);
    expect(kinds).toEqual([...FULL, 'outcome_unknown', 'found_running', 'succeeded']);
  });

  it('is looked up until it can be: Toloka down is no evidence', async () => {
    harness.account.faults.add(post({ kind: 'lost' }));
    harness.account.faults.add({
      method: 'GET',
      after: 10,
      times: 40,
      fault: { kind: 'status', status: 503 },
    });
    const { request, posts } = await run();
    expect(request.state).toBe('succeeded');
    expect(posts.arrived).toBe(1);
  });

  it('an operation of an earlier request is not taken for this one’s', async () => {
    harness.account.updateTraining(id, { archiveOutcome: { status: 'FAIL' } });
    expect((await run()).request.state).toBe('failed');
    harness.account.faults.add(post({ kind: 'reset', when: 'before' }));
    expect((await run()).request).toMatchObject({ state: 'not_started', outcome: { code: 'found_nothing' } });
  });

  it('an operation that somebody began before the confirmation is not taken for this one’s', async () => {
    const { account } = harness;
    account.updateTraining(id, { operationMs: 16 * 60_000 });
    await harness.deps.environments.get('production')?.toloka.archive(id, 'by hand');
    harness.clock.advance(9 * 60_000);
    account.faults.add(post({ kind: 'status', status: 503 }));
    const confirmed = await harness.archive(id);
    const worker = createWorker(harness.deps);
    for (let ticks = 0; ticks < 30; ticks++) {
      await worker.tick();
      harness.clock.advance(10_000);
    }
    // It is about to archive the training, so "nothing was archived" would not stay true.
    expect(await harness.journal.get(confirmed.id)).toMatchObject({ state: 'unknown', operationId: null });
    expect(await harness.settle(confirmed.id)).toMatchObject({
      ...{ state: 'succeeded', outcome: { code: 'found_archived' }, operationId: null },
    });
  });

  it('an operation that somebody began by hand long after the POST is not taken for this one’s', async () => {
    const { account } = harness;
    account.faults.add(post({ kind: 'reset', when: 'before' }));
    const confirmed = await harness.archive(id);
    account.faults.add({ method: 'GET', times: 999, fault: { kind: 'status', status: 503 } });
    const worker = createWorker(harness.deps);
    for (let ticks = 0; ticks < 60; ticks++) {
      await worker.tick();
      harness.clock.advance(60_000);
    }
    account.faults.clear();
    account.updateTraining(id, { archiveOutcome: { status: 'FAIL' }, operationMs: 0 });
    await harness.deps.environments.get('production')?.toloka.archive(id, 'by hand, an hour later');
    expect(await harness.settle(confirmed.id)).toMatchObject({
      ...{ state: 'not_started', outcome: { code: 'found_nothing' } },
    });
  });

  it.each([
    ['nor the training: another account, most likely', true, { state: 'unknown' }],
    ['but the training', false, { state: 'failed', outcome: { code: 'operation_forgotten' } }],
  ])('an operation that Toloka accepted and does not know any more, %s', async (_what, another, end) => {
    const { endless } = DEMO_TRAININGS;
    const { id: requestId, operationId } = await harness.archive(endless.id);
    harness.clock.advance(25 * 3_600_000);
    const forgetful = withToloka(harness.deps, (toloka) => ({
      readTraining: async (id) => (another ? { kind: 'not_found' } : toloka.readTraining(id)),
      readOperation: async () => ({ kind: 'not_found' }),
      listOperations: async () => ({ kind: 'found', value: [] }),
    }));
    const worker = createWorker(forgetful);
    for (let ticks = 0; ticks < 20; ticks++) {
      await worker.tick();
      harness.clock.advance(400_000);
    }
    expect(await harness.journal.get(requestId)).toMatchObject({ operationId, ...end });
    const card = cardsIn(harness)[0];
    expect(JSON.stringify(card)).not.toMatch(/Not started|ended: FAIL/);
  });

  /** Toloka's older pages do not promise that an operation names its training. */
  const nameless = () =>
    withToloka(harness.deps, (toloka) => ({
      listOperations: async (filter) => {
        const reading = await toloka.listOperations(filter);
        if (reading.kind !== 'found') return reading;
        return { kind: 'found', value: reading.value.map((one) => ({ ...one, trainingId: null })) };
      },
    }));

  it('operations that do not name their training are no evidence that nothing began', async () => {
    const { endless } = DEMO_TRAININGS;
    harness.account.faults.add(post({ kind: 'lost' }));
    const confirmed = await harness.archive(endless.id);
    const worker = createWorker(nameless());
    for (let ticks = 0; ticks < 20; ticks++) {
      harness.clock.advance(10_000);
      await worker.tick();
    }
    expect(await harness.journal.get(confirmed.id)).toMatchObject({ state: 'unknown' });
    harness.account.finishOperation(harness.account.operations().at(-1)?.id ?? '');
    expect(await harness.settle(confirmed.id, nameless())).toMatchObject({ state: 'succeeded' });
  });

  it('past the deadline its own operation is read by its id', async () => {
    const { endless } = DEMO_TRAININGS;
    const { id: requestId, operationId } = await harness.archive(endless.id);
    harness.clock.advance(25 * 3_600_000);
    const worker = createWorker(nameless());
    for (let ticks = 0; ticks < 5; ticks++) {
      await worker.tick();
      harness.clock.advance(400_000);
    }
    expect(await harness.journal.get(requestId)).toMatchObject({ state: 'unknown', operationId });
  });

  it('somebody else’s failure is not taken for ours while Toloka may still show ours', async () => {
    const { account } = harness;
    account.updateTraining(id, { archiveOutcome: { status: 'FAIL' }, operationMs: 0 });
    await harness.deps.environments.get('production')?.toloka.archive(id, 'by hand, a moment ago');
    account.updateTraining(id, { archiveOutcome: { status: 'SUCCESS' }, operationMs: 20_000 });
    account.faults.add(post({ kind: 'late', ms: 4_000 }));
    const takesEffect = new Promise<void>((resolve) => {
      account.on('change', ({ kind }) => kind === 'operation' && resolve());
    });
    const confirmed = await harness.archive(id);
    await createWorker(harness.deps).tick();
    expect(await harness.journal.get(confirmed.id)).toMatchObject({ state: 'unknown' });
    await takesEffect;
    expect(await harness.settle(confirmed.id)).toMatchObject({ state: 'succeeded' });
  });

  it('without an end by the deadline it is unknown, and still found when Toloka ends it', async () => {
    const { endless } = DEMO_TRAININGS;
    const { id: requestId, operationId } = await harness.archive(endless.id);
    harness.clock.advance(25 * 3_600_000);
    const worker = createWorker(harness.deps);
    await worker.tick();
    await worker.tick();
    expect(await harness.journal.get(requestId)).toMatchObject({
      state: 'unknown',
      outcome: { code: 'deadline' },
    });
    expect(textOf(cardsIn(harness)[0])).toContain('Outcome unknown');
    harness.account.finishOperation(operationId ?? '');
    harness.clock.advance(3_600_000);
    expect(await harness.settle(requestId)).toMatchObject({ state: 'succeeded' });
  });
});

describe.each([
  ['ahead of', -5],
  ['behind', 5],
])('when this machine’s clock is %s Toloka’s', (_words, minutes) => {
  it('nothing is sent, since an answer that is lost could not be told from an earlier one', async () => {
    await harness.close();
    harness = await createHarness({ account: { now: () => Date.now() + minutes * 60_000 } });
    const { request, posts } = await run();
    expect(request).toMatchObject({ state: 'not_started', outcome: { code: 'clocks_apart' } });
    expect(posts.arrived).toBe(0);
    expect(textOf(cardsIn(harness)[0])).toContain('clocks_apart');
  });
});
