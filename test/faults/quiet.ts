import { setTimeout as sleep } from 'node:timers/promises';
import { OPEN_STATES } from '../../src/archive/request';
import { type ConnectOptions, connectReadOnly } from '../../src/journal/connect';

const LOOK_MS = 250;

/** Waits until no request is open and every card is up to date. Returns how many are left when time is up. */
export async function untilQuiet(journal: ConnectOptions, timeoutMs: number): Promise<number> {
  const { db } = await connectReadOnly(journal);
  try {
    for (const began = Date.now(); ; await sleep(LOOK_MS)) {
      const { count } = await db
        .selectFrom('requests')
        .select((of) => of.fn.countAll().as('count'))
        .where((where) => where.or([where('state', 'in', OPEN_STATES), where('due_at', 'is not', null)]))
        .executeTakeFirstOrThrow();
      if (Number(count) === 0 || Date.now() - began > timeoutMs) return Number(count);
    }
  } finally {
    await db.destroy();
  }
}
