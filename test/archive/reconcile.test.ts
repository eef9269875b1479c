import { type Plan, readPlan, type Training } from '../../src/archive/plan';
import type { Deps, Environment, Operation, OperationFilter, Reading, Toloka } from '../../src/archive/ports';
import { reconcile } from '../../src/archive/reconcile';
import { type Leased, newLease } from '../../src/archive/record';
import { CLOCK_SKEW_MS } from '../../src/archive/timing';
import type { Change } from '../../src/archive/transitions';
import { createHarness, type Harness, LIMITS, withToloka } from '../support/harness';

let harness: Harness;
let plan: Plan;
let trainings = 500;
beforeAll(async () => {
  harness = await createHarness();
  plan = await readPlan(production(), '500', harness.clock.now());
});
afterAll(() => harness.close());

const production = () => harness.deps.environments.get('production') as Environment;
const DOWN = { kind: 'unavailable', why: { code: 'down' } } as const;
const NONE = { kind: 'not_found' } as const;
const OURS = 'op-ours';
const { graceMs, leaseMs, deadlineMs } = LIMITS;
/** A request is asked for, confirmed and sent, each so much later (ms) than what was before. */
const UNTIL_SENT = 1_000;
const SENT_BY_MS = leaseMs + graceMs + CLOCK_SKEW_MS;

/** What Toloka shows. An operation is of this training, and was submitted with the POST, unless said otherwise. */
interface Shown {
  training?: 'CLOSED' | 'ARCHIVED' | Reading<Training>;
  /** The request's own operation, where it is known. */
  own?: Partial<Operation> | Reading<Operation>;
  listed?: (Partial<Operation> & { at?: number })[] | Reading<Operation[]>;
  /** Those that have not finished. */
  open?: (Partial<Operation> & { at?: number })[] | Reading<Operation[]>;
  /** How long after the doubt, in ms. */
  after?: number;
}

const LOST: Change = { kind: 'outcome_unknown', outcome: { code: 'lost' } };
const filters: OperationFilter[] = [];

/** A request whose POST got no answer, or whose operation has not ended by the deadline. */
async function doubted(known: boolean, doubt: Change | null = LOST): Promise<Leased & { sentAt: number }> {
  const { journal, clock, deps, actor } = harness;
  const trainingId = String(++trainings);
  let request = await journal.create({
    ...{ id: `r${trainingId}`, team: actor.team, environment: 'production', trainingId },
    ...{ requester: actor.user, channel: actor.channel, createdAt: clock.now(), plan, retryOf: null },
  });
  const lease = { ...newLease(deps), until: clock.now() + 1_000 * deadlineMs };
  const advance = async (change: Change) => {
    const held = change.kind === 'confirmed' ? { take: lease } : { lease };
    const fence = { id: request.id, version: request.version, at: clock.now(), actor: 'app', ...held };
    request = await journal.advance(fence, change);
  };
  clock.advance(UNTIL_SENT);
  await advance({ kind: 'confirmed', reason: 'r', batch: null, place: 0 });
  clock.advance(UNTIL_SENT);
  const sentAt = clock.now();
  await advance({ kind: 'submitting', card: { channel: actor.channel, ts: '1.1' } });
  const operationId = `${OURS}-${trainingId}`;
  if (known) await advance({ kind: 'accepted', operationId, progress: null, stepAt: sentAt });
  clock.advance(1);
  if (doubt) await advance(doubt);
  return { request, lease, sentAt };
}

async function lookUp({ training = 'CLOSED', own, listed = [], open = [], after = graceMs }: Shown) {
  const { request, lease, sentAt } = await doubted(own !== undefined);
  const operation = ({ at = 0, ...one }: Partial<Operation> & { at?: number }): Operation => ({
    ...{
      id: `${OURS}-${request.trainingId}`,
      trainingId: request.trainingId,
      status: 'RUNNING',
      progress: null,
    },
    ...{ submitted: sentAt + at, finished: null, said: null, ...one },
  });
  const list = (shown: Exclude<Shown['open'], undefined>): Reading<Operation[]> =>
    Array.isArray(shown) ? { kind: 'found', value: shown.map(operation) } : shown;
  const value = { ...DETAILS, id: request.trainingId, status: String(training) };
  const toloka: Partial<Toloka> = {
    readTraining: async () => (typeof training === 'string' ? { kind: 'found', value } : training),
    readOperation: async () =>
      own !== undefined && 'kind' in own ? own : { kind: 'found', value: operation(own ?? {}) },
    listOperations: async (filter) => {
      filters.push(filter);
      return list(filter.statuses ? open : listed);
    },
  };
  harness.clock.advance(after);
  const deps: Deps = withToloka(harness.deps, () => toloka);
  const { request: found } = await reconcile(deps, { request, lease });
  const { state, operationId, outcome } = found;
  return { state, operationId, code: outcome?.code, sentAt, request: found };
}

/** The training cannot be read. */
const UNREAD = () => withToloka(harness.deps, () => ({ readTraining: async () => DOWN }));
const OPERATION = { status: 'SUCCESS', progress: null, submitted: null, finished: null, said: null };
/** Toloka knows nothing. */
const EMPTY = (deps: Deps) =>
  withToloka(deps, () => ({
    readTraining: async () => NONE,
    listOperations: async () => ({ kind: 'found', value: [] }),
  }));
const DETAILS = { projectId: '1', name: 'T', lastCloseReason: null, created: null, url: 'https://toloka' };
const FAIL = { status: 'FAIL' };
const SUCCESS = { status: 'SUCCESS' };
const NAMELESS = { id: 'nameless', trainingId: null };

describe('a POST without an answer', () => {
  it.each<[string, Shown, string, string?]>([
    ['the training cannot be read', { training: DOWN }, 'unknown'],
    ['the training may not be read', { training: { kind: 'no_access', why: { code: 'x' } } }, 'unknown'],
    ['the training is gone', { training: NONE }, 'not_started', 'found_nothing'],
    ['the operations cannot be read', { listed: DOWN }, 'unknown'],
    [
      'only the training can be read, archived',
      { training: 'ARCHIVED', listed: DOWN },
      'succeeded',
      'found_archived',
    ],
    ['archived, by nobody that is listed', { training: 'ARCHIVED' }, 'succeeded', 'found_archived'],
    ['archived, and ours failed', { training: 'ARCHIVED', listed: [FAIL] }, 'succeeded', 'found_archived'],
    ['nothing is listed a moment before the grace is over', { after: graceMs - 1 }, 'unknown'],
    ['nothing is listed when the grace is over', {}, 'not_started', 'found_nothing'],
    ['ours failed, a moment before the grace is over', { listed: [FAIL], after: graceMs - 1 }, 'unknown'],
    [
      'one on another training is listed',
      { listed: [{ ...SUCCESS, trainingId: '1' }] },
      'not_started',
      'found_nothing',
    ],
    ['an operation without a training is listed', { listed: [NAMELESS] }, 'unknown'],
    ['one without a training failed', { listed: [{ ...NAMELESS, ...FAIL }] }, 'unknown'],
    [
      'one without a training succeeded',
      { listed: [{ ...NAMELESS, ...SUCCESS }] },
      'not_started',
      'found_nothing',
    ],
    [
      'one without a training began before the confirmation',
      { listed: [{ ...NAMELESS, at: -UNTIL_SENT - CLOCK_SKEW_MS - 1 }] },
      ...(['not_started', 'found_nothing'] as const),
    ],
    ['what is open cannot be read', { open: DOWN }, 'unknown'],
    ['another operation on the training is open', { open: [{ id: 'other' }] }, 'unknown'],
    [
      'an operation on another training is open',
      { open: [{ trainingId: '1' }] },
      'not_started',
      'found_nothing',
    ],
    [
      'one that began too late is listed',
      { listed: [{ at: SENT_BY_MS + 1 }] },
      'not_started',
      'found_nothing',
    ],
    [
      'one that began before the confirmation is listed',
      { listed: [{ at: -UNTIL_SENT - CLOCK_SKEW_MS - 1 }] },
      ...(['not_started', 'found_nothing'] as const),
    ],
  ])('%s', async (_what, shown, state, code = 'lost') => {
    expect(await lookUp(shown)).toMatchObject({ state, code, operationId: null });
  });

  it.each<[string, Shown, string]>([
    ['runs, which is seen at once', { listed: [{}], after: 0 }, 'running'],
    ['has succeeded', { listed: [SUCCESS], after: 0 }, 'succeeded'],
    ['has succeeded, and the training is archived', { training: 'ARCHIVED', listed: [SUCCESS] }, 'succeeded'],
    ['has failed', { listed: [FAIL] }, 'failed'],
    ['is in a state that Toloka added later', { listed: [{ status: 'QUEUED' }], after: 0 }, 'running'],
    ['does not say when it began', { listed: [{ submitted: null }] }, 'running'],
    ['began with the confirmation', { listed: [{ at: -UNTIL_SENT - CLOCK_SKEW_MS }] }, 'running'],
    ['began at the last moment', { listed: [{ at: SENT_BY_MS }] }, 'running'],
    ['runs, after another one that failed', { listed: [{ ...FAIL, id: 'other' }, {}] }, 'running'],
    ['succeeded, after one that runs', { listed: [{ id: 'other' }, SUCCESS], after: 0 }, 'succeeded'],
    ['runs, and one without a training is listed', { listed: [NAMELESS, {}] }, 'running'],
  ])('began an operation that %s', async (_what, shown, state) => {
    const found = await lookUp(shown);
    expect([found.state, found.operationId]).toEqual([state, `${OURS}-${found.request.trainingId}`]);
  });

  it('is looked up among the operations since its confirmation, less the difference of the clocks', async () => {
    filters.length = 0;
    const { sentAt } = await lookUp({});
    expect(filters).toEqual([
      { submittedSince: sentAt - UNTIL_SENT - CLOCK_SKEW_MS },
      { statuses: ['PENDING', 'RUNNING'] },
    ]);
  });
});

describe('an operation that Toloka accepted', () => {
  it.each<[string, Shown, string, string | undefined]>([
    ['has succeeded', { own: SUCCESS, after: 0 }, 'succeeded', undefined],
    ['has failed', { own: FAIL, after: 0 }, 'failed', 'OPERATION_FAILED'],
    ['cannot be read', { own: DOWN, listed: [SUCCESS] }, 'unknown', 'lost'],
    ['still runs past the deadline', { own: {}, after: deadlineMs }, 'unknown', 'lost'],
    ['runs until the deadline', { own: {}, after: deadlineMs - 1 }, 'running', undefined],
    ['has failed past the deadline', { own: FAIL, after: 2 * deadlineMs }, 'failed', 'OPERATION_FAILED'],
    ['is not known any more', { own: NONE }, 'failed', 'operation_forgotten'],
    ['is not known any more, for a moment', { own: NONE, after: graceMs - 1 }, 'unknown', 'lost'],
    ['is not known any more, nor its training', { own: NONE, training: NONE }, 'unknown', 'lost'],
    [
      'is not known any more, but archived',
      { own: NONE, training: 'ARCHIVED' },
      'succeeded',
      'found_archived',
    ],
    ['is not known by its ID, but listed', { own: NONE, listed: [SUCCESS] }, 'succeeded', undefined],
    ['may be one without a training', { own: NONE, listed: [NAMELESS] }, 'unknown', 'lost'],
  ])('%s', async (_what, shown, state, code) => {
    const found = await lookUp(shown);
    expect([found.state, found.code]).toEqual([state, code]);
    expect(found.operationId).toBe(`${OURS}-${found.request.trainingId}`);
  });
});

describe('what could not be found out', () => {
  it('is looked up again after waits that double up to 16 seconds, and past the deadline every 5 minutes', async () => {
    const { request, lease, sentAt } = await doubted(false);
    const { clock } = harness;
    const deps = UNREAD();
    const waitAfter = async (tries: number) => {
      const { request: later } = await reconcile(deps, { request: { ...request, stepTries: tries }, lease });
      expect(later.stepTries).toBe(tries + 1);
      return (later.stepAt ?? 0) - clock.now();
    };
    const waits: number[] = [];
    for (const tries of [0, 1, 2, 3, 4, 5, 50]) waits.push(await waitAfter(tries));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000]);
    clock.advance(sentAt + deadlineMs - clock.now());
    expect(await waitAfter(9)).toBe(16_000);
    clock.advance(1);
    expect(await waitAfter(9)).toBe(300_000);
  });

  it('waits for the token of an account that is not set any more', async () => {
    const { request, lease } = await doubted(false);
    const { request: later } = await reconcile(
      { ...harness.deps, environments: new Map() },
      { request, lease },
    );
    expect(later).toMatchObject({ state: 'unknown', stepTries: 1 });
  });

  it('is called unknown first when a process died at the POST', async () => {
    const { request, lease } = await doubted(false, null);
    const deps = UNREAD();
    expect(request.state).toBe('submitting');
    const { request: later } = await reconcile(deps, { request, lease });
    expect(later).toMatchObject({ state: 'unknown', outcome: { code: 'interrupted' } });
  });

  it('is given the whole grace again by a late answer', async () => {
    const { request, lease } = await doubted(false);
    const { deps, journal, clock } = harness;
    clock.advance(graceMs - 1);
    const fence = { id: request.id, version: request.version, at: clock.now(), actor: 'app', lease };
    const late = await journal.advance(fence, { kind: 'late_evidence' });
    const look = async () => (await reconcile(EMPTY(deps), { request: late, lease })).request.state;
    clock.advance(graceMs - 1);
    expect(await look()).toBe('unknown');
    clock.advance(1);
    expect(await look()).toBe('not_started');
  });

  it('is not explained by the operation of another request', async () => {
    const other = await doubted(true);
    const { request, lease } = await doubted(false);
    harness.clock.advance(graceMs);
    const value = [{ ...OPERATION, id: other.request.operationId ?? '', trainingId: request.trainingId }];
    const deps = withToloka(EMPTY(harness.deps), () => ({
      listOperations: async () => ({ kind: 'found', value }),
    }));
    expect((await reconcile(deps, { request, lease })).request.operationId).toBeNull();
  });
});
