import { randomUUID } from 'node:crypto';
import { type SelectQueryBuilder, sql } from 'kysely';
import type { Journal } from '../archive/ports-journal';
import { ENDED_STATES, OPEN_STATES, type RequestState } from '../archive/request';
import type { Connected, ConnectOptions } from './connect';
import { eventFromRow, requestFromRow } from './rows';
import type { RequestRow, Tables } from './schema';
import { isOpenRow } from './workload';

type Reads =
  | 'open'
  | 'confirmedBy'
  | 'history'
  | 'get'
  | 'batch'
  | 'findOpen'
  | 'lastEnded'
  | 'events'
  | 'countRunning'
  | 'running'
  | 'runningOperations'
  | 'claimedOperations';

/** Written into the queries, since a partial index is only used for a literal. */
const RUNNING = sql.lit<RequestState>('running');

/** Of so many of the newest requests, the one that ended last is looked for: they may end in another order. */
const NEWEST = 20;

/** The methods that only read. @see Journal */
export function journalReads({ db }: Connected, logger?: ConnectOptions['logger']): Pick<Journal, Reads> {
  const requests = db.selectFrom('requests');
  const ofTraining = (environment: string, trainingId: string, states: readonly RequestState[]) =>
    requests
      .selectAll()
      .where('environment', '=', environment)
      .where('training_id', '=', trainingId)
      .where('state', 'in', states);
  const newest = (query: SelectQueryBuilder<Tables, 'requests', RequestRow>, limit: number) =>
    query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  /** Plans that nobody confirmed are left out. */
  const confirmedOf = (rows: readonly RequestRow[], limit: number) =>
    readableOnly(rows, logger, requestFromRow)
      .filter(({ confirmedAt }) => confirmedAt !== null)
      .slice(0, limit);
  return {
    get: async (id) => {
      const row = await requests.selectAll().where('id', '=', id).executeTakeFirst();
      return row && requestFromRow(row);
    },

    batch: async (id) => {
      const rows = await requests
        .selectAll()
        .where(({ or, eb }) => or([eb('id', '=', id), eb('batch_id', '=', id)]))
        .execute();
      return rows.map(requestFromRow).sort((a, b) => a.place - b.place);
    },

    open: async (limit) => {
      const rows = requests.selectAll().where(isOpenRow);
      return readableOnly(await newest(rows, limit), logger, requestFromRow);
    },

    confirmedBy: async (requester, limit) => {
      const rows = requests.selectAll().where('requester', '=', requester);
      return confirmedOf(await newest(rows.where('state', '<>', 'planned'), limit * 4), limit);
    },

    history: async (environment, trainingId, limit) => {
      const rows = requests
        .selectAll()
        .where('environment', '=', environment)
        .where('training_id', '=', trainingId);
      return confirmedOf(await newest(rows.where('state', '<>', 'planned'), limit * 4), limit);
    },

    findOpen: async (environment, trainingId) => {
      const row = await ofTraining(environment, trainingId, OPEN_STATES).executeTakeFirst();
      return row && requestFromRow(row);
    },

    lastEnded: async (environment, trainingId) => {
      const rows = await ofTraining(environment, trainingId, ENDED_STATES)
        .orderBy('created_at', 'desc')
        .limit(NEWEST)
        .execute();
      const ended = readableOnly(rows, logger, requestFromRow);
      return ended.sort((a, b) => Number(b.finishedAt) - Number(a.finishedAt))[0];
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

    countRunning: (environment) =>
      requests
        .select(({ fn }) => {
          // What a damaged row may hold, such as text in SQLite, sorts after every time.
          const submittedAt = (edge: 'min' | 'max') =>
            fn[edge]('submitted_at').filterWhere('submitted_at', '<=', Number.MAX_SAFE_INTEGER);
          return [
            fn.countAll<number>().as('count'),
            submittedAt('min').as('oldest'),
            submittedAt('max').as('newest'),
          ];
        })
        .where('environment', '=', environment)
        .where('state', '=', RUNNING)
        .executeTakeFirstOrThrow(),

    runningOperations: async (environment) => {
      const rows = await requests
        .select('operation_id')
        .where('environment', '=', environment)
        .where('state', '=', RUNNING)
        .where('operation_id', 'is not', null)
        .orderBy('submitted_at')
        .$narrowType<{ operation_id: string }>()
        .execute();
      return rows.map(({ operation_id }) => operation_id);
    },

    running: async (environment, operationIds) => {
      if (operationIds.length === 0) return [];
      const rows = await requests
        .selectAll()
        .where('environment', '=', environment)
        .where('state', '=', RUNNING)
        .where('operation_id', 'in', padded(operationIds))
        .execute();
      return readableOnly(rows, logger, requestFromRow);
    },

    claimedOperations: async (environment, operationIds, exceptId) => {
      if (operationIds.length === 0) return new Set();
      const rows = await requests
        .select('operation_id')
        .where('environment', '=', environment)
        .where('operation_id', 'in', padded(operationIds))
        .where('id', '<>', exceptId)
        .execute();
      return new Set(rows.map(({ operation_id }) => String(operation_id)));
    },
  };
}

/** The methods that share the work among workers. @see Journal */
export function journalLeases(
  { db, dialect }: Connected,
  logger?: ConnectOptions['logger'],
): Pick<Journal, 'claim' | 'release' | 'releaseAll'> {
  return {
    claim: async ({ now, until, limit, ids, token = randomUUID() }) => {
      if (ids?.length === 0) return [];
      const rows = await db.transaction().execute((trx) => {
        const free = trx
          .selectFrom('requests')
          .select('id')
          .where((where) => where.or([where('lease_until', 'is', null), where('lease_until', '<=', now)]))
          .orderBy('due_at')
          .orderBy('id')
          .limit(limit);
        const wanted = ids ? free.where('id', 'in', padded(ids)) : free.where('due_at', '<=', now);
        // Materialized, or PostgreSQL may run it again for each row and take more than the limit.
        return trx
          .with(
            (cte) => cte('wanted').materialized(),
            () => dialect.lockRows(wanted, 'skip'),
          )
          .updateTable('requests')
          .set({ lease_token: token, lease_until: until })
          .where('id', 'in', (from) => from.selectFrom('wanted').select('wanted.id'))
          .returningAll()
          .execute();
      });
      // RETURNING promises no order.
      rows.sort((a, b) => Number(a.due_at) - Number(b.due_at) || (a.id < b.id ? -1 : 1));
      return readableOnly(rows, logger, requestFromRow);
    },

    release: (id, lease) =>
      db.transaction().execute(async (trx) => {
        await trx
          .updateTable('requests')
          .set({ lease_token: null, lease_until: null })
          .where('id', '=', id)
          .where('lease_token', '=', lease.token)
          .execute();
      }),

    releaseAll: (isOver) =>
      db.transaction().execute(async (trx) => {
        const held = await trx
          .selectFrom('requests')
          .select(['id', 'lease_token'])
          // Not "is not null", for which SQLite reads every request.
          .where('due_at', '>', 0)
          .where('lease_token', 'is not', null)
          .execute();
        const over = held.filter(({ lease_token: token }) => token !== null && isOver(token));
        for (const { id, lease_token } of over) {
          await trx
            .updateTable('requests')
            .set({ lease_token: null, lease_until: null })
            .where('id', '=', id)
            .where('lease_token', '=', lease_token)
            .execute();
        }
        return over.length;
      }),
  };
}

/** Passes over rows that cannot be read, with a warning, so that one of them does not stop the work on the others. */
function readableOnly<Row extends { id: string }, Value>(
  rows: readonly Row[],
  logger: ConnectOptions['logger'],
  read: (row: Row) => Value,
): Value[] {
  return rows.flatMap((row) => {
    try {
      return [read(row)];
    } catch (error) {
      logger?.warn('a request that cannot be read is passed over', { request: row.id, error });
      return [];
    }
  });
}

/** Repeats the last ID up to a power of two: a few statements to keep prepared rather than one per length. */
function padded(ids: readonly string[]): string[] {
  const size = 2 ** Math.ceil(Math.log2(ids.length));
  return [...ids, ...Array<string>(size - ids.length).fill(ids.at(-1) ?? '')];
}
