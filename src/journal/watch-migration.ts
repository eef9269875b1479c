import type { Transaction } from 'kysely';
import type { Tables } from './schema';

/** Schema 3: which process watches an account's operations, so that replicas do not all ask the same. */
export async function shareWatches(trx: Transaction<Tables>): Promise<void> {
  await trx.schema
    .createTable('watches')
    .addColumn('environment', 'text', (column) => column.primaryKey().notNull())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .execute();
}
