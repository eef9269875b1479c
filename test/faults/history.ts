import type { EventKind, RequestEvent, RequestState } from '../../src/archive/request';
import type { AuditedRequest } from '../../src/journal/open-audit';
import type { Act, ArchivePost, CardInChannel, Evidence } from './evidence';

const NOON = Date.UTC(2026, 0, 5, 12);
export const HEAD = '0123456789abcdef'.repeat(4);

type Step = [kind: EventKind, to: RequestState, second: number];
const ASKED: Step[] = [
  ['asked', 'planned', 0],
  ['confirmed', 'confirmed', 1],
  ['submitting', 'submitting', 2],
];
export const SUCCEEDED: Step[] = [...ASKED, ['accepted', 'running', 3], ['succeeded', 'succeeded', 5]];
export const FAILED: Step[] = [...ASKED, ['accepted', 'running', 3], ['failed', 'failed', 5]];
export const REFUSED: Step[] = [...ASKED, ['refused', 'refused', 3]];
export const NOT_STARTED: Step[] = [
  ...ASKED,
  ['outcome_unknown', 'unknown', 3],
  ['not_started', 'not_started', 8],
];

const SAYS: Partial<Record<EventKind, string>> = {
  asked: '<@U1> asked for the plan',
  confirmed: '<@U1> confirmed; recorded',
  submitting: 'sending the archive request to Toloka (once)',
  accepted: 'Toloka accepted it: operation op-1',
  outcome_unknown: 'the outcome is *unknown*; looking it up',
  succeeded: 'operation op-1 ended: SUCCESS',
  failed: 'operation op-1 ended: FAIL',
  refused: 'Toloka refused the request (HTTP 409)',
  not_started: 'not started',
};
const TITLE: Partial<Record<RequestState, string>> = {
  succeeded: 'Archived',
  failed: 'Failed in Toloka',
  refused: 'Refused by Toloka',
  not_started: 'Not started; nothing was archived',
};

export const at = (second: number): number => NOON + second * 1000;

/** One request for training 7, from the asking to its end, as the journal would have it. */
export function request(id: string, steps: readonly Step[], from = 0): AuditedRequest {
  const events = steps.map(
    ([kind, to, second], i): RequestEvent => ({
      ...{ requestId: id, seq: i + 1, at: at(from + second), kind, to, actor: 'app', detail: {} },
      from: steps[i - 1]?.[1] ?? null,
    }),
  );
  const state = steps.at(-1)?.[1];
  const known = state === 'succeeded' || state === 'failed';
  const facts = { id, trainingId: '7', state, operationId: known ? 'op-1' : null, publishAt: null };
  return { ...facts, head: HEAD, events } as unknown as AuditedRequest;
}

/** The card that such a request has in the channel, with its thread. */
export function cardOf({ id, state, events }: AuditedRequest): CardInChannel {
  const lines = events.map(({ seq, at: when, kind }) => ({
    seq,
    text: `<!date^${Math.floor(when / 1000)}^{time}|t>  ${SAYS[kind]}`,
  }));
  const text = `:icon: *${TITLE[state]}* Receipt 0123-4567-89ab-cdef`;
  const confirmed = events[1]?.at ?? 0;
  return { requestId: id, channel: 'C1', ts: `${id}.1`, at: confirmed + 100, text, lines };
}

export const post = (more: Partial<ArchivePost> = {}): ArchivePost => ({
  ...{ trainingId: '7', at: at(2.1), status: 202, operationId: 'op-1', fault: null },
  ...more,
});

export const submit = (requestId: string, more: Partial<Act> = {}): Act => ({
  ...{ kind: 'submit', user: 'U1', trainingId: '7', requestId, at: at(0.5), acked: true, error: null },
  ...{ afterMs: 20, problems: [], copies: 1, saw: 'an answer' },
  ...more,
});

/** A run of that one request in which every promise was kept. */
export function history(steps: readonly Step[] = SUCCEEDED): Evidence {
  const one = request('r1', steps);
  const ends: Record<string, [training: string, operation: string, answer: Partial<ArchivePost>]> = {
    succeeded: ['ARCHIVED', 'SUCCESS', {}],
    failed: ['CLOSED', 'FAIL', {}],
    refused: ['CLOSED', 'none', { status: 409, operationId: null }],
    not_started: ['CLOSED', 'none', { status: 503, operationId: null }],
  };
  const [training, status, answer] = ends[one.state] ?? ['CLOSED', 'none', {}];
  return {
    requests: [one],
    refusals: [],
    findings: [],
    posts: [post(answer)],
    trainings: { '7': training },
    operations: status === 'none' ? {} : { 'op-1': { status, trainingId: '7' } },
    cards: [cardOf(one)],
    acts: [submit('r1')],
    disturbances: [],
    endings: [{ replica: 0, meant: false, how: 'code 0' }],
    logged: [],
    leaks: [],
  };
}
