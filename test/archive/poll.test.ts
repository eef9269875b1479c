import { createWorker } from '../../src/archive/worker';
import {
  cardsIn,
  createHarness,
  ELSEWHERE,
  GENERAL,
  type Harness,
  LIMITS,
  withToloka,
} from '../support/harness';

let harness: Harness;
beforeEach(async () => {
  harness = await createHarness();
});
afterEach(() => harness.close());

async function openMany(count: number, training: object = {}): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => String(700_000 + n));
  for (const id of ids)
    harness.account.addTraining({
      id,
      project_id: '74175',
      status: 'CLOSED',
      operationMs: 60_000,
      ...training,
    });
  const requests: string[] = [];
  for (const id of ids) requests.push((await harness.archive(id)).id);
  return requests;
}

async function run(seconds: number, deps = harness.deps): Promise<void> {
  const worker = createWorker(deps);
  for (let ticks = 0; ticks < seconds * 4; ticks++) {
    harness.clock.advance(250);
    await worker.tick();
  }
}

const reads = () =>
  harness.account.exchanges.filter(({ method, path }) => method === 'GET' && path.includes('/operations'));
const states = async (ids: string[]) =>
  Promise.all(ids.map(async (id) => (await harness.journal.get(id))?.state));

describe('many operations', () => {
  it('are watched together: the number of requests does not grow with them', async () => {
    const ids = await openMany(30);
    const before = reads().length;
    await run(20);
    expect(reads().length - before).toBeLessThan(20 * 2);
    await run(50);
    expect(new Set(await states(ids))).toEqual(new Set(['succeeded']));
    expect(cardsIn(harness)).toHaveLength(30);
  }, 60_000);

  it('an end that the listing of ends does not show is found by the round', async () => {
    const ids = await openMany(4);
    const blind = withToloka(harness.deps, (toloka) => ({
      listOperations: async (filter) =>
        filter.finishedSince === undefined ? toloka.listOperations(filter) : { kind: 'found', value: [] },
    }));
    await run(130, blind);
    expect(new Set(await states(ids))).toEqual(new Set(['succeeded']));
  }, 60_000);

  it('an end that could not be written is listed again, and holds up no other', async () => {
    const ids = await openMany(4, { operationMs: 5_000 });
    const others = await openOther(30_000);
    let failures = 3;
    const journal = {
      ...harness.journal,
      advance: async (...given: Parameters<typeof harness.journal.advance>) => {
        const [{ id }, { kind }] = given;
        if (id === ids[0] && kind === 'succeeded' && failures-- > 0) throw new Error('hiccup');
        return harness.journal.advance(...given);
      },
    };
    const deps = withToloka(harness.deps, (toloka) => ({
      // What only a sweep would find must not be what saves it here.
      listOperations: async (filter) =>
        filter.statuses?.includes('PENDING')
          ? { kind: 'unavailable', why: { code: 'toloka_timeout' } }
          : toloka.listOperations(filter),
    }));
    await run(25, { ...deps, journal });
    expect(await states(ids)).toEqual(Array(4).fill('succeeded'));
    expect(failures).toBeLessThan(0);
    expect(await states([others])).toEqual(['running']);
  }, 60_000);

  it('an operation that ended in the future, as Toloka says, hides no end that comes before', async () => {
    const ids = await openMany(4, { operationMs: 5_000 });
    const odd = {
      ...{ id: 'odd', trainingId: '1', status: 'SUCCESS', progress: 100, said: null },
      ...{ submitted: 0, finished: Date.UTC(9999, 0) },
    };
    const deps = withToloka(harness.deps, (toloka) => ({
      listOperations: async (filter) => {
        // What only a sweep would find must not be what saves it here.
        if (filter.statuses) return { kind: 'unavailable', why: { code: 'toloka_timeout' } };
        const listed = await toloka.listOperations(filter);
        return listed.kind === 'found' ? { ...listed, value: [odd, ...listed.value] } : listed;
      },
    }));
    await run(15, deps);
    expect(await states(ids)).toEqual(Array(4).fill('succeeded'));
  }, 60_000);

  /** Keeps the listing of ends in use, and ends after the others. */
  async function openOther(operationMs: number): Promise<string> {
    const id = '800000';
    harness.account.addTraining({ id, project_id: '74175', status: 'CLOSED', operationMs });
    return (await harness.archive(id)).id;
  }

  it('several workers on one journal end each of them once, and the rest go on when one is gone', async () => {
    const ids = await openMany(4);
    const workers = [createWorker(harness.deps), createWorker(harness.deps), createWorker(harness.deps)];
    const runAll = async (seconds: number) => {
      for (let ticks = 0; ticks < seconds * 4; ticks++) {
        harness.clock.advance(250);
        await Promise.all(workers.map((worker) => worker.tick()));
      }
    };
    await runAll(10);
    workers.pop();
    await runAll(70);
    expect(new Set(await states(ids))).toEqual(new Set(['succeeded']));
    for (const card of cardsIn(harness)) {
      const lines = card.replies.flatMap(({ text }) => text.split('\n'));
      expect(lines.filter((line) => line.startsWith('<!date'))).toHaveLength(5);
    }
  }, 60_000);

  it('progress leaves room within Slack’s limits', async () => {
    await openMany(20);
    const edits = () => harness.workspace.calls.filter(({ method }) => method === 'chat.update').length;
    // Each card shows once that Toloka is archiving.
    await run(3);
    const before = edits();
    await run(30);
    const some = edits() - before;
    expect(some).toBeGreaterThan(5);
    expect(some).toBeLessThan(45);
  }, 60_000);

  /** Toloka has answered a read with 429. How many reads there were until then. */
  async function slowedDown(retryAfter: string): Promise<number> {
    await openMany(4);
    const headers = { 'retry-after': retryAfter };
    harness.account.faults.add({ method: 'GET', fault: { kind: 'status', status: 429, headers } });
    await run(2);
    return reads().length;
  }

  it('a Retry-After of Toloka is kept by everybody', async () => {
    const during = await slowedDown('30');
    await run(25);
    expect(reads().length).toBe(during);
    await run(6);
    expect(reads().length).toBeGreaterThan(during);
  });

  it('but not for longer than five minutes, even if it is asked for', async () => {
    const during = await slowedDown('86400');
    harness.clock.advance(280_000);
    await run(5);
    expect(reads().length).toBe(during);
    harness.clock.advance(20_000);
    await run(5);
    expect(reads().length).toBeGreaterThan(during);
  });

  it('a slow channel does not hold up another', async () => {
    harness.workspace.setMember(ELSEWHERE, 'bot', true);
    const slow = await openMany(6, { operationMs: 2_000 });
    harness.actor.channel = ELSEWHERE;
    harness.account.addTraining({
      id: '800000',
      project_id: '74175',
      status: 'CLOSED',
      operationMs: 2_000,
    });
    await harness.archive('800000');
    harness.workspace.faults.add({
      kind: 'ratelimited',
      method: 'chat.postMessage',
      retryAfter: 30,
      times: Number.POSITIVE_INFINITY,
      when: ({ channel }) => channel === GENERAL,
    });
    const refused = () => harness.workspace.calls.filter(({ fault }) => fault !== undefined).length;
    await run(10);
    expect(JSON.stringify(cardsIn(harness, ELSEWHERE)[0]?.replies)).toContain('is archived. It took');
    expect(refused()).toBeLessThanOrEqual(slow.length);
    harness.workspace.faults.clear();
    await run(60);
    for (const card of cardsIn(harness))
      expect(JSON.stringify(card.replies)).toContain('is archived. It took');
  }, 60_000);
});

it('a clock that is set back while the journal answers does not stop the worker', async () => {
  const { clock, deps } = harness;
  const pauses: number[] = [];
  const journal = {
    ...deps.journal,
    claim: async (...given: Parameters<typeof deps.journal.claim>) => {
      const claimed = await deps.journal.claim(...given);
      clock.advance(-3_600_000);
      return claimed;
    },
  };
  await new Promise<void>((resolve) => {
    const sleep = async (ms: number) => {
      pauses.push(ms);
      void worker.stop().then(resolve);
    };
    const worker = createWorker({ ...deps, journal, sleep });
    worker.start();
  });
  expect(Math.max(...pauses)).toBeLessThan(1_000);
});

it('a request whose deadline was set later is not claimed again and again until then', async () => {
  const { clock, deps } = harness;
  const [id = ''] = await openMany(1, { operationMs: 3 * LIMITS.deadlineMs });
  clock.advance(LIMITS.deadlineMs + 1_000);
  const silent = withToloka(deps, () => ({
    readOperation: async () => ({ kind: 'unavailable', why: { code: 'toloka_timeout' } }),
  }));
  await run(3, { ...silent, limits: { ...LIMITS, deadlineMs: 2 * LIMITS.deadlineMs } });
  const request = await harness.journal.get(id);
  expect(request?.state).toBe('running');
  expect(request?.stepAt).toBeGreaterThan(clock.now());
});
