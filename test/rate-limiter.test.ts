import { createManualClock } from '../fakes/toloka';
import { createRateLimiter } from '../src/rate-limiter';

describe('the rate limiter', () => {
  it('allows a burst, then so many per second', () => {
    const clock = createManualClock(0);
    const limiter = createRateLimiter({ perSecond: 2, burst: 3, clock });
    const takeAll = () => Array.from({ length: 9 }, () => limiter.take()).filter(Boolean).length;
    expect(takeAll()).toBe(3);
    clock.advance(1_000);
    expect(takeAll()).toBe(2);
    clock.advance(60_000);
    expect(takeAll()).toBe(3);
  });

  it('takes nothing when it is only asked how long the wait would be', () => {
    const limiter = createRateLimiter({ perSecond: 2, burst: 1, clock: createManualClock(0) });
    expect([limiter.wait(), limiter.reserve(), limiter.reserve()]).toEqual([0, 0, 500]);
    expect([limiter.wait(), limiter.wait(), limiter.reserve()]).toEqual([1_000, 1_000, 1_000]);
  });

  it('makes no debt when the clock is set back', () => {
    let now = 3_600_000;
    const limiter = createRateLimiter({ perSecond: 10, clock: { now: () => now } });
    now = 0;
    expect(limiter.reserve()).toBe(0);
  });

  it('returns how long a debt lasts', () => {
    const clock = createManualClock(0);
    const limiter = createRateLimiter({ perSecond: 10, burst: 1, clock });
    expect([limiter.reserve(), limiter.reserve(), limiter.reserve()]).toEqual([0, 100, 200]);
    clock.advance(250);
    expect(limiter.reserve()).toBe(50);
  });

  it('lets nothing through during a hold, and a shorter hold does not end a longer one', () => {
    const clock = createManualClock(0);
    const limiter = createRateLimiter({ clock });
    limiter.hold(2_000);
    limiter.hold(500);
    expect([limiter.take(), limiter.wait(), limiter.held()]).toEqual([false, 2_000, 2_000]);
    clock.advance(2_000);
    expect([limiter.take(), limiter.wait(), limiter.held()]).toEqual([true, 0, 0]);
  });
});
