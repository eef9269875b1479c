import { sql } from 'kysely';
import type { Journal } from '../archive/journal-port';
import { OPEN_STATES, type RequestState } from '../archive/request';
import type { JournalContext } from './dialect';
import { padded } from './leases';
import { eventFromRow, millis, refusalFromRow, requestFromRow, runningFromRow } from './rows';

type Reads = Pick<
  Journal,
  'get' | 'findOpen' | 'countRunning' | 'running' | 'events' | 'recent' | 'operationKnown' | 'refusals'
>;

/** Where a request can be that nobody has confirmed. */
const UNCONFIRMED_STATES: readonly RequestState[] = ['planned', 'cancelled', 'expired'];

/** Written into the query, since a partial index is only used for what stands there. */
const RUNNING = sql.lit<RequestState>('running');

/** The methods that only read. @see Journal */
export function journalReads({ db }: JournalContext): Reads {
  return {
    get: async (id) => {
      const row = await db.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirst();
      return row && requestFromRow(row);
    },

    findOpen: async (environment, trainingId) => {
      const row = await db
        .selectFrom('requests')
        .selectAll()
        .where('environment', '=', environment)
        .where('training_id', '=', trainingId)
        .where('state', 'in', OPEN_STATES)
        .executeTakeFirst();
      return row && requestFromRow(row);
    },

    events: async (requestId, afterSeq = 0) => {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('request_id', '=', requestId)
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .execute();
      return rows.map(eventFromRow);
    },

    recent: async ({ environment, trainingId, states, limit }) => {
      if (states?.length === 0) return [];
      let query = db.selectFrom('requests').selectAll();
      if (environment !== undefined) query = query.where('environment', '=', environment);
      if (trainingId !== undefined) query = query.where('training_id', '=', trainingId);
      query = states
        ? query.where('state', 'in', states)
        : query.where((where) =>
            where.or([where('confirmed_at', 'is not', null), where('state', 'not in', UNCONFIRMED_STATES)]),
          );
      const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
      return rows.map(requestFromRow);
    },

    operationKnown: async (environment, operationId, exceptId) => {
      const row = await db
        .selectFrom('requests')
        .select('id')
        .where('environment', '=', environment)
        .where('operation_id', '=', operationId)
        .where('id', '<>', exceptId)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    countRunning: async (environment) => {
      const row = await db
        .selectFrom('requests')
        .select(({ fn }) => [
          fn.countAll().as('count'),
          fn.min('submitted_at').as('oldest'),
          fn.max('submitted_at').as('newest'),
        ])
        .where('environment', '=', environment)
        .where('state', '=', RUNNING)
        .executeTakeFirst();
      return { count: Number(row?.count ?? 0), oldest: millis(row?.oldest), newest: millis(row?.newest) };
    },

    running: async (environment, operationIds) => {
      if (operationIds?.length === 0) return [];
      let query = db
        .selectFrom('requests')
        .select(['id', 'operation_id', 'progress', 'submitted_at'])
        .where('environment', '=', environment)
        .where('state', '=', RUNNING)
        .where('operation_id', 'is not', null);
      if (operationIds) query = query.where('operation_id', 'in', padded(operationIds));
      const rows = await query.execute();
      return rows.map(runningFromRow);
    },

    refusals: async (limit) => {
      const rows = await db
        .selectFrom('refusals')
        .selectAll()
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(refusalFromRow);
    },
  };
}
