import type { ArchiveRequest, EventKind, RequestEvent } from '../archive/request';
import { outcomeWords } from './outcomes';
import { driftWords, environmentWords, nameAndId, trainingWords } from './plan';
import { clip, codeText, escapeUntrusted, moment, person, span } from './text';

/** Slack cuts longer texts in some clients. */
const LIMIT = 3900;

/** One line for each event: an edited card forgets what it said before, its thread does not. */
export function threadText(request: ArchiveRequest, events: readonly RequestEvent[]): string {
  const last = events.at(-1);
  const end = last === undefined ? '' : endLine(request, last);
  const short = events.map((event) => `${moment(event.at)}  ${EVENT_WORDS[event.kind](event, request)}`);
  const full = events.map((event, i) => `${short[i]}${detailOf(event)}`).join('\n');
  const room = LIMIT - end.length;
  return `${full.length <= room ? full : clip(short.join('\n'), room)}${end}`;
}

const operation = ({ detail: { operationId } }: RequestEvent): string =>
  operationId === undefined ? '' : ` Operation ${escapeUntrusted(operationId, 80)}.`;

const EVENT_WORDS: Record<EventKind, (event: RequestEvent, request: ArchiveRequest) => string> = {
  asked: ({ actor }, request) => `${person(actor)} asked to archive ${subject(request)}.`,
  replanned: ({ actor }) => `${person(actor)} was shown a newer plan.`,
  cancelled: ({ actor }) => `${person(actor)} cancelled.`,
  expired: () => 'The plan expired.',
  confirmed: ({ actor }) => `${person(actor)} confirmed. The request is recorded.`,
  submitting: () => 'Sending the archive request to Toloka, once.',
  accepted: (event) => `Toloka accepted the request.${operation(event)}`,
  outcome_unknown: () => 'The outcome is unknown. Looking it up.',
  found_running: (event) => `Looked up: Toloka is archiving.${operation(event)}`,
  succeeded: (event) => `Archived.${operation(event)}`,
  failed: (event) => `Failed in Toloka.${operation(event)}`,
  refused: () => 'Toloka refused the request.',
  not_started: () => 'Not started. Nothing was archived.',
  late_evidence: (event) =>
    `New evidence: the request may have reached Toloka after all.${operation(event)} Looking it up again.`,
};

function subject({ plan, environment }: ArchiveRequest): string {
  const { training, projectName } = plan;
  const project = training === null ? '' : `, project ${nameAndId(projectName, training.projectId)}`;
  return `${trainingWords(plan)} in ${environmentWords(environment)}${project}`;
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
};

/** Mentions the requester when the newest event is an end. */
function endLine({ requester, confirmedAt }: ArchiveRequest, { kind, at }: RequestEvent): string {
  const words = END_WORDS[kind];
  if (words === undefined) return '';
  const took = kind === 'succeeded' && confirmedAt !== null ? ` It took ${span(at - confirmedAt)}.` : '';
  return `\n${person(requester)}, ${words}.${took}`;
}
