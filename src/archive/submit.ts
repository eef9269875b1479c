import { CardError, LeaseLostError, RequestChangedError } from './errors';
import { reportLate } from './late';
import { environmentGone, notStarted } from './not-started';
import { needTimeToSpeak, newLease, type Parts } from './parts';
import { reconcile } from './reconcile';
import type { CardAddress } from './request';
import { type Held, settleSubmit } from './settle';
import { checkTakeover } from './takeover';

/** How often the first post of a card is tried before the request is given up; nothing was sent to Toloka yet. */
const CARD_TRIES = 3;
const CARD_WAIT_MS = 1_000;
/** A longer wait than this is not for a person in front of a modal. */
const LONGEST_WAIT_MS = 10_000;

/**
 * Takes a confirmed request to Toloka: the card first, then the intent, then the one POST.
 * `fresh` says that the confirmation was checked a moment ago, in this very call: nobody can have posted its card, and
 * its plan need not be read again. Whoever takes a request over must say false.
 * States: confirmed → submitting → running | succeeded | failed | refused | unknown | not_started.
 * @throws LeaseLostError when the lease ran out on the way; whoever claims the request next looks the truth up
 */
export async function submit(parts: Parts, held: Held, fresh: boolean): Promise<Held> {
  const announced = await announce(parts, held, fresh);
  if (announced.request.state !== 'confirmed') return announced;
  if (fresh) return send(parts, await intend(parts, announced));
  const found = await checkTakeover(parts, announced);
  if (found.kind === 'no') return notStarted(parts, announced, found.outcome);
  const intended = await intend(parts, announced);
  return found.kind === 'begun' ? reconcile(parts, intended) : send(parts, intended);
}

async function announce(parts: Parts, held: Held, fresh: boolean): Promise<Held> {
  if (held.request.card !== null) return held;
  try {
    // Its address is written with the next move; whoever takes over before that finds the card by its metadata.
    const card = await postOnce(parts, held, !fresh);
    return { ...held, request: { ...held.request, card } };
  } catch (error) {
    if (!(error instanceof CardError)) throw error;
    const message = `The card could not be put into the channel, so nothing was sent to Toloka. ${error.message}`;
    // Whoever waits in front of the modal is told there; after a restart nobody does.
    const publish = fresh && error.failure === 'refused' ? { publishAt: null } : {};
    return notStarted(parts, held, { code: error.reason, message }, publish);
  }
}

/** Posts the card; when an answer is lost, looks whether it is there before it posts again. */
async function postOnce(parts: Parts, { request, lease }: Held, mayBeThere: boolean): Promise<CardAddress> {
  const { cards, clock, sleep, limits } = parts;
  let look = mayBeThere;
  for (let tries = 1; ; tries++) {
    try {
      const found = look ? await cards.find(request) : null;
      if (found !== null) return found;
      needTimeToSpeak(parts, lease);
      return await cards.post(request);
    } catch (error) {
      if (!(error instanceof CardError) || error.failure === 'refused' || tries === CARD_TRIES) throw error;
      const wait = Math.max(CARD_WAIT_MS, error.retryAfterMs ?? 0);
      if (wait > LONGEST_WAIT_MS || clock.now() + wait + limits.leaseMs / 2 > lease.until) throw error;
      look ||= error.failure === 'maybe';
      await sleep(wait);
    }
  }
}

/** Commits the intent together with a fresh lease that covers the POST. */
async function intend(parts: Parts, held: Held): Promise<Held> {
  const { journal, clock } = parts;
  const now = clock.now();
  const take = newLease(parts);
  const request = await journal.advance({
    id: held.request.id,
    version: held.request.version,
    to: 'submitting',
    event: { kind: 'submitting', at: now, actor: 'app' },
    patch: { card: held.request.card, submittedAt: now, stepAt: now, publishAt: now, stepTries: 0 },
    lease: held.lease,
    take,
  });
  return { request, lease: take };
}

async function send(parts: Parts, held: Held): Promise<Held> {
  const { request, lease } = held;
  const environment = parts.environments.get(request.environment);
  if (environment === undefined) return notStarted(parts, held, environmentGone(request.environment));
  if (parts.clock.now() + parts.limits.leaseMs / 2 > lease.until) {
    const message = 'This process stalled just before the request to Toloka, so it sent nothing.';
    return notStarted(parts, held, { code: 'stalled', message });
  }
  const outcome = await environment.toloka.archive(request.trainingId, request.id);
  try {
    return await settleSubmit(parts, held, outcome);
  } catch (error) {
    if (!(error instanceof LeaseLostError || error instanceof RequestChangedError)) throw error;
    await reportLate(parts, request.id, outcome);
    throw error;
  }
}
