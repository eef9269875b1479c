import { addMessages, isAnyOpen, lacksMessage, linesOf } from './batch-thread';
import { CardError, LeaseLostError } from './errors';
import type { Deps, OnCard } from './ports';
import { claim, ensureTimeToWrite, type Leased } from './record';
import {
  type ArchiveRequest,
  type Delivery,
  isFollower,
  isOpen,
  type Location,
  type RequestEvent,
} from './request';
import { backoff } from './timing';
import { PUBLISHED } from './transitions';

/** After this many tries, an hour apart at most, an outcome that nobody can be notified of is left to the log. */
const NOTIFY_TRIES = 24 * 7;
const REFUSED_WAIT_MS = 3_600_000;
/** Shorter than any wait before a second post of a card, and than a lease. */
const AT_ONCE_MS = 900;
const REPAIR_WAIT_MS = 500;

/** The requests that a card is about, with the given one as it is in memory. */
export async function onCardOf({ journal }: Deps, request: ArchiveRequest): Promise<OnCard> {
  if (request.batch === null) return [request];
  const others = (await journal.batch(request.batch)).filter(({ id }) => id !== request.id);
  return [request, ...others];
}

/**
 * Brings the card and its thread up to date, as the only writer: the holder of the lease. `publishAt` stays set until
 * Slack has everything, so the card is right in the end even if Slack fails for a while. For a batch, its first request
 * does it.
 * @param clean everything was published when this worker took the request, so the thread holds no line that the
 *   journal doesn't know of
 * @returns the delivery to write
 * @throws LeaseLostError
 */
export async function publish(deps: Deps, leased: Leased, clean: boolean): Promise<Partial<Delivery>> {
  // The journal passes it on to the first one.
  if (isFollower(leased.request)) return {};
  const { publishAt, touched, shown } = leased.request;
  const isDue = publishAt !== null && publishAt <= deps.clock.now();
  if (!isDue && touched === shown) return {};
  const requests = await onCardOf(deps, leased.request);
  try {
    return { ...(await write(deps, leased, requests, clean)), shown: touched };
  } catch (error) {
    if (!(error instanceof CardError)) throw error;
    return { ...(await afterFailure(deps, requests, error)), shown: touched };
  }
}

async function write(
  deps: Deps,
  leased: Leased,
  requests: OnCard,
  clean: boolean,
): Promise<Partial<Delivery>> {
  const { cards, journal } = deps;
  const { request, lease } = leased;
  const found = request.card ?? (await cards.find(request));
  if (found === null) {
    if (!isAnyOpen(requests)) await cards.notifyRequester(requests);
    return PUBLISHED;
  }
  ensureTimeToWrite(deps, lease);
  const linking = withLink(deps, requests, found);
  // Its failure counts once the edit is over, which must not outlive the lease.
  linking.catch(() => {});
  await cards.update(requests, found);
  const card = await linking;
  const events = await journal.events(request.id, request.threadSeq);
  const lines = linesOf(request, events);
  const adds = lines.length > 0 || lacksMessage(request, requests);
  // Marked first: a worker that goes on after a crash must look into the thread.
  if (adds && request.publishTries === 0)
    await journal.note(request.id, lease, deps.clock.now(), { publishTries: 1 });
  const thread = adds && !clean ? await cards.lastInThread(request, card) : { seq: 0, sum: 0, call: 0 };
  await addLines(deps, leased, requests, { card, lines: lines.filter(({ seq }) => seq > thread.seq) });
  const added = await addMessages(deps, leased, requests, { card, shown: thread });
  await removeDuplicatesAtEnd(deps, leased, card);
  for (const one of requests) await noteSuccessor(deps, one, card);
  return { ...PUBLISHED, card, threadSeq: events.at(-1)?.seq ?? request.threadSeq, ...added };
}

/** With the address, which only the card of a request that was tried again cannot do without. @throws CardError */
async function withLink({ cards }: Deps, requests: OnCard, card: Location): Promise<Location> {
  if (card.url !== undefined) return card;
  try {
    return { ...card, url: await cards.link(card) };
  } catch (error) {
    if (!(error instanceof CardError) || requests.some(({ retryOf }) => retryOf !== null)) throw error;
    return card;
  }
}

async function addLines(
  deps: Deps,
  { lease }: Leased,
  requests: OnCard,
  { card, lines }: { card: Location; lines: readonly RequestEvent[] },
): Promise<void> {
  if (lines.length === 0) return;
  ensureTimeToWrite(deps, lease);
  await deps.cards.addToThread(requests, card, lines);
}

/**
 * Notes the card of a request on the one that it repeats, whose card then links to it and no longer offers to try again.
 * A part of publishing, so that it is made up for after a crash.
 * @throws CardError also while another worker holds the request that is repeated, or looks for its card
 */
async function noteSuccessor(deps: Deps, { id, retryOf }: ArchiveRequest, card: Location): Promise<void> {
  const { journal, clock, logger } = deps;
  const isBehind = ({ successor }: ArchiveRequest) =>
    successor === null || Number(successor.ts) < Number(card.ts);
  try {
    const found = retryOf === null ? undefined : await journal.get(retryOf);
    if (retryOf === null || !found || !isBehind(found)) return;
    const first = isFollower(found) ? await journal.get(found.batch ?? '') : found;
    if (!first?.card) {
      if (!first?.publishAt) return;
      throw new CardError(
        'not_now',
        'card_pending',
        'The card of the request that is repeated is looked for.',
      );
    }
    const [before] = await claim(deps, { limit: 1, ids: [retryOf] });
    if (!before?.lease)
      throw new CardError('not_now', 'request_held', 'Another worker holds the request that is repeated.');
    const now = clock.now();
    const delivery = isBehind(before) ? { successor: card, publishAt: now } : {};
    await journal.note(retryOf, before.lease, now, delivery, { release: true });
  } catch (error) {
    if (error instanceof CardError) throw error;
    // The next time that this request is published tries again. Its own card is right.
    logger.warn('card of the repeated request not linked', { request: id, retryOf, error });
  }
}

/**
 * Deletes, once a request has ended, every other card of it. There can be one when its post had to be tried again,
 * since Slack may carry out later what it did not answer; or when the process that confirmed it was stopped until its
 * lease was over, and was killed when it went on. Both take time, so a request that was sent at once is left alone.
 */
async function removeDuplicatesAtEnd(deps: Deps, { request, lease }: Leased, card: Location): Promise<void> {
  const { state, confirmedAt, submittedAt, finishedAt } = request;
  if (isOpen(state) || confirmedAt === null) return;
  if ((submittedAt ?? finishedAt ?? confirmedAt) - confirmedAt < AT_ONCE_MS) return;
  ensureTimeToWrite(deps, lease);
  try {
    await deps.cards.removeDuplicates(request, card);
  } catch (error) {
    // The card itself is right. Without the scopes to look around, a second one may be left.
    if (!(error instanceof CardError) || error.failure !== 'refused') throw error;
    deps.logger.warn('did not look for duplicates of the card', { request: request.id, error });
  }
}

async function afterFailure(deps: Deps, requests: OnCard, error: CardError): Promise<Partial<Delivery>> {
  const { cards, logger } = deps;
  const [request] = requests;
  const { reason, failure } = error;
  logger.warn('card not written', { request: request.id, state: request.state, reason, error });
  if (failure !== 'refused') return tryLater(deps, request, error);
  // The card is gone or out of reach. While the request is open, its next change tries again. Its outcome goes to the
  // requester in private instead, so that nobody is left without an answer. The tries are kept: the thread may hold lines.
  if (isAnyOpen(requests)) return { publishAt: null };
  try {
    await cards.notifyRequester(requests);
    return PUBLISHED;
  } catch (second) {
    logger.error('requester not notified', { request: request.id, error: second });
    if (!(second instanceof CardError) || request.publishTries >= NOTIFY_TRIES) return PUBLISHED;
    // Refused in private too: probably a token that was revoked and will be renewed.
    return tryLater(deps, request, second, second.failure === 'refused' ? REFUSED_WAIT_MS : 0);
  }
}

function tryLater(
  { clock, random }: Deps,
  { publishTries, unpublishedSince }: ArchiveRequest,
  { retryAfterMs }: CardError,
  atLeastMs = 0,
): Partial<Delivery> {
  const now = clock.now();
  const wait = Math.max(retryAfterMs ?? 0, atLeastMs, backoff(publishTries, random));
  return {
    publishAt: now + wait,
    publishTries: publishTries + 1,
    unpublishedSince: unpublishedSince ?? now,
  };
}

/**
 * For a worker that lost its lease on the way. A process that is stopped between its last look at the lease and its
 * call to Slack makes that call when it goes on, and another worker may have written in between: then the card or a line
 * exists twice, or the card shows an older state. This deletes the duplicates and has the card written again.
 */
export async function repairDuplicates(deps: Deps, id: string): Promise<void> {
  const { journal, cards, clock, limits, sleep, logger } = deps;
  // The worker that holds the request now gives it back before its lease ends, or loses it then.
  const end = clock.now() + limits.leaseMs + REPAIR_WAIT_MS;
  for (let now = clock.now(); now <= end; now = clock.now()) {
    const [claimed] = await claim(deps, { limit: 1, ids: [id] });
    if (claimed?.lease) {
      try {
        // Without a card, the worker that goes on looks for one before it posts.
        if (claimed.card === null) return;
        await journal.note(id, claimed.lease, now, { publishAt: now });
        return await cards.removeDuplicates(claimed, claimed.card);
      } catch (error) {
        if (!(error instanceof CardError || error instanceof LeaseLostError)) throw error;
        logger.warn('duplicates of the card not removed', { request: id, error });
        if (error instanceof CardError && error.failure === 'refused') return;
      } finally {
        await journal.release(id, claimed.lease);
      }
    }
    await sleep(REPAIR_WAIT_MS);
  }
  logger.error('did not look for duplicates of the card', { request: id });
}
