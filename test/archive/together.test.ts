import { DEMO_TRAININGS } from '../../demo/toloka';
import { createArchiveService } from '../../src/archive/archive-service';
import { createTracker } from '../../src/archive/tracker';
import { cardsIn, createHouse, type House, LIMITS, textOf } from '../support/house';
import { ALICE, BOB, GENERAL } from '../support/stage';

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

const target = { environment: 'production', trainingId: DEMO_TRAININGS.ready.id };
const yes = async () => ({ allowed: true }) as const;
const service = () => createArchiveService(house.parts, yes);
const posts = () => house.stage.account.posts(target.trainingId).arrived;

async function plan() {
  const asked = await service().ask(house.actor, target);
  if (asked.kind !== 'planned') throw new Error(asked.kind);
  return asked.request;
}

describe('clicks that meet', () => {
  it('the same confirmation many times at once: one POST, and each gets an answer', async () => {
    const { id } = await plan();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => service().confirm(house.actor, id, 'r')),
    );
    expect(answers.filter(({ kind }) => kind === 'confirmed')).toHaveLength(1);
    for (const { kind } of answers) expect(['confirmed', 'settled_before', 'already_open']).toContain(kind);
    await house.settle(id);
    expect([posts(), cardsIn(house.stage).length]).toEqual([1, 1]);
  });

  it('two plans for one training, confirmed at once: one is open, the other is pointed at it', async () => {
    const [first, second] = [await plan(), await plan()];
    const answers = await Promise.all(
      [first, second].map(({ id }) => service().confirm(house.actor, id, 'r')),
    );
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['already_open', 'confirmed']);
    expect([posts(), cardsIn(house.stage).length]).toEqual([1, 1]);
    expect(await house.journal.refusals(9)).toMatchObject([{ code: 'already_open', user: ALICE }]);
  });

  it('a second ask while one is open points at its card, and is in the record', async () => {
    const { id } = await plan();
    await service().confirm(house.actor, id, 'r');
    const second = await service().ask({ user: BOB, channel: GENERAL }, target);
    expect(second).toMatchObject({ kind: 'already_open', request: { id, card: { channel: GENERAL } } });
    expect(await house.journal.refusals(1)).toMatchObject([{ code: 'already_open', user: BOB }]);
  });

  it('a plan can be confirmed by nobody but the person who asked', async () => {
    const { id } = await plan();
    expect(await service().confirm({ user: BOB, channel: GENERAL }, id, 'r')).toMatchObject({
      code: 'not_yours',
    });
    expect(posts()).toBe(0);
  });

  it('what was cancelled cannot be confirmed, and what was confirmed cannot be cancelled', async () => {
    const [first, second] = [await plan(), await plan()];
    expect(await service().cancel(house.actor, first.id)).toBe('cancelled');
    expect(await service().confirm(house.actor, first.id, 'r')).toMatchObject({ kind: 'settled_before' });
    await service().confirm(house.actor, second.id, 'r');
    expect(await service().cancel(house.actor, second.id)).toBe('settled_before');
    expect(posts()).toBe(1);
  });

  it('a plan of yesterday is not confirmed', async () => {
    const { id } = await plan();
    house.clock.advance(25 * 3_600_000);
    expect(await service().confirm(house.actor, id, 'r')).toMatchObject({ code: 'plan_expired' });
    expect(await house.journal.get(id)).toMatchObject({ state: 'expired' });
  });
});

describe('what was confirmed is what runs', () => {
  it('a drift between plan and confirmation is shown and has to be confirmed anew', async () => {
    const { id } = await plan();
    house.stage.account.updateTraining(target.trainingId, { private_name: 'Renamed' });
    const answer = await service().confirm(house.actor, id, 'r');
    expect(answer).toMatchObject({ kind: 'planned', changes: [expect.stringContaining('Renamed')] });
    expect(posts()).toBe(0);
    expect(await service().confirm(house.actor, id, 'r')).toMatchObject({ kind: 'confirmed' });
    expect(posts()).toBe(1);
  });

  it('a drift met by two deliveries of one click: both show the newer plan', async () => {
    const { id } = await plan();
    house.stage.account.updateTraining(target.trainingId, { private_name: 'Renamed' });
    const answers = await Promise.all([1, 2].map(() => service().confirm(house.actor, id, 'r')));
    const newer = { kind: 'planned', changes: [expect.stringContaining('Renamed')], request: { version: 2 } };
    expect(answers).toMatchObject([newer, newer]);
    expect(posts()).toBe(0);
  });

  it('a pool that was opened meanwhile blocks', async () => {
    const { id } = await plan();
    house.stage.account.updateTraining(target.trainingId, { status: 'OPEN' });
    const answer = await service().confirm(house.actor, id, 'r');
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
    await createArchiveService(stalling, yes).confirm(house.actor, id, 'r');
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
      await createArchiveService(stalling, yes).confirm(house.actor, id, 'r');
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
    const production = house.parts.environments.get('production');
    if (!production) throw new Error('no environment');
    const { toloka } = production;
    const stalling = {
      ...house.parts,
      environments: new Map([
        [
          'production',
          {
            ...production,
            toloka: {
              ...toloka,
              // Stopped just before the bytes left, woken when the others had called it not started.
              archive: async (trainingId: string, correlationId: string) => {
                house.clock.advance(LIMITS.leaseMs + 1);
                expect(await house.settle(id)).toMatchObject({ state: 'not_started' });
                return toloka.archive(trainingId, correlationId);
              },
            },
          },
        ],
      ]),
    };
    await createArchiveService(stalling, yes).confirm(house.actor, id, 'r');
    expect(posts()).toBe(1);
    expect(await house.settle(id)).toMatchObject({ state: 'succeeded' });
    const kinds = (await house.journal.events(id)).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['not_started', 'late_evidence', 'succeeded']));
    expect(textOf(cardsIn(house.stage)[0])).toContain('*Archived*');
  });
});
