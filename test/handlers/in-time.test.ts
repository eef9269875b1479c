import { DEMO_TRAININGS } from '../../fakes/toloka';
import { inTime } from '../../src/handlers/in-time';
import { connectWire, type Wire } from './support';

/** Waits until it is told to stop, as a timer does that has not come to its end. */
const never = (_ms: number, signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));

it('brings what comes first, and stops waiting with it', async () => {
  const signals: AbortSignal[] = [];
  const sleep = (ms: number, signal: AbortSignal) => {
    signals.push(signal);
    return ms === 0 ? Promise.resolve() : never(ms, signal);
  };
  expect(await inTime(sleep, Promise.resolve('work'), 2_000)).toBe('work');
  expect(await inTime(sleep, new Promise(() => {}), 0)).toBeUndefined();
  const failing = Promise.reject(new Error('failed'));
  await expect(inTime(sleep, failing, 2_000)).rejects.toThrow('failed');
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
});

describe('with the app', () => {
  let wire: Wire;
  beforeEach(async () => {
    wire = await connectWire();
  });
  afterEach(() => wire.close());

  it('no timer of an answer that came in time is left', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
    await wire.ask('');
    const before = timers();
    for (let i = 0; i < 20; i++)
      await wire.alice.suggest('Closed trainings in production', DEMO_TRAININGS.ready.id);
    await wire.settled();
    // A few are of the connections.
    expect(timers() - before).toBeLessThan(10);
  });
});
