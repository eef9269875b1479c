import { DEMO_TRAININGS, type Fault } from '../../fakes/toloka';
import type { Deps } from '../../src/archive/ports';
import { createService } from '../../src/archive/service';
import type { Change } from '../../src/archive/transitions';
import { createWorker } from '../../src/archive/worker';
import { JournalError } from '../../src/journal/errors';
import {
  askOne,
  cardsIn,
  confirmOne,
  createHarness,
  type Harness,
  LIMITS,
  shownOf,
} from '../support/harness';

class Crash extends Error {}

interface Plug {
  deps: Deps;
  /** How many calls left this process so far, by name. */
  calls: string[];
}

/**
 * The same dependencies as a process that dies at its nth call: before the call is made, or after it took effect and before
 * the answer arrived. From then on it can do nothing any more.
 */
function dyingAt(deps: Deps, n: number, when: 'before' | 'after'): Plug {
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
    [...deps.environments].map(([name, one]) => [name, { ...one, toloka: wrap(one.toloka, 'toloka') }]),
  );
  const plugged = {
    ...deps,
    journal: wrap(deps.journal, 'journal'),
    cards: wrap(deps.cards, 'cards'),
    environments,
  };
  return { deps: plugged, calls };
}

/** From the plan to the end, in a process that dies on the way; then another process goes on. */
async function liveAndDie(harness: Harness, trainingId: string, n: number, when: 'before' | 'after') {
  const target = { environment: 'production', trainingId };
  const asked = await askOne(createService(harness.deps), harness.actor, target);
  if (asked.kind !== 'planned') throw new Error(asked.kind);
  const { id } = asked.request;
  const plug = dyingAt(harness.deps, n, when);
  let died = false;
  try {
    await confirmOne(createService(plug.deps), harness.actor, shownOf(asked.request), 'reason');
    const worker = createWorker(plug.deps);
    for (let ticks = 0; ticks < 20 && plug.calls.length < n; ticks++) {
      harness.clock.advance(500);
      await worker.tick();
    }
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    died = true;
  }
  died ||= plug.calls.length >= n;
  harness.clock.advance(LIMITS.leaseMs + 1);
  return { id, died, calls: plug.calls };
}

describe.each(['before', 'after'] as const)('a process that dies %s any of its calls', (when) => {
  // The card of an archive that takes longer is written in between.
  it.each([1_500, 4_000])(
    'never POSTs twice, leaves one card, and the card shows the truth (%d ms)',
    async (operationMs) => {
      const harness = await createHarness({ account: { operationMs } });
      try {
        const seen = new Set<string>();
        let n = 1;
        for (let died = true; died && n < 60; n++) {
          harness.account.reset();
          harness.workspace.reset();
          const training = DEMO_TRAININGS.ready.id;
          const life = await liveAndDie(harness, training, n, when);
          died = life.died;
          const at = `${when} call ${n}: ${life.calls[n - 1]}`;
          seen.add(life.calls[n - 1] ?? '');
          const before = await harness.journal.get(life.id);
          if (before?.state === 'planned') {
            expect([at, harness.account.posts(training).arrived, cardsIn(harness).length]).toEqual([
              at,
              0,
              0,
            ]);
            continue;
          }
          const request = await harness.settle(life.id);
          const { arrived } = harness.account.posts(training);
          expect([at, arrived]).toEqual([at, request.state === 'not_started' ? expect.any(Number) : 1]);
          expect([at, arrived <= 1]).toEqual([at, true]);
          const archived = harness.account.getTraining(training)?.status === 'ARCHIVED';
          expect([at, request.state]).toEqual([at, archived ? 'succeeded' : 'not_started']);
          const cards = cardsIn(harness);
          expect([at, cards.length]).toEqual([at, 1]);
          expect([at, JSON.stringify(cards[0]?.blocks)]).toEqual([
            at,
            expect.stringContaining(archived ? '*Archived*' : 'Not started'),
          ]);
          const lines = (cards[0]?.replies ?? [])
            .flatMap(({ text }) => text.split('\n'))
            .filter((line) => line.startsWith('<!date'));
          const events = await harness.journal.events(life.id);
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
          ]),
        );
        expect(n).toBeGreaterThan(20);
      } finally {
        await harness.close();
      }
    },
    120_000,
  );
});

describe('a journal whose answer is lost once, although it wrote', () => {
  /** The connection to the database breaks while the first change of this kind is committed. */
  function losing({ journal, ...deps }: Deps, kind: Change['kind']): Deps {
    let isLost = false;
    const advance: Deps['journal']['advance'] = async (fence, change) => {
      const after = await journal.advance(fence, change);
      if (isLost || change.kind !== kind) return after;
      isLost = true;
      throw new JournalError('unavailable', 'The answer was lost.');
    };
    return { ...deps, journal: { ...journal, advance } };
  }

  it.each<[Change['kind'], Fault | null]>([
    ['confirmed', null],
    ['submitting', null],
    ['accepted', null],
    ['succeeded', null],
    ['outcome_unknown', { kind: 'lost' }],
    ['found_running', { kind: 'lost' }],
    ['not_started', { kind: 'status', status: 503 }],
    ['succeeded', { kind: 'slow', ms: 2_000 }],
  ])('%s, after %j: the card is right in the end, and nothing stays due', async (kind, fault) => {
    const { ready } = DEMO_TRAININGS;
    const operationMs = fault?.kind === 'slow' ? 0 : 3_000;
    const harness = await createHarness({ account: { operationMs } });
    try {
      if (fault) harness.account.faults.add({ method: 'POST', fault });
      const asked = await askOne(harness.service, harness.actor, {
        environment: 'production',
        trainingId: ready.id,
      });
      if (asked.kind !== 'planned') throw new Error(asked.kind);
      const deps = losing(harness.deps, kind);
      await confirmOne(createService(deps), harness.actor, shownOf(asked.request), 'reason').catch(() => {});
      const { id } = asked.request;
      const { state } = await harness.settle(id, deps);
      harness.clock.advance(2 * LIMITS.leaseMs);
      await createWorker(deps).tick();
      const isArchived = harness.account.getTraining(ready.id)?.status === 'ARCHIVED';
      expect(state).toBe(isArchived ? 'succeeded' : 'not_started');
      expect(harness.account.posts(ready.id).arrived).toBeLessThanOrEqual(1);
      const cards = cardsIn(harness);
      expect(cards).toHaveLength(1);
      expect(JSON.stringify(cards[0]?.blocks)).toContain(isArchived ? '*Archived*' : 'Not started');
      const { now } = harness.clock;
      expect(await harness.journal.claim({ now: now(), until: now() + 1, limit: 10 })).toEqual([]);
    } finally {
      await harness.close();
    }
  });
});
