import { CardError } from './errors';
import type { RequestPatch } from './journal-port';
import { needTimeToSpeak, type Parts } from './parts';
import { type ArchiveRequest, type CardAddress, isOpen, type Lease } from './request';
import { backoff } from './timing';

/**
 * Brings the card and its thread up to what the journal says, as the holder of the lease: the only writer. The
 * journal keeps `publishAt` until Slack has it all, so that a card tells the truth in the end whatever Slack does.
 * Returns the request as written back.
 * @throws LeaseLostError
 */
export async function publish(parts: Parts, request: ArchiveRequest, lease: Lease): Promise<ArchiveRequest> {
  const { journal, clock } = parts;
  if (request.publishAt === null || request.publishAt > clock.now()) return request;
  const done = await write(parts, request, lease).catch((error: unknown) =>
    afterFailure(parts, request, error),
  );
  return journal.note(request.id, lease, clock.now(), done);
}

async function write(parts: Parts, request: ArchiveRequest, lease: Lease): Promise<RequestPatch> {
  const { cards, journal, clock } = parts;
  const note = (patch: RequestPatch) => journal.note(request.id, lease, clock.now(), patch);
  const card = request.card ?? (await cards.find(request));
  if (card === null) {
    if (!isOpen(request.state)) await cards.tellEnd(request);
    return CLEAN;
  }
  if (request.card === null) await note({ card });
  needTimeToSpeak(parts, lease);
  await cards.update(request, card);
  const shown = request.publishTries > 0 ? await cards.lastInThread(request, card) : request.threadSeq;
  const from = Math.max(shown, request.threadSeq);
  const events = await journal.events(request.id, from);
  if (events.length === 0) {
    await sweep(parts, request, card, lease);
    return { ...CLEAN, threadSeq: from };
  }
  // Written before the post, so that whoever goes on after a crash looks into the thread before it posts again.
  await note({ publishTries: request.publishTries + 1 });
  needTimeToSpeak(parts, lease);
  await cards.addToThread(request, card, events);
  await sweep(parts, request, card, lease);
  return { ...CLEAN, threadSeq: events.at(-1)?.seq ?? from };
}

/**
 * Takes away, at the end, every other card of this request. There can be one when its post had to be tried again, since
 * Slack may do late what it did not answer; or when the process that confirmed it was stopped until its lease was over,
 * and was killed when it woke. Both take time, so a request that was sent at once is not looked after.
 */
async function sweep(parts: Parts, request: ArchiveRequest, card: CardAddress, lease: Lease): Promise<void> {
  const { cards, logger } = parts;
  const { state, confirmedAt, submittedAt, finishedAt } = request;
  if (isOpen(state) || confirmedAt === null) return;
  if ((submittedAt ?? finishedAt ?? confirmedAt) - confirmedAt < AT_ONCE_MS) return;
  needTimeToSpeak(parts, lease);
  try {
    await cards.removeDoubles(request, card);
  } catch (error) {
    // The card itself is right; only without the scopes to look around may a second one be left.
    if (!(error instanceof CardError) || error.failure !== 'refused') throw error;
    logger.warn('not looked for doubles of the card', { request: request.id, error });
  }
}

/** Less than any wait before a second post of a card, and than a lease. */
const AT_ONCE_MS = 900;

const CLEAN = { publishAt: null, publishTries: 0 } as const;
/** An end that nobody could be told for this many tries, at most an hour apart, is left to the log. */
const TELL_TRIES = 24 * 7;
const REFUSED_WAIT_MS = 3_600_000;

async function afterFailure(parts: Parts, request: ArchiveRequest, error: unknown): Promise<RequestPatch> {
  const { logger } = parts;
  if (!(error instanceof CardError)) throw error;
  const { reason, failure } = error;
  logger.warn('card not written', { request: request.id, state: request.state, reason, error });
  if (failure !== 'refused') return tryLater(parts, request, error);
  // The card is gone or out of reach. While the request is open, its next change tries again; its end is told in
  // private instead, so that the person who asked is never left without an answer.
  if (isOpen(request.state)) return CLEAN;
  try {
    await parts.cards.tellEnd(request);
    return CLEAN;
  } catch (untold) {
    logger.error('end not told', { request: request.id, error: untold });
    if (!(untold instanceof CardError) || request.publishTries >= TELL_TRIES) return CLEAN;
    // Refused even in private: a token that was revoked, most likely, and renewed some day.
    return tryLater(parts, request, untold, untold.failure === 'refused' ? REFUSED_WAIT_MS : 0);
  }
}

function tryLater(
  { clock, random }: Parts,
  request: ArchiveRequest,
  error: CardError,
  atLeastMs = 0,
): RequestPatch {
  const tries = request.publishTries + 1;
  const wait = Math.max(error.retryAfterMs ?? 0, atLeastMs, backoff(tries, random));
  return { publishAt: clock.now() + wait, publishTries: tries };
}
