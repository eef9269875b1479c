import { type CompareIds, createOrdering, type Ordering } from './ordering';

export interface TableSpec<Row> {
  /** What a listing can be sorted by and bounded on, besides `id`. An absent value sorts last. */
  keys: Record<string, (row: Row) => number | undefined>;
  /** What a listing can be narrowed by. */
  buckets: Record<string, (row: Row) => string>;
  compareIds: CompareIds;
}

export interface Table<Row extends { id: string }> {
  readonly spec: TableSpec<Row>;
  readonly size: number;
  get(id: string): Row | undefined;
  /** All rows, in order of one key. */
  inOrder(key: string): Row[];
  insert(row: Row): Row;
  update(row: Row, patch: Partial<Row>): Row;
  /** Rows of one bucket, in order of id. */
  inBucket(bucket: string, value: string): Row[];
  /** The ordering that has the fewest rows to look at. */
  narrowest(buckets: Record<string, string>, key: string): Ordering<Row>;
  clear(): void;
}

/** Rows by ID, and every bucket in every order, updated at each write. */
export function createTable<Row extends { id: string }>(spec: TableSpec<Row>): Table<Row> {
  const byId = new Map<string, Row>();
  const keys = ['id', ...Object.keys(spec.keys)];
  const values = keys.map((key) => spec.keys[key] ?? ((row: Row) => row.id));

  const compare = (key: string) => {
    const value = spec.keys[key];
    if (!value) return (a: Row, b: Row) => spec.compareIds(a.id, b.id);
    return (a: Row, b: Row) => {
      const left = value(a) ?? Number.POSITIVE_INFINITY;
      const right = value(b) ?? Number.POSITIVE_INFINITY;
      return left < right ? -1 : left > right ? 1 : spec.compareIds(a.id, b.id);
    };
  };

  /** One way to divide the rows: for each value, the rows that have it, in the order of each key. */
  const division = (of: (row: Row) => string) => {
    const parts = new Map<string, Ordering<Row>[]>();
    const part = (value: string): Ordering<Row>[] => {
      const found = parts.get(value) ?? keys.map((key) => createOrdering(compare(key)));
      parts.set(value, found);
      return found;
    };
    return { of, part, parts };
  };
  const everything = division(() => '');
  const buckets = new Map(Object.entries(spec.buckets).map(([name, of]) => [name, division(of)]));
  const divisions = [everything, ...buckets.values()];
  const look = (parts: Map<string, Ordering<Row>[]> | undefined, value: string, key: string) =>
    parts?.get(value)?.[keys.indexOf(key)] ?? createOrdering(compare(key));

  return {
    spec,
    get size() {
      return byId.size;
    },
    get: (id) => byId.get(id),
    inOrder: (key) => [...look(everything.parts, '', key).walk()],
    inBucket: (bucket, value) => [...look(buckets.get(bucket)?.parts, value, 'id').walk()],
    insert(row) {
      if (byId.has(row.id)) throw new Error(`There is already a row with the id ${row.id}.`);
      byId.set(row.id, row);
      for (const { of, part } of divisions) for (const ordering of part(of(row))) ordering.insert(row);
      return row;
    },
    update(row, patch) {
      const next = { ...row, ...patch };
      const moves: [from: Ordering<Row>, to: Ordering<Row>][] = [];
      for (const { of, part } of divisions) {
        const [from, to] = [part(of(row)), part(of(next))];
        values.forEach((value, index) => {
          if (from !== to || value(row) !== value(next))
            moves.push([from[index] as Ordering<Row>, to[index] as Ordering<Row>]);
        });
      }
      for (const [from] of moves) from.remove(row);
      Object.assign(row, patch);
      for (const [, to] of moves) to.insert(row);
      return row;
    },
    narrowest(wanted, key) {
      return Object.entries(wanted)
        .map(([name, value]) => look(buckets.get(name)?.parts, value, key))
        .reduce(
          (best, candidate) => (candidate.length < best.length ? candidate : best),
          look(everything.parts, '', key),
        );
    },
    clear() {
      byId.clear();
      for (const { parts } of divisions) parts.clear();
    },
  };
}
