/** One measured figure of this app, with that of the peer it is compared with. Lower is better in every row. */
export interface Row {
  what: string;
  unit: string;
  ours: number;
  /** Null without a peer. */
  theirs: number | null;
  /** Ours as a multiple of the peer's, from the rounds of one run. Null without a peer. */
  ratio: number | null;
  /** The aim as text. Empty if the figure only explains another one. */
  aim: string;
  /** Null without an aim. */
  reached: boolean | null;
}

export interface PartResult {
  rows: Row[];
  /** Further figures, and the limits of what the rows show. */
  notes: string[];
}

export interface Part {
  title: string;
  /** How it was measured, as a paragraph of the results. */
  how: string;
  /** Takes so long that it runs only when it is named. The document keeps its last section. */
  byNameOnly?: boolean;
  run(options: PartOptions): Promise<PartResult>;
}

export interface PartOptions {
  /** Few rounds and small sizes: shows only that the bench runs. */
  quick: boolean;
}

/** A row with a peer. The aim, if any, is a limit on the ratio. */
export function compared(
  what: string,
  unit: string,
  { ours, theirs, ratio }: { ours: number; theirs: number; ratio: number },
  atMost?: number,
): Row {
  const aim = atMost === undefined ? '' : `at most ${atMost}×`;
  return { what, unit, ours, theirs, ratio, aim, reached: atMost === undefined ? null : ratio <= atMost };
}

/** A row without a peer. The aim, if any, is a limit on the figure. */
export function alone(what: string, unit: string, ours: number, atMost?: number): Row {
  const aim = atMost === undefined ? '' : `at most ${atMost} ${unit}`;
  const reached = atMost === undefined ? null : ours <= atMost;
  return { what, unit, ours, theirs: null, ratio: null, aim, reached };
}
