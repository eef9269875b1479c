import type { EventKind, RequestState } from '../../src/archive/request';
import type {
  Act,
  ArchivePost,
  AuditedEvent,
  AuditedRequest,
  CardInChannel,
  Delivery,
  Evidence,
  Item,
  Life,
} from './evidence';
import { CONFIRMED, TITLES } from './words';

const NOON = Date.UTC(2026, 0, 5, 12);
export const HEAD = '0123456789abcdef'.repeat(4);

export type Step = [kind: EventKind, to: RequestState, second: number];
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
/** The first click met a newer plan, the second confirmed it. */
export const REPLANNED: Step[] = [
  ['asked', 'planned', 0],
  ['replanned', 'planned', 0.8],
  ['confirmed', 'confirmed', 1],
  ['submitting', 'submitting', 2],
  ['accepted', 'running', 3],
  ['succeeded', 'succeeded', 5],
];
export const CANCELLED: Step[] = [
  ['asked', 'planned', 0],
  ['cancelled', 'cancelled', 3],
];

/** U1 asks, U2 approves first, and U3 second or not at all. */
const ACTORS: Partial<Record<EventKind, string>> = {
  ...{ confirmed: 'U1', approval_requested: 'U1', withdrawn: 'U1' },
  ...{ approved: 'U2', fully_approved: 'U3', approvals_voided: 'U3', declined: 'U3' },
};
const SAYS: Partial<Record<EventKind, string>> = {
  asked: '<@U1> asked to archive training 7.',
  replanned: '<@U1> was shown a newer plan',
  confirmed: '<@U1> confirmed. The request is recorded.',
  approval_requested: '<@U1> confirmed. The request is recorded and needs 2 approvals.',
  approved: '<@U2> approved.',
  fully_approved: '<@U3> approved. No more approvals are needed.',
  approvals_voided: 'The plan changed, so the approval of <@U2> no longer counts.',
  reminded: 'Reminder: still waiting for approval from <@U2>, <@U3>.',
  declined: '<@U3> declined: still used',
  withdrawn: '<@U1> withdrew the request.',
  approval_expired: 'The time for approvals is over. Nothing was archived.',
  submitting: 'Sending the archive request to Toloka, once.',
  accepted: 'Toloka accepted the request. Operation op-1.',
  outcome_unknown: 'The outcome is unknown. Looking it up.',
  succeeded: 'Archived. Operation op-1.',
  failed: 'Failed in Toloka. Operation op-1.',
  refused: 'Toloka refused the request. (HTTP 409)',
  not_started: 'Not started. Nothing was archived.',
};

export const at = (second: number): number => NOON + second * 1000;

const NEWER: readonly EventKind[] = ['replanned', 'approvals_voided'];

/** One request for training 7 by U1, from the question to its end, as the journal would have it. */
export function request(id: string, steps: readonly Step[], from = 0): AuditedRequest {
  const events = steps.map(
    ([kind, to, second], i): Omit<AuditedEvent, 'facts' | 'hash'> => ({
      ...{ requestId: id, seq: i + 1, at: at(from + second), kind, to, detail: {} },
      ...{ from: steps[i - 1]?.[1] ?? null, actor: ACTORS[kind] ?? 'app' },
      planFingerprint: steps.slice(0, i + 1).some(([one]) => NEWER.includes(one)) ? 'plan-2' : 'plan-1',
    }),
  );
  const state = steps.at(-1)?.[1];
  const known = state === 'succeeded' || state === 'failed';
  const facts = {
    ...{
      id,
      environment: 'production',
      trainingId: '7',
      requester: 'U1',
      channel: 'C1',
      createdAt: at(from),
      state,
    },
    ...{ operationId: known ? 'op-1' : null, publishAt: null },
  };
  return { ...facts, head: HEAD, events } as unknown as AuditedRequest;
}

/** The card that such a request has in the channel, with its thread. */
export function cardOf({ id, state, events }: AuditedRequest): CardInChannel {
  const lines = events.map(({ seq, at: when, kind }) => ({
    ...{ seq, sum: 0 },
    text: `<!date^${Math.floor(when / 1000)}^{time}|t>  ${SAYS[kind]}`,
  }));
  const text = `:icon: *${TITLES[state]}* Receipt 0123-4567-89ab-cdef`;
  const confirmed = events.find(({ kind }) => CONFIRMED.includes(kind))?.at ?? 0;
  return { requestId: id, channel: 'C1', ts: `${id}.1`, at: confirmed + 100, text, lines };
}

export const post = (more: Partial<ArchivePost> = {}): ArchivePost => ({
  ...{ trainingId: '7', process: 0, at: at(2.1), status: 202, operationId: 'op-1', fault: null },
  ...more,
});

/** What was sent to process 0 over its only connection, and acknowledged. */
export const delivery = (when: number, more: Partial<Delivery> = {}): Delivery => ({
  ...{ at: when, process: 0, connection: 'link-1', replica: null, ackedAt: when + 20 },
  ...more,
});

export const life = (more: Partial<Life> = {}): Life => ({
  ...{ process: 0, replica: 0, startedAt: at(-60), readyAt: at(-59), killedAt: null, stops: [] },
  ...{ askedToEndAt: at(100), endedAt: at(101), how: 'code 0' },
  ...more,
});

export const item = (requestId: string | null, shown: string | null = 'plan-1'): Item => ({
  ...{ trainingId: '7', requestId, shown },
});

export const act = (when: number, more: Partial<Act>): Act => ({
  ...{ kind: 'submit', user: 'U1', channel: 'C1', items: [item('r1')], at: when },
  ...{ acked: true, error: null, afterMs: 20, problems: [], deliveries: [delivery(when)] },
  ...{ opened: true, plan: null, shown: [], response: 'update', closedMeanwhile: false },
  ...{ saw: null, lookedUntil: when + 12_000 },
  ...more,
});

/** A click on Archive half a second after the question. */
export const submit = (requestId: string, title = 'Archived', more: Partial<Act> = {}, from = 0): Act =>
  act(at(from + 0.5), {
    items: [item(requestId)],
    plan: '"Training 7"',
    saw: { how: 'modal', at: at(from + 10), text: `:icon: *${title}.*` },
    ...more,
  });

/** The command half a second before, answered with the plan. */
export const command = (requestId: string | null, more: Partial<Act> = {}, from = 0): Act =>
  act(at(from - 0.5), {
    ...{ kind: 'command', items: [item(requestId)], response: null },
    saw: { how: 'question', at: at(from + 0.2), text: '"Training 7"' },
    ...more,
  });

/** A click that was delivered and not acknowledged. */
export const unacked = (more: Partial<Delivery> = {}): Act =>
  submit('r1', '', {
    ...{ acked: false, error: 'operation_timeout', saw: null, lookedUntil: at(3.5) },
    deliveries: [delivery(at(0.5), { ackedAt: null, ...more })],
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
    leaseMs: 3_000,
    requests: [one],
    denials: [],
    pauses: [],
    findings: [],
    posts: [post(answer)],
    trainings: { '7': training },
    trainingHistory: { '7': [{ at: at(-30), name: 'Training 7', status: 'CLOSED' }] },
    operations: status === 'none' ? {} : { 'op-1': { status, trainingId: '7' } },
    cards: [cardOf(one)],
    cardPosts: [{ requestId: 'r1', at: cardOf(one).at }],
    messages: [],
    acts: [command('r1'), submit('r1', TITLES[one.state])],
    lives: [life()],
    connections: [{ id: 'link-1', process: 0, openedAt: at(-59), closedAt: null, cutAt: null }],
    failedOpens: [],
    absences: [],
    approvals: { environment: 'sandbox', needed: 2, absences: [] },
    channels: ['C1'],
    logged: [],
    unwritten: [],
    hostile: [{ where: 'chat.update', text: 'Training 7 &lt;!channel&gt;' }],
    leaks: [],
  };
}

/** Two trainings that were confirmed together: 7 was archived, and 8 refused. Every promise was kept. */
export function batchHistory(): Evidence {
  const of = (id: string, trainingId: string, steps: readonly Step[], place: number): AuditedRequest =>
    ({ ...request(id, steps), trainingId, batch: 'r1', place, outcome: null }) as AuditedRequest;
  const [first, second] = [of('r1', '7', SUCCEEDED, 0), of('r2', '8', REFUSED, 1)];
  const items = [item('r1'), { ...item('r2'), trainingId: '8' }];
  const { lines, ...card } = cardOf(first);
  const sum = first.events.length + second.events.length;
  const text = [
    'U1, 2 trainings: 1 archived, 1 failed.',
    '7: Archived. Receipt',
    '8: Refused by Toloka. Receipt',
  ];
  const window = '"*2 of 2 trainings in :factory: production can be archived.*" "(7): ready" "(8): ready"';
  const run = history();
  return {
    ...run,
    requests: [first, second],
    posts: [post(), post({ trainingId: '8', status: 409, operationId: null })],
    trainings: { '7': 'ARCHIVED', '8': 'CLOSED' },
    cards: [
      {
        ...card,
        text: [
          '*2 trainings*  ·  1 archived, 1 failed',
          'a (7): Archived.',
          'b (8): Refused by Toloka. Why',
        ].join('\n'),
        lines: [
          ...lines.slice(0, 3),
          { seq: 0, sum, text: text.join('\n').replaceAll('Receipt', 'Receipt 0123-4567-89ab-cdef') },
        ],
      },
    ],
    acts: [
      command('r1', { items, saw: { how: 'question', at: at(0.2), text: window } }),
      submit('r1', '', {
        ...{ items, plan: window, response: 'clear' },
        deliveries: [delivery(at(0.5), { ackedAt: at(1.2) })],
        saw: { how: 'card', at: at(1.2), text: 'a card' },
      }),
    ],
  };
}
