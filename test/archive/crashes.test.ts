import { DEMO_TRAININGS } from '../../demo/toloka';
import { createArchiveService } from '../../src/archive/archive-service';
import type { Parts } from '../../src/archive/parts';
import { createTracker } from '../../src/archive/tracker';
import { cardsIn, createHouse, type House, LIMITS, shownOf } from '../support/house';

class Crash extends Error {}

interface Plug {
  parts: Parts;
  /** How many calls left this process so far, by name. */
  calls: string[];
}

/**
 * The same parts as a process that dies at its nth call: before the call is made, or after it took effect and before
 * the answer arrived. From then on it can do nothing any more.
 */
function dyingAt(parts: Parts, n: number, when: 'before' | 'after'): Plug {
  const calls: string[] = [];
  const wrap = <T extends object>(target: T, name: string): T =>
    new Proxy(target, {
      get(object, key) {
        const value = Reflect.get(object, key);
        if (typeof value !== 'function') return value;
        return async (...values: unknown[]) => {
          calls.push(`${name}.${String(key)}`);
          if (calls.length > n || (calls.length === n && when === 'before')) throw new Crash();
          const mine = calls.length;
          const answer = await value.apply(object, values);
          if (mine === n || calls.length > n) throw new Crash();
          return answer;
        };
      },
    });
  const environments = new Map(
    [...parts.environments].map(([name, one]) => [name, { ...one, toloka: wrap(one.toloka, 'toloka') }]),
  );
  const plugged = {
    ...parts,
    journal: wrap(parts.journal, 'journal'),
    cards: wrap(parts.cards, 'cards'),
    environments,
  };
  return { parts: plugged, calls };
}

/** From the plan to the end, in a process that dies on the way; then another process goes on. */
async function liveAndDie(house: House, trainingId: string, n: number, when: 'before' | 'after') {
  const target = { environment: 'production', trainingId };
  const yes = async () => ({ allowed: true }) as const;
  const asked = await createArchiveService(house.parts, yes).ask(house.actor, target);
  if (asked.kind !== 'planned') throw new Error(asked.kind);
  const { id } = asked.request;
  const plug = dyingAt(house.parts, n, when);
  let died = false;
  try {
    await createArchiveService(plug.parts, yes).confirm(house.actor, shownOf(asked.request), 'reason');
    const tracker = createTracker(plug.parts);
    for (let ticks = 0; ticks < 20 && plug.calls.length < n; ticks++) {
      house.clock.advance(500);
      await tracker.tick();
    }
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    died = true;
  }
  died ||= plug.calls.length >= n;
  house.clock.advance(LIMITS.leaseMs + 1);
  return { id, died, calls: plug.calls };
}

describe.each(['before', 'after'] as const)('a process that dies %s any of its calls', (when) => {
  it('never POSTs twice, leaves one card, and the card tells the truth', async () => {
    const house = await createHouse({ account: { operationMs: 1_500 } });
    try {
      const seen = new Set<string>();
      let n = 1;
      for (let died = true; died && n < 60; n++) {
        house.stage.account.reset();
        house.stage.workspace.reset();
        const training = DEMO_TRAININGS.ready.id;
        const life = await liveAndDie(house, training, n, when);
        died = life.died;
        const at = `${when} call ${n}: ${life.calls[n - 1]}`;
        seen.add(life.calls[n - 1] ?? '');
        const before = await house.journal.get(life.id);
        if (before?.state === 'planned') {
          expect([at, house.stage.account.posts(training).arrived, cardsIn(house.stage).length]).toEqual([
            at,
            0,
            0,
          ]);
          continue;
        }
        const request = await house.settle(life.id);
        const { arrived } = house.stage.account.posts(training);
        expect([at, arrived]).toEqual([at, request.state === 'not_started' ? expect.any(Number) : 1]);
        expect([at, arrived <= 1]).toEqual([at, true]);
        const archived = house.stage.account.getTraining(training)?.status === 'ARCHIVED';
        expect([at, request.state]).toEqual([at, archived ? 'succeeded' : 'not_started']);
        const cards = cardsIn(house.stage);
        expect([at, cards.length]).toEqual([at, 1]);
        expect([at, JSON.stringify(cards[0]?.blocks)]).toEqual([
          at,
          expect.stringContaining(archived ? '*Archived*' : 'Not started'),
        ]);
        const lines = (cards[0]?.replies ?? [])
          .flatMap(({ text }) => text.split('\n'))
          .filter((line) => line.startsWith('<!date'));
        const events = await house.journal.events(life.id);
        expect([at, lines.length]).toEqual([at, events.length]);
      }
      // The last life was long enough to reach its end undisturbed, and every kind of call was died at.
      expect([...seen]).toEqual(
        expect.arrayContaining([
          'journal.advance',
          'cards.post',
          'journal.note',
          'toloka.archive',
          'toloka.readOperation',
          'cards.update',
          'cards.addToThread',
          'journal.release',
        ]),
      );
      expect(n).toBeGreaterThan(20);
    } finally {
      await house.close();
    }
  }, 120_000);
});
