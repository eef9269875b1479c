import type { Act, ApprovalKind, AuditedEvent, AuditedRequest, Evidence } from './evidence';
import { isLogged } from './excuses';
import type { Rule, Violation } from './judge';
import { changeUnseen, violation, wasAbsent } from './judge-requests';
import { CONFIRMED, readApprovalReply } from './words';

/** The time of an event is taken a moment before it is written. */
const WRITE_MS = 500;

const KINDS: readonly string[] = ['approve', 'decline', 'reason', 'withdraw'] satisfies ApprovalKind[];
export const isApproval = (kind: Act['kind']): boolean => KINDS.includes(kind);

/** Who must have done what on the card, for an event to be in the journal. */
const DONE_BY: Record<string, ApprovalKind> = {
  ...{ approved: 'approve', fully_approved: 'approve', approvals_voided: 'approve' },
  ...{ declined: 'reason', withdrawn: 'withdraw' },
};
const APPROVED = ['approved', 'fully_approved'];
/** The states in which a card has buttons for people to decide. */
const WAITING: readonly (string | null)[] = ['awaiting_approval', 'confirmed'];

/** The acts on the card of a request, whether it is alone on it or not. */
const isOnCard = ({ items }: Act, { id, batch }: AuditedRequest): boolean =>
  items.some(({ requestId }) => requestId === (batch ?? id));

/**
 * Nothing is sent in the guarded environment without as many approvals as it needs: of different people, none of whom
 * asked, each with a click on a card that showed the plan, each by somebody who had the right at that moment.
 */
export function judgeApprovals(evidence: Evidence): Violation[] {
  return evidence.requests.flatMap((request) => [
    ...judgeEvents(request, evidence),
    ...judgePeriods(request),
    ...(request.events.some(({ to }) => to === 'submitting') ? judgeRelease(request, evidence) : []),
  ]);
}

/** Behind each event of a person there is a click of theirs, which they had the right to. */
function judgeEvents(request: AuditedRequest, evidence: Evidence): Violation[] {
  const { id, requester, channel, events } = request;
  const { absences } = evidence.approvals;
  const wrong = ({ kind, seq }: AuditedEvent, what: string) =>
    violation('wrong_approval', id, `event ${seq} (${kind}): ${what}`);
  return events.flatMap((event) => {
    const { kind, actor } = event;
    const done = DONE_BY[kind];
    if (done === undefined) return [];
    if ((done === 'withdraw') !== (actor === requester)) return [wrong(event, `is by ${actor}`)];
    const clicks = evidence.acts.filter(
      (act) => act.kind === done && act.user === actor && act.at <= event.at && isOnCard(act, request),
    );
    if (clicks.length === 0) return [wrong(event, `${actor} never clicked for it`)];
    if (done === 'withdraw') return [];
    const hadRight = clicks.some((act) => !wasAbsent(absences, actor, act.at, event.at));
    if (!hadRight || !evidence.channels.includes(channel)) return [wrong(event, `${actor} had no right`)];
    if (!APPROVED.includes(kind)) return [];
    const saw = clicks.some(({ shown }) => shown.includes(event.planFingerprint));
    return saw ? [] : [wrong(event, `${actor} clicked on a card that showed another plan`)];
  });
}

/** Since the approvers were asked: each of them counts once, and there is one reminder. */
function judgePeriods({ id, events }: AuditedRequest): Violation[] {
  const found: Violation[] = [];
  let period: AuditedEvent[] = [];
  for (const event of events) {
    if (event.kind === 'approvals_voided') period = [];
    else if (APPROVED.includes(event.kind) || event.kind === 'reminded') {
      const isTwice = period.some(
        ({ kind, actor }) => actor === event.actor && (kind === 'reminded') === (event.kind === 'reminded'),
      );
      if (isTwice) found.push(violation('wrong_approval', id, `${event.kind} twice by ${event.actor}`));
      period.push(event);
    }
  }
  return found;
}

/** Enough approvals since the plan changed last, of a plan and by a requester that still were as they should. */
function judgeRelease(request: AuditedRequest, evidence: Evidence): Violation[] {
  const { id, environment, requester, trainingId, events } = request;
  const { approvals } = evidence;
  const wrong = (rule: Rule, what: string) => [violation(rule, id, `was to be sent, ${what}`)];
  const needed = environment === approvals.environment ? approvals.needed : 0;
  const begun = events.findLastIndex(({ kind }) => kind === 'approvals_voided' || CONFIRMED.includes(kind));
  const given = events.slice(begun + 1).filter(({ kind }) => APPROVED.includes(kind));
  const people = new Set(given.map(({ actor }) => actor));
  if (people.size < needed) return wrong('unapproved', `with ${people.size} of ${needed} approvals`);
  const last = given.at(-1);
  if (last === undefined) return [];
  if (last.kind !== 'fully_approved') return wrong('unapproved', 'and its last approval was not the last');
  const clicks = evidence.acts.filter(
    (act) =>
      act.kind === 'approve' &&
      act.user === last.actor &&
      act.at <= last.at &&
      act.shown.includes(last.planFingerprint) &&
      isOnCard(act, request),
  );
  const click = clicks.at(-1);
  if (click === undefined) return [];
  if (wasAbsent(evidence.absences, requester, click.at, last.at + WRITE_MS))
    return wrong('without_right', `and ${requester} had lost the right before the last approval`);
  const changed = clicks.map((one) => changeUnseen(one, trainingId, evidence));
  return changed.every((one) => one !== undefined) ? wrong('drift', `and it ${changed[0]}`) : [];
}

type Problem = [rule: Rule, what: string];

/** What is wrong with a click on a card that awaits approval, if anything. */
export function problemOfApproval(act: Act, evidence: Evidence): Problem | undefined {
  const { saw, kind, at, user } = act;
  const isDone = eventsOf(act, evidence).some((event) => event.at >= at);
  const isDenied =
    evidence.denials.some((one) => one.user === user && one.at >= at) || isUnwritten(act, evidence);
  const isAsked = kind === 'decline' && act.opened;
  if (!isDone && !isDenied && !isAsked)
    return ['unrecorded', `not in the journal; saw ${saw?.text ?? 'nothing'}`];
  // What was done is on the card in the end, which is judged there.
  if (saw === null) return isDone ? undefined : ['unanswered', 'acknowledged, and then nothing'];
  // Whether the app did meet a fault is in its log.
  if (readApprovalReply(saw.text)?.kind === 'fault') return ['unrecorded', `saw a fault: ${saw.text}`];
  return fitsApproval(act, saw, evidence) ? undefined : ['wrong_answer', `saw ${saw.how}: ${saw.text}`];
}

/** The events of this person on the card. An approval can find that the person who asked has lost the right. */
function eventsOf(act: Act, { requests }: Evidence): AuditedEvent[] {
  const mine = requests.filter((request) => isOnCard(act, request));
  const isRecord = (kind: string) =>
    DONE_BY[kind] === act.kind || (act.kind === 'approve' && kind === 'not_started');
  return mine.flatMap(({ events }) =>
    events.filter(({ kind, actor }) => isRecord(kind) && actor === act.user),
  );
}

/** Whether the journal says the same as the person saw. */
export function fitsApproval(act: Act, saw: NonNullable<Act['saw']>, evidence: Evidence): boolean {
  const { user, at, kind } = act;
  const mine = evidence.requests.filter((request) => isOnCard(act, request));
  const isOver = mine.every(({ events }) =>
    events.some(({ from, to, at: when }) => when <= saw.at && WAITING.includes(from) && to !== from),
  );
  if (saw.how === 'card') return eventsOf(act, evidence).length > 0 || isOver;
  if (saw.how === 'question') return kind === 'decline';
  const claim = readApprovalReply(saw.text);
  if (claim?.kind === 'voided' || claim?.kind === 'counted') {
    const kind = claim.kind === 'voided' ? 'approvals_voided' : 'approved';
    return eventsOf(act, evidence).some((event) => event.kind === kind && event.at >= at);
  }
  if (claim?.kind !== 'denied') return false;
  return (
    evidence.denials.some((one) => one.code === claim.code && one.user === user && one.at >= at) ||
    isUnwritten(act, evidence)
  );
}

/** The journal was out of reach, so that the denial is only in the log. */
const isUnwritten = (act: Act, evidence: Evidence): boolean => isLogged(act, evidence, 'denial not recorded');
