import { createManualClock } from '../../demo/toloka';
import { createBudget } from '../../src/archive/budget';

describe('a budget', () => {
  it('gives so many at once, then so many a second', () => {
    const clock = createManualClock(0);
    const budget = createBudget(2, 3, clock);
    const takeAll = () => Array.from({ length: 9 }, () => budget.take()).filter(Boolean).length;
    expect(takeAll()).toBe(3);
    clock.advance(1_000);
    expect(takeAll()).toBe(2);
    clock.advance(60_000);
    expect(takeAll()).toBe(3);
  });

  it('takes nothing when it is only asked how long the wait would be', () => {
    const clock = createManualClock(0);
    const budget = createBudget(2, 1, clock);
    expect([budget.wait(), budget.owe(), budget.owe()]).toEqual([0, 0, 500]);
    expect([budget.wait(), budget.wait(), budget.owe()]).toEqual([1_000, 1_000, 1_000]);
  });

  it('a clock that is set back makes no debt', () => {
    let now = 3_600_000;
    const budget = createBudget(10, 10, { now: () => now });
    now = 0;
    expect(budget.owe()).toBe(0);
  });

  it('says how long a debt lasts', () => {
    const clock = createManualClock(0);
    const budget = createBudget(10, 1, clock);
    expect([budget.owe(), budget.owe(), budget.owe()]).toEqual([0, 100, 200]);
    clock.advance(250);
    expect(budget.owe()).toBe(50);
  });
});
