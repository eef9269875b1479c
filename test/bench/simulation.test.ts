import { seeded } from '../../bench/seeded';
import { pollFixed } from '../../bench/simulation/fixed-poller';
import { createVirtualTime } from '../../bench/simulation/virtual-time';
import { followAll } from '../../bench/simulation/world';

describe('virtual time', () => {
  it('wakes in order, and those of one moment in the order in which they went to sleep', async () => {
    const time = createVirtualTime(1_000);
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number) => {
      await time.sleep(ms);
      woken.push(`${name}@${time.now()}`);
    };
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['z', 500],
    ] as const)
      void sleeper(name, ms);
    await time.run(() => woken.length === 5);
    expect(woken).toEqual(['a@1010', 'b1@1020', 'b2@1020', 'c@1030', 'z@1500']);
    await expect(time.run(() => false)).rejects.toThrow('Nothing is left');
  });

  it('stands still while real work is done', async () => {
    const time = createVirtualTime(0);
    let done = -1;
    void time
      .real(() => new Promise((resolve) => setTimeout(resolve, 20)))
      .then(() => {
        done = time.now();
      });
    void time.sleep(5);
    await time.run(() => done >= 0);
    expect(done).toBe(0);
  });
});

describe('the fixed poller', () => {
  // Looks arrive 600, 1700, 2800 ms after the operation began: 50 there, 50 back, 500 first, 1000 between.
  it.each([
    [600, 1, 150],
    [601, 2, 1_249],
    [1_700, 2, 150],
    [2_000, 3, 950],
  ])('notices an operation of %d ms with look %d', (length, requests, lag) => {
    expect(pollFixed(length)).toEqual({ requests, lag });
  });
});

it('the simulation sees every operation to the end of its card, and counts', async () => {
  const planned = [800, 2_000, 3_000].map((length, n) => ({ offset: 100 * n, length }));
  const { lags, requests, slackCalls } = await followAll(planned, seeded(1));
  expect(lags).toHaveLength(3);
  expect(Math.min(...lags)).toBeGreaterThan(0);
  expect(requests).toBeGreaterThan(0);
  expect(slackCalls).toBeGreaterThanOrEqual(3);
});
