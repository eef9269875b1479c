import type { Act, Disturbance, Evidence } from './evidence';
import type { Violation } from './judge';

/** Slack waits so long for an acknowledgement. */
const ACK_MS = 3_000;
/** A cut connection is missed for about so long until the app has a new one. */
const GAP_MS = 7_000;
/** What a click sets off is over after so long at the latest, unless its process is stopped. */
const WORK_MS = 10_000;

/** What cannot be helped, but is counted. */
export interface Excused {
  /** Acknowledged, and then the process that worked on it was killed: the person saw no answer. */
  commandsLostToKills: number;
  /** The same for confirmations: they were not recorded, and so nothing was sent. */
  submitsLostToKills: number;
  /** The journal could not be written. The person was told, and the log has it. */
  faultsTold: number;
  /** Slack did not take the answer either, so that only the log has it. */
  untold: number;
}

/**
 * Every act was acknowledged, or Slack said why not at a time when some process was down, stopped or cut off; and what
 * was acknowledged was answered and, where it was a confirmation, recorded. What is missing is excused by a kill, or
 * by an error in the log.
 */
export function judgeActs(evidence: Evidence): { violations: Violation[]; excused: Excused } {
  const violations: Violation[] = [];
  const excused: Excused = { commandsLostToKills: 0, submitsLostToKills: 0, faultsTold: 0, untold: 0 };
  for (const act of evidence.acts) {
    const problem = problemOf(act, evidence);
    if (problem === undefined) continue;
    if (!act.acked && disturbed(act, evidence.disturbances)) continue;
    const excuse = act.acked && act.problems.length === 0 ? excuseOf(act, problem, evidence) : undefined;
    if (excuse) excused[excuse] += 1;
    else violations.push(problem);
  }
  return { violations, excused };
}

function excuseOf(act: Act, { rule }: Violation, evidence: Evidence): keyof Excused | undefined {
  if (rule === 'undone') return undefined;
  const { at, user } = act;
  const until = workedUntil(act, evidence.disturbances);
  const logged = evidence.logged.some((one) => one.user === user && one.at >= at && one.at <= until);
  if (act.saw !== null && !isEarlierAnswer(act.saw)) return logged ? 'faultsTold' : undefined;
  if (killedMeanwhile(act, evidence.disturbances))
    return act.kind === 'submit' ? 'submitsLostToKills' : 'commandsLostToKills';
  return logged ? 'untold' : undefined;
}

/**
 * A newer plan may be the answer to an earlier click, put over this one's hourglass just before its process was killed.
 * It says of itself that nothing was archived, and asks anew.
 */
const isEarlierAnswer = (saw: string): boolean =>
  /\*(This is not what you looked at|It could not be read again just now)\.\* Nothing was archived\./.test(
    saw,
  );

function problemOf(act: Act, evidence: Evidence): Violation | undefined {
  const name = `${act.kind} by ${act.user} for training ${act.trainingId} at ${new Date(act.at).toISOString()}`;
  const about = act.requestId ?? `training ${act.trainingId}`;
  if (!act.acked) return { rule: 'unanswered', about, what: `${name}: ${act.error ?? 'no error shown'}` };
  if (act.problems.length > 0)
    return { rule: 'unanswered', about, what: `${name}: Slack cannot use the answer: ${act.problems[0]}` };
  if (act.kind === 'submit' && !isRecorded(act, evidence))
    return {
      rule: 'unrecorded',
      about,
      what: `${name}: nothing in the journal; saw ${act.saw ?? 'nothing'}`,
    };
  if (act.kind === 'submit' && wasUndone(act, evidence))
    return { rule: 'undone', about, what: `${name}: cancelled by closing the window of a confirmation` };
  const asks = act.kind === 'command' || act.kind === 'retry';
  if (asks && act.saw === null && !wasRefused(act, evidence))
    return { rule: 'unanswered', about, what: `${name}: acknowledged, and then nothing` };
  return undefined;
}

/** The request moved on, or a refusal says why not. */
function isRecorded({ requestId, user, at }: Act, { requests, refusals }: Evidence): boolean {
  const request = requests.find(({ id }) => id === requestId);
  if (request && request.state !== 'planned') return true;
  if (request?.events.some(({ kind, at: when }) => kind === 'replanned' && when >= at)) return true;
  return refusals.some((one) => one.requestId === requestId && one.user === user && one.at >= at);
}

/**
 * Whoever has clicked Archive may close the window, as it says itself. A newer plan is a new question, and a click that
 * was refused before leaves nothing to undo.
 */
function wasUndone({ requestId, user, at }: Act, { requests, refusals }: Evidence): boolean {
  const request = requests.find(({ id }) => id === requestId);
  if (request?.state !== 'cancelled') return false;
  const cancelledAt = request.events.find(({ kind }) => kind === 'cancelled')?.at ?? at;
  const refused = refusals.some(
    (one) => one.requestId === requestId && one.user === user && one.at >= at && one.at < cancelledAt,
  );
  if (refused) return false;
  return !request.events.some(({ kind, at: when }) => kind === 'replanned' && when >= at);
}

const wasRefused = (act: Act, { refusals, disturbances }: Evidence): boolean =>
  refusals.some(({ user, at }) => user === act.user && at >= act.at && at <= workedUntil(act, disturbances));

/** While its process is stopped a click gets nowhere, and it may be stopped again as soon as it runs. */
function workedUntil({ at }: Act, all: readonly Disturbance[]): number {
  const stops = all.filter(({ kind }) => kind === 'stop').sort((a, b) => a.at - b.at);
  return stops.reduce(
    (until, stop) => (stop.at <= until && stop.until >= at ? until + stop.until - stop.at : until),
    at + WORK_MS,
  );
}

const killedMeanwhile = (act: Act, all: readonly Disturbance[]): boolean =>
  all.some((one) => one.kind === 'kill' && one.at >= act.at && one.at <= workedUntil(act, all));

const disturbed = ({ at }: Act, all: readonly Disturbance[]): boolean =>
  all.some((one) => one.at <= at + ACK_MS && one.until + GAP_MS >= at);
