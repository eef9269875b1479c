import { DEMO_TRAININGS } from '../../demo/toloka';
import { createArchiveService } from '../../src/archive/archive-service';
import { reportLate } from '../../src/archive/late';
import type { Lease } from '../../src/archive/request';
import { createTracker } from '../../src/archive/tracker';
import { cardsIn, createHouse, type House, LIMITS, shownOf, textOf, withToloka } from '../support/house';
import { ALICE, BOB, GENERAL } from '../support/stage';

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

const NO_TIMES = { submitted: null, started: null, finished: null, reason: null };
const target = { environment: 'production', trainingId: DEMO_TRAININGS.ready.id };
const yes = async () => ({ allowed: true }) as const;
const service = () => createArchiveService(house.parts, yes);
const posts = () => house.stage.account.posts(target.trainingId).arrived;

async function plan() {
  const asked = await service().ask(house.actor, target);
  if (asked.kind !== 'planned') throw new Error(asked.kind);
  return asked.request;
}

async function shown(id: string) {
  const request = await house.journal.get(id);
  if (request === undefined) throw new Error('not in the journal');
  return shownOf(request);
}

describe('clicks that meet', () => {
  it('the same confirmation many times at once: one POST, and each gets an answer', async () => {
    const { id } = await plan();
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => service().confirm(house.actor, await shown(id), 'r')),
    );
    expect(answers.filter(({ kind }) => kind === 'confirmed')).toHaveLength(1);
    for (const { kind } of answers) expect(['confirmed', 'settled_before', 'already_open']).toContain(kind);
    await house.settle(id);
    expect([posts(), cardsIn(house.stage).length]).toEqual([1, 1]);
  });

  it('two plans for one training, confirmed at once: one is open, the other is pointed at it', async () => {
    const [first, second] = [await plan(), await plan()];
    const answers = await Promise.all(
      [first, second].map(async ({ id }) => service().confirm(house.actor, await shown(id), 'r')),
    );
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['already_open', 'confirmed']);
    expect([posts(), cardsIn(house.stage).length]).toEqual([1, 1]);
    expect(await house.journal.refusals(9)).toMatchObject([{ code: 'already_open', user: ALICE }]);
  });

  it('a second ask while one is open points at its card, and is in the record', async () => {
    const { id } = await plan();
    await service().confirm(house.actor, await shown(id), 'r');
    const second = await service().ask({ user: BOB, channel: GENERAL }, target);
    expect(second).toMatchObject({ kind: 'already_open', request: { id, card: { channel: GENERAL } } });
    expect(await house.journal.refusals(1)).toMatchObject([{ code: 'already_open', user: BOB }]);
  });

  it('a plan can be confirmed by nobody but the person who asked', async () => {
    const { id } = await plan();
    expect(await service().confirm({ user: BOB, channel: GENERAL }, await shown(id), 'r')).toMatchObject({
      code: 'not_yours',
    });
    expect(posts()).toBe(0);
  });

  it('what was cancelled cannot be confirmed, and what was confirmed cannot be cancelled', async () => {
    const [first, second] = [await plan(), await plan()];
    expect(await service().cancel(house.actor, first.id)).toBe('cancelled');
    expect(await service().confirm(house.actor, await shown(first.id), 'r')).toMatchObject({
      kind: 'settled_before',
    });
    await service().confirm(house.actor, await shown(second.id), 'r');
    expect(await service().cancel(house.actor, second.id)).toBe('settled_before');
    expect(posts()).toBe(1);
  });

  it('a click on a request that is decided already is in the journal as a denial', async () => {
    const { id } = await plan();
    const seen = await shown(id);
    await service().confirm(house.actor, seen, 'r');
    expect(await house.journal.refusals(9)).toEqual([]);
    expect(await service().confirm(house.actor, seen, 'r')).toMatchObject({ kind: 'settled_before' });
    expect(await house.journal.refusals(9)).toMatchObject([
      { ...target, code: 'settled_before', user: ALICE, channel: GENERAL, requestId: id },
    ]);
    expect(posts()).toBe(1);
  });

  it('a plan can be cancelled by nobody but the person who asked', async () => {
    const { id } = await plan();
    expect(await service().cancel({ user: BOB, channel: GENERAL }, id)).toBe('settled_before');
    expect(await house.journal.get(id)).toMatchObject({ state: 'planned', version: 1 });
    expect(await service().cancel(house.actor, id)).toBe('cancelled');
  });

  it('a plan of yesterday is not confirmed', async () => {
    const { id } = await plan();
    house.clock.advance(25 * 3_600_000);
    expect(await service().confirm(house.actor, await shown(id), 'r')).toMatchObject({
      code: 'plan_expired',
    });
    expect(await house.journal.get(id)).toMatchObject({ state: 'expired' });
  });
});

describe('what was confirmed is what runs', () => {
  it('a drift between plan and confirmation is shown and has to be confirmed anew', async () => {
    const { id } = await plan();
    const seen = await shown(id);
    house.stage.account.updateTraining(target.trainingId, { private_name: 'Renamed' });
    const answer = await service().confirm(house.actor, seen, 'r');
    expect(answer).toMatchObject({ kind: 'planned', changes: [expect.stringContaining('Renamed')] });
    // The same click, delivered again when the newer plan is there already, is no yes to that one.
    expect(await service().confirm(house.actor, seen, 'r')).toMatchObject({
      kind: 'planned',
      changes: [expect.stringContaining('newer')],
      repeated: true,
    });
    expect(posts()).toBe(0);
    expect(await service().confirm(house.actor, await shown(id), 'r')).toMatchObject({ kind: 'confirmed' });
    expect(posts()).toBe(1);
  });

  it('a drift met by two deliveries of one click: both show the newer plan', async () => {
    const { id } = await plan();
    house.stage.account.updateTraining(target.trainingId, { private_name: 'Renamed' });
    const seen = await shown(id);
    const answers = await Promise.all([1, 2].map(() => service().confirm(house.actor, seen, 'r')));
    const newer = { kind: 'planned', changes: [expect.stringContaining('Renamed')], request: { version: 2 } };
    expect(answers).toMatchObject([newer, newer]);
    // Only the one that brought the plan may take it back when nobody can have seen it.
    expect(answers.map((answer) => 'repeated' in answer).sort()).toEqual([false, true]);
    expect((await house.journal.refusals(9)).map(({ code }) => code)).toEqual([
      'plan_drifted',
      'plan_drifted',
    ]);
    expect(posts()).toBe(0);
  });

  it('a check that could be made for the plan and not at the confirmation is a drift', async () => {
    const { id } = await plan();
    house.stage.account.faults.add({ path: '/pools', times: 999, fault: { kind: 'status', status: 500 } });
    const answer = await service().confirm(house.actor, await shown(id), 'r');
    expect(answer).toMatchObject({ kind: 'planned', changes: ['the check could not be made now'] });
    expect(posts()).toBe(0);
    // Whoever sees that, and confirms it, may go on.
    expect(await service().confirm(house.actor, await shown(id), 'r')).toMatchObject({ kind: 'confirmed' });
    expect(posts()).toBe(1);
  });

  it('a pool that was opened meanwhile blocks', async () => {
    const { id } = await plan();
    house.stage.account.updateTraining(target.trainingId, { status: 'OPEN' });
    const answer = await service().confirm(house.actor, await shown(id), 'r');
    expect(answer).toMatchObject({ kind: 'blocked', changes: ['status: was CLOSED, is OPEN'] });
    expect(posts()).toBe(0);
  });
});

describe('two workers on one journal', () => {
  it('never hold the same request', async () => {
    const trainings = Array.from({ length: 12 }, (_, n) => String(900_000 + n));
    for (const id of trainings)
      house.stage.account.addTraining({ id, project_id: '74175', status: 'CLOSED', operationMs: 3_000 });
    const requests = await Promise.all(trainings.map((id) => house.archive(id)));
    const trackers = [createTracker(house.parts), createTracker(house.parts)];
    for (let ticks = 0; ticks < 40; ticks++) {
      house.clock.advance(500);
      await Promise.all(trackers.map((tracker) => tracker.tick()));
    }
    for (const { id } of requests) expect(await house.journal.get(id)).toMatchObject({ state: 'succeeded' });
    expect(cardsIn(house.stage)).toHaveLength(trainings.length);
    for (const card of cardsIn(house.stage)) expect(textOf(card.replies).match(/SUCCESS/g)).toHaveLength(1);
  });

  it('one that stalled before the POST and wakes after its lease sends nothing', async () => {
    const { id } = await plan();
    const { journal } = house;
    const stalling = {
      ...house.parts,
      journal: {
        ...journal,
        advance: async (change: Parameters<typeof journal.advance>[0]) => {
          const request = await journal.advance(change);
          if (change.to === 'submitting') house.clock.advance(LIMITS.leaseMs + 1);
          return request;
        },
      },
    };
    await createArchiveService(stalling, yes).confirm(house.actor, await shown(id), 'r');
    expect(posts()).toBe(0);
    expect(await house.settle(id)).toMatchObject({ state: 'not_started' });
  });

  it('one that the journal kept waiting until its lease was over adds no line to the thread', async () => {
    const { id } = await house.archive(target.trainingId);
    const { journal } = house;
    const slow = {
      ...house.parts,
      journal: {
        ...journal,
        note: async (...given: Parameters<typeof journal.note>) => {
          const request = await journal.note(...given);
          if (given[3].publishTries === 1) house.clock.advance(LIMITS.leaseMs);
          return request;
        },
      },
    };
    house.clock.advance(1_000);
    const before = house.stage.workspace.calls.length;
    await createTracker(slow).tick();
    const said = house.stage.workspace.calls.slice(before).map(({ method }) => method);
    expect(said).not.toContain('chat.postMessage');
    expect(await house.settle(id)).toMatchObject({ state: 'succeeded' });
    expect(textOf(cardsIn(house.stage)[0]?.replies).match(/confirmed; recorded/g)).toHaveLength(1);
  });

  it.each(['post', 'update', 'addToThread'] as const)(
    'one that stalled inside %s and woke after the end: one card, which tells the end, and each line once',
    async (method) => {
      const { id } = await plan();
      const { cards } = house.parts;
      let stalled = false;
      // Stopped just before the bytes left, woken when another worker had done it all.
      const stalling = {
        ...house.parts,
        cards: new Proxy(cards, {
          get: (target, key) => {
            const call = Reflect.get(target, key);
            if (key !== method || stalled) return call;
            return async (...given: unknown[]) => {
              stalled = true;
              house.clock.advance(LIMITS.leaseMs + 1);
              await house.settle(id);
              return (call as (...given: unknown[]) => unknown)(...given);
            };
          },
        }),
      };
      await createArchiveService(stalling, yes).confirm(house.actor, await shown(id), 'r');
      for (let ticks = 0; ticks < 5 && !stalled; ticks++) {
        house.clock.advance(1_000);
        await createTracker(stalling).tick();
      }
      expect(stalled).toBe(true);
      const request = await house.settle(id);
      expect(posts()).toBe(1);
      expect(cardsIn(house.stage)).toHaveLength(1);
      const [card] = cardsIn(house.stage);
      expect(textOf(card?.blocks)).toContain('*Archived*');
      expect(textOf(card?.blocks)).toContain(request.receipt);
      const lines = (card?.replies ?? []).flatMap(({ text }) => text.split('\n'));
      expect(lines.filter((line) => line.startsWith('<!date'))).toHaveLength(request.version);
    },
  );

  it('one that stalled inside the POST settles nothing, but opens the question again', async () => {
    const { id } = await plan();
    const stalling = withToloka(house.parts, (toloka) => ({
      // Stopped just before the bytes left, woken when the others had called it not started.
      archive: async (trainingId, correlationId) => {
        house.clock.advance(LIMITS.leaseMs + 1);
        expect(await house.settle(id)).toMatchObject({ state: 'not_started' });
        return toloka.archive(trainingId, correlationId);
      },
    }));
    await createArchiveService(stalling, yes).confirm(house.actor, await shown(id), 'r');
    expect(posts()).toBe(1);
    expect(await house.settle(id)).toMatchObject({ state: 'succeeded' });
    const kinds = (await house.journal.events(id)).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['not_started', 'late_evidence', 'succeeded']));
    expect(textOf(cardsIn(house.stage)[0])).toContain('*Archived*');
  });

  it('one whose late answer meets another worker’s look waits for that look to end', async () => {
    const { id } = await plan();
    const lease = { token: 'looks', until: house.clock.now() + LIMITS.leaseMs };
    house.stage.account.faults.add({ method: 'POST', fault: { kind: 'reset', when: 'before' } });
    await service().confirm(house.actor, await shown(id), 'r');
    const [looked] = await house.journal.claim({
      ...{ now: house.clock.now(), until: lease.until, limit: 1, ids: [id], early: true },
    });
    const operation = { id: 'op-1', trainingId: target.trainingId, status: 'RUNNING', progress: null };
    const late = reportLate(
      {
        ...house.parts,
        sleep: async () => {
          // The look of the other worker ends, and it has found nothing.
          if (looked?.lease) await settleNothing(id, looked.lease);
          house.clock.advance(1_000);
        },
      },
      id,
      { kind: 'accepted', operation: { ...operation, ...NO_TIMES } },
    );
    await late;
    expect(await house.journal.get(id)).toMatchObject({ state: 'unknown', operationId: 'op-1' });
  });

  async function settleNothing(id: string, lease: Lease): Promise<void> {
    const request = await house.journal.get(id);
    if (request?.state !== 'unknown') return;
    const at = house.clock.now();
    await house.journal.advance({
      ...{ id, version: request.version, to: 'not_started', lease },
      event: { kind: 'not_started', at, actor: 'app' },
      patch: { stepAt: null, finishedAt: at },
    });
    await house.journal.release(id, lease);
  }
});

describe('a request that was confirmed by a process that is gone', () => {
  /** As a restored copy has it: confirmed, and its lease over. */
  async function confirmedBefore(): Promise<string> {
    const { id, version } = await plan();
    const at = house.clock.now();
    await house.journal.advance({
      ...{ id, version, to: 'confirmed', event: { kind: 'confirmed', at, actor: ALICE } },
      patch: { reason: 'r', confirmedAt: at, stepAt: at },
    });
    return id;
  }

  it('is not sent again when Toloka has an operation that it may have begun', async () => {
    const id = await confirmedBefore();
    house.stage.account.updateTraining(target.trainingId, { operationMs: 5_000 });
    const { toloka } = house.parts.environments.get('production') ?? {};
    await toloka?.archive(target.trainingId, 'the same request, before the copy was made');
    expect(await house.settle(id)).toMatchObject({ state: 'succeeded' });
    expect(posts()).toBe(1);
  });

  it.each([
    ['still runs after half an hour', { operationMs: 3_600_000 }, 'running'],
    ['failed half an hour ago', { operationMs: 0, archiveOutcome: { status: 'FAIL' as const } }, 'failed'],
  ])('finds that operation, however late it is taken up: one that %s', async (_what, operation, state) => {
    const id = await confirmedBefore();
    house.stage.account.updateTraining(target.trainingId, operation);
    const { toloka } = house.parts.environments.get('production') ?? {};
    await toloka?.archive(target.trainingId, 'the same request, before the copy was made');
    house.clock.advance(30 * 60_000);
    const tracker = createTracker(house.parts);
    for (let ticks = 0; ticks < 20; ticks++) {
      await tracker.tick();
      house.clock.advance(5_000);
    }
    expect(await house.journal.get(id)).toMatchObject({ state, operationId: expect.any(String) });
    expect(posts()).toBe(1);
  });

  it.each([
    ['when that cannot be asked', 'not_checked'],
    ['when operations do not name their training', 'not_checked'],
    ['a day later', 'confirmation_expired'],
  ])('is not sent %s', async (when, code) => {
    const id = await confirmedBefore();
    const nameless = [{ ...{ id: 'op', trainingId: null, status: 'RUNNING', progress: null }, ...NO_TIMES }];
    const parts = withToloka(house.parts, (toloka) => ({
      readArchiveOperations: async (since) => {
        if (when.includes('cannot')) return { kind: 'unavailable', message: 'down' };
        if (when.includes('name')) return { kind: 'found', value: nameless };
        return toloka.readArchiveOperations(since);
      },
    }));
    if (when.includes('day')) house.clock.advance(25 * 3_600_000);
    expect(await house.settle(id, parts)).toMatchObject({
      ...{ state: 'not_started', outcome: { code } },
    });
    expect(posts()).toBe(0);
  });

  it.each([
    ['the training was renamed', { private_name: 'Renamed' }, /Renamed/],
    ['the training was opened', { status: 'OPEN' as const }, /was CLOSED, is OPEN/],
  ])('is not sent when %s since', async (_what, change, words) => {
    const id = await confirmedBefore();
    house.stage.account.updateTraining(target.trainingId, change);
    expect(await house.settle(id)).toMatchObject({
      ...{ state: 'not_started', outcome: { code: 'plan_drifted', message: expect.stringMatching(words) } },
    });
    expect(posts()).toBe(0);
    expect(textOf(cardsIn(house.stage)[0])).toContain('Not started');
  });

  it('loses the second card that a process posted which was stopped, and killed when it woke', async () => {
    house.stage.account.updateTraining(target.trainingId, { operationMs: 5_000 });
    const id = await confirmedBefore();
    house.clock.advance(LIMITS.leaseMs + 1);
    await createTracker(house.parts).tick();
    const taken = await house.journal.get(id);
    expect(taken).toMatchObject({ state: 'running' });
    if (taken) await house.parts.cards.post({ ...taken, state: 'confirmed' });
    expect(cardsIn(house.stage)).toHaveLength(2);
    await house.settle(id);
    expect(cardsIn(house.stage)).toHaveLength(1);
    expect(textOf(cardsIn(house.stage)[0])).toContain('*Archived*');
  });

  it('is sent otherwise', async () => {
    expect(await house.settle(await confirmedBefore())).toMatchObject({ state: 'succeeded' });
    expect(posts()).toBe(1);
  });
});
