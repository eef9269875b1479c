import type { Act, Evidence, Logged, Seen } from './evidence';
import { type Excuse, excuseSilence, excuseWork } from './excuses';
import type { Violation } from './judge';
import { isNewerPlan, readAnswer } from './words';

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
const LATE_MS = 5_000;

/**
 * Why acts went without an acknowledgement or an answer:
 * * an {@link Excuse}; or
 * * `fault shown`: the journal could not be written, the person was told, and the log of that process has it;
 * * `fault logged`: Slack did not take the message either, so that only the log has it; or
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
  const name = `${act.kind} by ${act.user} for training ${act.trainingId} at ${new Date(act.at).toISOString()}`;
  const about = act.requestId ?? `training ${act.trainingId}`;
  const problem = (rule: Violation['rule'], what: string): Violation => ({
    ...{ rule, about, what: `${name}: ${what}` },
  });
  if (!act.acked) return problem('unanswered', `${act.error ?? 'no error shown'}; ${whereTo(act)}`);
  if (act.problems.length > 0)
    return problem('unanswered', `Slack cannot use the answer: ${act.problems[0]}`);
  if (act.kind === 'close') return undefined;
  if (act.kind === 'submit' && !isRecorded(act, evidence))
    return problem('unrecorded', `nothing in the journal; saw ${act.saw?.text ?? 'nothing'}`);
  if (act.kind === 'submit' && wasUndone(act, evidence))
    return problem('undone', 'cancelled by closing the window of a confirmation');
  if (act.saw === null) return problem('unanswered', `acknowledged, and then nothing; ${whereTo(act)}`);
  if (!fits(act, act.saw, evidence)) return problem('wrong_answer', `saw ${act.saw.how}: ${act.saw.text}`);
  return undefined;
}

const whereTo = ({ deliveries }: Act): string =>
  `delivered to ${deliveries.map(({ process }) => (process === null ? 'nobody' : `process ${process}`)).join(', ') || 'nobody'}`;

function excuseOf(act: Act, { rule }: Violation, evidence: Evidence): keyof Excused | undefined {
  if (act.problems.length > 0) return undefined;
  if (!act.acked) return excuseSilence(act, evidence);
  if (rule === 'wrong_answer' && isForActBefore(act, evidence)) return 'late message';
  if (rule !== 'unanswered' && rule !== 'unrecorded') return undefined;
  const logged = isLogged(act, evidence);
  if (act.saw !== null && !isNewerPlan(act.saw.text)) return logged ? 'fault shown' : undefined;
  const enoughMs = ANSWER_ENOUGH_LEASES * evidence.leaseMs;
  const isUnopened = act.kind !== 'submit' && !act.opened;
  const excuse = excuseWork(act, isUnopened ? OPEN_ENOUGH_MS : enoughMs, evidence);
  return excuse ?? (logged ? 'fault logged' : undefined);
}

function isForActBefore(act: Act, evidence: Evidence): boolean {
  if (act.saw?.how !== 'private') return false;
  const before = evidence.acts.filter(
    ({ user, kind, at }) => user === act.user && kind !== 'close' && at < act.at && at > act.at - LATE_MS,
  );
  const { saw } = act;
  return before.some((one) => fits({ ...one, lookedUntil: saw.at }, saw, evidence));
}

/** A process that had this act logged an error about it. */
function isLogged(act: Act, { logged }: Evidence): boolean {
  const had = (process: number) => act.deliveries.some((delivery) => delivery.process === process);
  const isAbout = ({ requestId, trainingId, at }: Logged) => {
    if (requestId !== null) return requestId === act.requestId;
    if (trainingId !== null) return trainingId === act.trainingId;
    return at <= act.lookedUntil;
  };
  return logged.some((one) => one.user === act.user && one.at >= act.at && had(one.process) && isAbout(one));
}

/** The request moved on, or a denial says why not. */
function isRecorded({ requestId, user, at }: Act, { requests, denials }: Evidence): boolean {
  const request = requests.find(({ id }) => id === requestId);
  if (request && request.state !== 'planned') return true;
  if (request?.events.some(({ kind, at: when }) => kind === 'replanned' && when >= at)) return true;
  return denials.some((one) => one.requestId === requestId && one.user === user && one.at >= at);
}

/**
 * The window itself says that it may be closed after a click on Archive. A newer plan is a new question, and a click
 * that was denied leaves nothing to undo.
 */
function wasUndone({ requestId, user, at }: Act, { requests, denials }: Evidence): boolean {
  const request = requests.find(({ id }) => id === requestId);
  if (request?.state !== 'cancelled') return false;
  const cancelledAt = request.events.find(({ kind }) => kind === 'cancelled')?.at ?? at;
  const denied = denials.some(
    (one) => one.requestId === requestId && one.user === user && one.at >= at && one.at < cancelledAt,
  );
  if (denied) return false;
  return !request.events.some(({ kind, at: when }) => kind === 'replanned' && when >= at);
}

/** Whether the journal says the same as the person saw. */
function fits(act: Act, saw: Seen, evidence: Evidence): boolean {
  const { requests } = evidence;
  const mine = requests.filter(({ trainingId }) => trainingId === act.trainingId);
  const own = mine.find(({ id }) => id === act.requestId);
  const denials = evidence.denials.filter(
    (one) => one.user === act.user && one.trainingId === act.trainingId && one.at >= act.at,
  );
  const hasSince = (kind: string) => own?.events.some((event) => event.kind === kind && event.at >= act.at);
  const wasAsked = mine.some((one) => one.requester === act.user && one.createdAt >= act.at);
  if (saw.how === 'card') return own?.events.some(({ kind }) => kind === 'confirmed') === true;
  if (saw.how === 'question') {
    if (act.kind !== 'submit') return hasSince('asked') === true;
    return hasSince('replanned') === true || denials.some(({ code }) => code === 'plan_drifted');
  }
  const claim = readAnswer(saw.text);
  switch (claim?.kind) {
    case 'state':
      return mine.some(({ events }) =>
        events.some((event, i) => {
          const until = events[i + 1]?.at ?? Number.POSITIVE_INFINITY;
          return claim.states.includes(event.to) && event.at <= saw.at && until + WRITE_MS >= act.at;
        }),
      );
    case 'denied':
      return denials.some(({ code }) => code === claim.code);
    case 'nothing':
      return denials.length > 0 || isLogged(act, evidence);
    case 'not_shown':
      return wasAsked || denials.length > 0;
    case 'fault':
      return isLogged(act, evidence);
    default:
      return false;
  }
}
