import fc from 'fast-check';
import { clockAhead, formatTolokaDate, parseTolokaDate } from '../../src/toloka/dates';

const MS = Date.UTC(2021, 1, 26, 10, 13, 32);

test.each([
  ['2021-02-26T10:13:32', 0],
  ['2021-02-26T10:13:32.9', 900],
  ['2021-02-26T10:13:32.921', 921],
  ['2021-02-26T10:13:32.92112', 921],
  ['2021-02-26T10:13:32.921999', 921],
  ['2021-02-26T10:13:32.921999999', 921],
  ['2021-02-26T10:13:32.921Z', 921],
])('%s is UTC, to the millisecond', (text, ms) => {
  expect(parseTolokaDate(text)).toBe(MS + ms);
});

test.each([
  null,
  undefined,
  5,
  {},
  '',
  'yesterday',
  '2021-02-26',
  '2021-02-30T10:00:00',
  '2021-13-01T10:00:00',
  '2021-02-26T25:00:00',
  '2021-02-26T24:00:00',
  '2021-02-26T10:13:32+03:00',
  ' 2021-02-26T10:13:32',
])('%j is no date', (value) => {
  expect(parseTolokaDate(value)).toBeNull();
});

test('every date comes back as it was written', () => {
  const anyMs = fc.integer({ min: Date.UTC(1000, 0), max: Date.UTC(9999, 11, 31) });
  fc.assert(fc.property(anyMs, (ms) => parseTolokaDate(formatTolokaDate(ms)) === ms));
});

test('nothing makes it throw', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      parseTolokaDate(value);
    }),
  );
});

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
