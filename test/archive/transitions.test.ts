import fc from 'fast-check';
import { RequestChangedError } from '../../src/archive/errors';
import type { Plan } from '../../src/archive/plan';
import {
  type Approval,
  type ArchiveRequest,
  isOpen,
  OPEN_STATES,
  REQUEST_STATES,
  STATES,
} from '../../src/archive/request';
import { askedEvent, type Change, isAllowed, TRANSITIONS, transition } from '../../src/archive/transitions';

const plan: Plan = {
  ...{ environment: 'production', trainingId: '7', training: null, projectName: null },
  ...{ projectLinksTraining: false, pools: [], blockers: [], unread: [], fingerprint: 'f', readAt: 0 },
};
const planned: ArchiveRequest = {
  ...{ id: 'r1', team: 'T1', environment: 'production', trainingId: '7', requester: 'U1', channel: 'C1' },
  ...{
    createdAt: 0,
    version: 1,
    state: 'planned',
    plan,
    reason: null,
    retryOf: null,
    enterprise: null,
    operationId: null,
  },
  ...{ outcome: null, confirmedAt: null, submittedAt: null, finishedAt: null, card: null },
  ...{ successor: null, threadSeq: 0 },
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
  ...{ progress: null, stepAt: null, stepTries: 0, publishAt: null, publishTries: 0, lease: null },
  unpublishedSince: null,
  receipt: '',
};
const approval: Approval = {
  ...{ needed: 2, audience: { everyone: true, people: [], groups: [] }, given: [], changes: [] },
  ...{ askedAt: 0, until: 99, remindedAt: null, declined: null },
};
const KINDS = Object.keys(TRANSITIONS) as Change['kind'][];
const outcome = { code: 'a_code' };
const CHANGES: { [K in Change['kind']]: Change & { kind: K } } = {
  replanned: { kind: 'replanned', plan: { ...plan, fingerprint: 'g' }, changes: [{ what: 'name' }] },
  cancelled: { kind: 'cancelled' },
  expired: { kind: 'expired' },
  confirmed: { kind: 'confirmed', reason: 'unused' },
  approval_requested: { kind: 'approval_requested', reason: 'unused', approval },
  approved: { kind: 'approved', user: 'U2' },
  fully_approved: { kind: 'fully_approved', user: 'U3' },
  approvals_voided: {
    kind: 'approvals_voided',
    plan: { ...plan, fingerprint: 'g' },
    changes: [{ what: 'name' }],
    approval,
  },
  reminded: { kind: 'reminded', stepAt: 9 },
  declined: { kind: 'declined', user: 'U2', reason: 'still used' },
  withdrawn: { kind: 'withdrawn' },
  approval_expired: { kind: 'approval_expired' },
  submitting: { kind: 'submitting', card: { channel: 'C1', ts: '1.1' } },
  accepted: { kind: 'accepted', operationId: 'op', progress: null, stepAt: 9 },
  found_running: { kind: 'found_running', operationId: 'op', progress: 5, stepAt: 9 },
  outcome_unknown: { kind: 'outcome_unknown', outcome },
  succeeded: { kind: 'succeeded', operationId: 'op' },
  failed: { kind: 'failed', outcome },
  refused: { kind: 'refused', outcome },
  not_started: { kind: 'not_started', outcome },
  late_evidence: { kind: 'late_evidence', operationId: 'op' },
};

describe('the state machine', () => {
  it('leads where people read that it leads, and nowhere else', () => {
    const table = KINDS.map((kind) => [kind, TRANSITIONS[kind].from, TRANSITIONS[kind].to]);
    expect(table).toEqual([
      ['replanned', ['planned'], 'planned'],
      ['cancelled', ['planned'], 'cancelled'],
      ['expired', ['planned'], 'expired'],
      ['confirmed', ['planned'], 'confirmed'],
      ['approval_requested', ['planned'], 'awaiting_approval'],
      ['approved', ['awaiting_approval'], 'awaiting_approval'],
      ['fully_approved', ['awaiting_approval'], 'confirmed'],
      ['approvals_voided', ['awaiting_approval'], 'awaiting_approval'],
      ['reminded', ['awaiting_approval'], 'awaiting_approval'],
      ['declined', ['awaiting_approval'], 'declined'],
      ['withdrawn', ['awaiting_approval', 'confirmed'], 'cancelled'],
      ['approval_expired', ['awaiting_approval'], 'expired'],
      ['submitting', ['confirmed'], 'submitting'],
      ['accepted', ['submitting'], 'running'],
      ['found_running', ['unknown'], 'running'],
      ['outcome_unknown', ['submitting', 'running'], 'unknown'],
      ['succeeded', ['submitting', 'running', 'unknown'], 'succeeded'],
      ['failed', ['submitting', 'running', 'unknown'], 'failed'],
      ['refused', ['submitting'], 'refused'],
      ['not_started', ['awaiting_approval', 'confirmed', 'submitting', 'unknown'], 'not_started'],
      ['late_evidence', ['confirmed', 'not_started', 'cancelled', 'unknown'], 'unknown'],
    ]);
    expect(askedEvent({ id: 'r1', requester: 'U1', createdAt: 7 })).toEqual({
      ...{
        requestId: 'r1',
        seq: 1,
        at: 7,
        kind: 'asked',
        from: null,
        to: 'planned',
        actor: 'U1',
        detail: {},
      },
    });
  });

  it('sends from a confirmed request only', () => {
    expect(REQUEST_STATES.filter((from) => isAllowed('submitting', from))).toEqual(['confirmed']);
  });

  it('lets nothing leave an ended or dropped state, except a doubt that nothing was sent', () => {
    const left = REQUEST_STATES.filter(
      (state) => STATES[state] === 'ended' || STATES[state] === 'dropped',
    ).flatMap((from) => KINDS.filter((kind) => isAllowed(kind, from)).map((kind) => [from, kind]));
    expect(left).toEqual([
      ['not_started', 'late_evidence'],
      ['cancelled', 'late_evidence'],
    ]);
  });

  it('has a way to an end from every open state', () => {
    for (const state of OPEN_STATES)
      expect(KINDS.some((kind) => isAllowed(kind, state) && !isOpen(TRANSITIONS[kind].to))).toBe(true);
  });

  it('keeps to its table on every sequence of events', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...KINDS), { maxLength: 40 }), (kinds) => {
        let request = planned;
        let events = 1;
        for (const [i, kind] of kinds.entries()) {
          const at = 100 + i;
          const from = request.state;
          // Everybody counts once, so each click is somebody else's.
          const change = { ...CHANGES[kind], ...('user' in CHANGES[kind] && { user: `V${i}` }) } as Change;
          const given = request.approval?.given.length ?? 0;
          const isEarly = kind === 'fully_approved' && given + 1 < approval.needed;
          if (!TRANSITIONS[kind].from.includes(from) || isEarly) {
            expect(() => transition(request, change, at, 'app')).toThrow(RequestChangedError);
            continue;
          }
          const result = transition(request, change, at, 'app');
          request = result.request;
          events += 1;
          expect(result.event).toMatchObject({ seq: events, from, to: TRANSITIONS[kind].to, at, kind });
          expect(request).toMatchObject({ version: events, state: TRANSITIONS[kind].to });
          const phase = STATES[request.state];
          expect(request.finishedAt === null).toBe(phase === 'open' || phase === 'proposed');
          if (phase === 'ended' || phase === 'dropped') expect(request.stepAt).toBeNull();
          // Open work is always due some time, or it would be forgotten.
          if (phase === 'open') expect(request.stepAt).not.toBeNull();
          if (phase === 'ended') expect(request.publishAt).toBe(at);
          // Nothing is sent before the last approval.
          const isDoubted = kinds.slice(0, i + 1).includes('late_evidence');
          if (request.submittedAt !== null && !isDoubted) expect(request.releasedAt).not.toBeNull();
          // What is given up was never sent, and what a person withdrew is never sent.
          if (phase === 'dropped' && !isDoubted) expect(request.submittedAt).toBeNull();
          if (kind === 'withdrawn') expect(isAllowed('submitting', request.state)).toBe(false);
          if (kind === 'withdrawn') expect(request).toMatchObject({ publishAt: at, publishTries: 1 });
        }
      }),
    );
  });

  it('keeps in the event what explains it, and neither plan, reason nor card', () => {
    const seen = KINDS.map((kind) => {
      const from = TRANSITIONS[kind].from[0] ?? 'planned';
      const needing = { ...approval, needed: 1 };
      return transition({ ...planned, state: from, approval: needing }, CHANGES[kind], 1, 'app').event;
    });
    expect(Object.fromEntries(seen.map(({ kind, detail }) => [kind, detail]))).toEqual({
      ...{ replanned: { changes: [{ what: 'name' }] }, cancelled: {}, expired: {}, confirmed: {} },
      ...{ approval_requested: {}, approved: {}, fully_approved: {}, reminded: {}, declined: {} },
      ...{
        approvals_voided: { changes: [{ what: 'name' }], approvers: [] },
        withdrawn: {},
        approval_expired: {},
      },
      ...{ submitting: {}, accepted: { operationId: 'op' }, found_running: { operationId: 'op' } },
      ...{ outcome_unknown: outcome, succeeded: { operationId: 'op' }, failed: outcome, refused: outcome },
      ...{ not_started: outcome, late_evidence: { operationId: 'op' } },
    });
  });
});

describe('what a transition writes', () => {
  const known = {
    ...{ outcome: { code: 'before' }, operationId: 'op-before', progress: 1, submittedAt: 1, finishedAt: 1 },
    ...{ stepAt: 1, stepTries: 4, publishAt: 1, publishTries: 2 },
  };
  /** What it changes in a request about which everything was known. */
  const changes = (from: ArchiveRequest['state'], change: Change): Record<string, unknown> => {
    const before: ArchiveRequest = { ...planned, ...known, state: from };
    const { request } = transition(before, change, 50, 'app');
    const { state: _to, version: _next, ...written } = request;
    return Object.fromEntries(
      Object.entries(written).filter(([key, value]) => before[key as keyof ArchiveRequest] !== value),
    );
  };
  const OPEN = { publishAt: 50, publishTries: 1, stepTries: 0, finishedAt: null };
  const ENDED = { publishAt: 50, publishTries: 1, stepTries: 0, finishedAt: 50, stepAt: null };
  const card = { channel: 'C1', ts: '2.2' };

  it.each<[ArchiveRequest['state'], Change, object]>([
    ['planned', CHANGES.replanned, { plan: CHANGES.replanned.plan, finishedAt: null }],
    [
      'submitting',
      CHANGES.accepted,
      // The outcome may come within the next two seconds, and saves an edit of the card.
      {
        ...OPEN,
        publishAt: 2_050,
        publishTries: undefined,
        operationId: 'op',
        progress: null,
        outcome: null,
        stepAt: 9,
      },
    ],
    ['unknown', CHANGES.found_running, { ...OPEN, operationId: 'op', progress: 5, outcome: null, stepAt: 9 }],
    ['running', CHANGES.outcome_unknown, { ...OPEN, outcome, stepAt: 50 }],
    ['running', CHANGES.succeeded, { ...ENDED, progress: 100, outcome: null, operationId: 'op' }],
    ['running', { kind: 'succeeded', outcome }, { ...ENDED, progress: 100, outcome }],
    ['unknown', CHANGES.failed, { ...ENDED, outcome }],
    ['unknown', { ...CHANGES.failed, operationId: 'op' }, { ...ENDED, outcome, operationId: 'op' }],
    ['submitting', CHANGES.refused, { ...ENDED, outcome }],
    ['confirmed', CHANGES.not_started, { ...ENDED, outcome }],
    ['confirmed', { ...CHANGES.not_started, card }, { ...ENDED, outcome, card }],
    ['confirmed', CHANGES.withdrawn, ENDED],
    [
      'cancelled',
      { kind: 'late_evidence' },
      { ...OPEN, outcome: { code: 'late_evidence' }, submittedAt: 50, stepAt: 50 },
    ],
    [
      'not_started',
      CHANGES.late_evidence,
      { ...OPEN, outcome: { code: 'late_evidence' }, submittedAt: 50, stepAt: 50, operationId: 'op' },
    ],
    [
      'unknown',
      { kind: 'late_evidence' },
      { ...OPEN, outcome: { code: 'late_evidence' }, submittedAt: 50, stepAt: 50 },
    ],
  ])('to a request that is %s: %j', (from, change, written) => {
    expect(changes(from, change)).toEqual(written);
  });

  it('names those whose approvals became void', () => {
    const given = [{ user: 'U2', at: 1 }];
    const before: ArchiveRequest = {
      ...planned,
      state: 'awaiting_approval',
      approval: { ...approval, given },
    };
    expect(transition(before, CHANGES.approvals_voided, 5, 'U3').event.detail.approvers).toEqual(['U2']);
  });

  it('says why it writes nothing', () => {
    expect(() => transition(planned, CHANGES.refused, 5, 'app')).toThrow(
      /^Request r1 is planned, so it cannot become refused \(refused\)/,
    );
    const waiting: ArchiveRequest = { ...planned, state: 'awaiting_approval', approval };
    expect(() => transition(waiting, { kind: 'approved', user: 'U1' }, 5, 'U1')).toThrow(
      /^U1 cannot approve request r1/,
    );
    expect(() => transition(waiting, CHANGES.fully_approved, 5, 'U3')).toThrow(
      /^Request r1 needs more approvals/,
    );
    expect(() => transition({ ...waiting, approval: null }, CHANGES.approved, 5, 'U3')).toThrow(
      RequestChangedError,
    );
  });
});

describe('approvals, on every sequence of events by few people', () => {
  const PEOPLE = ['U1', 'U2', 'U3', 'U4'];
  const step = fc.record({
    kind: fc.constantFrom(
      ...(['approved', 'fully_approved', 'approvals_voided', 'reminded'] as const),
      ...(['declined', 'withdrawn', 'approval_expired', 'not_started', 'submitting'] as const),
    ),
    user: fc.constantFrom(...PEOPLE),
  });

  it('nobody counts twice, the requester never, and the last approval is the last one needed', () => {
    let released = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 30 }), (needed, steps) => {
        const asked = { ...CHANGES.approval_requested, approval: { ...approval, needed } };
        let { request } = transition(planned, asked, 10, 'U1');
        /** Who has approved the plan that the request has now. */
        let given: string[] = [];
        for (const [i, { kind, user }] of steps.entries()) {
          const before = request;
          const change = {
            ...CHANGES[kind],
            ...('user' in CHANGES[kind] && { user }),
            ...(kind === 'approvals_voided' && { approval: request.approval }),
          } as Change;
          const isApproval = kind === 'approved' || kind === 'fully_approved';
          const mayCount = user !== before.requester && !given.includes(user);
          const isEnough = kind !== 'fully_approved' || given.length + 1 >= needed;
          const isRight = isAllowed(kind, before.state) && (!isApproval || (mayCount && isEnough));
          if (!isRight) {
            expect(() => transition(before, change, 20 + i, user)).toThrow(RequestChangedError);
            continue;
          }
          request = transition(before, change, 20 + i, user).request;
          if (isApproval) given = [...given, user];
          if (kind === 'approvals_voided') given = [];
          expect(request.approval?.given.map((one) => one.user)).toEqual(given);
          expect(request.approval?.needed).toBe(needed);
          if (request.releasedAt === null) continue;
          released += 1;
          expect(new Set(given).size).toBeGreaterThanOrEqual(needed);
          expect(given).not.toContain(request.requester);
        }
        if (request.submittedAt !== null) expect(request.releasedAt).not.toBeNull();
      }),
      { numRuns: 1_000 },
    );
    expect(released).toBeGreaterThan(20);
  });
});

describe('approvals', () => {
  /** What these changes, one after the other, make of a plan. The first happens at 10, the next at 20, and so on. */
  const outcomeOf = (...changes: Change[]): ArchiveRequest =>
    changes.reduce((before, change, i) => transition(before, change, 10 * (i + 1), 'app').request, planned);
  const { approval_requested: asked } = CHANGES;
  const by = (user: string): Change => ({ kind: 'approved', user });
  const lastBy = (user: string): Change => ({ kind: 'fully_approved', user });
  const NO_CARD_DUE = { publishAt: null, publishTries: 0, unpublishedSince: null };
  const ENDED_WITH_CARD = { stepAt: null, publishAt: 20, publishTries: 1, finishedAt: 20 };

  it('are asked for with the confirmation: due at once for the card, and not released', () => {
    expect(outcomeOf({ ...asked, batch: 'r0', place: 3 })).toMatchObject({
      ...{ state: 'awaiting_approval', reason: 'unused', approval, batch: 'r0', place: 3 },
      ...{ confirmedAt: 10, releasedAt: null, stepAt: 10, ...NO_CARD_DUE },
    });
  });

  it('release the request with the last one, in the order of the clicks', () => {
    const given = [
      { user: 'U2', at: 20 },
      { user: 'U3', at: 30 },
    ];
    expect(outcomeOf(asked, by('U2'))).toMatchObject({ approval: { given: [given[0]] }, releasedAt: null });
    expect(outcomeOf(asked, by('U2'), lastBy('U3'))).toMatchObject({
      ...{
        state: 'confirmed',
        approval: { ...approval, given },
        confirmedAt: 10,
        releasedAt: 30,
        stepAt: 30,
      },
    });
  });

  it.each([by('U2'), lastBy('U2')])('count once for each person: %j', (again) => {
    expect(() => outcomeOf(asked, by('U2'), again)).toThrow(RequestChangedError);
  });

  it('are void when the plan changes, and then the same people may approve the new one', () => {
    const voided = CHANGES.approvals_voided;
    const reminded = outcomeOf(asked, by('U2'), CHANGES.reminded, voided);
    expect(reminded).toMatchObject({
      ...{ state: 'awaiting_approval', plan: { fingerprint: 'g' }, stepAt: 40, publishAt: 40 },
      approval: { given: [], changes: [{ what: 'name' }], remindedAt: null },
    });
    expect(outcomeOf(asked, by('U2'), voided, by('U2')).approval?.given).toEqual([{ user: 'U2', at: 40 }]);
  });

  it('are reminded of', () => {
    expect(outcomeOf(asked, CHANGES.reminded)).toMatchObject({
      ...{ state: 'awaiting_approval', approval: { remindedAt: 20, given: [] }, stepAt: 9, publishAt: 20 },
    });
  });

  it('can be declined, with who and why', () => {
    expect(outcomeOf(asked, CHANGES.declined)).toMatchObject({
      ...{
        state: 'declined',
        approval: { declined: { user: 'U2', reason: 'still used' } },
        ...ENDED_WITH_CARD,
      },
    });
  });

  it.each([
    ['withdrawn', 'cancelled'],
    ['approval_expired', 'expired'],
  ] as const)('%s: it is %s, and the card shows it', (kind, state) => {
    expect(outcomeOf(asked, CHANGES[kind])).toMatchObject({ state, ...ENDED_WITH_CARD });
  });

  it.each(['cancelled', 'expired'] as const)('a plan that is %s has no card to show it', (kind) => {
    expect(outcomeOf(CHANGES[kind])).toMatchObject({ state: kind, finishedAt: 10, ...NO_CARD_DUE });
  });

  it('are not needed: confirmed and released at once', () => {
    expect(outcomeOf(CHANGES.confirmed)).toMatchObject({
      ...{ state: 'confirmed', approval: null, batch: null, place: 0 },
      ...{ confirmedAt: 10, releasedAt: 10, stepAt: 10, ...NO_CARD_DUE },
    });
  });

  it('came while archiving was paused: the pause is over when the request is sent', () => {
    const pause = { user: 'U9', reason: 'a migration', at: 5 };
    const waiting = { ...outcomeOf(CHANGES.confirmed), pause };
    expect(transition(waiting, CHANGES.submitting, 50, 'app').request.pause).toBeNull();
  });
});
