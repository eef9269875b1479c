import type { AuditedRequest, CardInChannel, Evidence } from './evidence';
import type { Rule, Violation } from './judge';
import { type Attributed, attributeAll, isOn, violation, WRITE_MS } from './judge-requests';
import { batchTitle, CONFIRMED, EVENT_LINES, IN_BATCH_THREAD, OF_ITS_OWN, TITLES } from './words';

/** A message about an end leaves within this time, in ms. */
const TELL_MS = 5_000;

/**
 * One card for each confirmed request, or for each batch of them, there before the POST, that says what the journal
 * says, with its whole thread.
 */
export function judgeCards(evidence: Evidence): Violation[] {
  const { cards } = evidence;
  const byRequest = new Map<string, CardInChannel[]>();
  for (const card of cards) byRequest.set(card.requestId, [...(byRequest.get(card.requestId) ?? []), card]);
  const requests = attributeAll(evidence);
  const known = new Map(requests.map((request) => [request.id, request]));
  const strangers = [...byRequest.keys()].filter((id) => !known.has(id));
  return [
    ...strangers.map((id) => violation('duplicate_card', id, 'has a card and is not in the journal')),
    ...requests.flatMap((request) => {
      const batch = requests
        .filter((one) => one.id === request.id || (one.batch ?? '') === request.id)
        .sort((a, b) => a.place - b.place);
      const own = byRequest.get(request.id) ?? [];
      const first = known.get(request.batch ?? request.id);
      if (first === undefined || first.id === request.id) return judgeCard(batch, request, own);
      if (own.length > 0)
        return [violation('duplicate_card', request.id, 'is in a batch, and has its own card')];
      return judgeFollower(request, first, byRequest.get(first.id)?.[0]);
    }),
    ...requests.flatMap((request) => judgeSuccessor(request, requests, byRequest)),
    ...requests
      .filter(({ id, batch }) => !byRequest.has(batch ?? id))
      .flatMap((one) => judgeUntold(one, evidence)),
  ];
}

/** @param batch the request alone, or all of its batch */
function judgeCard(
  batch: readonly Attributed[],
  request: Attributed,
  [card, ...more]: readonly CardInChannel[],
): Violation[] {
  const { id, state, head, events, post } = request;
  const wrong = (rule: Rule, what: string) => violation(rule, id, what);
  const sends = events.some(({ to }) => to === 'submitting');
  if (card === undefined) return sends ? [wrong('no_card', 'was to be sent, and has no card')] : [];
  if (more.length > 0) return [wrong('duplicate_card', `has ${more.length + 1} cards`)];
  const early = post && card.at > post.at ? [wrong('no_card', 'its POST came before its card')] : [];
  if (batch.length > 1)
    return [...early, ...judgeLines(batch, request, card), ...judgeBatchThread(batch, request, card)];
  const violations: Violation[] = [...early];
  const title = TITLES[state];
  if (title === undefined || !card.text.includes(`*${title}*`))
    violations.push(wrong('stale_card', `is ${state}, and its card says something else`));
  if (!card.text.includes(`Receipt ${receiptOf(head)}`))
    violations.push(wrong('receipt', 'the receipt on its card is not that of its last event'));
  // Of several, it may be the only one that was confirmed.
  const isBatch = (request.batch ?? null) !== null;
  return [
    ...violations,
    ...(isBatch ? judgeBatchThread(batch, request, card) : judgeThread(request, card, events)),
  ];
}

/** A line for each training, and their total. */
function judgeLines(batch: readonly Attributed[], first: Attributed, card: CardInChannel): Violation[] {
  const wrong = (what: string) => violation('stale_card', first.id, what);
  const lines = card.text.split(/\\n|\n|\{"type":"(?:section|context|actions|input)"/);
  const stale = batch.flatMap(({ trainingId, state }) => {
    const own = lines.filter((line) => line.includes(`(${trainingId}): `));
    const isRight = own.length === 1 && own[0]?.includes(`(${trainingId}): ${TITLES[state]}.`);
    return isRight ? [] : [wrong(`training ${trainingId} is ${state}; its lines: ${own.join(' | ')}`)];
  });
  const title = batchTitle(batch.map(({ state }) => state));
  return card.text.includes(title) ? stale : [...stale, wrong(`its card does not say ${title}`)];
}

/** What people did to the first one, and then a message that names the end of each with its receipt. */
function judgeBatchThread(batch: readonly Attributed[], first: Attributed, card: CardInChannel): Violation[] {
  const shown = first.events.filter(({ kind }) => IN_BATCH_THREAD.includes(kind));
  const lines = card.lines.filter(({ sum, call = 0 }) => !(sum > 0 || call > 0));
  const closings = card.lines.filter(({ sum }) => sum > 0);
  return [
    ...judgeThread(first, { ...card, lines }, shown),
    ...judgeCalls(first, card),
    ...judgeClosing(batch, first, closings),
  ];
}

/** Each closing message once, and the last one for the end of all. */
function judgeClosing(
  batch: readonly Attributed[],
  { id }: Attributed,
  closings: CardInChannel['lines'],
): Violation[] {
  const sums = closings.map(({ sum }) => sum);
  const end = batch.reduce((all, { events }) => all + (events.at(-1)?.seq ?? 0), 0);
  if (sums.at(-1) !== end || new Set(sums).size !== sums.length)
    return [
      violation('thread', id, `its closing messages are for ${sums.join(', ') || 'nothing'}, not ${end}`),
    ];
  const text = closings.at(-1)?.text ?? '';
  const missing = batch.find((one) => {
    const title = `${one.trainingId}: ${TITLES[one.state]}.`;
    return !text.split('\n').some((line) => line.startsWith(title) && line.includes(receiptOf(one.head)));
  });
  return missing ? [violation('thread', id, `its closing message is wrong about ${missing.trainingId}`)] : [];
}

/** A request whose card is that of another one. That one's end is no reason for not sending this one. */
function judgeFollower(request: Attributed, first: Attributed, card: CardInChannel | undefined): Violation[] {
  const { id, events, post, state, outcome } = request;
  const sends = events.some(({ to }) => to === 'submitting');
  if (sends && card === undefined)
    return [violation('no_card', id, 'was to be sent, and its batch has no card')];
  if (post && card && card.at > post.at)
    return [violation('no_card', id, 'its POST came before the card of its batch')];
  if (sends || card === undefined || state !== 'not_started') return [];
  const code = outcome?.code ?? '';
  // The first one had no card either when this one ended.
  const isShared = first.state === 'not_started' && first.outcome?.code === code;
  if (OF_ITS_OWN.includes(code) || isShared) return [];
  return [violation('stopped_by_another', id, `was not sent because of ${code}, which is not its own`)];
}

/** Without a card, the person who confirmed is told the end: in the modal, or in private. */
function judgeUntold(
  { id, requester, trainingId, state, events }: Attributed,
  { acts, messages, lives, logged }: Evidence,
): Violation[] {
  const title = TITLES[state];
  if (title === undefined || !events.some(({ kind }) => CONFIRMED.includes(kind))) return [];
  const endedAt = events.at(-1)?.at ?? 0;
  const mine = acts.filter((act) => act.user === requester && isOn(act, id));
  const seen = mine.some(({ saw }) => saw !== null && saw.at >= endedAt && saw.text.includes(title));
  const isAbout = ({ user, at, text }: Evidence['messages'][0]) =>
    user === requester && at >= endedAt && text.includes(title) && text.includes(trainingId);
  if (seen || messages.some(isAbout)) return [];
  // Its process was killed just then, or said in its log that Slack took no message.
  const processes = mine.flatMap(({ deliveries }) => deliveries.map(({ process }) => process));
  const wasKilled = lives.some(
    ({ process, killedAt }) =>
      processes.includes(process) &&
      killedAt !== null &&
      killedAt >= endedAt - WRITE_MS &&
      killedAt <= endedAt + TELL_MS,
  );
  if (wasKilled || logged.some(({ user, at }) => user === requester && at >= endedAt)) return [];
  return [violation('end_untold', id, `is ${state}, has no card, and ${requester} was not told`)];
}

/** Once somebody tried again, the card says so. */
function judgeSuccessor(
  { id, trainingId, batch, retryOf }: Attributed,
  requests: readonly Attributed[],
  cards: ReadonlyMap<string, CardInChannel[]>,
): Violation[] {
  const before = requests.find((one) => one.id === retryOf);
  const card = cards.get(before?.batch ?? before?.id ?? '')?.[0];
  if (before === undefined || card === undefined || !cards.has(batch ?? id)) return [];
  const says = card.text
    .split(/\\n|\n|\{"type":"(?:section|context|actions|input)"/)
    .some((line) => line.includes('Tried again: ') && (!before.batch || line.includes(`(${trainingId})`)));
  return says ? [] : [violation('stale_card', before.id, `does not say that ${id} tried again`)];
}

/** Each event once, in order, with its time and in its words. */
function judgeThread(
  { id }: AuditedRequest,
  { lines }: CardInChannel,
  events: AuditedRequest['events'],
): Violation[] {
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

/** Each call for approvals once. */
function judgeCalls({ id }: Attributed, { lines }: CardInChannel): Violation[] {
  const calls = lines.flatMap(({ call = 0 }) => (call > 0 ? [call] : []));
  return new Set(calls).size === calls.length
    ? []
    : [violation('thread', id, `it calls the approvers twice for one reason: ${calls.join(', ')}`)];
}

const receiptOf = (head: string): string => (head.slice(0, 16).match(/.{4}/g) ?? []).join('-');
