import { LeaseLostError, RequestChangedError } from '../../src/archive/errors';
import type { Operation, SubmitResult } from '../../src/archive/ports';
import {
  claim,
  ensureTimeToWrite,
  hasEnded,
  type Leased,
  newLease,
  record,
  recordOperation,
  recordOutcome,
} from '../../src/archive/record';
import { CALLS_IN_A_LEASE, PROGRESS_EVERY_MS } from '../../src/archive/timing';
import { LIMITS } from '../support/harness';
import { CARD, OPERATION, useSteps } from '../support/steps';

const { harness, steps } = useSteps();

const { leaseMs, deadlineMs } = LIMITS;
const INTENT = { kind: 'submitting', card: CARD } as const;
const DOUBT = { kind: 'outcome_unknown', outcome: { code: 'lost' } } as const;
const submitting = async (): Promise<Leased> => record(harness.deps, await steps.confirmed(), INTENT);
const last = async ({ request: { id } }: Leased) => (await harness.journal.events(id)).at(-1);

let operations = 0;
const operation = (over: Partial<Operation> = {}): Operation => ({
  ...{ ...OPERATION, id: `record-${++operations}`, ...over },
});

describe('the answer to the POST', () => {
  const REASON = { code: 'a_code', said: 'Because.' };
  it.each<[SubmitResult, object]>([
    [
      { kind: 'already_archived' },
      { state: 'succeeded', outcome: { code: 'already_archived', httpStatus: 204 } },
    ],
    [
      { kind: 'refused', outcome: REASON },
      { state: 'refused', outcome: REASON },
    ],
    [
      { kind: 'not_sent', outcome: REASON },
      { state: 'not_started', outcome: REASON },
    ],
    [
      { kind: 'unknown', outcome: REASON },
      { state: 'unknown', outcome: REASON },
    ],
  ])('%j is recorded', async (result, request) => {
    const after = await recordOutcome(harness.deps, await submitting(), result);
    expect(after).toMatchObject({ request, hold: 'held' });
    expect(await last(after)).toMatchObject({ to: after.request.state, actor: 'app' });
  });

  it.each<[Partial<Operation>, object]>([
    [{ status: 'SUCCESS' }, { state: 'succeeded', outcome: null }],
    [{ status: 'FAIL' }, { state: 'failed', outcome: { code: 'OPERATION_FAILED' } }],
    [
      { status: 'FAIL', said: 'Why.' },
      { state: 'failed', outcome: { code: 'OPERATION_FAILED', said: 'Why.' } },
    ],
    [
      { status: 'RUNNING', progress: 5 },
      { state: 'running', outcome: null, progress: 5 },
    ],
    [{ status: 'PENDING' }, { state: 'running', outcome: null, progress: null }],
    [{ status: 'QUEUED' }, { state: 'running', outcome: null, progress: null }],
  ])('accepted, %j: the operation is recorded', async (over, request) => {
    const one = operation(over);
    const after = await recordOutcome(harness.deps, await submitting(), { kind: 'accepted', operation: one });
    expect(after.request).toMatchObject({ ...request, operationId: one.id });
    expect(after.request.outcome).toEqual((request as { outcome: unknown }).outcome);
    expect(hasEnded(one)).toBe(after.request.state !== 'running');
  });

  it('accepted: nothing is due before the deadline, and the lease is given back', async () => {
    const leased = await submitting();
    const sentAt = harness.clock.now();
    harness.clock.advance(400);
    const after = await recordOutcome(harness.deps, leased, { kind: 'accepted', operation: operation() });
    expect(after).toMatchObject({
      hold: 'given_back',
      request: { stepAt: sentAt + deadlineMs, lease: null },
    });
  });
});

describe('an operation that is followed', () => {
  it('that was found is recorded, and the card is written under the same lease', async () => {
    const doubted = await record(harness.deps, await submitting(), DOUBT);
    const after = await recordOperation(harness.deps, doubted, operation(), 'found_running');
    expect(after).toMatchObject({ hold: 'held', request: { state: 'running' } });
    expect(await last(after)).toMatchObject({ kind: 'found_running' });
  });

  it.each([
    ['no progress writes no card', null, 5, 5, null],
    ['progress is shown a little later', null, 5, 6, PROGRESS_EVERY_MS],
    ['what is due stays due', -7, 5, 6, -7],
  ])('%s', async (_what, due, before, progress, publishIn) => {
    const { clock, deps } = harness;
    const one = operation({ progress: before });
    const leased = await recordOutcome(deps, await submitting(), { kind: 'accepted', operation: one });
    const now = clock.now();
    const publishAt = due === null ? null : now + due;
    const running = { ...leased, request: { ...leased.request, stepTries: 3, publishAt } };
    const version = leased.request.version;
    const { request } = await recordOperation(deps, running, { ...one, progress }, 'found_running');
    expect(request).toMatchObject({ version, progress, stepTries: 0, stepAt: now + deadlineMs });
    expect(request.publishAt).toBe(publishIn === null ? null : now + publishIn);
  });
});

describe('the lease', () => {
  it('is named for its process, and each is another one', () => {
    const [one, other] = [newLease(harness.deps), newLease(harness.deps)];
    expect(one.until).toBe(harness.clock.now() + leaseMs);
    expect(one.token.startsWith(`${harness.deps.owner} `)).toBe(true);
    expect(other.token).not.toBe(one.token);
  });

  it('must last as long as a call may take', () => {
    const until = harness.clock.now() + leaseMs / CALLS_IN_A_LEASE;
    expect(() => ensureTimeToWrite(harness.deps, { token: 't', until })).not.toThrow();
    expect(() => ensureTimeToWrite(harness.deps, { token: 't', until: until - 1 })).toThrow(LeaseLostError);
  });

  it('is extended or given back with a change', async () => {
    const { deps, journal, clock } = harness;
    const until = clock.now() + 5 * leaseMs;
    const leased = await record(deps, await steps.confirmed(), INTENT, { until });
    expect([leased.lease.until, leased.hold]).toEqual([until, 'held']);
    expect((await journal.get(leased.request.id))?.lease).toEqual(leased.lease);
    const after = await record(deps, leased, DOUBT, { release: true });
    expect([after.hold, after.request.lease]).toEqual(['given_back', null]);
  });

  it('is taken with the first change, unless somebody has failed to write the card since', async () => {
    const { deps, journal, clock } = harness;
    const { request, lease } = await steps.confirmed();
    await journal.note(request.id, lease, clock.now(), { publishTries: 1 }, { release: true });
    const take = { request, lease: newLease(deps), hold: 'to_take' } as const;
    await expect(record(deps, take, INTENT)).rejects.toThrow(RequestChangedError);
    const read = { ...take, request: { ...request, publishTries: 1 } };
    expect(await record(deps, read, INTENT)).toMatchObject({ hold: 'held', request: { lease: read.lease } });
    const [held] = await claim(deps, { limit: 1, ids: [request.id] });
    expect(held).toBeUndefined();
  });
});
