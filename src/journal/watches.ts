import { sql } from 'kysely';
import type { Watch, Watches } from '../archive/watch';
import type { Connected } from './connect';
import { storable } from './rows';
import type { WatchRow } from './schema';

/** Who wants to be notified about which training. @see Watches */
export function journalWatches({ db, dialect }: Connected): Watches {
  const isClaimed = ({ id, claimedUntil }: Watch) =>
    sql<boolean>`id = ${id} and claimed_until = ${claimedUntil ?? 0}`;
  return {
    watch: (given, most) =>
      db.transaction().execute(async (trx) => {
        const row = rowFrom(storable(given));
        const theirs = () => trx.selectFrom('watches').where('user_id', '=', row.user_id);
        // Another process may write one for the same person now. These rows keep it waiting, so that it counts this one.
        await dialect.lockRows(theirs().select('id').orderBy('id'), 'wait').execute();
        const others = await theirs()
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where(({ not, and, eb }) =>
            not(and([eb('environment', '=', row.environment), eb('training_id', '=', row.training_id)])),
          )
          .executeTakeFirstOrThrow();
        if (others.count >= most) return null;
        const { id: _, ...again } = row;
        const written = await trx
          .insertInto('watches')
          .values(row)
          .onConflict((same) => same.columns(['environment', 'training_id', 'user_id']).doUpdateSet(again))
          .returningAll()
          .executeTakeFirstOrThrow();
        return watchFromRow(written);
      }),

    watches: async (user) => {
      const rows = await db
        .selectFrom('watches')
        .selectAll()
        .where('user_id', '=', user)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(watchFromRow);
    },

    cancelWatch: (id, user) =>
      db.transaction().execute(async (trx) => {
        const row = await trx
          .deleteFrom('watches')
          .where('id', '=', id)
          .where('user_id', '=', user)
          .returningAll()
          .executeTakeFirst();
        return row && watchFromRow(row);
      }),

    claimWatches: async ({ now, until, limit }) => {
      const rows = await db.transaction().execute((trx) => {
        const due = trx
          .selectFrom('watches')
          .select('id')
          .where('due_at', '<=', now)
          .where(({ or, eb }) => or([eb('claimed_until', 'is', null), eb('claimed_until', '<=', now)]))
          .orderBy('due_at')
          .orderBy('id')
          .limit(limit);
        // Materialized, or PostgreSQL may run it again for each row and take more than the limit.
        return trx
          .with(
            (cte) => cte('wanted').materialized(),
            () => dialect.lockRows(due, 'skip'),
          )
          .updateTable('watches')
          .set({ claimed_until: until })
          .where('id', 'in', (from) => from.selectFrom('wanted').select('wanted.id'))
          .returningAll()
          .execute();
      });
      return rows.map(watchFromRow);
    },

    updateWatch: async (claimed, change) => {
      const row = rowFrom(storable({ ...claimed, ...change }));
      const { numUpdatedRows } = await db
        .transaction()
        .execute((trx) =>
          trx.updateTable('watches').set(row).where(isClaimed(claimed)).executeTakeFirstOrThrow(),
        );
      return numUpdatedRows > 0n;
    },

    removeWatch: (claimed) =>
      db.transaction().execute(async (trx) => {
        await trx.deleteFrom('watches').where(isClaimed(claimed)).execute();
      }),
  };
}

const watchFromRow = (row: WatchRow): Watch => ({
  id: row.id,
  environment: row.environment,
  trainingId: row.training_id,
  user: row.user_id,
  team: row.team_id,
  enterprise: row.enterprise_id,
  channel: row.channel,
  name: row.training_name,
  createdAt: row.created_at,
  tries: row.tries,
  dueAt: row.due_at,
  claimedUntil: row.claimed_until,
});

const rowFrom = (watch: Watch): WatchRow => ({
  id: watch.id,
  environment: watch.environment,
  training_id: watch.trainingId,
  user_id: watch.user,
  team_id: watch.team,
  enterprise_id: watch.enterprise,
  channel: watch.channel,
  training_name: watch.name,
  created_at: watch.createdAt,
  tries: watch.tries,
  due_at: watch.dueAt,
  claimed_until: watch.claimedUntil,
});
