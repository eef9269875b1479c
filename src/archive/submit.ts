import { CardError, LeaseLostError, PausedError, RequestChangedError } from './errors';
import { notSent, unlessPaused } from './pause';
import { describeDrift, isOnlyUnread, PREFLIGHT_MS, readPlan } from './plan';
import type { Deps } from './ports';
import { onCardOf } from './publish';
import { mayHaveBegun, reconcile } from './reconcile';
import { ensureTimeToWrite, type Leased, record, recordLateAnswer, recordOutcome } from './record';
import type { ArchiveRequest, Location, Outcome, Pause } from './request';
import { freeSince, isFollower, isOpen } from './request';
import { backoff, CALLS_IN_A_LEASE, PLAN_LIFE_MS, pauseDelay } from './timing';

/** How often the first post of a card may go unanswered before the request is given up. Nothing was sent to Toloka yet. */
const CARD_TRIES = 3;
const CARD_WAIT_MS = 1_000;
/** A longer wait is not for a person who looks at a modal. */
const LONGEST_WAIT_MS = 10_000;
/** How soon a request looks again for the card of its batch, in ms. */
const FOLLOW_MS = 1_000;
/** How often a check is repeated while Slack or Toloka can't be read, before the request is given up: for about a minute. */
const CHECK_TRIES = 6;
/** What was checked at the confirmation is checked again when the card took longer, in ms. */
const FRESH_FOR_MS = 10_000;

export interface Confirming {
  /**
   * The confirmation was checked a moment ago in this very call, so nobody else can have posted its card and its plan
   * need not be read again. A worker that takes a request over must pass false.
   */
  fresh: boolean;
  /** Is called as soon as the card is in the channel. */
  onCard?: ((request: ArchiveRequest) => void) | undefined;
}

/**
 * Takes a confirmed request to Toloka: first the card, then the intent, then the one POST.
 * States: confirmed → submitting → running | succeeded | failed | refused | unknown | not_started. While archiving is
 * paused, it can't be checked, or the card of its batch is not there or out of date, it stays confirmed.
 * @throws LeaseLostError when the lease ran out on the way; the worker that claims the request next looks it up
 */
export async function submit(deps: Deps, leased: Leased, confirming: Confirming): Promise<Leased> {
  const announced = await announce(deps, leased, confirming);
  const { request } = announced;
  const { card, stepAt } = request;
  const waitsForCard = stepAt !== null && stepAt > deps.clock.now();
  if (request.state !== 'confirmed') return announced;
  if (card === null || waitsForCard) {
    // The first one of the batch may be waiting for the end of a pause. Then this one does too.
    const pause = await deps.journal.pause();
    return pause === null ? announced : waitForResume(deps, announced, pause);
  }
  const check = await checkBeforeSend(deps, request, confirming.fresh);
  if (check.kind === 'wait') return waitForResume(deps, announced, check.pause);
  if (check.kind === 'stop') {
    const { outcome } = check;
    if (outcome.code === 'not_checked' && request.stepTries < CHECK_TRIES) return checkLater(deps, announced);
    return record(deps, announced, { kind: 'not_started', outcome, card });
  }
  if (check.kind === 'send') await correctCard(deps, announced, card);
  // The lease is renewed with the intent, so that it covers the POST.
  const until = deps.clock.now() + deps.limits.leaseMs;
  if (check.kind === 'begun')
    return reconcile(deps, await record(deps, announced, { kind: 'late_evidence', card }, { until }));
  const clearSince = performance.now();
  let intended: Leased;
  try {
    intended = await record(deps, announced, { kind: 'submitting', card }, { until });
  } catch (error) {
    if (!(error instanceof PausedError)) throw error;
    return waitForResume(deps, announced, error.pause);
  }
  return send(deps, intended, clearSince);
}

/** Whether the card may still offer to approve, or say that archiving is paused. */
const isCardBehind = ({ state, publishAt, pause }: ArchiveRequest): boolean =>
  state === 'confirmed' && (publishAt !== null || pause !== null);

/** The card must not ask for approval, or offer to withdraw, while the POST is sent. Its thread is written later. */
async function correctCard(deps: Deps, { request, lease }: Leased, card: Location): Promise<void> {
  if (isFollower(request) || !isCardBehind(request)) return;
  ensureTimeToWrite(deps, lease);
  try {
    await deps.cards.update(await onCardOf(deps, { ...request, pause: null }), card);
  } catch (error) {
    if (!(error instanceof CardError)) throw error;
    // The people have decided, so Slack's failure does not stop it. The end of the step tries again.
    deps.logger.warn('card not corrected before the POST', { request: request.id, error });
  }
}

type Check = { kind: 'send' | 'begun' } | { kind: 'wait'; pause: Pause } | { kind: 'stop'; outcome: Outcome };

/** Whether a confirmed request may be sent now. */
async function checkBeforeSend(deps: Deps, request: ArchiveRequest, isFresh: boolean): Promise<Check> {
  const { clock, journal } = deps;
  const now = clock.now();
  const since = freeSince(request) ?? now;
  if (now - since > PLAN_LIFE_MS) return stop('confirmation_expired');
  if (isFresh && now - since < FRESH_FOR_MS) return { kind: 'send' };
  const pause = await journal.pause();
  return pause === null ? checkBeforeResend(deps, request) : { kind: 'wait', pause };
}

/** Nothing new is sent to Toloka. The card says who paused archiving. */
function waitForResume({ clock, random }: Deps, { request, lease }: Leased, pause: Pause): Leased {
  const now = clock.now();
  const isShown = request.pause?.at === pause.at && request.pause.user === pause.user;
  const publishAt = isShown ? request.publishAt : now;
  const stepAt = now + pauseDelay(now - (request.releasedAt ?? now), random);
  return { request: { ...request, pause, heldAt: now, publishAt, stepAt, stepTries: 0 }, lease };
}

/** Slack or Toloka may be back in a moment. No pause holds it any more. */
function checkLater({ clock, random }: Deps, { request, lease }: Leased): Leased {
  const now = clock.now();
  const stepTries = request.stepTries + 1;
  const publishAt = request.pause === null ? request.publishAt : now;
  const stepAt = now + backoff(stepTries, random);
  return { request: { ...request, pause: null, publishAt, stepTries, stepAt }, lease };
}

/**
 * Puts the card into the channel. Its location is written with the next change, or at the end of the step.
 * States: as it was, or → not_started when the card cannot be posted.
 * @throws LeaseLostError
 */
export async function announce(deps: Deps, leased: Leased, { fresh, onCard }: Confirming): Promise<Leased> {
  if (isFollower(leased.request)) return follow(deps, leased);
  if (leased.request.card !== null) return leased;
  try {
    const card = await postCard(deps, leased, !fresh);
    const request = { ...leased.request, card };
    onCard?.(request);
    return { ...leased, request };
  } catch (error) {
    if (!(error instanceof CardError)) throw error;
    // The modal shows it too, but Slack may have delivered the click twice and show another answer to it.
    return record(deps, leased, { kind: 'not_started', outcome: { code: error.reason } });
  }
}

/** Uses the card of the first request of the batch, or waits until it is there and up to date. Without it, nothing is sent. */
async function follow(deps: Deps, leased: Leased): Promise<Leased> {
  const { request, lease } = leased;
  const first = await deps.journal.get(request.batch ?? '');
  const card = first?.card ?? request.card;
  if (first && card && !isCardBehind(first)) return { request: { ...request, card }, lease };
  if (first && isOpen(first.state))
    return { request: { ...request, stepAt: deps.clock.now() + FOLLOW_MS }, lease };
  const outcome = first?.outcome ?? { code: 'batch_gone' };
  return record(deps, leased, { kind: 'not_started', outcome });
}

/** Posts the card. After a lost answer it looks for the card before it posts again. */
async function postCard(deps: Deps, { request, lease }: Leased, mayBeThere: boolean): Promise<Location> {
  const { cards, clock, sleep, limits } = deps;
  const requests = await onCardOf(deps, request);
  let look = mayBeThere;
  for (let unanswered = 0; ; ) {
    try {
      const found = look ? await cards.find(request) : null;
      if (found !== null) return found;
      ensureTimeToWrite(deps, lease);
      return await cards.post(requests);
    } catch (error) {
      if (!(error instanceof CardError) || error.failure === 'refused') throw error;
      // When Slack asks to slow down, all that are to post in the channel take turns, for as long as the lease allows.
      if (error.failure === 'maybe' && ++unanswered === CARD_TRIES) throw error;
      const wait = Math.max(CARD_WAIT_MS, error.retryAfterMs ?? 0);
      if (wait > LONGEST_WAIT_MS || clock.now() + wait + limits.leaseMs / 2 > lease.until) throw error;
      look ||= error.failure === 'maybe';
      await sleep(wait);
    }
  }
}

/** @param clearSince archiving was not paused at that moment or later. @see unlessPaused */
async function send(deps: Deps, leased: Leased, clearSince: number): Promise<Leased> {
  const { request, lease } = leased;
  const { clock, limits, environments } = deps;
  const stop = (code: string) => record(deps, leased, { kind: 'not_started', outcome: { code } });
  const environment = environments.get(request.environment);
  if (environment === undefined) return stop('environment_gone');
  const result = await unlessPaused(deps, clearSince, async (mayStart) => {
    // This process was stopped or starved just now: with less than half the lease left the POST could outlive it.
    if (clock.now() + limits.leaseMs / 2 > lease.until) return notSent('stalled');
    return environment.toloka.archive(request.trainingId, request.id, mayStart);
  });
  try {
    return await recordOutcome(deps, leased, result);
  } catch (error) {
    if (!(error instanceof LeaseLostError || error instanceof RequestChangedError)) throw error;
    await recordLateAnswer(deps, request.id, result);
    throw error;
  }
}

const stop = (code: string): Check => ({ kind: 'stop', outcome: { code } });

/**
 * Whether a confirmed request may be sent, when this process did not show its plan and confirm it a moment ago. The
 * journal may be behind what was done (a restored backup), so Toloka is asked first.
 * @see docs/decisions/0010-a-takeover-trusts-toloka-more-than-the-journal.md
 */
async function checkBeforeResend(deps: Deps, request: ArchiveRequest): Promise<Check> {
  const { clock, environments, limits, policy } = deps;
  const environment = environments.get(request.environment);
  if (environment === undefined) return stop('environment_gone');
  const limitMs = Math.floor(Math.min(PREFLIGHT_MS, limits.leaseMs / CALLS_IN_A_LEASE));
  const projectId = request.plan.training?.projectId;
  const [denial, begun, plan] = await Promise.all([
    policy({ ...request, user: request.requester }),
    mayHaveBegun(deps, environment, request),
    readPlan(environment, request.trainingId, clock.now(), { projectId, limitMs }),
  ]);
  if (begun === 'yes') return { kind: 'begun' };
  if (denial === 'access_unknown') return stop('not_checked');
  if (denial !== null) return stop('right_lost');
  const changes = describeDrift(request.plan, plan);
  // What could not be read just now has not changed.
  if (!isOnlyUnread(changes)) return stop('plan_drifted');
  return begun === 'unknown' || changes.length > 0 ? stop('not_checked') : { kind: 'send' };
}
