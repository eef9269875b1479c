import type { Journal } from '../archive/ports';
import { OPEN_STATES, type RequestState } from '../archive/request';
import type { JournalContext } from './dialect';
import { eventFromRow, refusalFromRow, requestFromRow } from './rows';

type Reads = Pick<Journal, 'get' | 'findOpen' | 'events' | 'recent' | 'operationKnown' | 'refusals'>;

/** Where a request can be that nobody has confirmed. */
const UNCONFIRMED_STATES: readonly RequestState[] = ['planned', 'cancelled', 'expired'];

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
