import fc from 'fast-check';
import { retryAfterMs } from '../../src/toloka/retry-after';

const NOW = Date.UTC(2024, 0, 1, 12, 0, 0);

test.each([
  ['0', 0],
  ['5', 5_000],
  [' 120 ', 120_000],
  ['Mon, 01 Jan 2024 12:00:07 GMT', 7_000],
  ['Monday, 01-Jan-24 12:00:07 GMT', 7_000],
  ['Mon, 01 Jan 2024 11:59:00 GMT', 0],
])('Retry-After: %s', (header, ms) => {
  expect(retryAfterMs(header, undefined, NOW)).toBe(ms);
});

test.each([
  ['MIN', 60_000],
  ['HOUR', 3_600_000],
  ['DAY', 86_400_000],
])('without a header, a quota per %s', (interval, ms) => {
  expect(retryAfterMs(undefined, { interval }, NOW)).toBe(ms);
  expect(retryAfterMs('3', { interval }, NOW)).toBe(3_000);
  expect(retryAfterMs('nonsense', { interval }, NOW)).toBe(ms);
});

test.each([
  ['-1', undefined],
  ['1e9', undefined],
  ['soon', { interval: 'WEEK' }],
  [['5', '6'], { interval: 'toString' }],
  ['Mon, tomorrow GMT', 'MIN'],
  [undefined, null],
])('%j with %j', (header, payload) => {
  expect(retryAfterMs(header, payload, NOW)).toBeNull();
});

test('is never negative and never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.anything()), fc.anything(), (header, payload) => {
      const ms = retryAfterMs(header, payload, NOW);
      return ms === null || ms >= 0;
    }),
  );
});
