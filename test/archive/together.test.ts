import { DEMO_TRAININGS } from '../../fakes/toloka';
import { createPolicy } from '../../src/archive/policy';
import type { Journal } from '../../src/archive/ports-journal';
import { recordLateAnswer } from '../../src/archive/record';
import type { ArchiveRequest, Lease } from '../../src/archive/request';
import { createService } from '../../src/archive/service';
import { createWorker } from '../../src/archive/worker';
import { createDirectory } from '../../src/slack/directory';
import {
  ALICE,
  askOne,
  BOB,
  cardsIn,
  confirmOne,
  createHarness,
  ELSEWHERE,
  GENERAL,
  GROUP,
  type Harness,
  LIMITS,
  shownOf,
  textOf,
  withToloka,
} from '../support/harness';

let harness: Harness;
beforeEach(async () => {
  harness = await createHarness();
});
afterEach(() => harness.close());

const NO_TIMES = { submitted: null, finished: null, said: null };
const target = { environment: 'production', trainingId: DEMO_TRAININGS.ready.id };
const service = () => createService(harness.deps);
const posts = () => harness.account.posts(target.trainingId).arrived;

async function plan() {
  const asked = await askOne(service(), harness.actor, target);
  if (asked.kind !== 'planned') throw new Error(asked.kind);
  return asked.request;
}

async function shown(id: string) {
  const request = await harness.journal.get(id);
  if (request === undefined) throw new Error('not in the journal');
  return shownOf(request);
}

describe('clicks that meet', () => {
  it('the same confirmation many times at once: one POST, and each gets an answer', async () => {
    const { id } = await plan();
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => confirmOne(service(), harness.actor, await shown(id), 'r')),
    );
    expect(answers.filter(({ kind }) => kind === 'confirmed')).toHaveLength(1);
    for (const { kind } of answers) expect(['confirmed', 'already_decided', 'already_open']).toContain(kind);
    await harness.settle(id);
    expect([posts(), cardsIn(harness).length]).toEqual([1, 1]);
  });

  it('two plans for one training, confirmed at once: one is open, the other is pointed at it', async () => {
    const [first, second] = [await plan(), await plan()];
    const answers = await Promise.all(
      [first, second].map(async ({ id }) => confirmOne(service(), harness.actor, await shown(id), 'r')),
    );
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['already_open', 'confirmed']);
    expect([posts(), cardsIn(harness).length]).toEqual([1, 1]);
    const [loser, open] = answers[0]?.kind === 'already_open' ? [first, second] : [second, first];
    expect(await harness.denials()).toMatchObject([
      {
        code: 'already_open',
        user: ALICE,
        requestId: loser.id,
        trainingId: target.trainingId,
        detail: open.id,
      },
    ]);
  });

  it('a denial of several trainings at once says which', async () => {
    const asked = await service().ask({ ...harness.actor, channel: 'D0ALICE' }, [
      target,
      { ...target, trainingId: '7' },
    ]);
    expect(asked).toMatchObject({ kind: 'denied', code: 'direct_message' });
    expect(await harness.denials()).toMatchObject([
      { environment: 'production', trainingId: null, detail: `trainings ${target.trainingId}, 7` },
    ]);
    const [first, second] = [await plan(), await plan()];
    const shownBoth = [shownOf(first), shownOf(second)];
    const deps = { ...harness.deps, policy: async () => 'not_allowed' as const };
    const confirmed = await createService(deps).confirm(harness.actor, shownBoth, 'r');
    expect(confirmed).toMatchObject({ kind: 'denied', code: 'not_allowed' });
    expect((await harness.denials())[0]).toMatchObject({
      ...{ environment: 'production', requestId: first.id, detail: expect.stringContaining('trainings') },
    });
  });

  it('a second ask while one is open points at its card, and is in the record', async () => {
    const { id } = await plan();
    await confirmOne(service(), harness.actor, await shown(id), 'r');
    const second = await askOne(service(), { ...harness.actor, user: BOB }, target);
    expect(second).toMatchObject({ kind: 'already_open', request: { id, card: { channel: GENERAL } } });
    expect((await harness.denials())[0]).toMatchObject({ code: 'already_open', user: BOB });
  });

  it('a plan can be confirmed by nobody but the person who asked', async () => {
    const { id } = await plan();
    expect(await confirmOne(service(), { ...harness.actor, user: BOB }, await shown(id), 'r')).toMatchObject({
      code: 'not_yours',
    });
    expect(posts()).toBe(0);
    await confirmOne(service(), harness.actor, await shown(id), 'r');
    // Nor are others told how far it has got.
    expect(await confirmOne(service(), { ...harness.actor, user: BOB }, await shown(id), 'r')).toEqual({
      ...{ kind: 'denied', code: 'not_yours' },
    });
  });

  it('what was cancelled cannot be confirmed, and what was confirmed cannot be cancelled', async () => {
    const [first, second] = [await plan(), await plan()];
    expect(await service().cancel(harness.actor, first.id)).toBe('cancelled');
    expect(await confirmOne(service(), harness.actor, await shown(first.id), 'r')).toMatchObject({
      kind: 'already_decided',
    });
    await confirmOne(service(), harness.actor, await shown(second.id), 'r');
    expect(await service().cancel(harness.actor, second.id)).toBe('already_decided');
    expect(posts()).toBe(1);
  });

  it('a step that fails while nobody waits for its end does not end the process', async () => {
    const { id } = await plan();
    const advance: Journal['advance'] = (fence, change) =>
      change.kind === 'accepted'
        ? Promise.reject(new Error('the disk is full'))
        : harness.journal.advance(fence, change);
    const failing = { ...harness.deps, journal: { ...harness.journal, advance } };
    // Jest fails at a rejection that nobody handles, as Node ends.
    await createService(failing).confirm(harness.actor, [await shown(id)], 'r');
    while (posts() === 0) await new Promise(setImmediate);
    expect(await harness.settle(id)).toMatchObject({ state: 'succeeded' });
  });

  it('a plan of yesterday is not confirmed', async () => {
    const { id } = await plan();
    harness.clock.advance(25 * 3_600_000);
    expect(await confirmOne(service(), harness.actor, await shown(id), 'r')).toMatchObject({
      code: 'plan_expired',
    });
    expect(await harness.journal.get(id)).toMatchObject({ state: 'expired' });
  });
});

describe('what was confirmed is what runs', () => {
  it('a drift between plan and confirmation is shown and has to be confirmed again', async () => {
    const { id } = await plan();
    const seen = await shown(id);
    harness.account.updateTraining(target.trainingId, { private_name: 'Renamed' });
    const answer = await confirmOne(service(), harness.actor, seen, 'r');
    expect(answer).toMatchObject({ kind: 'planned', changes: [{ what: 'name', to: 'Renamed' }] });
    // The same click, delivered again when the newer plan is there already, is no yes to that one.
    expect(await confirmOne(service(), harness.actor, seen, 'r')).toMatchObject({
      kind: 'planned',
      changes: [{ what: 'details' }],
      repeated: true,
    });
    expect(posts()).toBe(0);
    expect(await confirmOne(service(), harness.actor, await shown(id), 'r')).toMatchObject({
      kind: 'confirmed',
    });
    expect(posts()).toBe(1);
  });

  it('a drift met by two deliveries of one click: both show the newer plan', async () => {
    const { id } = await plan();
    harness.account.updateTraining(target.trainingId, { private_name: 'Renamed' });
    const seen = await shown(id);
    const answers = await Promise.all([1, 2].map(() => confirmOne(service(), harness.actor, seen, 'r')));
    const newer = { kind: 'planned', changes: [{ what: 'name', to: 'Renamed' }], request: { version: 2 } };
    expect(answers).toMatchObject([newer, newer]);
    // Only the one that brought the plan may take it back when nobody can have seen it.
    expect(answers.map((answer) => 'repeated' in answer).sort()).toEqual([false, true]);
    expect((await harness.denials()).map(({ code }) => code)).toEqual(['plan_drifted', 'plan_drifted']);
    expect(posts()).toBe(0);
  });

  it('a check that could be made for the plan and not at the confirmation is a drift', async () => {
    const { id } = await plan();
    harness.account.faults.add({ path: '/pools', times: 999, fault: { kind: 'status', status: 500 } });
    const answer = await confirmOne(service(), harness.actor, await shown(id), 'r');
    expect(answer).toMatchObject({ kind: 'planned', changes: [{ what: 'unread', from: null, to: 'pools' }] });
    expect(posts()).toBe(0);
    // A person who sees that and confirms it may go on.
    expect(await confirmOne(service(), harness.actor, await shown(id), 'r')).toMatchObject({
      kind: 'confirmed',
    });
    expect(posts()).toBe(1);
  });

  it('a pool that was opened meanwhile blocks', async () => {
    const { id } = await plan();
    harness.account.updateTraining(target.trainingId, { status: 'OPEN' });
    const answer = await confirmOne(service(), harness.actor, await shown(id), 'r');
    expect(answer).toMatchObject({
      kind: 'blocked',
      changes: [{ what: 'status', from: 'CLOSED', to: 'OPEN' }],
    });
    expect(posts()).toBe(0);
  });
});

describe('two workers on one journal', () => {
  it('never hold the same request', async () => {
    const trainings = Array.from({ length: 12 }, (_, n) => String(900_000 + n));
    for (const id of trainings)
      harness.account.addTraining({ id, project_id: '74175', status: 'CLOSED', operationMs: 3_000 });
    const requests: ArchiveRequest[] = [];
    for (const id of trainings) requests.push(await harness.archive(id));
    const workers = [createWorker(harness.deps), createWorker(harness.deps)];
    for (let ticks = 0; ticks < 40; ticks++) {
      harness.clock.advance(500);
      await Promise.all(workers.map((worker) => worker.tick()));
    }
    for (const { id } of requests)
      expect(await harness.journal.get(id)).toMatchObject({ state: 'succeeded' });
    expect(cardsIn(harness)).toHaveLength(trainings.length);
    for (const card of cardsIn(harness))
      expect(textOf(card.replies).match(/ {2}Archived\. Operation/g)).toHaveLength(1);
  });

  it('one that stalled before the POST and wakes after its lease sends nothing', async () => {
    const { id } = await plan();
    const { journal } = harness;
    const stalling = {
      ...harness.deps,
      journal: {
        ...journal,
        advance: async (...given: Parameters<typeof journal.advance>) => {
          const request = await journal.advance(...given);
          if (given[1].kind === 'submitting') harness.clock.advance(LIMITS.leaseMs + 1);
          return request;
        },
      },
    };
    await confirmOne(createService(stalling), harness.actor, await shown(id), 'r');
    expect(posts()).toBe(0);
    expect(await harness.settle(id)).toMatchObject({ state: 'not_started' });
  });

  it('one that the journal kept waiting until its lease was over adds no line to the thread', async () => {
    const { id } = await harness.archive(target.trainingId);
    const { journal } = harness;
    const slow = {
      ...harness.deps,
      journal: {
        ...journal,
        events: async (...given: Parameters<typeof journal.events>) => {
          harness.clock.advance(LIMITS.leaseMs);
          return journal.events(...given);
        },
      },
    };
    harness.clock.advance(1_000);
    const before = harness.workspace.calls.length;
    await createWorker(slow).tick();
    const called = harness.workspace.calls.slice(before).map(({ method }) => method);
    expect(called).toContain('chat.update');
    expect(called).not.toContain('chat.postMessage');
    expect(await harness.settle(id)).toMatchObject({ state: 'succeeded' });
    const card = cardsIn(harness)[0];
    const lines = (card?.replies ?? []).flatMap(({ text }) => text.split('\n'));
    expect(lines.filter((line) => line.startsWith('<!date'))).toHaveLength(5);
  });

  it.each(['post', 'update', 'addToThread'] as const)(
    'one that stalled inside %s and woke after the end: one card with the outcome, and each line once',
    async (method) => {
      const { id } = await plan();
      const { cards } = harness.deps;
      let stalled = false;
      // Stopped just before the bytes left, woken when another worker had done it all.
      const stalling = {
        ...harness.deps,
        cards: new Proxy(cards, {
          get: (target, key) => {
            const call = Reflect.get(target, key);
            if (key !== method || stalled) return call;
            return async (...given: unknown[]) => {
              stalled = true;
              harness.clock.advance(LIMITS.leaseMs + 1);
              await harness.settle(id);
              return (call as (...given: unknown[]) => unknown)(...given);
            };
          },
        }),
      };
      await confirmOne(createService(stalling), harness.actor, await shown(id), 'r');
      for (let ticks = 0; ticks < 5 && !stalled; ticks++) {
        harness.clock.advance(1_000);
        await createWorker(stalling).tick();
      }
      expect(stalled).toBe(true);
      const request = await harness.settle(id);
      expect(posts()).toBe(1);
      expect(cardsIn(harness)).toHaveLength(1);
      const [card] = cardsIn(harness);
      expect(textOf(card?.blocks)).toContain('*Archived*');
      expect(textOf(card?.blocks)).toContain(request.receipt);
      const lines = (card?.replies ?? []).flatMap(({ text }) => text.split('\n'));
      expect(lines.filter((line) => line.startsWith('<!date'))).toHaveLength(request.version);
    },
  );

  it('one that stalled inside the POST settles nothing, but opens the question again', async () => {
    const { id } = await plan();
    const stalling = withToloka(harness.deps, (toloka) => ({
      // Stopped just before the bytes left, woken when the others had called it not started.
      archive: async (trainingId, correlationId) => {
        harness.clock.advance(LIMITS.leaseMs + 1);
        expect(await harness.settle(id)).toMatchObject({ state: 'not_started' });
        return toloka.archive(trainingId, correlationId);
      },
    }));
    await confirmOne(createService(stalling), harness.actor, await shown(id), 'r');
    expect(posts()).toBe(1);
    expect(await harness.settle(id)).toMatchObject({ state: 'succeeded' });
    const kinds = (await harness.journal.events(id)).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['not_started', 'late_evidence', 'succeeded']));
    expect(textOf(cardsIn(harness)[0])).toContain('*Archived*');
  });

  it('one whose late answer meets another worker’s look waits for that look to end', async () => {
    const { id } = await plan();
    const lease = { token: 'looks', until: harness.clock.now() + LIMITS.leaseMs };
    harness.account.faults.add({ method: 'POST', fault: { kind: 'reset', when: 'before' } });
    await confirmOne(service(), harness.actor, await shown(id), 'r');
    const now = harness.clock.now();
    const [looked] = await harness.journal.claim({ now, until: lease.until, limit: 1, ids: [id] });
    const operation = { id: 'op-1', trainingId: target.trainingId, status: 'RUNNING', progress: null };
    const late = recordLateAnswer(
      {
        ...harness.deps,
        sleep: async () => {
          // The look of the other worker ends, and it has found nothing.
          if (looked?.lease) await settleNothing(id, looked.lease);
          harness.clock.advance(1_000);
        },
      },
      id,
      { kind: 'accepted', operation: { ...operation, ...NO_TIMES } },
    );
    await late;
    expect(await harness.journal.get(id)).toMatchObject({ state: 'unknown', operationId: 'op-1' });
  });

  async function settleNothing(id: string, lease: Lease): Promise<void> {
    const request = await harness.journal.get(id);
    if (request?.state !== 'unknown') return;
    const at = harness.clock.now();
    const fence = { id, version: request.version, at, actor: 'app', lease };
    await harness.journal.advance(fence, { kind: 'not_started', outcome: { code: 'found_nothing' } });
    await harness.journal.release(id, lease);
  }
});

describe('a request that was confirmed by a process that is gone', () => {
  /** As a restored copy has it: confirmed, and its lease over. */
  async function confirmedBefore(): Promise<string> {
    const { id, version } = await plan();
    const at = harness.clock.now();
    await harness.journal.advance({ id, version, at, actor: ALICE }, { kind: 'confirmed', reason: 'r' });
    return id;
  }

  it('is not sent again when Toloka has an operation that it may have begun', async () => {
    const id = await confirmedBefore();
    harness.account.updateTraining(target.trainingId, { operationMs: 5_000 });
    const { toloka } = harness.deps.environments.get('production') ?? {};
    await toloka?.archive(target.trainingId, 'the same request, before the copy was made');
    expect(await harness.settle(id)).toMatchObject({ state: 'succeeded' });
    expect(posts()).toBe(1);
    const kinds = (await harness.journal.events(id)).map(({ kind }) => kind);
    expect(kinds.slice(0, 3)).toEqual(['asked', 'confirmed', 'late_evidence']);
    const thread = (cardsIn(harness)[0]?.replies ?? []).map(textOf).join('\n');
    expect(thread).toContain('that this request may have started, so the app sends nothing');
    expect(thread).not.toContain('Sending');
  });

  it.each([
    ['Toloka does not list its operations', '/operations', {}],
    ['Toloka does not answer for the training', '/trainings/', {}],
    ['Slack does not say who is in a group', null, { groups: [GROUP] }],
  ])('is sent once everything could be checked, while %s for a moment', async (_what, path, allowed) => {
    const id = await confirmedBefore();
    const { account, workspace, deps, app } = harness;
    workspace.setUserGroup(GROUP, [ALICE]);
    const fault = { kind: 'status', status: 503 } as const;
    if (path) account.faults.add({ path, times: 8, fault });
    else workspace.faults.add({ kind: 'error', method: 'usergroups.users.list', error: 'fatal_error' });
    const rules = { everyone: path !== null, people: [], groups: [], channels: [], ...allowed };
    const policy = createPolicy(rules, createDirectory(app.slack.client, harness.clock.now));
    await createWorker({ ...deps, policy }).tick();
    expect(await harness.journal.get(id)).toMatchObject({ state: 'confirmed', stepTries: 1 });
    expect(await harness.settle(id, { ...deps, policy })).toMatchObject({ state: 'succeeded' });
    expect(posts()).toBe(1);
  });

  it.each([
    ['still runs after half an hour', { operationMs: 3_600_000 }, 'running'],
    ['failed half an hour ago', { operationMs: 0, archiveOutcome: { status: 'FAIL' as const } }, 'failed'],
  ])('finds that operation, however late it is taken up: one that %s', async (_what, operation, state) => {
    const id = await confirmedBefore();
    harness.account.updateTraining(target.trainingId, operation);
    const { toloka } = harness.deps.environments.get('production') ?? {};
    await toloka?.archive(target.trainingId, 'the same request, before the copy was made');
    harness.clock.advance(30 * 60_000);
    const worker = createWorker(harness.deps);
    for (let ticks = 0; ticks < 20; ticks++) {
      await worker.tick();
      harness.clock.advance(5_000);
    }
    expect(await harness.journal.get(id)).toMatchObject({ state, operationId: expect.any(String) });
    expect(posts()).toBe(1);
  });

  it.each([
    ['when that cannot be asked', 'not_checked'],
    ['when the training cannot be read', 'not_checked'],
    ['when its pools cannot be read', 'not_checked'],
    ['when operations do not name their training', 'not_checked'],
    ['a day later', 'confirmation_expired'],
  ])('is not sent %s', async (when, code) => {
    const id = await confirmedBefore();
    const nameless = [{ ...{ id: 'op', trainingId: null, status: 'RUNNING', progress: null }, ...NO_TIMES }];
    const deps = withToloka(harness.deps, (toloka) => ({
      listOperations: async (filter) => {
        if (when.includes('cannot')) return { kind: 'unavailable', why: { code: 'toloka_timeout' } };
        if (when.includes('name')) return { kind: 'found', value: nameless };
        return toloka.listOperations(filter);
      },
    }));
    const unread = /(training|pools) cannot be read/.exec(when)?.[1];
    const path = unread === 'training' ? '/trainings/' : '/pools';
    if (unread) harness.account.faults.add({ path, times: 999, fault: { kind: 'status', status: 503 } });
    if (when.includes('day')) harness.clock.advance(25 * 3_600_000);
    expect(await harness.settle(id, deps)).toMatchObject({
      ...{ state: 'not_started', outcome: { code } },
    });
    expect(posts()).toBe(0);
  });

  it('is not sent a day later, also when the version that confirmed it did not note when it was released', async () => {
    const id = await confirmedBefore();
    harness.clock.advance(25 * 3_600_000);
    const { journal } = harness;
    const claim = async (which: Parameters<typeof journal.claim>[0]) =>
      (await journal.claim(which)).map((request) => ({ ...request, releasedAt: null }));
    await createWorker({ ...harness.deps, journal: { ...journal, claim } }).tick();
    expect(await journal.get(id)).toMatchObject({
      ...{ state: 'not_started', outcome: { code: 'confirmation_expired' } },
    });
    expect(posts()).toBe(0);
  });

  it.each([
    ['the training was renamed', { private_name: 'Renamed' }],
    ['the training was opened', { status: 'OPEN' as const }],
  ])('is not sent when %s since', async (_what, change) => {
    const id = await confirmedBefore();
    harness.account.updateTraining(target.trainingId, change);
    expect(await harness.settle(id)).toMatchObject({
      ...{ state: 'not_started', outcome: { code: 'plan_drifted' } },
    });
    expect(posts()).toBe(0);
    expect(textOf(cardsIn(harness)[0])).toContain('Not started');
  });

  it.each([
    ['is in no group that may archive', { groups: [GROUP] }, null, 'right_lost'],
    ['may not archive in this channel', { people: [BOB], channels: [ELSEWHERE] }, null, 'right_lost'],
    ['is in a group that cannot be looked up', { groups: [GROUP] }, 'fatal_error', 'not_checked'],
  ])('is not sent when the requester %s now', async (_what, allowed, error, code) => {
    const id = await confirmedBefore();
    const { deps, app, workspace } = harness;
    workspace.setUserGroup(GROUP, [BOB]);
    const unanswered = { kind: 'error', method: 'usergroups.users.list', times: 99 } as const;
    if (error !== null) workspace.faults.add({ ...unanswered, error });
    const rules = { everyone: false, people: [], groups: [], channels: [], ...allowed };
    const policy = createPolicy(rules, createDirectory(app.slack.client));
    expect(await harness.settle(id, { ...deps, policy })).toMatchObject({
      ...{ state: 'not_started', outcome: { code } },
    });
    expect(posts()).toBe(0);
    expect(textOf(cardsIn(harness)[0])).toContain('Not started');
  });

  it('loses the second card that a process posted which was stopped, and killed when it woke', async () => {
    harness.account.updateTraining(target.trainingId, { operationMs: 5_000 });
    const id = await confirmedBefore();
    harness.clock.advance(LIMITS.leaseMs + 1);
    await createWorker(harness.deps).tick();
    const taken = await harness.journal.get(id);
    expect(taken).toMatchObject({ state: 'running' });
    if (taken) await harness.deps.cards.post([{ ...taken, state: 'confirmed' }]);
    expect(cardsIn(harness)).toHaveLength(2);
    await harness.settle(id);
    expect(cardsIn(harness)).toHaveLength(1);
    expect(textOf(cardsIn(harness)[0])).toContain('*Archived*');
  });

  it('is not sent again from a restored journal that has only its plan, when the click is delivered again', async () => {
    const { id } = await plan();
    const seen = await shown(id);
    harness.account.updateTraining(target.trainingId, { operationMs: 7 * 60_000 });
    const { toloka } = harness.deps.environments.get('production') ?? {};
    await toloka?.archive(target.trainingId, 'the same request, which the restored journal does not know of');
    harness.clock.advance(5 * 60_000);
    // A process that did not show the plan.
    await confirmOne(createService(harness.deps), harness.actor, seen, 'r');
    expect(posts()).toBe(1);
    expect(await harness.settle(id)).toMatchObject({
      ...{ state: 'succeeded', outcome: { code: 'found_archived' }, operationId: null },
    });
    expect(posts()).toBe(1);
  });

  it('is sent otherwise', async () => {
    expect(await harness.settle(await confirmedBefore())).toMatchObject({ state: 'succeeded' });
    expect(posts()).toBe(1);
  });
});
