import {
  type ArchiveRequest,
  type EventKind,
  freeSince,
  isWaiting,
  type RequestEvent,
} from '../archive/request';
import { approverLines, audienceText, changeLines, count } from './approval';
import { totalWords } from './batch';
import { outcomeWords, STATE_WORDS } from './outcomes';
import { driftWords, environmentWords, nameAndId, shortName, trainingWords } from './plan';
import { clip, codeText, escapeUntrusted, exactMoment, idText, joinLines, person, span } from './text';

/** Slack cuts longer texts in some clients. */
const LIMIT = 3900;
const CHANGES_SHOWN = 10;

/** One line for each event: an edited card forgets what it said before, its thread does not. */
export function threadText(
  request: ArchiveRequest,
  events: readonly RequestEvent[],
  others: readonly ArchiveRequest[] = [],
): string {
  const last = events.at(-1);
  const isBatch = others.length > 0;
  const end = last === undefined || isBatch ? '' : endLine(request, last);
  const what = isBatch ? subjects([request, ...others]) : subject(request);
  const short = events.map(
    (event) => `${exactMoment(event.at)}  ${EVENT_WORDS[event.kind](event, request, { what, isBatch })}`,
  );
  const full = events.map((event, i) => `${short[i]}${detailOf(event)}`).join('\n');
  const room = LIMIT - end.length;
  return `${full.length <= room ? full : clip(short.join('\n'), room)}${end}`;
}

const operation = ({ detail: { operationId } }: RequestEvent): string =>
  operationId === undefined ? '' : ` Operation ${escapeUntrusted(operationId, 80)}.`;

/** How a batch ended, with what anchors each of its requests in the audit log. Mentions the requester. */
export function closingText(requests: readonly [ArchiveRequest, ...ArchiveRequest[]]): string {
  const end = `${person(requests[0].requester)}, ${count(requests.length, 'training')}: ${totalWords(requests)}.`;
  const anchors = requests.map(
    ({ trainingId, state, id, receipt }) =>
      `${idText(trainingId)}: ${STATE_WORDS[state].title}. Request ${idText(id)}, receipt ${receipt}`,
  );
  const lines = requests.map(({ operationId }, i) =>
    operationId === null ? anchors[i] : `${anchors[i]}, operation ${escapeUntrusted(operationId, 60)}`,
  );
  const full = [end, ...approverLines(requests), ...lines].join('\n');
  // The operations are in the audit log too.
  return full.length <= LIMIT ? full : clip([end, ...anchors, ...approverLines(requests)].join('\n'), LIMIT);
}

/**
 * Asks the approvers of a batch once more: half of their time is over, or a plan changed.
 * @param at the time of that (epoch ms)
 */
export function callText(requests: readonly [ArchiveRequest, ...ArchiveRequest[]], at: number): string {
  const waiting = requests.filter(isWaiting);
  const approval = waiting[0]?.approval;
  const who = approval ? audienceText(approval, requests[0].requester) : '';
  const isReminder = waiting.some((request) => request.approval?.remindedAt === at);
  const lead = isReminder
    ? 'Reminder: still waiting for approval'
    : 'A plan changed, so approval is needed again';
  const changes = isReminder ? [] : changeLines(waiting, true);
  const some = `${count(waiting.length, 'training')} of ${requests.length}`;
  return [`${lead} from ${who} (${some}).`, joinLines(changes, CHANGES_SHOWN)].filter(Boolean).join('\n');
}

type EventWords = (
  event: RequestEvent,
  request: ArchiveRequest,
  about: { what: string; isBatch: boolean },
) => string;

const EVENT_WORDS: Record<EventKind, EventWords> = {
  asked: ({ actor }, _request, { what }) => `${person(actor)} asked to archive ${what}.`,
  replanned: ({ actor }) => `${person(actor)} was shown a newer plan.`,
  cancelled: ({ actor }) => `${person(actor)} cancelled.`,
  expired: () => 'The plan expired.',
  confirmed: ({ actor }) => `${person(actor)} confirmed. The request is recorded.`,
  approval_requested: ({ actor }, { approval }) =>
    `${person(actor)} confirmed. The request is recorded and needs ${count(approval?.needed ?? 1, 'approval')}.`,
  approved: ({ actor }) => `${person(actor)} approved.`,
  fully_approved: ({ actor }) => `${person(actor)} approved. No more approvals are needed.`,
  approvals_voided: ({ actor, detail: { approvers = [] } }) =>
    approvers.length === 0
      ? `The plan changed before ${person(actor)} approved. It needs approval again.`
      : `The plan changed, so the approval of ${approvers.map(person).join(', ')} no longer counts.`,
  reminded: (_event, { approval, requester }) =>
    `Reminder: still waiting for approval from ${approval ? audienceText(approval, requester) : 'somebody'}.`,
  declined: ({ actor }, { approval }) =>
    `${person(actor)} declined: ${escapeUntrusted(approval?.declined?.reason ?? '', 1000)}`,
  withdrawn: ({ actor }) => `${person(actor)} withdrew the request.`,
  approval_expired: () => 'The time for approvals is over. Nothing was archived.',
  submitting: (_event, _request, { isBatch }) =>
    isBatch
      ? 'Sending the first archive request to Toloka. Each is sent once.'
      : 'Sending the archive request to Toloka, once.',
  accepted: (event) => `Toloka accepted the request.${operation(event)}`,
  outcome_unknown: () => 'The outcome is unknown. Looking it up.',
  found_running: (event) => `Looked up: Toloka is archiving.${operation(event)}`,
  succeeded: (event) => `Archived.${operation(event)}`,
  failed: (event) => `Failed in Toloka.${operation(event)}`,
  refused: () => 'Toloka refused the request.',
  not_started: () => 'Not started. Nothing was archived.',
  late_evidence: (event) =>
    event.from === 'confirmed'
      ? 'Toloka has an archive operation that this request may have started, so the app sends nothing. Looking it up.'
      : `New evidence: the request may have reached Toloka after all.${operation(event)} Looking it up again.`,
};

function subject({ plan, environment }: ArchiveRequest): string {
  const { training, projectName } = plan;
  const project = training === null ? '' : `, project ${nameAndId(projectName, training.projectId)}`;
  return `${trainingWords(plan)} in ${environmentWords(environment)}${project}`;
}

function subjects(requests: readonly [ArchiveRequest, ...ArchiveRequest[]]): string {
  const names = requests.map(({ plan, trainingId }) => shortName(plan.training?.name ?? null, trainingId));
  return `${count(requests.length, 'training')} in ${environmentWords(requests[0].environment)}: ${names.join(', ')}`;
}

function detailOf({ detail: { code, said, httpStatus, changes = [] }, to }: RequestEvent): string {
  const outcome = code && { code, ...(said && { said }), ...(httpStatus && { httpStatus }) };
  const why = outcome ? [outcomeWords(outcome, to).why, codeText(outcome.code)] : [];
  return [...why, ...changes.map(driftWords)].map((words) => ` ${words}`).join('');
}

const END_WORDS: Partial<Record<EventKind, string>> = {
  succeeded: 'the training is archived',
  failed: 'Toloka could not archive the training',
  refused: 'Toloka refused to archive the training',
  not_started: 'nothing was archived by this request',
  declined: 'your request was declined',
  approval_expired: 'not enough people approved your request in time',
};

/** Mentions the requester when the newest event is an end. */
function endLine(request: ArchiveRequest, { kind, at }: RequestEvent): string {
  const words = END_WORDS[kind];
  if (words === undefined) return '';
  const since = freeSince(request);
  const took = kind === 'succeeded' && since !== null ? ` It took ${span(at - since)}.` : '';
  return `\n${person(request.requester)}, ${words}.${took}`;
}
