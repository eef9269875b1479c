import { sql, type Transaction } from 'kysely';
import type { Tables } from './schema';

/** Schema 4: the few requests that run are found without a look at all that ever were; they are counted four times a second. */
export async function indexRunning(trx: Transaction<Tables>): Promise<void> {
  await sql`create index requests_running on requests (environment, submitted_at) where state = 'running'`.execute(
    trx,
  );
}
