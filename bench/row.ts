/** One figure: what was measured, for this app and for what it is held against. Lower is better everywhere. */
export interface Row {
  what: string;
  unit: string;
  ours: number;
  /** The peer's figure; null where a figure stands for itself. */
  theirs: number | null;
  /** Ours as a multiple of the peer's, from the rounds of one run; null without a peer. */
  ratio: number | null;
  /** In words; empty for a figure that only explains another. */
  aim: string;
  /** Null where there is no aim. */
  reached: boolean | null;
}

export interface PartResult {
  rows: Row[];
  /** What was seen on the side, and what keeps these figures from being taken for more than they are. */
  notes: string[];
}

export interface Part {
  title: string;
  /** How it was measured: a short paragraph for the results. */
  how: string;
  run(options: PartOptions): Promise<PartResult>;
}

export interface PartOptions {
  /** Few rounds, small sizes: shows that the bench still runs, and nothing about speed. */
  quick: boolean;
}

/** A row with a peer, whose aim is a limit on the ratio; no limit makes it a figure without an aim. */
export function compared(
  what: string,
  unit: string,
  { ours, theirs, ratio }: { ours: number; theirs: number; ratio: number },
  atMost?: number,
): Row {
  const aim = atMost === undefined ? '' : `at most ${atMost}×`;
  return { what, unit, ours, theirs, ratio, aim, reached: atMost === undefined ? null : ratio <= atMost };
}

/** A row that stands for itself, whose aim is a limit on the figure. */
export function alone(what: string, unit: string, ours: number, atMost?: number): Row {
  const aim = atMost === undefined ? '' : `at most ${atMost} ${unit}`;
  const reached = atMost === undefined ? null : ours <= atMost;
  return { what, unit, ours, theirs: null, ratio: null, aim, reached };
}
