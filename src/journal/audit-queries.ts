import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { Refusal } from '../archive/journal-port';
import { OPEN_STATES, type RequestState } from '../archive/request';
import { refusalFromRow } from './rows';
import type { Tables } from './schema';

/** Which requests or refusals. Times are epoch ms of the asking: from `since` on, before `until`. */
export interface AuditFilter {
  since?: number;
  until?: number;
  /** A Slack id: of whoever asked for it or did anything with it. */
  person?: string;
  environment?: string;
  trainingId?: string;
  channel?: string;
  /** `open` is every state that has no end yet. */
  outcome?: RequestState | 'open';
}

const PAGE = 100;

/** The newest first, a page at a time. */
export async function* requestIds(db: Kysely<Tables>, filter: AuditFilter): AsyncGenerator<string> {
  let last: { created_at: number | string; id: string } | undefined;
  do {
    let query = db.selectFrom('requests').select(['id', 'created_at']);
    const { since, until, person, environment, trainingId, channel, outcome } = filter;
    if (since !== undefined) query = query.where('created_at', '>=', since);
    if (until !== undefined) query = query.where('created_at', '<', until);
    if (environment !== undefined) query = query.where('environment', '=', environment);
    if (trainingId !== undefined) query = query.where('training_id', '=', trainingId);
    if (channel !== undefined) query = query.where('channel', '=', channel);
    if (outcome !== undefined)
      query = query.where('state', 'in', outcome === 'open' ? OPEN_STATES : [outcome]);
    if (person !== undefined)
      query = query.where((where) =>
        where.or([
          where('requester', '=', person),
          where.exists(
            where
              .selectFrom('events')
              .select('seq')
              .whereRef('events.request_id', '=', 'requests.id')
              .where('actor', '=', person),
          ),
        ]),
      );
    const page = await olderThan(query, 'created_at', last && [last.created_at, last.id])
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(PAGE)
      .execute();
    for (const { id } of page) yield id;
    last = page.length < PAGE ? undefined : page.at(-1);
  } while (last);
}

/** The newest first, a page at a time. */
export async function* refusals(db: Kysely<Tables>, filter: AuditFilter): AsyncGenerator<Refusal> {
  if (filter.outcome !== undefined) return;
  let last: Refusal | undefined;
  do {
    let query = db.selectFrom('refusals').selectAll();
    const { since, until, person, environment, trainingId, channel } = filter;
    if (since !== undefined) query = query.where('at', '>=', since);
    if (until !== undefined) query = query.where('at', '<', until);
    if (person !== undefined) query = query.where('user_id', '=', person);
    if (environment !== undefined) query = query.where('environment', '=', environment);
    if (trainingId !== undefined) query = query.where('training_id', '=', trainingId);
    if (channel !== undefined) query = query.where('channel', '=', channel);
    const page = await olderThan(query, 'at', last && [last.at, last.id])
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(PAGE)
      .execute();
    for (const row of page) {
      last = refusalFromRow(row);
      yield last;
    }
    if (page.length < PAGE) last = undefined;
  } while (last);
}

/** Goes on behind the last row of a page, so that no page is read from the start again. */
function olderThan<TB extends 'requests' | 'refusals', O>(
  query: SelectQueryBuilder<Tables, TB, O>,
  time: 'created_at' | 'at',
  last: [number | string, string] | undefined,
): SelectQueryBuilder<Tables, TB, O> {
  if (!last) return query;
  return query.where(sql<boolean>`(${sql.ref(time)}, ${sql.ref('id')}) < (${Number(last[0])}, ${last[1]})`);
}

/** Requests of which there are only events. */
export async function orphans(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db
    .selectFrom('events')
    .leftJoin('requests', 'requests.id', 'events.request_id')
    .select('events.request_id')
    .distinct()
    .where('requests.id', 'is', null)
    .execute();
  return rows.map(({ request_id }) => request_id);
}
