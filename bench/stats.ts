/** The value that a share of all values does not exceed (nearest rank). @throws when there are none */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('No values were measured');
  return value;
}

/** Halfway between the two in the middle when their number is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const high = quantile(sorted, 0.5 + 0.5 / Math.max(1, sorted.length));
  return (quantile(sorted, 0.5) + high) / 2;
}

export const p99 = (values: readonly number[]): number => quantile(values, 0.99);

/** What each of two contestants brought in each round. */
export interface Rounds {
  ours: number[][];
  theirs: number[][];
}

type Contest = (round: number) => Promise<number[]>;

/**
 * Lets both run in every round, turn about who goes first, so that what slows the machine for a while slows both.
 */
export async function interleave(rounds: number, ours: Contest, theirs: Contest): Promise<Rounds> {
  const result: Rounds = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const);
    for (const who of order) result[who].push(await (who === 'ours' ? ours : theirs)(round));
  }
  return result;
}

export interface Comparison {
  ours: number;
  theirs: number;
  ratio: number;
}

/** The medians, and the median of the rounds' ratios: each of those was measured within one short while. */
export function compareMedians({ ours, theirs }: Rounds): Comparison {
  const ratios = ours.map((values, round) => median(values) / median(theirs[round] ?? []));
  return { ours: median(ours.flat()), theirs: median(theirs.flat()), ratio: median(ratios) };
}

/** Over all rounds together, since one round has too few values for a tail. */
export function compareTails({ ours, theirs }: Rounds): Comparison {
  const tails = { ours: p99(ours.flat()), theirs: p99(theirs.flat()) };
  return { ...tails, ratio: tails.ours / tails.theirs };
}
