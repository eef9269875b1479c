/** A sorted list, so that one page of 10,000 rows does not cost a sort of all of them. */
export interface Ordering<Row> {
  readonly length: number;
  insert(row: Row): void;
  /** The row must still have the values under which it was inserted. */
  remove(row: Row): void;
  /** How many rows are before the probe, which answers like `compare(row, sought)`. */
  lowerBound(probe: (row: Row) => number): number;
  /** The rows from one position to before another, or the same ones backwards. */
  walk(low?: number, high?: number, backwards?: boolean): Generator<Row, void>;
  first(): Row | undefined;
}

/** Rows are kept in blocks of up to this many: an insertion into one list of 10,000 would move half of them. */
const BLOCK = 256;

export function createOrdering<Row>(compare: (a: Row, b: Row) => number): Ordering<Row> {
  const blocks: Row[][] = [];
  let length = 0;

  const position = (probe: (row: Row) => number): { block: number; index: number } => {
    const block = firstNotBefore(blocks, (rows) => probe(rows[rows.length - 1] as Row));
    return { block, index: firstNotBefore(blocks[block] ?? [], probe) };
  };

  return {
    get length() {
      return length;
    },
    first: () => blocks[0]?.[0],
    insert(row) {
      const { block, index } = position((other) => compare(other, row));
      // After all the others it goes to the end of the last block.
      const at = Math.min(block, blocks.length - 1);
      const rows = blocks[at];
      length++;
      if (!rows) {
        blocks.push([row]);
        return;
      }
      rows.splice(at === block ? index : rows.length, 0, row);
      if (rows.length > BLOCK) blocks.splice(at + 1, 0, rows.splice(BLOCK / 2));
    },
    remove(row) {
      const { block, index } = position((other) => compare(other, row));
      const rows = blocks[block];
      if (rows?.[index] !== row) return;
      rows.splice(index, 1);
      length--;
      if (rows.length === 0) blocks.splice(block, 1);
    },
    lowerBound(probe) {
      const { block, index } = position(probe);
      return blocks.slice(0, block).reduce((sum, rows) => sum + rows.length, index);
    },
    *walk(low = 0, high = length, backwards = false) {
      let start = backwards ? length : 0;
      for (let n = 0; n < blocks.length; n++) {
        const rows = blocks[backwards ? blocks.length - 1 - n : n] as Row[];
        if (backwards) start -= rows.length;
        const from = Math.max(low - start, 0);
        const to = Math.min(high - start, rows.length);
        if (backwards) for (let index = to - 1; index >= from; index--) yield rows[index] as Row;
        else for (let index = from; index < to; index++) yield rows[index] as Row;
        if (!backwards) start += rows.length;
      }
    },
  };
}

function firstNotBefore<Item>(items: readonly Item[], probe: (item: Item) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (probe(items[middle] as Item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export type CompareIds = (a: string, b: string) => number;

const plain = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const digits = /^\d+$/;

/** No source says whether `id_gt` compares numbers or text, so the account can do both. */
export const compareIdsBy: Record<'numeric' | 'lexicographic', CompareIds> = {
  lexicographic: plain,
  numeric: (a, b) =>
    a.length !== b.length && digits.test(a) && digits.test(b) ? a.length - b.length : plain(a, b),
};
