import type { Denial } from '../../src/archive/request';
import type { Act, AuditedRequest, Evidence, Item, Seen } from './evidence';
import { type Excuse, excuseSilence, excuseWork, isLogged } from './excuses';
import type { Violation } from './judge';
import { fitsApproval, isApproval, problemOfApproval } from './judge-approvals';
import { type Claim, CONFIRMED, isNewerPlan, readAnswer } from './words';

/** So often an app that waits 1, 2 and 4 s has tried while a person waits. */
const TRIES_MEANWHILE = 4;
/** A process that ran for this long after a command, in ms, has at least asked Slack to open a modal. */
const OPEN_ENOUGH_MS = 2_500;
/**
 * A process that ran for so many leases after an act has recorded it and shown an answer. Measured in 2,400 acts on two
 * busy cores, with leases of 3 s: 0.2 s in the middle, 3 s for 99 of 100, never more than 7.1 s. What takes long are
 * time limits, which follow from the lease; and a process that lost its lease waits until that of another is over.
 */
export const ANSWER_ENOUGH_LEASES = 3.5;
/** The time of an event is taken a moment before it is written. */
const WRITE_MS = 500;
/** A message about an act may come this long after it, for instance because a second delivery of it failed. */
const LATE_MS = 15_000;

/**
 * Why acts went without an acknowledgement or an answer:
 * * an {@link Excuse}; or
 * * `fault shown`: the journal could not be written, the person was told, and the log of that process has it;
 * * `fault logged`: Slack did not take the message either, or not the card, as often as the app has to try, so that only
 *   the log has it; or
 * * `late message`: a message that fits the person's act before came late, and they took it for the answer to this one.
 */
export type Excused = Record<Excuse | 'fault shown' | 'fault logged' | 'late message', number>;

/**
 * Every act was acknowledged. What was acknowledged was answered, with an answer that fits the journal, and what was
 * confirmed was recorded.
 */
export function judgeActs(evidence: Evidence): { violations: Violation[]; excused: Excused } {
  const violations: Violation[] = [];
  const excused: Excused = {
    ...{ killed: 0, stopped: 0, cut: 0 },
    ...{ 'nobody there': 0, 'fault shown': 0, 'fault logged': 0, 'late message': 0 },
  };
  for (const act of evidence.acts) {
    const problem = problemOf(act, evidence);
    if (problem === undefined) continue;
    const excuse = excuseOf(act, problem, evidence);
    if (excuse === undefined) violations.push(problem);
    else excused[excuse] += 1;
  }
  return { violations, excused };
}

function problemOf(act: Act, evidence: Evidence): Violation | undefined {
  const ids = act.items.map(({ trainingId }) => trainingId).join(' ');
  const name = `${act.kind} by ${act.user} for ${ids || 'the picker'} at ${new Date(act.at).toISOString()}`;
  const about = act.items.find(({ requestId }) => requestId !== null)?.requestId ?? `training ${ids}`;
  const problem = (rule: Violation['rule'], what: string): Violation => ({
    ...{ rule, about, what: `${name}: ${what}` },
  });
  if (!act.acked) return problem('unanswered', `${act.error ?? 'no error shown'}; ${whereTo(act)}`);
  if (act.problems.length > 0)
    return problem('unanswered', `Slack cannot use the answer: ${act.problems[0]}`);
  if (act.kind === 'close' || act.kind === 'search') return undefined;
  if (isApproval(act.kind)) {
    const wrong = problemOfApproval(act, evidence);
    return wrong && problem(...wrong);
  }
  if (act.kind === 'submit') {
    const early = closedTooEarly(act, evidence);
    if (early !== undefined) return problem('closed_early', early);
    if (!isRecorded(act, evidence))
      return problem('unrecorded', `nothing in the journal; saw ${act.saw?.text ?? 'nothing'}`);
    if (act.items.some((item) => wasUndone(act, item, evidence)))
      return problem('undone', 'cancelled by closing the window of a confirmation');
  }
  if (act.saw === null) return problem('unanswered', `acknowledged, and then nothing; ${whereTo(act)}`);
  if (!fits(act, act.saw, evidence)) return problem('wrong_answer', `saw ${act.saw.how}: ${act.saw.text}`);
  return undefined;
}

const whereTo = ({ deliveries }: Act): string =>
  `delivered to ${deliveries.map(({ process }) => (process === null ? 'nobody' : `process ${process}`)).join(', ') || 'nobody'}`;

function excuseOf(act: Act, { rule }: Violation, evidence: Evidence): keyof Excused | undefined {
  if (act.problems.length > 0) return undefined;
  if (!act.acked) return excuseSilence(act, evidence);
  // A fault that the person was told of may be that of the act before.
  if ((rule === 'wrong_answer' || isApproval(act.kind)) && isForActBefore(act, evidence))
    return 'late message';
  if (rule !== 'unanswered' && rule !== 'unrecorded') return undefined;
  const held = withClose(act, evidence);
  const logged = isLogged(held, evidence);
  // The click of somebody else can end what a card waits for, and so the look of this person at it.
  const isOfOthers = isApproval(act.kind) && act.saw?.how === 'card';
  if (act.saw !== null && !isNewerPlan(act.saw.text) && !isOfOthers)
    return logged ? 'fault shown' : undefined;
  const enoughMs = ANSWER_ENOUGH_LEASES * evidence.leaseMs;
  const isUnopened = (act.kind === 'command' || act.kind === 'retry') && !act.opened;
  const excuse = excuseWork(held, isUnopened ? OPEN_ENOUGH_MS : enoughMs, evidence);
  return excuse ?? (logged || isKeptByFaults(act, evidence) ? 'fault logged' : undefined);
}

/** Slack kept the app from writing the card, or from finding out that there is none, as often as it has to try. */
function isKeptByFaults({ at, lookedUntil, items }: Act, { unwritten }: Evidence): boolean {
  const ours = unwritten.filter(
    (one) =>
      one.at >= at && one.at <= lookedUntil && items.some(({ requestId }) => requestId === one.requestId),
  );
  return ours.length >= TRIES_MEANWHILE;
}

/** Who closes the window on the way can only be answered by the process that got the closing. */
function withClose(act: Act, { acts }: Evidence): Act {
  if (!act.closedMeanwhile) return act;
  const [first] = act.items;
  const closing = acts.find(
    ({ kind, user, at, items }) =>
      kind === 'close' &&
      user === act.user &&
      at >= act.at &&
      at <= act.lookedUntil &&
      items[0]?.requestId === first?.requestId,
  );
  return { ...act, deliveries: [...act.deliveries, ...(closing?.deliveries ?? [])] };
}

/**
 * When an event of this time is in the journal at the latest. A process that is stopped before it writes does so later,
 * and one that is stopped while it writes keeps the others from writing.
 */
function writtenBy(at: number, { lives }: Evidence): number {
  const stops = lives.flatMap((life) => life.stops);
  const meanwhile = stops.filter(({ from, until }) => from <= at + WRITE_MS && until >= at);
  return Math.max(at, ...meanwhile.map(({ until }) => until)) + WRITE_MS;
}

function isForActBefore(act: Act, evidence: Evidence): boolean {
  if (act.saw?.how !== 'private') return false;
  const { saw } = act;
  // A click on a card can come while the same person waits for something else.
  const isBefore = ({ kind, at }: Act) => at < (isApproval(kind) ? saw.at : act.at) && at > act.at - LATE_MS;
  const before = evidence.acts.filter(
    (one) => one !== act && one.user === act.user && one.kind !== 'close' && isBefore(one),
  );
  return before.some((one) =>
    isApproval(one.kind)
      ? fitsApproval(one, saw, evidence)
      : fits({ ...one, lookedUntil: saw.at }, saw, evidence),
  );
}

/** A window that closes says that the card is in the channel. It must be there at that moment, for every training. */
function closedTooEarly(
  { items, response, deliveries }: Act,
  { requests, cardPosts }: Evidence,
): string | undefined {
  if (response !== 'clear') return undefined;
  const closedAt = Math.min(...deliveries.map(({ ackedAt }) => ackedAt ?? Number.POSITIVE_INFINITY));
  const early = items.find(({ requestId }) => {
    const cardOf = requests.find(({ id }) => id === requestId)?.batch ?? requestId;
    return !cardPosts.some((one) => one.requestId === cardOf && one.at <= closedAt);
  });
  return early && `the window closed before the card of training ${early.trainingId} was in the channel`;
}

/**
 * Each training was confirmed, or denied; or nothing was confirmed, and it is recorded why. A denial of all of them may
 * name none.
 */
function isRecorded(act: Act, evidence: Evidence): boolean {
  const { items } = act;
  const moved = items.map((item) => hasMoved(item, evidence));
  const denied = items.map((item) => wasDenied(act, item, evidence));
  const isBegun = items.some((item) => wasConfirmedBy(act, item, evidence));
  if (isBegun) return items.every((_, i) => moved[i] || denied[i]);
  return moved.every(Boolean) || denied.some(Boolean);
}

const requestOf = ({ requestId }: Item, { requests }: Evidence): AuditedRequest | undefined =>
  requests.find(({ id }) => id === requestId);

function hasMoved(item: Item, evidence: Evidence): boolean {
  const request = requestOf(item, evidence);
  return request !== undefined && request.state !== 'planned';
}

const wasConfirmedBy = ({ at, lookedUntil }: Act, item: Item, evidence: Evidence): boolean =>
  requestOf(item, evidence)?.events.some(
    ({ kind, at: when }) => CONFIRMED.includes(kind) && when >= at && when <= lookedUntil,
  ) === true;

/** A denial says why not, or a newer plan was recorded. */
function wasDenied({ user, at, items }: Act, item: Item, evidence: Evidence): boolean {
  const replanned = requestOf(item, evidence)?.events.some(
    ({ kind, at: when }) => kind === 'replanned' && when >= at,
  );
  const isAbout = ({ requestId, trainingId }: Denial) =>
    requestId === item.requestId || (items.length > 1 && requestId === null && trainingId === null);
  return (
    replanned === true || evidence.denials.some((one) => one.user === user && one.at >= at && isAbout(one))
  );
}

/**
 * A newer plan is a new question, and a click that was denied leaves nothing to undo. Somebody who closed the window
 * before they had an answer may find that it was cancelled.
 */
function wasUndone(act: Act, item: Item, evidence: Evidence): boolean {
  const request = requestOf(item, evidence);
  const cancelledAt = request?.events.find(({ kind }) => kind === 'cancelled')?.at;
  if (request === undefined || cancelledAt === undefined || act.closedMeanwhile) return false;
  const { user, at } = act;
  const denied = evidence.denials.some(
    (one) =>
      one.user === user &&
      one.at >= at &&
      one.at < cancelledAt &&
      (act.items.length > 1 || one.requestId === item.requestId),
  );
  if (denied) return false;
  return !request.events.some(({ kind, at: when }) => kind === 'replanned' && when >= at);
}

/** Whether the journal says the same as the person saw. */
function fits(act: Act, saw: Seen, evidence: Evidence): boolean {
  const { kind, items } = act;
  const isAbout = (one: Denial, { trainingId }: Item) =>
    one.trainingId === trainingId || (items.length > 1 && one.trainingId === null);
  const denialsOf = (item: Item) =>
    evidence.denials.filter((one) => one.user === act.user && one.at >= act.at && isAbout(one, item));
  const hasSince = (item: Item, what: string) =>
    requestOf(item, evidence)?.events.some((event) => event.kind === what && event.at >= act.at) === true;
  const isConfirmed = (item: Item) =>
    requestOf(item, evidence)?.events.some((event) => CONFIRMED.includes(event.kind)) === true;

  if (items.length === 0) {
    if (saw.how === 'picker') return true;
    return claimFits(readAnswer(saw.text), { trainingId: '', requestId: null, shown: null });
  }
  if (saw.how === 'picker') return false;
  if (saw.how === 'card')
    return items.some(isConfirmed) && items.every((one) => isConfirmed(one) || denialsOf(one).length > 0);
  if (saw.how === 'question') {
    if (kind === 'submit')
      return items.some((one) => hasSince(one, 'replanned') || denialsOf(one).length > 0);
    return (
      items.some(({ requestId }) => requestId !== null) &&
      items.every((one) => (one.requestId === null ? denialsOf(one).length > 0 : hasSince(one, 'asked')))
    );
  }
  return items.every((item) => claimFits(claimAbout(saw.text, items, item), item));

  function claimFits(claim: Claim | undefined, item: Item): boolean {
    const mine = evidence.requests.filter(({ trainingId }) => trainingId === item.trainingId);
    const denials = item.trainingId === '' ? denialsOfNone() : denialsOf(item);
    switch (claim?.kind) {
      case 'state':
        return mine.some(({ events }) =>
          events.some((event, i) => {
            const until = events[i + 1]?.at ?? Number.POSITIVE_INFINITY;
            return (
              claim.states.includes(event.to) && event.at <= saw.at && writtenBy(until, evidence) >= act.at
            );
          }),
        );
      case 'denied':
        return (
          denials.some(({ code }) => code === claim.code) || isLogged(act, evidence, 'denial not recorded')
        );
      case 'nothing':
        if (items.length > 1 && wasConfirmedBy({ ...act, lookedUntil: saw.at }, item, evidence)) return false;
        return (
          denials.length > 0 || items.some((one) => denialsOf(one).length > 0) || isLogged(act, evidence)
        );
      case 'changed':
        return hasSince(item, 'replanned') || denials.some(({ code }) => code === 'plan_drifted');
      case 'paused':
      case 'resumed':
        return evidence.pauses.some(
          (one) => one.kind === claim.kind && one.user === act.user && one.at >= act.at,
        );
      case 'not_shown':
        return (
          denials.length > 0 || mine.some((one) => one.requester === act.user && one.createdAt >= act.at)
        );
      case 'fault':
        return isLogged(act, evidence);
      default:
        return false;
    }
  }

  function denialsOfNone() {
    return evidence.denials.filter(
      (one) => one.user === act.user && one.at >= act.at && one.trainingId === null,
    );
  }
}

/** What an answer about several says of one of them: in its own line, or for all. */
function claimAbout(text: string, items: readonly Item[], { trainingId }: Item): Claim | undefined {
  if (items.length === 1) return readAnswer(text);
  const parts = text.split(/\\n|\n|\{"type":"(?:section|context|actions|input)"/);
  const own = parts.filter((part) => part.includes(trainingId));
  const common = parts.filter((part) => !items.some((item) => part.includes(item.trainingId)));
  const ofAll = readAnswer(common.join('\n'));
  return own.length > 0 ? (readAnswer(own.join('\n')) ?? ofAll) : (ofAll ?? readAnswer(text));
}
