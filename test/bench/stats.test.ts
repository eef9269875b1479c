import { markdownTable, number, textTable } from '../../bench/report';
import { alone, compared } from '../../bench/row';
import { compareMedians, compareTails, interleave, median, p99, quantile } from '../../bench/stats';

describe('the statistics of the benches', () => {
  it('finds the middle, also between two', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
    expect(() => median([])).toThrow('No values');
  });

  it('finds what a share of the values does not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect([quantile(hundred, 0), quantile(hundred, 0.5), p99(hundred), quantile(hundred, 1)]).toEqual([
      1, 50, 99, 100,
    ]);
    expect(p99([5])).toBe(5);
  });

  it('lets both run in every round, turn about who goes first', async () => {
    const order: string[] = [];
    const contest = (who: string) => async (round: number) => {
      order.push(`${who}${round}`);
      return [round];
    };
    const rounds = await interleave(3, contest('a'), contest('b'));
    expect(order).toEqual(['a0', 'b0', 'b1', 'a1', 'a2', 'b2']);
    expect(rounds).toEqual({ ours: [[0], [1], [2]], theirs: [[0], [1], [2]] });
  });

  it('compares within a round, so that a slow round decides nothing', () => {
    const rounds = { ours: [[2], [200], [2]], theirs: [[1], [100], [1]] };
    expect(compareMedians(rounds)).toEqual({ ours: 2, theirs: 1, ratio: 2 });
    expect(compareTails(rounds)).toEqual({ ours: 200, theirs: 100, ratio: 2 });
  });
});

describe('the rows of the benches', () => {
  const rows = [
    compared('fast', 'ms', { ours: 13, theirs: 10, ratio: 1.3 }, 1.3),
    compared('slow', 'ms', { ours: 14, theirs: 10, ratio: 1.4 }, 1.3),
    alone('big', 'KiB', 4.5, 4),
    compared('aside', '', { ours: 1, theirs: 2, ratio: 0.5 }),
  ];

  it('say whether the aim is reached, and nothing without one', () => {
    expect(rows.map(({ reached }) => reached)).toEqual([true, false, false, null]);
  });

  it('stand in tables of as many lines, with three digits that count', () => {
    expect(textTable(rows).split('\n')).toHaveLength(5);
    expect(markdownTable(rows).split('\n')).toHaveLength(6);
    expect([1234.5, 123.4, 12.345, 0.012345, Number.NaN].map(number)).toEqual([
      '1,235',
      '123',
      '12.3',
      '0.0123',
      'NaN',
    ]);
  });
});
