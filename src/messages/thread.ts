import type { ArchiveRequest, EventKind, RequestEvent } from '../archive/request';
import { clip, codeText, foreign, moment, person, span } from './text';
import { STATE_WORDS } from './words';

/** One line an event: an edited card forgets what it said before, the thread does not. */
export function threadText(request: ArchiveRequest, events: readonly RequestEvent[]): string {
  const lines = events.flatMap((event) => {
    const words = EVENT_WORDS[event.kind](event, request);
    return words === null ? [] : [`${moment(event.at)}  ${words}${detail(event)}`];
  });
  const end = events.findLast(({ kind }) => ENDS.has(kind));
  if (end !== undefined) lines.push(mention(request, end));
  return clip(lines.join('\n'), 3900);
}

/** The end in private words, for when the card cannot show it. */
export function endText({ trainingId, state, outcome, card }: ArchiveRequest): string {
  const why = outcome === null ? '' : ` ${foreign(outcome.message, 1500)}`;
  const behind = card === null ? '' : ' Its card could not be updated.';
  return `The archive request for training ${foreign(trainingId, 40)} ended: ${STATE_WORDS[state].title}.${why}${behind}`;
}

const ENDS = new Set<EventKind>(['succeeded', 'failed', 'refused', 'not_started']);

function mention(request: ArchiveRequest, end: RequestEvent): string {
  const took = request.confirmedAt === null ? '' : ` after ${span(end.at - request.confirmedAt)}`;
  return `${person(request.requester)} ${END_WORDS[end.kind] ?? 'this request has ended'}${took}.`;
}

const END_WORDS: Partial<Record<EventKind, string>> = {
  succeeded: 'the training is archived',
  failed: 'Toloka could not archive the training',
  refused: 'Toloka refused to archive the training',
  not_started: 'nothing was archived by this request',
};

type Words = (event: RequestEvent, request: ArchiveRequest) => string | null;

const EVENT_WORDS: Record<EventKind, Words> = {
  asked: ({ actor }) => `${person(actor)} asked for the plan`,
  replanned: ({ actor }) => `${person(actor)} was shown a newer plan`,
  cancelled: ({ actor }) => `${person(actor)} cancelled`,
  expired: () => 'the plan expired',
  confirmed: ({ actor }) => `${person(actor)} confirmed; recorded`,
  submitting: () => 'sending the archive request to Toloka (once)',
  accepted: ({ detail: { operationId } }) =>
    `Toloka accepted it: operation ${foreign(operationId ?? '?', 80)}`,
  outcome_unknown: () => 'the outcome is *unknown*; looking it up',
  found_running: ({ detail: { operationId } }) =>
    `looked up: operation ${foreign(operationId ?? '?', 80)} is running`,
  succeeded: ({ detail: { operationId } }) =>
    operationId ? `operation ${foreign(operationId, 80)} ended: SUCCESS` : 'the training is archived',
  failed: ({ detail: { operationId } }) =>
    operationId ? `operation ${foreign(operationId, 80)} ended: FAIL` : 'failed',
  refused: ({ detail: { httpStatus } }) =>
    `Toloka refused the request${httpStatus ? ` (HTTP ${httpStatus})` : ''}`,
  not_started: () => 'not started',
  late_evidence: () => 'new evidence; the question is open again',
};

function detail({ detail: { code, message, changes } }: RequestEvent): string {
  const parts = [
    ...(message ? [foreign(message, 600)] : []),
    ...(changes ?? []).map((change) => foreign(change, 200)),
    ...(code ? [codeText(code)] : []),
  ];
  return parts.length === 0 ? '' : `: ${parts.join(' ')}`;
}
