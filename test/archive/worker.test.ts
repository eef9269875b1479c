import { setImmediate as turn } from 'node:timers/promises';
import { createWorker, type Worker } from '../../src/archive/worker';
import { JournalError } from '../../src/journal/errors';
import { createHarness, type Harness } from '../support/harness';

let harness: Harness;
let worker: Worker | undefined;
beforeEach(async () => {
  harness = await createHarness();
});
afterEach(async () => {
  await worker?.stop();
  await harness.close();
});

it('comes back less and less often while every tick fails, and as often as ever afterwards', async () => {
  const { clock, deps, journal, log } = harness;
  let isDown = true;
  const whenUp =
    <A extends unknown[], T>(act: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      if (isDown) throw new JournalError('unavailable', 'read-only');
      return act(...given);
    };
  const down = { claim: whenUp(journal.claim), countRunning: whenUp(journal.countRunning) };
  const pauses: number[] = [];
  let enough: () => void = () => {};
  const sleep = async (ms: number) => {
    pauses.push(ms);
    clock.advance(ms);
    await turn();
    if (pauses.length % 6 === 0) enough();
  };
  const six = () =>
    new Promise<void>((resolve) => {
      enough = resolve;
    });
  worker = createWorker({ ...deps, journal: { ...journal, ...down }, sleep });
  const failed = six();
  worker.start();
  await failed;
  expect(pauses.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  // One line for each tick, and one for its look at Toloka's operations.
  const errors = log.filter((line) => line.includes('"level":"error"'));
  expect(errors.length).toBeLessThanOrEqual(2 * pauses.length);
  isDown = false;
  pauses.length = 0;
  await six();
  await worker.stop();
  expect(Math.max(...pauses.slice(1))).toBeLessThanOrEqual(250);
});
