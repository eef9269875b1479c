import type { Journal } from '../archive/journal-port';
import type { JournalContext } from './dialect';
import { requestFromRow, whole } from './rows';

/** The methods that share the work among workers. @see Journal */
export function journalLeases({
  db,
  dialect,
  newToken,
}: JournalContext): Pick<Journal, 'claim' | 'release' | 'holdWatch'> {
  return {
    claim: async ({ now, until, limit, ids, early = false }) => {
      if (ids?.length === 0) return [];
      const rows = await db.transaction().execute((trx) => {
        let due = trx
          .selectFrom('requests')
          .select('id')
          .where((where) => where.or([where('lease_until', 'is', null), where('lease_until', '<=', now)]))
          .orderBy('due_at')
          .orderBy('id')
          .limit(limit);
        if (ids) due = due.where('id', 'in', padded(ids));
        if (!early || !ids) due = due.where('due_at', '<=', now);
        // Materialized, or PostgreSQL may run it again for each row and take more than the limit.
        return trx
          .with(
            (cte) => cte('due').materialized(),
            () => dialect.lockRows(due, 'skip'),
          )
          .updateTable('requests')
          .set({ lease_token: newToken(), lease_until: whole(until) })
          .where('id', 'in', (from) => from.selectFrom('due').select('due.id'))
          .returningAll()
          .execute();
      });
      // RETURNING promises no order.
      rows.sort((a, b) => Number(a.due_at) - Number(b.due_at) || (a.id < b.id ? -1 : 1));
      return rows.map(requestFromRow);
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

    holdWatch: (environment, holder, now, until) =>
      db.transaction().execute(async (trx) => {
        const taken = await trx
          .updateTable('watches')
          .set({ holder, until })
          .where('environment', '=', environment)
          .where((where) => where.or([where('holder', '=', holder), where('until', '<=', now)]))
          .executeTakeFirst();
        if (taken.numUpdatedRows > 0n) return true;
        const made = await trx
          .insertInto('watches')
          .values({ environment, holder, until })
          .onConflict((conflict) => conflict.column('environment').doNothing())
          .executeTakeFirst();
        return (made.numInsertedOrUpdatedRows ?? 0n) > 0n;
      }),
  };
}

/** Repeats the last id up to a power of two: a few statements to keep prepared rather than one for each length. */
export function padded(ids: readonly string[]): string[] {
  const size = 2 ** Math.ceil(Math.log2(ids.length));
  return [...ids, ...Array<string>(size - ids.length).fill(ids.at(-1) ?? '')];
}
