import type { Selectable } from 'kysely';
import { factsOf, genesis, hashOf } from './chain';
import type { EventTable, RequestTable } from './schema';

type Event = Selectable<EventTable>;
type Request = Selectable<RequestTable>;

/** One thing that is not as it was written. `seq` is the event that it is about, null when it is the request's row. */
export interface Finding {
  requestId: string;
  seq: number | null;
  problem: 'changed' | 'removed' | 'added' | 'reordered' | 'row_changed';
  message: string;
}

/** Beyond this many events nobody looks where a misplaced one was written: the search grows with their cube. */
const LONGEST_SEARCHED = 100;

/**
 * Computes the chain of one request anew and compares it with what is stored. Empty when all is as it was written, or
 * when somebody who could write everything has computed it all anew.
 * @param events all of the request, in order of `seq`, read at the same moment as the row
 */
export function checkChain(request: Request, events: readonly Event[]): Finding[] {
  const finding = (seq: number | null, problem: Finding['problem'], message: string): Finding => ({
    requestId: request.id,
    seq,
    problem,
    message,
  });
  const bySeq = new Map(events.map((event) => [event.seq, event]));
  const findings: Finding[] = [];
  for (let seq = 1; seq <= request.version; seq++) {
    if (!bySeq.has(seq)) findings.push(finding(seq, 'removed', `event ${seq} was removed`));
  }
  for (const event of events) {
    const { seq } = event;
    if (seq < 1 || seq > request.version || bySeq.get(seq) !== event) {
      findings.push(
        finding(seq, 'added', `event ${seq} was added: the request has ${request.version} events`),
      );
    } else {
      const wrong = checkEvent(request, event, bySeq, events);
      if (wrong) findings.push(finding(seq, ...wrong));
    }
  }
  const row = checkRow(request, bySeq.get(request.version));
  findings.push(...row.map((message) => finding(null, 'row_changed', message)));
  return findings.sort((a, b) => (a.seq ?? Number.POSITIVE_INFINITY) - (b.seq ?? Number.POSITIVE_INFINITY));
}

function checkEvent(
  request: Request,
  event: Event,
  bySeq: ReadonlyMap<number, Event>,
  events: readonly Event[],
): ['changed' | 'reordered', string] | undefined {
  const { seq } = event;
  const first = genesis(request, event.plan_fingerprint);
  const previous = seq === 1 ? first : bySeq.get(seq - 1)?.hash;
  // What stood before it is gone and says so by itself; without it this one cannot be computed.
  if (previous === undefined || hashOf(event, event, previous) === event.hash) return undefined;
  const written = whereWritten(event, [first, ...events.map(({ hash }) => hash)], events);
  if (written !== undefined)
    return ['reordered', `event ${seq} was moved: it was written as event ${written}`];
  const or =
    seq === 1
      ? 'or the request it begins (its id, environment, training, requester, channel or time)'
      : `or event ${seq - 1} was written anew`;
  return ['changed', `event ${seq} was changed, ${or}`];
}

function whereWritten(event: Event, hashes: readonly string[], events: readonly Event[]): number | undefined {
  if (events.length > LONGEST_SEARCHED) return undefined;
  // A few places more than there are events: some may have been removed and the rest numbered anew.
  const places = Array.from({ length: events.length + 3 }, (_, i) => i + 1);
  return places.find(
    (seq) =>
      seq !== event.seq && hashes.some((hash) => hashOf({ ...event, seq }, event, hash) === event.hash),
  );
}

function checkRow(request: Request, last: Event | undefined): string[] {
  if (last === undefined) return [];
  const wrong: string[] = [];
  if (request.state !== last.to_state)
    wrong.push(`the request says ${request.state}, its last event says ${last.to_state}`);
  if (request.head !== last.hash) wrong.push('the receipt of the request is not that of its last event');
  if (factsOf(request) !== last.facts)
    wrong.push('the reason, plan, operation or times of the request were changed without an event');
  return wrong;
}
