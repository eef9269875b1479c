import {
  backoff,
  CLOCK_SKEW_MS,
  FRESH_MS,
  nextLook,
  PLAN_LIFE_MS,
  pastDeadlineDelay,
  pauseDelay,
  pollDelay,
} from '../../src/archive/timing';

const MINUTE = 60_000;
const middle = () => 0.5;

it('plans, and the difference of clocks, are allowed what the documents say', () => {
  expect([CLOCK_SKEW_MS, FRESH_MS, PLAN_LIFE_MS].map((ms) => ms / MINUTE)).toEqual([2, 10, 24 * 60]);
});

describe('the wait', () => {
  it.each([
    [0, 500],
    [5_000, 500],
    [6_000, 600],
    [8_000, 800],
    [24 * 60 * MINUTE, 800],
  ])('before the next look at operations, the newest %d ms old, is %d ms', (age, ms) => {
    expect(pollDelay(age, middle)).toBe(ms);
  });

  it.each([
    [0, 2_000],
    [20_000, 2_000],
    [30_000, 3_000],
    [10 * MINUTE, MINUTE],
    [24 * 60 * MINUTE, MINUTE],
  ])('of a request that has been held by a pause for %d ms is %d ms', (age, ms) => {
    expect(pauseDelay(age, middle)).toBe(ms);
  });

  it('after failed tries doubles from one second to a minute', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 99].map((tries) => backoff(tries, middle) / 1000);
    expect(waits).toEqual([1, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('is spread by a tenth to both sides', () => {
    const ends = [() => 0, () => 1];
    expect(ends.map((random) => backoff(1, random))).toEqual([900, 1_100]);
    expect(ends.map((random) => pastDeadlineDelay(random))).toEqual([270_000, 330_000]);
  });

  it('for the next look at a watch doubles from five minutes to an hour, on the full five minutes', () => {
    const begun = 1_000 * 5 * MINUTE;
    const waits = [0, 1, 2, 3, 4, 99].map((tries) => (nextLook(begun, tries) - begun) / MINUTE);
    expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
    expect(nextLook(begun + MINUTE, 0) - begun).toBe(5 * MINUTE);
    expect(nextLook(begun + 3 * MINUTE, 0) - begun).toBe(10 * MINUTE);
  });
});
