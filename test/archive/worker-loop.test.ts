import type { Deps } from '../../src/archive/ports';
import type { ArchiveRequest } from '../../src/archive/request';
import { createWorker } from '../../src/archive/worker';
import { createHarness, type Harness } from '../support/harness';
import { createSteps } from '../support/steps';

let harness: Harness;
let due: ArchiveRequest;
beforeAll(async () => {
  harness = await createHarness();
  const { request, lease } = await createSteps(harness).confirmed();
  // Nothing is left to do for it but to give its lease back.
  due = { ...request, state: 'refused', publishAt: null, lease };
});
afterAll(() => harness.close());

interface Gate {
  open(): void;
  passed: Promise<void>;
}
function gate(): Gate {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}
const turn = async () => {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
};

/** A worker whose pauses the test ends. `claims`: how many requests are due at each tick. */
function create(claims: number[], { wait = async () => {}, onClaim = () => {} } = {}) {
  const pauses: { ms: number; end: () => void }[] = [];
  const limits: number[] = [];
  let done = 0;
  const { deps } = harness;
  const given: Deps = {
    ...deps,
    sleep: (ms) => {
      const { open, passed } = gate();
      pauses.push({ ms, end: open });
      return passed;
    },
    journal: {
      ...deps.journal,
      countRunning: async () => ({ count: 0, oldest: null, newest: null }),
      claimWatches: async () => [],
      claim: async ({ limit }) => {
        limits.push(limit);
        onClaim();
        return Array.from({ length: Math.min(limit, claims.shift() ?? 0) }, () => due);
      },
      note: async () => {
        await wait();
        done += 1;
        return due;
      },
    },
  };
  const worker = createWorker(given);
  return { worker, pauses, limits, done: () => done };
}

describe('a worker', () => {
  it('looks at what is due every quarter of a second, as long as it runs', async () => {
    const { worker, pauses, limits } = create([]);
    worker.start();
    worker.start();
    await turn();
    expect([limits, pauses.map(({ ms }) => ms)]).toEqual([[50], [250]]);
    harness.clock.advance(250);
    pauses[0]?.end();
    await turn();
    expect(limits).toEqual([50, 50]);
    const stopped = worker.stop();
    pauses[1]?.end();
    await stopped;
    expect(limits).toEqual([50, 50]);
  });

  it('comes again at once when there may be more', async () => {
    const { worker, pauses, limits } = create([50, 3]);
    worker.start();
    await turn();
    expect(pauses[0]?.ms).toBe(1);
    pauses[0]?.end();
    await turn();
    expect([limits, pauses[1]?.ms]).toEqual([[50, 50], 250]);
    const stopped = worker.stop();
    pauses[1]?.end();
    await stopped;
  });

  it('comes sooner when a poll is due sooner, and no later when the clock was set back', async () => {
    let back = 0;
    const { worker, pauses } = create([], { onClaim: () => harness.clock.advance(back) });
    await worker.tick();
    harness.clock.advance(200);
    worker.start();
    await turn();
    // The next poll of the account is due 250 ms after the last one.
    expect(pauses[0]?.ms).toBe(50);
    back = -100_000;
    pauses[0]?.end();
    await turn();
    expect(pauses[1]?.ms).toBe(250);
    back = 0;
    harness.clock.advance(100_000);
    const stopped = worker.stop();
    pauses[1]?.end();
    await stopped;
  });

  it('works on fifty at once, and takes more as soon as one is done', async () => {
    const gates: Gate[] = [];
    const wait = () => {
      const one = gate();
      gates.push(one);
      return one.passed;
    };
    const { worker, pauses, limits, done } = create([50, 0, 1, 0], { wait });
    worker.start();
    await turn();
    pauses[0]?.end();
    await turn();
    // All are busy: nothing is claimed, and the next tick need not wait for the end of the pause.
    expect([limits, gates.length, pauses[1]?.ms]).toEqual([[50], 50, 250]);
    gates[0]?.open();
    await turn();
    expect(limits[1]).toBe(1);
    const stopped = worker.stop();
    let isStopped = false;
    void stopped.then(() => {
      isStopped = true;
    });
    for (const { end } of pauses) end();
    await turn();
    expect([isStopped, done()]).toEqual([false, 1]);
    for (const { open } of gates) open();
    await stopped;
    expect(done()).toBe(gates.length);
  });

  it('has done its work when a tick is over', async () => {
    const { worker, done } = create([3], {
      wait: () => new Promise<void>((resolve) => setImmediate(resolve)),
    });
    await worker.tick();
    expect(done()).toBe(3);
    await worker.stop();
  });
});
