import { sql, type Transaction } from 'kysely';
import { OPEN_STATES } from '../archive/request';
import type { JournalDialect } from './dialect';
import type { Tables } from './schema';

/** Schema 1: requests, events and refusals. */
export async function createTables(trx: Transaction<Tables>, dialect: JournalDialect): Promise<void> {
  await trx.schema
    .createTable('requests')
    .addColumn('id', dialect.idType, (column) => column.primaryKey().notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('training_id', 'text', (column) => column.notNull())
    .addColumn('requester', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('retry_of', 'text')
    .addColumn('operation_id', 'text')
    .addColumn('progress', 'double precision')
    .addColumn('outcome_code', 'text')
    .addColumn('outcome_message', 'text')
    .addColumn('card_channel', 'text')
    .addColumn('card_ts', 'text')
    .addColumn('thread_seq', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('confirmed_at', 'bigint')
    .addColumn('submitted_at', 'bigint')
    .addColumn('finished_at', 'bigint')
    .addColumn('lease_token', 'text')
    .addColumn('lease_until', 'bigint')
    .addColumn('step_at', 'bigint')
    .addColumn('publish_at', 'bigint')
    .addColumn('step_tries', 'integer', (column) => column.notNull())
    .addColumn('publish_tries', 'integer', (column) => column.notNull())
    .addColumn('due_at', 'bigint')
    .execute();
  await trx.schema
    .createTable('events')
    .addColumn('request_id', dialect.idType, (column) => column.notNull().references('requests.id'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('from_state', 'text')
    .addColumn('to_state', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('events_pk', ['request_id', 'seq'])
    .execute();
  await trx.schema
    .createTable('refusals')
    .addColumn('id', dialect.idType, (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('code', 'text', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('environment', 'text')
    .addColumn('training_id', 'text')
    .addColumn('request_id', 'text')
    .execute();
  await createIndexes(trx);
  await dialect.refuseChanges(trx, 'events');
  await dialect.refuseChanges(trx, 'refusals');
}

async function createIndexes(trx: Transaction<Tables>): Promise<void> {
  // What keeps a second request for the same training out, whoever races: the database, not a check before it.
  await sql`
    create unique index requests_one_open on requests (environment, training_id)
    where state in (${sql.join(OPEN_STATES.map((state) => sql.lit(state)))})
  `.execute(trx);
  const index = (name: string) => trx.schema.createIndex(name).on('requests');
  await index('requests_due').column('due_at').execute();
  await index('requests_created').columns(['created_at', 'id']).execute();
  await index('requests_training').columns(['environment', 'training_id', 'created_at']).execute();
  await index('requests_operation').columns(['environment', 'operation_id']).execute();
  await trx.schema.createIndex('refusals_at').on('refusals').columns(['at', 'id']).execute();
}
