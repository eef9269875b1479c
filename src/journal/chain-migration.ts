import type { Selectable, Transaction } from 'kysely';
import { chained } from './chain';
import type { JournalDialect } from './dialect';
import type { EventTable, RequestTable, Tables } from './schema';

/** Requests that are chained at a time, so that memory stays bounded however long the journal is. */
const PAGE = 100;

type Old = Tables & { events_chained: EventTable };

/**
 * Schema 2: chains the events of each request. Those that are there already are chained as they are found, so for
 * them the chain proves nothing about the time before. An older copy of the app that still runs can write no event
 * any more, since it gives no hash: it stops before it sends anything to Toloka.
 */
export async function chainEvents(trx: Transaction<Tables>, dialect: JournalDialect): Promise<void> {
  await trx.schema
    .alterTable('requests')
    .addColumn('head', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  // A new table, since neither database adds columns without a default, and the old one refuses changes.
  await trx.schema
    .createTable('events_chained')
    .addColumn('request_id', dialect.idType, (column) => column.notNull().references('requests.id'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('from_state', 'text')
    .addColumn('to_state', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('plan_fingerprint', 'text', (column) => column.notNull())
    .addColumn('facts', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('events_chained_pk', ['request_id', 'seq'])
    .execute();
  const both = trx as unknown as Transaction<Old>;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Selectable<RequestTable>[] = await trx
      .selectFrom('requests')
      .selectAll()
      .where('id', '>', after)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    for (const request of page) await chainOne(both, request);
    after = page.at(-1)?.id;
  }
  await trx.schema.dropTable('events').execute();
  await trx.schema.alterTable('events_chained').renameTo('events').execute();
  await dialect.refuseChanges(trx, 'events');
}

async function chainOne(trx: Transaction<Old>, request: Selectable<RequestTable>): Promise<void> {
  const events = await trx
    .selectFrom('events')
    .select(['request_id', 'seq', 'at', 'kind', 'from_state', 'to_state', 'actor', 'detail'])
    .where('request_id', '=', request.id)
    .orderBy('seq')
    .execute();
  let head: string | null = null;
  for (const event of events) {
    const link = chained({ ...event, at: Number(event.at) }, request, head);
    await trx.insertInto('events_chained').values(link).execute();
    head = link.hash;
  }
  await trx
    .updateTable('requests')
    .set({ head: head ?? '' })
    .where('id', '=', request.id)
    .execute();
}
