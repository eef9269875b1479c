import { type Plan, readPlan, type Training } from '../../src/archive/plan';
import type { Cards, Deps, Operation, Toloka } from '../../src/archive/ports';
import { type Leased, newLease } from '../../src/archive/record';
import type { ArchiveRequest } from '../../src/archive/request';
import { submit } from '../../src/archive/submit';
import type { Change } from '../../src/archive/transitions';
import { newRequest } from '../journal/builders';
import { createHarness, type Harness, withToloka } from './harness';

export const DOWN = { kind: 'unavailable', why: { code: 'down' } } as const;
export const CARD = { channel: 'C1', ts: '1.1' };
/** One that names no training. */
export const OPERATION: Operation = {
  ...{ id: 'op', trainingId: null, status: 'RUNNING', progress: null, submitted: null, finished: null },
  said: null,
};
export const TRAINING: Training = {
  ...{ id: '700', projectId: '1', name: 'T', status: 'CLOSED', lastCloseReason: null, created: null },
  url: 'https://toloka',
};

/** Single steps of confirmed requests, on the journal of a harness, without a worker around them. */
export interface Steps {
  /** What the app asked of Toloka and Slack since the last request was confirmed. */
  calls: string[];
  /** A closed training that nothing blocks, a person who may archive, and Slack at its best; or what is given. */
  world(toloka?: Partial<Toloka>, cards?: Partial<Cards>): Deps;
  /** A request with a plan of that world. */
  planned(): Promise<ArchiveRequest>;
  /** The same, confirmed, and the lease on it. */
  confirmed(change?: Partial<Change>): Promise<Leased>;
  /** Takes it to Toloka. */
  submit(deps: Deps, leased: Leased, fresh?: boolean): Promise<Submitted>;
}

interface Submitted {
  state: string;
  code: string | undefined;
  stepAt: number | null;
  publishAt: number | null;
  /** Whether the POST was sent. */
  sent: boolean;
  after: Leased;
}

let ids = 0;

export function createSteps({ deps: real, journal, clock }: Harness): Steps {
  const calls: string[] = [];

  const noted = <T extends object>(target: T): T =>
    Object.fromEntries(
      Object.entries(target).map(([name, call]) => [
        name,
        (...given: unknown[]) => {
          calls.push(name);
          return call(...given);
        },
      ]),
    ) as T;

  function world(toloka: Partial<Toloka> = {}, cards: Partial<Cards> = {}): Deps {
    const deps = withToloka(real, () =>
      noted<Partial<Toloka>>({
        readTraining: async (id) => ({ kind: 'found', value: { ...TRAINING, id } }),
        readPools: async () => ({ kind: 'found', value: [] }),
        readProject: async (id) => ({ kind: 'found', value: { id, name: 'P', requiresTraining: null } }),
        listOperations: async () => ({ kind: 'found', value: [] }),
        archive: async (_, id) => ({ kind: 'accepted', operation: { ...OPERATION, id: `op-${id}` } }),
        ...toloka,
      }),
    );
    const slack = noted<Partial<Cards>>({ find: async () => null, post: async () => CARD, ...cards });
    return { ...deps, policy: async () => null, cards: { ...deps.cards, ...slack } };
  }

  async function planned(): Promise<ArchiveRequest> {
    const trainingId = String(700 + ++ids);
    const production = world().environments.get('production');
    if (production === undefined) throw new Error('There is no production');
    const plan: Plan = await readPlan(production, trainingId, clock.now());
    const asked = newRequest(`r${ids}`, { trainingId, plan, createdAt: clock.now() });
    calls.length = 0;
    // Denials are listed by their time.
    clock.advance(1);
    return journal.create(asked);
  }

  return {
    calls,
    world,
    planned,
    async confirmed(change = {}) {
      const { id, version } = await planned();
      clock.advance(1_000);
      const lease = newLease(real);
      const fence = { id, version, at: clock.now(), actor: 'U1', take: lease };
      const confirmation = { kind: 'confirmed', reason: 'r', batch: null, place: 0, ...change } as Change;
      return { request: await journal.advance(fence, confirmation), lease };
    },
    async submit(deps, leased, fresh = true) {
      const after = await submit(deps, leased, { fresh });
      const { state, outcome, stepAt, publishAt } = after.request;
      return { state, code: outcome?.code, stepAt, publishAt, sent: calls.includes('archive'), after };
    },
  };
}

/** A harness for all tests of a file, with its steps. They are there as soon as a test runs. */
export function useSteps(): { harness: Harness; steps: Steps } {
  let harness: Harness;
  let steps: Steps;
  beforeAll(async () => {
    harness = await createHarness();
    steps = createSteps(harness);
  });
  afterAll(() => harness.close());
  const later = <T extends object>(get: () => T) =>
    new Proxy({} as T, { get: (_none, name) => Reflect.get(get(), name) });
  return { harness: later(() => harness), steps: later(() => steps) };
}
