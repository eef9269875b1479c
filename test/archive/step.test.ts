import { approvalFor } from '../../src/archive/approval';
import { LeaseLostError, RequestChangedError } from '../../src/archive/errors';
import type { Cards, Deps } from '../../src/archive/ports';
import { type Leased, record, recordOutcome } from '../../src/archive/record';
import type { Approval, ArchiveRequest, Delivery } from '../../src/archive/request';
import { runSafely, runStep } from '../../src/archive/step';
import { LIMITS, withToloka } from '../support/harness';
import { CARD, DOWN, OPERATION, useSteps } from '../support/steps';

const { harness, steps } = useSteps();

const { deadlineMs } = LIMITS;
const now = () => harness.clock.now();
const stored = async ({ id }: { id: string }) => (await harness.journal.get(id)) as ArchiveRequest;
const fails = (error: Error) => async () => {
  throw error;
};

/** `journal`: what is replaced of it. */
function world(journal: Partial<Deps['journal']> = {}, cards: Partial<Cards> = {}): Deps {
  const quiet = async () => {};
  const slack = { update: quiet, addToThread: quiet, removeDuplicates: quiet, link: async () => null };
  const lastInThread = async () => ({ seq: 0, sum: 0, call: 0 });
  const deps = steps.world({ readTraining: async () => DOWN }, { ...slack, lastInThread, ...cards });
  return { ...deps, journal: { ...deps.journal, ...journal } };
}
const submitting = async (): Promise<Leased> =>
  record(harness.deps, await steps.confirmed(), { kind: 'submitting', card: CARD });

/** A request in this state, as a worker claims it. */
async function claimed(
  state: 'submitting' | 'unknown' | 'running' | 'refused',
  delivery: Partial<Delivery> = {},
) {
  let leased = await submitting();
  const { deps, journal } = harness;
  const outcome = { code: 'x' };
  if (state === 'running') {
    const operation = { ...OPERATION, id: `op-${leased.request.id}` };
    leased = await recordOutcome(deps, leased, { kind: 'accepted', operation });
  } else if (state === 'unknown') leased = await record(deps, leased, { kind: 'outcome_unknown', outcome });
  else if (state === 'refused') leased = await record(deps, leased, { kind: 'refused', outcome });
  const { id } = leased.request;
  if (state !== 'running') await journal.release(id, leased.lease);
  const [request] = await journal.claim({ now: now(), until: now() + 60_000, limit: 1, ids: [id] });
  if (!request?.lease) throw new Error('Not claimed');
  await journal.note(id, request.lease, now(), delivery);
  steps.calls.length = 0;
  return { ...request, ...delivery, lease: request.lease };
}

describe('a step', () => {
  it('of a running request that is not past its deadline moves the next one there', async () => {
    const request = await claimed('running', { stepAt: now(), publishAt: null });
    const after = await runStep(world(), request);
    expect(after).toMatchObject({
      ...{ state: 'running', lease: null, stepAt: (request.submittedAt ?? 0) + deadlineMs },
    });
    expect(steps.calls).toEqual([]);
  });

  it('past the deadline calls it unknown, and writes its card', async () => {
    const request = await claimed('running');
    harness.clock.advance(deadlineMs + 1);
    const [again] = await harness.journal.claim({
      now: now(),
      until: now() + 60_000,
      limit: 1,
      ids: [request.id],
    });
    const after = await runStep(world(), again as ArchiveRequest);
    expect(after).toMatchObject({
      state: 'unknown',
      outcome: { code: 'deadline' },
      publishAt: null,
      lease: null,
    });
    expect(steps.calls).toContain('update');
  });

  it('with its operation records that, due or not', async () => {
    const request = await claimed('running');
    const operation = { ...OPERATION, id: request.operationId ?? '', status: 'SUCCESS' };
    expect(await runStep(world(), request, { operation })).toMatchObject({ state: 'succeeded', lease: null });
  });

  it.each(['submitting', 'unknown'] as const)('of a request that is %s looks it up', async (state) => {
    const request = await claimed(state);
    expect(await runStep(world(), request)).toMatchObject({ state: 'unknown', stepTries: 1, lease: null });
    expect(steps.calls).toContain('readTraining');
  });

  it('that is not due only writes the card', async () => {
    const request = await claimed('unknown', { stepAt: now() + 10_000 });
    expect(await runStep(world(), request)).toMatchObject({
      state: 'unknown',
      stepTries: 0,
      publishAt: null,
    });
    expect(steps.calls).not.toContain('readTraining');
    expect(steps.calls).toContain('update');
  });

  it.each([
    [0, false],
    [1, true],
  ])('looks into the thread when the card was tried before: %d times', async (publishTries, looks) => {
    await runStep(world(), await claimed('refused', { publishTries, publishAt: now() }));
    expect(steps.calls.includes('lastInThread')).toBe(looks);
  });

  it('of a request that awaits approval posts its card and waits for the approvers', async () => {
    const { deps } = harness;
    const rules = { ...deps, approval: { ...deps.approval, needed: () => 1, lifeMs: 100_000 } };
    const { request, lease } = await steps.confirmed({
      ...{ kind: 'approval_requested', approval: approvalFor(rules, 'production') as Approval },
    });
    const askedAt = request.approval?.askedAt ?? 0;
    const shown: unknown[] = [];
    const options = { fresh: true, onCard: ({ card }: ArchiveRequest) => shown.push(card) };
    const after = await runStep(world(), { ...request, lease }, options);
    expect(after).toMatchObject({
      state: 'awaiting_approval',
      card: CARD,
      stepAt: askedAt + 50_000,
      lease: null,
    });
    expect([shown, steps.calls.includes('find')]).toEqual([[CARD], false]);
  });

  it('of a request that nobody holds and that is not due writes nothing', async () => {
    const request = { ...(await claimed('unknown')), stepAt: now() + 10_000, publishAt: now(), lease: null };
    const { version } = await stored(request);
    expect(await runStep(world(), request)).toBe(request);
    expect([steps.calls, (await stored(request)).version]).toEqual([[], version]);
  });

  it('takes a request that nobody holds, and leaves one alone that somebody does', async () => {
    const { id, version } = await steps.planned();
    const fence = { id, version, at: now(), actor: 'U1' };
    const request = await harness.journal.advance(fence, { kind: 'confirmed', reason: 'r' });
    expect(await runStep(world(), request, { fresh: true })).toMatchObject({ state: 'running', lease: null });
    const advance = fails(new LeaseLostError('held'));
    const deps = world({ advance });
    const again = { ...request, state: 'confirmed' as const };
    steps.calls.length = 0;
    expect(await runStep(deps, again, { fresh: true })).toBeUndefined();
    expect(steps.calls).not.toContain('removeDuplicates');
  });
});

describe('a step that another worker has overtaken', () => {
  it.each([new LeaseLostError('over'), new RequestChangedError('changed')])(
    'gives its lease back, and removes what it wrote twice (%p)',
    async (error) => {
      const request = await claimed('refused', { publishAt: now() });
      expect(await runStep(world({ events: fails(error) }), request)).toBeUndefined();
      expect(steps.calls).toContain('removeDuplicates');
      expect(await stored(request)).toMatchObject({ lease: null, stepTries: 0 });
    },
  );
});

describe('a step that goes wrong', () => {
  const odd = fails(new Error('odd'));

  it('is reported, and is no step', async () => {
    expect(await runSafely(world({ events: odd }), await claimed('refused', { publishAt: now() }))).toBe(
      false,
    );
    expect(harness.log.at(-1)).toContain('step failed');
    expect(await runSafely(world(), await claimed('refused'))).toBe(true);
  });

  it.each<
    [string, Partial<Delivery>, Partial<Record<'stepAt' | 'publishAt' | 'unpublishedSince', number | null>>]
  >([
    [
      'what is due waits',
      { stepAt: 0, publishAt: 0 },
      { stepAt: 2_000, publishAt: 2_000, unpublishedSince: 0 },
    ],
    ['what is due soon waits as well', { stepAt: 1_999, publishAt: 0 }, { stepAt: 2_000 }],
    ['what is due at the end of the wait is due then', { stepAt: 2_000, publishAt: 0 }, { stepAt: 2_000 }],
    ['what is due later stays', { stepAt: 9_000, publishAt: 0 }, { stepAt: 9_000, publishAt: 2_000 }],
    ['what is not due stays so', { stepAt: null, publishAt: 0 }, { stepAt: null }],
    [
      'what is out of date stays so',
      { stepAt: null, publishAt: 0, unpublishedSince: -9 },
      { unpublishedSince: -9 },
    ],
  ])('%s', async (_what, delivery, expected) => {
    const at = (ms: number | null | undefined) => (typeof ms === 'number' ? now() + ms : ms);
    const request = await claimed('unknown');
    const due = Object.fromEntries(
      Object.entries(delivery).map(([name, ms]) => [name, at(ms as number | null)]),
    );
    const { journal } = harness;
    await journal.note(request.id, request.lease, now(), { ...due, stepTries: 1 });
    const deps = world({ events: odd });
    await expect(runStep(deps, { ...request, ...due, stepAt: null, publishAt: now() })).rejects.toThrow(
      'odd',
    );
    const after = await stored(request);
    expect(after).toMatchObject({ stepTries: 2, lease: null });
    for (const [name, ms] of Object.entries(expected))
      expect([name, after[name as keyof ArchiveRequest]]).toEqual([name, at(ms)]);
  });

  it('leaves a card alone that is up to date', async () => {
    const request = await claimed('unknown', { publishAt: null, unpublishedSince: null });
    const readTraining = fails(new Error('odd'));
    const deps = withToloka(world(), () => ({ readTraining }));
    await expect(runStep(deps, request)).rejects.toThrow('odd');
    expect(await stored(request)).toMatchObject({ publishAt: null, unpublishedSince: null, stepTries: 1 });
  });

  it('of a batch is due again when its card shows too little', async () => {
    const request = await claimed('refused', { stepAt: null, publishAt: null });
    const behind = { ...(await stored(request)), touched: 7 };
    const notes: Partial<Delivery>[] = [];
    const get = async () => behind;
    const note: Deps['journal']['note'] = async (_id, _lease, _now, delivery) => {
      notes.push(delivery);
      return behind;
    };
    await expect(runStep(world({ events: odd, get, note }), { ...request, touched: 7 })).rejects.toThrow(
      'odd',
    );
    expect(notes.at(-1)).toMatchObject({ publishAt: now() + 1_000, unpublishedSince: now(), shown: 7 });
  });

  it('is passed on also when it cannot be put off, or the request is gone', async () => {
    const request = await claimed('refused', { publishAt: now() });
    const deps = world({ events: odd, get: fails(new Error('down')) });
    await expect(runStep(deps, request)).rejects.toThrow('odd');
    expect(harness.log.at(-1)).toContain('request not postponed');
    const gone = world({ events: odd, get: async () => undefined });
    const before = harness.log.length;
    await expect(runStep(gone, await claimed('refused', { publishAt: now() }))).rejects.toThrow('odd');
    expect(harness.log.slice(before).join()).not.toContain('not postponed');
  });
});
