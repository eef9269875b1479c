import { TolokaError, type TolokaErrorKind } from '../../src/toloka/errors';
import { clockAhead, createLimits } from '../../src/toloka/limits';

const MS = Date.UTC(2021, 1, 26, 10, 13, 32);

describe('the clock of this machine and of the server', () => {
  const date = new Date(MS).toUTCString();
  test.each([
    ['the answer was made while it was waited for', MS - 300, MS + 200, 0],
    ['the second in which it was made is not over', MS + 400, MS + 700, 0],
    ['a process that was stopped received it much later', MS - 300, MS + 900_000, 0],
    ['this machine is ahead', MS + 120_999, MS + 121_500, 120_000],
    ['this machine is behind', MS - 121_000, MS - 120_000, -120_000],
  ])('%s', (_what, sentAt, receivedAt, ahead) => {
    expect(clockAhead({ date }, sentAt, receivedAt)).toBe(ahead);
  });

  test.each([[{}], [{ date: 'now' }], [{ date, age: '900' }]])('%j says nothing', (headers) => {
    expect(clockAhead(headers, MS, MS)).toBeNull();
  });
});

function start() {
  let at = MS;
  const warned: unknown[] = [];
  const limits = createLimits({
    name: 'sandbox',
    requestsPerSecond: 2,
    clock: { now: () => at },
    logger: { warn: (message, fields) => void warned.push([message, fields]) },
  });
  const advance = (ms: number) => {
    at += ms;
  };
  return { limits, warned, advance, at: () => at };
}

const now = { heldMs: 0, budgetMs: 0 };

describe('what Toloka asks to wait', () => {
  const error = (kind: TolokaErrorKind, retryAfterMs: number | null) =>
    new TolokaError(kind, { sent: 'answered', retryAfterMs });

  test.each<[TolokaErrorKind, number | null, number]>([
    ['rate_limited', 7_000, 7_000],
    ['rate_limited', null, 2_000],
    ['rate_limited', 3_600_000, 300_000],
    ['unavailable', 7_000, 7_000],
    ['unavailable', 3_600_000, 300_000],
  ])('%s with Retry-After %p holds for %i ms', (kind, retryAfterMs, ms) => {
    const { limits, advance } = start();
    limits.noteError(error(kind, retryAfterMs));
    expect([limits.delayedBy(now), limits.turn()]).toEqual(['rate_limited', ms]);
    expect(limits.delayedBy({ heldMs: ms, budgetMs: 0 })).toBeNull();
    advance(ms - 1);
    expect(limits.delayedBy(now)).toBe('rate_limited');
    advance(1);
    expect(limits.delayedBy(now)).toBeNull();
  });

  test.each([
    ['503 without Retry-After', error('unavailable', null)],
    ['a conflict', error('conflict', null)],
  ])('%s holds nothing', (_name, cause) => {
    const { limits } = start();
    limits.noteError(cause);
    expect(limits.delayedBy(now)).toBeNull();
  });

  test('a shorter wait does not end a longer one', () => {
    const { limits, advance } = start();
    limits.noteError(error('rate_limited', 10_000));
    limits.noteError(error('rate_limited', 1_000));
    advance(9_000);
    expect(limits.delayedBy(now)).toBe('rate_limited');
  });
});

test('the own budget: as many at once as in a second, then so many a second', () => {
  const { limits, advance } = start();
  expect([limits.turn(), limits.turn(), limits.turn(), limits.turn()]).toEqual([0, 0, 500, 1_000]);
  expect(limits.delayedBy({ heldMs: 0, budgetMs: 1_499 })).toBe('rate_limit_own');
  expect(limits.delayedBy({ heldMs: 0, budgetMs: 1_500 })).toBeNull();
  advance(1_500);
  expect(limits.delayedBy(now)).toBeNull();
});

test.each([-300_000, 300_000])('clocks %i ms apart, as seen in the last minute', (aheadMs) => {
  const { limits, warned, advance, at } = start();
  const see = (ahead: number) => limits.noteClock({ date: new Date(at() - ahead).toUTCString() }, at(), at());
  for (let answers = 0; answers < 3; answers += 1) see(aheadMs);
  expect(limits.clocksApart()).toBe(true);
  expect(warned).toEqual([
    [expect.stringContaining('clock'), { environment: 'sandbox', aheadMs: expect.any(Number) }],
  ]);
  limits.noteClock({}, at(), at());
  expect(limits.clocksApart()).toBe(true);
  advance(60_001);
  expect(limits.clocksApart()).toBe(false);
  see(aheadMs);
  expect(limits.clocksApart()).toBe(true);
  see(120_000);
  expect(limits.clocksApart()).toBe(false);
});
