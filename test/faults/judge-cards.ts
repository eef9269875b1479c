import type { AuditedRequest, CardInChannel, Evidence } from './evidence';
import type { Violation } from './judge';
import { type Attributed, attributeAll, violation } from './judge-requests';
import { EVENT_LINES, TITLES } from './words';

/** One card for each confirmed request, there before its POST, that says what the journal says, with its whole thread. */
export function judgeCards(evidence: Evidence): Violation[] {
  const { requests, cards } = evidence;
  const byRequest = new Map<string, CardInChannel[]>();
  for (const card of cards) byRequest.set(card.requestId, [...(byRequest.get(card.requestId) ?? []), card]);
  const strangers = [...byRequest.keys()].filter((id) => !requests.some((request) => request.id === id));
  return [
    ...strangers.map((id) => violation('duplicate_card', id, 'has a card and is not in the journal')),
    ...attributeAll(evidence).flatMap((request) => judgeCard(request, byRequest.get(request.id) ?? [])),
  ];
}

function judgeCard(request: Attributed, cards: readonly CardInChannel[]): Violation[] {
  const { id, state, head, events, post } = request;
  const [card, second] = cards;
  const sends = events.some(({ to }) => to === 'submitting');
  if (card === undefined) return sends ? [violation('no_card', id, 'was to be sent, and has no card')] : [];
  if (second !== undefined) return [violation('duplicate_card', id, `has ${cards.length} cards`)];
  const violations: Violation[] = [];
  const title = TITLES[state];
  if (title === undefined || !card.text.includes(`*${title}*`))
    violations.push(violation('stale_card', id, `is ${state}, and its card says something else`));
  if (!card.text.includes(`Receipt ${receiptOf(head)}`))
    violations.push(violation('receipt', id, 'the receipt on its card is not that of its last event'));
  if (post && card.at > post.at) violations.push(violation('no_card', id, 'its POST came before its card'));
  return [...violations, ...judgeThread(request, card)];
}

/** Each event once, in order, with its time and in its words. */
function judgeThread({ id, events }: AuditedRequest, { lines }: CardInChannel): Violation[] {
  const seqs = lines.map(({ seq }) => seq);
  if (seqs.some((seq, i) => i > 0 && seq <= (seqs[i - 1] as number)))
    return [violation('thread', id, `its thread goes ${seqs.join(', ')}`)];
  const said = lines.flatMap(({ text }) => text.split('\n').filter((line) => line.startsWith('<!date^')));
  const wrong = events.find((event, i) => {
    const line = said[i];
    return (
      !line?.startsWith(`<!date^${Math.floor(event.at / 1000)}^`) || !EVENT_LINES[event.kind]?.test(line)
    );
  });
  if (wrong) return [violation('thread', id, `event ${wrong.seq} (${wrong.kind}) is not where it should be`)];
  if (said.length !== events.length)
    return [violation('thread', id, `${said.length} lines for ${events.length} events`)];
  return [];
}

const receiptOf = (head: string): string => (head.slice(0, 16).match(/.{4}/g) ?? []).join('-');
