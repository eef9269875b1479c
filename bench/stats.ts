/** The smallest value that at least this share of the values does not exceed (nearest rank). @throws when there are none */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('No values were measured');
  return value;
}

/** With an even number of values, halfway between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const high = quantile(sorted, 0.5 + 0.5 / Math.max(1, sorted.length));
  return (quantile(sorted, 0.5) + high) / 2;
}

export const p99 = (values: readonly number[]): number => quantile(values, 0.99);

/** The values of each side, for each round. */
export interface Rounds {
  ours: number[][];
  theirs: number[][];
}

type Contest = (round: number) => Promise<number[]>;

/** Runs both sides in every round and swaps their order each time, so that a slow spell of the machine hits both. */
export async function interleave(rounds: number, ours: Contest, theirs: Contest): Promise<Rounds> {
  const result: Rounds = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const);
    for (const side of order) result[side].push(await (side === 'ours' ? ours : theirs)(round));
  }
  return result;
}

export interface Comparison {
  ours: number;
  theirs: number;
  ratio: number;
}

/** The medians, and the median of the ratios within each round, whose two sides ran close together. */
export function compareMedians({ ours, theirs }: Rounds): Comparison {
  const ratios = ours.map((values, round) => median(values) / median(theirs[round] ?? []));
  return { ours: median(ours.flat()), theirs: median(theirs.flat()), ratio: median(ratios) };
}

/** The 99th percentiles over all rounds together, since one round has too few values for one. */
export function compareTails({ ours, theirs }: Rounds): Comparison {
  const tails = { ours: p99(ours.flat()), theirs: p99(theirs.flat()) };
  return { ...tails, ratio: tails.ours / tails.theirs };
}
