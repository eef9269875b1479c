import { type Kysely, sql } from 'kysely';
import type { Journal, Workload } from '../archive/ports-journal';
import { deliverySchema, OPEN_STATES } from '../archive/request';
import { attempt } from './chain';
import type { Connected } from './connect';
import type { RequestRow, Tables } from './schema';

/** The states of the index of open requests, as literals: a partial index is only used for those. */
export const isOpenRow = sql<boolean>`state in (${sql.join(OPEN_STATES.map((state) => sql.lit(state)))})`;

/** The queries behind `workload`. Each uses an index that finds its rows without reading the past. */
export const workloadQueries = (db: Kysely<Tables>) => ({
  open: db
    .selectFrom('requests')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .where(isOpenRow)
    .groupBy('state'),
  // "is not null" would make SQLite read every request.
  scheduled: db
    .selectFrom('requests')
    .select(['due_at', 'touch_due', 'lease_until', 'delivery'])
    .where('due_at', '>', 0)
    .$narrowType<{ due_at: number }>(),
  watches: db.selectFrom('watches').select(({ fn }) => fn.countAll<number>().as('count')),
});

/** @see Journal.workload */
export function journalWorkload({ db }: Connected): Pick<Journal, 'workload'> {
  const queries = workloadQueries(db);
  return {
    async workload(now): Promise<Workload> {
      const [states, rows, watches] = await Promise.all([
        queries.open.execute(),
        queries.scheduled.execute(),
        queries.watches.executeTakeFirstOrThrow(),
      ]);
      const due = rows.flatMap(({ due_at }) => (due_at <= now ? [due_at] : []));
      const unpublished = rows.flatMap(unpublishedSince).filter((at) => at <= now);
      return {
        open: Object.fromEntries(states.map(({ state, count }) => [state, Number(count)])),
        due: due.length,
        oldestDueAt: least(due),
        oldestUnpublishedAt: least(unpublished),
        leases: rows.filter(({ lease_until }) => lease_until !== null && lease_until > now).length,
        watches: Number(watches.count),
      };
    },
  };
}

/** Since when the card of a request, or what others of its batch add to it, is not in Slack. May be in the future. */
function unpublishedSince({ delivery, touch_due }: Pick<RequestRow, 'delivery' | 'touch_due'>): number[] {
  const read = attempt(() => deliverySchema.parse(JSON.parse(delivery)));
  const { publishAt = null, unpublishedSince: failingSince = null } = read ?? {};
  return [publishAt && (failingSince ?? publishAt), touch_due].filter((at) => at !== null);
}

const least = (times: readonly number[]): number | null => (times.length === 0 ? null : Math.min(...times));
