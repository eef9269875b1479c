import { CardError, LeaseLostError } from './errors';
import type { Deps } from './ports';
import { claim, ensureTimeToWrite, type Leased } from './record';
import { type ArchiveRequest, type Delivery, isOpen, type Location } from './request';
import { backoff } from './timing';
import { PUBLISHED } from './transitions';

/** After this many tries, an hour apart at most, an outcome that nobody can be notified of is left to the log. */
const NOTIFY_TRIES = 24 * 7;
const REFUSED_WAIT_MS = 3_600_000;
/** Shorter than any wait before a second post of a card, and than a lease. */
const AT_ONCE_MS = 900;
const REPAIR_WAIT_MS = 500;

/**
 * Brings the card and its thread up to date, as the only writer: the holder of the lease. `publishAt` stays set until
 * Slack has everything, so the card is right in the end even if Slack fails for a while.
 * @param clean everything was published when this worker took the request, so the thread holds no line that the
 *   journal doesn't know of
 * @returns the delivery to write
 * @throws LeaseLostError
 */
export async function publish(deps: Deps, leased: Leased, clean: boolean): Promise<Partial<Delivery>> {
  const { publishAt } = leased.request;
  if (publishAt === null || publishAt > deps.clock.now()) return {};
  try {
    return await write(deps, leased, clean);
  } catch (error) {
    if (!(error instanceof CardError)) throw error;
    return afterFailure(deps, leased.request, error);
  }
}

async function write(deps: Deps, leased: Leased, clean: boolean): Promise<Partial<Delivery>> {
  const { cards, journal } = deps;
  const { request, lease } = leased;
  const card = request.card ?? (await cards.find(request));
  if (card === null) {
    if (!isOpen(request.state)) await cards.notifyRequester(request);
    return PUBLISHED;
  }
  ensureTimeToWrite(deps, lease);
  await cards.update(request, card);
  const shown = clean ? 0 : await cards.lastInThread(request, card);
  const threadSeq = Math.max(shown, request.threadSeq);
  const events = await journal.events(request.id, threadSeq);
  if (events.length > 0) {
    ensureTimeToWrite(deps, lease);
    await cards.addToThread(request, card, events);
  }
  await removeDuplicatesAtEnd(deps, leased, card);
  await noteSuccessor(deps, request, card);
  return { ...PUBLISHED, card, threadSeq: events.at(-1)?.seq ?? threadSeq };
}

/**
 * Notes the card of a request on the one that it repeats, whose card then links to it and no longer offers to try again.
 * A part of publishing, so that it is made up for after a crash.
 * @throws CardError also while another worker holds the request that is repeated
 */
async function noteSuccessor(deps: Deps, { id, retryOf }: ArchiveRequest, card: Location): Promise<void> {
  const { journal, cards, clock, logger } = deps;
  const isBehind = (before: ArchiveRequest | undefined) =>
    before?.card && (before.successor === null || Number(before.successor.ts) < Number(card.ts));
  try {
    if (retryOf === null || !isBehind(await journal.get(retryOf))) return;
    const successor = { ...card, url: await cards.link(card) };
    const [before] = await claim(deps, { limit: 1, ids: [retryOf] });
    if (!before?.lease)
      throw new CardError('not_now', 'request_held', 'Another worker holds the request that is repeated.');
    const now = clock.now();
    const delivery = isBehind(before) ? { successor, publishAt: now } : {};
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

async function afterFailure(
  deps: Deps,
  request: ArchiveRequest,
  error: CardError,
): Promise<Partial<Delivery>> {
  const { cards, logger } = deps;
  const { reason, failure } = error;
  logger.warn('card not written', { request: request.id, state: request.state, reason, error });
  if (failure !== 'refused') return tryLater(deps, request, error);
  // The card is gone or out of reach. While the request is open, its next change tries again. Its outcome goes to the
  // requester in private instead, so that nobody is left without an answer. The tries are kept: the thread may hold lines.
  if (isOpen(request.state)) return { publishAt: null };
  try {
    await cards.notifyRequester(request);
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
  { publishTries }: ArchiveRequest,
  { retryAfterMs }: CardError,
  atLeastMs = 0,
): Partial<Delivery> {
  const wait = Math.max(retryAfterMs ?? 0, atLeastMs, backoff(publishTries, random));
  return { publishAt: clock.now() + wait, publishTries: publishTries + 1 };
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
