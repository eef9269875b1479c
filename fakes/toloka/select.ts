import type { Ordering } from './ordering';
import type { ListQuery } from './query';
import type { Table } from './table';

export interface Page<Row> {
  rows: Row[];
  hasMore: boolean;
}

/**
 * One page of a listing (toloka-kit, lines 409-418: sorted by ID, then `id_gt` and `has_more`). Reads from the
 * smallest ordered bucket, starts at the bound and stops at the limit. `more` filters by what no bucket knows, such as
 * whether an operation is PENDING or RUNNING now.
 */
export function selectPage<Row extends { id: string }>(
  table: Table<Row>,
  query: ListQuery,
  more: (row: Row) => boolean = () => true,
): Page<Row> {
  const [first, ...rest] = query.sort;
  if (!first) return { rows: [], hasMore: false };
  const tests = query.bounds.map((bound) => boundTest(table, bound));
  const wanted = (row: Row) =>
    Object.entries(query.equal).every(([name, value]) => table.spec.buckets[name]?.(row) === value) &&
    tests.every((test) => test(row)) &&
    more(row);

  const ordering = table.narrowest(query.equal, first.key);
  const [low, high] = span(table, ordering, query, first.key);
  const found: Row[] = [];
  // Rows with the same first key are in order of ID. Any other order needs a sort of the group.
  const regroup =
    first.key !== 'id' && rest.length > 0 && !(rest[0]?.key === 'id' && rest[0].desc === first.desc);
  let group: Row[] = [];
  const flush = () => {
    found.push(...group.sort(compareBy(table, rest)));
    group = [];
  };
  const value = table.spec.keys[first.key];
  for (const row of ordering.walk(low, high, first.desc)) {
    if (found.length > query.limit) break;
    if (!wanted(row)) continue;
    if (!regroup) found.push(row);
    else {
      if (group[0] && value?.(group[0]) !== value?.(row)) flush();
      group.push(row);
    }
  }
  flush();
  return { rows: found.slice(0, query.limit), hasMore: found.length > query.limit };
}

type Bound = ListQuery['bounds'][number];

/** Negative when the row is before the bound, 0 when on it; `undefined` when the row has no such value. */
function against<Row extends { id: string }>(table: Table<Row>, { key, value }: Bound) {
  return (row: Row): number | undefined => {
    if (typeof value === 'string') return table.spec.compareIds(row.id, value);
    const own = table.spec.keys[key]?.(row);
    return own === undefined ? undefined : own - value;
  };
}

function boundTest<Row extends { id: string }>(table: Table<Row>, bound: Bound): (row: Row) => boolean {
  const compare = against(table, bound);
  return (row) => {
    const sign = compare(row);
    if (sign === undefined) return false;
    if (bound.op === 'lt') return sign < 0;
    if (bound.op === 'lte') return sign <= 0;
    return bound.op === 'gt' ? sign > 0 : sign >= 0;
  };
}

/** The part of the ordering within the bounds on its key. */
function span<Row extends { id: string }>(
  table: Table<Row>,
  ordering: Ordering<Row>,
  query: ListQuery,
  key: string,
): [number, number] {
  let low = 0;
  let high = ordering.length;
  for (const bound of query.bounds.filter((one) => one.key === key)) {
    const compare = against(table, bound);
    const passed = bound.op === 'gt' || bound.op === 'lte';
    const at = ordering.lowerBound((row) => {
      const sign = compare(row) ?? Number.POSITIVE_INFINITY;
      return passed && sign === 0 ? -1 : sign;
    });
    if (bound.op === 'gt' || bound.op === 'gte') low = Math.max(low, at);
    else high = Math.min(high, at);
  }
  return [low, high];
}

function compareBy<Row extends { id: string }>(table: Table<Row>, sort: ListQuery['sort']) {
  return (a: Row, b: Row): number => {
    for (const { key, desc } of sort) {
      const value = table.spec.keys[key];
      const left = value?.(a) ?? Number.POSITIVE_INFINITY;
      const right = value?.(b) ?? Number.POSITIVE_INFINITY;
      const sign = value ? (left < right ? -1 : left > right ? 1 : 0) : table.spec.compareIds(a.id, b.id);
      if (sign !== 0) return desc ? -sign : sign;
    }
    return 0;
  };
}
