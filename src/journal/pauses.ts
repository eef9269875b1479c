import type { Kysely } from 'kysely';
import { PausedError } from '../archive/errors';
import type { PauseChange, Pauses } from '../archive/pause';
import type { Pause } from '../archive/request';
import type { Connected } from './connect';
import { storable } from './rows';
import type { PauseRow, Tables } from './schema';

/** Whether archiving is paused. @see Pauses */
export function journalPauses({ db, dialect }: Connected): Pauses {
  const write = ({ user: user_id, team: team_id, ...same }: PauseChange) =>
    db.transaction().execute(async (trx) => {
      const last = await lastChange(trx);
      const before = pauseOf(last);
      const changed = (before !== null) !== (same.kind === 'paused');
      if (changed) {
        const row = { ...storable({ ...same, user_id, team_id }), seq: (last?.seq ?? 0) + 1 };
        await trx.insertInto('pauses').values(row).execute();
      }
      return { before, changed };
    });
  const setPause: Pauses['setPause'] = async (change) => {
    try {
      return await write(change);
    } catch (error) {
      // Somebody else did so at the same instant and has taken the number.
      if (!dialect.isUniqueViolation(error)) throw error;
      return setPause(change);
    }
  };
  return { pause: async () => pauseOf(await lastChange(db)), setPause };
}

/**
 * Must be in the transaction that writes what may not happen in a pause. On PostgreSQL, a pause can still be written
 * before that transaction ends, so `unlessPaused` looks for one again.
 * @throws PausedError
 */
export async function ensureNotPaused(trx: Kysely<Tables>): Promise<void> {
  const pause = pauseOf(await lastChange(trx));
  if (pause !== null) throw new PausedError(pause);
}

const lastChange = (db: Kysely<Tables>): Promise<PauseRow | undefined> =>
  db.selectFrom('pauses').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst();

const pauseOf = (row: PauseRow | undefined): Pause | null =>
  row?.kind === 'paused' ? { user: row.user_id, reason: row.reason, at: row.at } : null;
