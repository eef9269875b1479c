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

  it('says how long a debt lasts', () => {
    const clock = createManualClock(0);
    const budget = createBudget(10, 1, clock);
    expect([budget.owe(), budget.owe(), budget.owe()]).toEqual([0, 100, 200]);
    clock.advance(250);
    expect(budget.owe()).toBe(50);
  });
});
