import type { Plan } from '../../src/archive/plan';
import type { ArchiveRequest, EventDetail, EventKind, RequestEvent } from '../../src/archive/request';
import { TRANSITIONS } from '../../src/archive/transitions';

export const AT = 1_795_500_000_000;

export const planOf = (changed: Partial<Plan> = {}): Plan => ({
  environment: 'production',
  trainingId: '123456',
  training: {
    id: '123456',
    projectId: '74175',
    name: 'Street signs 2021',
    status: 'CLOSED',
    lastCloseReason: 'MANUAL',
    created: AT,
    url: 'https://platform.toloka.ai/requester/project/74175/training/123456',
  },
  projectName: 'Signs',
  projectLinksTraining: false,
  pools: [],
  blockers: [],
  unread: [],
  fingerprint: 'f',
  readAt: AT,
  ...changed,
});

export const requestOf = (changed: Partial<ArchiveRequest> = {}): ArchiveRequest => ({
  id: 'request-1',
  team: 'T1',
  environment: 'production',
  trainingId: '123456',
  requester: 'U1',
  channel: 'C1',
  createdAt: AT,
  version: 3,
  state: 'submitting',
  plan: planOf(),
  reason: 'nobody uses it',
  retryOf: null,
  enterprise: null,
  operationId: null,
  outcome: null,
  confirmedAt: AT,
  submittedAt: AT,
  finishedAt: null,
  card: { channel: 'C1', ts: '1.1' },
  successor: null,
  threadSeq: 0,
  ...{
    batch: null,
    place: 0,
    approval: null,
    releasedAt: null,
    touched: 0,
    shown: 0,
    closedSum: 0,
    calledAt: 0,
    pause: null,
    heldAt: null,
  },
  progress: null,
  stepAt: null,
  stepTries: 0,
  publishAt: null,
  publishTries: 0,
  unpublishedSince: null,
  lease: null,
  receipt: '1a2b-3c4d-5e6f-7a8b',
  ...changed,
});

export const eventOf = (kind: EventKind, detail: EventDetail = {}, seq = 1): RequestEvent => ({
  requestId: 'request-1',
  seq,
  at: AT + 4_200,
  kind,
  from: null,
  to: kind === 'asked' ? 'planned' : TRANSITIONS[kind].to,
  actor: 'U1',
  detail,
});

/** What a person reads: every text of the blocks. */
export const read = (shown: object): string =>
  [...JSON.stringify(shown).matchAll(/"text":("(?:[^"\\]|\\.)*")/g)]
    .map(([, text]) => JSON.parse(text ?? '""'))
    .join('\n');
