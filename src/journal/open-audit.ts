import type { Selectable } from 'kysely';
import type { Refusal } from '../archive/journal-port';
import type { ArchiveRequest, RequestEvent } from '../archive/request';
import { type AuditFilter, orphans, refusals, requestIds } from './audit-queries';
import { receiptOf } from './chain';
import { checkChain, type Finding } from './check-chain';
import { type ConnectOptions, connectReadOnly } from './connect';
import { eventFromRow, requestFromRow } from './rows';
import type { EventTable, RequestTable } from './schema';

export type { AuditFilter };

export type AuditedEvent = RequestEvent & { planFingerprint: string; facts: string; hash: string };

/** A request with its whole history, as it was at one moment. */
export interface AuditedRequest extends ArchiveRequest {
  head: string;
  events: AuditedEvent[];
}

export interface Checked {
  id: string;
  findings: Finding[];
  /** The receipt after each event, oldest first: the card has shown some of them. */
  receipts: string[];
}

/** Reads everything and writes nothing; may be open beside a running app. */
export interface JournalAudit {
  /** The newest first. Reads as many as are taken, a page at a time. */
  requests(filter: AuditFilter): AsyncGenerator<AuditedRequest>;
  request(id: string): Promise<AuditedRequest | undefined>;
  /** The newest first. `outcome` is not theirs: with one there are none. */
  refusals(filter: AuditFilter): AsyncGenerator<Refusal>;
  /** Computes the chain of a request anew; undefined when it is not in the journal. */
  check(id: string): Promise<Checked | undefined>;
  /** Every request, the newest first; and requests of which there are only events. */
  checkAll(): AsyncGenerator<Checked>;
  close(): Promise<void>;
}

/** @throws JournalUnavailableError, JournalUnreadableError, JournalTooNewError, JournalTooOldError */
export async function openAudit(options: ConnectOptions): Promise<JournalAudit> {
  const { db } = await connectReadOnly(options);

  // One transaction, which sees one moment: the app may write an event between the two reads.
  const history = (id: string) =>
    db.transaction().execute(async (trx) => {
      const row = await trx.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirst();
      const query = trx.selectFrom('events').selectAll().where('request_id', '=', id).orderBy('seq');
      return { row, events: await query.execute() };
    });

  async function request(id: string): Promise<AuditedRequest | undefined> {
    const { row, events } = await history(id);
    return row && audited(row, events);
  }

  async function check(id: string): Promise<Checked | undefined> {
    const { row, events } = await history(id);
    if (row === undefined && events.length === 0) return undefined;
    const receipts = events.map(({ hash }) => receiptOf(hash));
    return { id, receipts, findings: row ? checkChain(row, events) : [orphaned(id)] };
  }

  async function* requests(filter: AuditFilter): AsyncGenerator<AuditedRequest> {
    for await (const id of requestIds(db, filter)) {
      const found = await request(id);
      if (found) yield found;
    }
  }

  return {
    requests,
    request,
    refusals: (filter) => refusals(db, filter),
    check,
    checkAll: async function* () {
      for await (const id of requestIds(db, {})) {
        const checked = await check(id);
        if (checked) yield checked;
      }
      for (const id of await orphans(db)) yield { id, receipts: [], findings: [orphaned(id)] };
    },
    close: () => db.destroy(),
  };
}

const orphaned = (requestId: string): Finding => ({
  requestId,
  seq: null,
  problem: 'removed',
  message: 'the request was removed, its events are still there',
});

function audited(row: Selectable<RequestTable>, events: Selectable<EventTable>[]): AuditedRequest {
  return {
    ...requestFromRow(row),
    head: row.head,
    events: events.map((event) => ({
      ...eventFromRow(event),
      planFingerprint: event.plan_fingerprint,
      facts: event.facts,
      hash: event.hash,
    })),
  };
}
