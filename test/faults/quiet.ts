import { setTimeout as sleep } from 'node:timers/promises';
import { OPEN_STATES } from '../../src/archive/request';
import type { JournalPlace } from '../../src/journal/connect';
import { connectReadOnly } from '../../src/journal/connect';

const LOOK_MS = 250;

/** Waits until no request is open and every card is up to date. Returns how many are left when the time is over. */
export async function untilQuiet(place: JournalPlace, timeoutMs: number): Promise<number> {
  const { db } = await connectReadOnly(place);
  try {
    for (const began = Date.now(); ; await sleep(LOOK_MS)) {
      const { count } = await db
        .selectFrom('requests')
        .select((of) => of.fn.countAll().as('count'))
        .where((where) => where.or([where('state', 'in', OPEN_STATES), where('publish_at', 'is not', null)]))
        .executeTakeFirstOrThrow();
      if (Number(count) === 0 || Date.now() - began > timeoutMs) return Number(count);
    }
  } finally {
    await db.destroy();
  }
}
