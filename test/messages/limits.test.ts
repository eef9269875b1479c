import fc from 'fast-check';
import { checkMessage, checkView } from '../../fakes/slack';
import type { Confirmed } from '../../src/archive/answers';
import { type Drift, driftSchema, type Plan } from '../../src/archive/plan';
import type { OnCard } from '../../src/archive/ports';
import { type Approval, EVENT_KINDS, REQUEST_STATES } from '../../src/archive/request';
import { batchModal } from '../../src/messages/batch-modal';
import { card } from '../../src/messages/card';
import {
  blockedModal,
  confirmModal,
  deniedModal,
  loadingModal,
  statusModal,
  workingModal,
} from '../../src/messages/modal';
import { type ModalState, readModalState, withDraft, writeModalState } from '../../src/messages/modal-state';
import { answerText, badCommandText, helpText, outcomeText } from '../../src/messages/notices';
import { closingText, threadText } from '../../src/messages/thread';
import { AT, eventOf, planOf, requestOf } from './builders';

const STATE = { environment: 'production', channel: 'C1' };

const text = (max: number) =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: max }),
    fc.constantFrom(
      '',
      '\uD800',
      '<!channel> & *_~ `x` <@U9> :smile: \u202E'.repeat(30),
      '\u{1F600}'.repeat(400),
      '> quote\n```code',
      '&'.repeat(max),
      '<https://evil.example|Open the card>',
    ),
  );
const digits = fc.stringMatching(/^\d{1,19}$/);
const status = fc.constantFrom('OPEN', 'CLOSED', 'ARCHIVED', '*new*', 'constructor');
const outcome = fc.record(
  {
    code: fc.oneof(
      text(300),
      fc.constantFrom('toloka_timeout', 'OPERATION_FAILED', 'not_in_channel', 'deadline'),
    ),
    said: text(5000),
    httpStatus: fc.integer({ min: 100, max: 599 }),
  },
  { requiredKeys: ['code'] },
);
const plan: fc.Arbitrary<Plan> = fc
  .record({
    training: fc.option(
      fc.record({
        id: fc.constant('123456'),
        projectId: digits,
        name: text(3000),
        status,
        lastCloseReason: fc.option(text(500)),
        created: fc.constant(0),
        url: fc.webUrl(),
      }),
    ),
    projectName: fc.option(text(3000)),
    projectLinksTraining: fc.boolean(),
    pools: fc.array(
      fc.record({
        id: digits,
        name: text(3000),
        status,
        url: fc.webUrl(),
        linkedBy: fc.constantFrom('pool', 'project'),
      }),
      { maxLength: 400 },
    ),
    blockers: fc.subarray([
      'not_closed',
      'locked',
      'pools_not_archived',
      'already_archived',
      'not_found',
      'no_access',
      'training_unread',
    ] as Plan['blockers']),
    unread: fc
      .tuple(fc.subarray(['training', 'pools', 'project'] as const), outcome)
      .map(([parts, why]) => parts.map((part) => ({ part, ...why }))),
  })
  .map(planOf);
const drift: fc.Arbitrary<Drift> = fc.record(
  {
    what: fc.constantFrom(...driftSchema.shape.what.options),
    id: digits,
    from: fc.option(text(3000)),
    to: fc.option(text(3000)),
  },
  { requiredKeys: ['what'] },
);
const people = fc.subarray(['U1', 'U2', 'U3']);
const pause = fc.record({ user: fc.constant('U3'), reason: text(3000), at: fc.constant(AT) });
const approval: fc.Arbitrary<Approval> = fc.record({
  needed: fc.integer({ min: 1, max: 5 }),
  audience: fc.record({
    everyone: fc.boolean(),
    people: fc.array(fc.constantFrom('U1', 'U2', 'U3'), { maxLength: 300 }),
    groups: fc.array(fc.constant('S1'), { maxLength: 300 }),
  }),
  given: people.map((ids) => ids.map((user) => ({ user, at: AT }))),
  ...{ askedAt: fc.constant(AT), until: fc.constant(AT + 1), remindedAt: fc.constant(null) },
  changes: fc.array(drift, { maxLength: 40 }),
  declined: fc.option(fc.record({ user: fc.constant('U2'), reason: text(1000) })),
});
const CARD = { channel: 'C1', ts: '1.2', url: 'https://example.slack.com/archives/C1/p1' };
const request = fc
  .record({
    id: fc.uuid(),
    state: fc.constantFrom(...REQUEST_STATES),
    reason: fc.option(text(1000)),
    plan,
    operationId: fc.option(text(300)),
    progress: fc.option(fc.oneof(fc.integer({ min: -5, max: 300 }), fc.double({ noNaN: true }))),
    outcome: fc.option(outcome),
    finishedAt: fc.option(fc.integer({ min: AT, max: AT + 1e8 })),
    approval: fc.option(approval),
    pause: fc.option(pause),
    successor: fc.option(fc.constantFrom(CARD, { channel: 'C1', ts: '1.2', url: null })),
  })
  .map(requestOf);
/** The most that one card and one modal can be about. */
const MOST = 20;
const batch = fc
  .array(request, { minLength: 2, maxLength: MOST, size: 'max' })
  .map(([first, ...others]) => [first, ...others] as OnCard);
const drifts = fc.array(drift, { maxLength: 40 });

const mrkdwnOf = (shown: object): string[] =>
  [...JSON.stringify(shown).matchAll(/"type":"mrkdwn","text":("(?:[^"\\]|\\.)*")/g)].map(([, found]) =>
    JSON.parse(found ?? '""'),
  );

/** Mentions, links and entities that the app did not write itself, or that were cut in the middle. */
const strays = (texts: readonly string[]): string[] =>
  texts.flatMap(
    (found) =>
      found
        // Our own: people, a group, a time, a channel, a link to a training, a pool or the card.
        .replaceAll(
          /<@U[123]>|<!subteam\^S1>|<!date\^\d+\^[^<>]*>|<https?:\/\/(?!evil)[^<>|]*\|[^<>|]*(\|[^<>]*)?>/g,
          '',
        )
        .match(/[<>]|&(?!(amp|lt|gt);)|[\u202A-\u202E\u2066-\u2069]/g) ?? [],
  );

const RUNS = { numRuns: 150 };
/** For what is about up to twenty requests, each with as much text. Shrinking that would take minutes. */
const FEW_RUNS = { numRuns: 40, endOnFailure: true };

describe('with any text of Toloka and of people, Slack’s limits are kept and nobody is pinged', () => {
  it('the card', () => {
    fc.assert(
      fc.property(request, (one) => {
        const shown = card(one);
        expect(checkMessage(shown)).toEqual([]);
        expect(strays([shown.text, ...mrkdwnOf(shown.blocks)])).toEqual([]);
      }),
      RUNS,
    );
  });

  it('the card of a batch, and what its thread says', () => {
    const events = EVENT_KINDS.map((kind, i) => eventOf(kind, {}, i + 1));
    fc.assert(
      fc.property(batch, (requests) => {
        const shown = card(...requests);
        expect(checkMessage(shown)).toEqual([]);
        const [first, ...others] = requests;
        const texts = [threadText(first, events, others), closingText(requests), outcomeText(...requests)];
        for (const said of texts) expect(said.length).toBeLessThanOrEqual(3900);
        expect(strays([shown.text, ...texts, ...mrkdwnOf(shown.blocks)])).toEqual([]);
      }),
      FEW_RUNS,
    );
  });

  it('the modal and the messages about several trainings', () => {
    const answer = fc
      .tuple(
        fc.constantFrom('planned', 'blocked', 'already_open', 'already_decided', 'confirmed', 'denied'),
        ...[request, drifts, fc.boolean()],
      )
      .map(([kind, one, changes, notInChannel]): Confirmed => {
        if (kind === 'denied') return { kind, code: 'not_yours' };
        if (kind === 'blocked') return { kind, plan: one.plan, changes, notInChannel };
        return kind === 'planned' ? { kind, request: one, changes } : { kind, request: one };
      });
    const answers = fc.array(answer, { minLength: 2, maxLength: MOST, size: 'max' });
    fc.assert(
      fc.property(answers, text(2000), fc.boolean(), (each, reason, typed) => {
        const items = each.map((_, i) => ({ trainingId: String(i + 1), retryOf: 'a request' }));
        const state = withDraft({ ...STATE, items }, reason);
        const view = batchModal(state, each, { typed });
        expect(checkView(view)).toEqual([]);
        const said = answerText(state, { kind: 'answers', each });
        expect(said.length).toBeLessThanOrEqual(3900);
        expect(strays([said, ...mrkdwnOf(view.blocks)])).toEqual([]);
        // Only what is ready is asked for, each with what was shown.
        const ready = each.flatMap((one) => (one.kind === 'planned' ? [one.request.id] : []));
        const asked = readModalState(view.private_metadata ?? '')?.items ?? [];
        expect(asked.flatMap(({ requestId }) => requestId ?? [])).toEqual(ready);
      }),
      FEW_RUNS,
    );
  });

  it('the modals', () => {
    fc.assert(
      fc.property(request, drifts, text(2000), (one, changes, reason) => {
        const state = withDraft({ ...STATE, items: [{ trainingId: '123456', retryOf: one.id }] }, reason);
        const last = { request: one, cardUrl: 'https://example.slack.com/archives/C1/p1' };
        const views = [
          loadingModal(state),
          workingModal(state),
          confirmModal(state, one, { typedId: true, changes, last }),
          confirmModal(state, one, { typedId: false }),
          blockedModal(state, { plan: one.plan, changes, notInChannel: true, last }),
          statusModal(state, one, 'already_open', 'https://example.slack.com/archives/C1/p1'),
          deniedModal(state, 'environment_not_set', { environment: reason }),
        ];
        for (const view of views) {
          expect(checkView(view)).toEqual([]);
          expect(strays(mrkdwnOf(view.blocks))).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('the thread and the private messages', () => {
    const event = fc
      .tuple(fc.constantFrom(...EVENT_KINDS), outcome, text(99), drifts)
      .map(([kind, why, operationId, changes]) => eventOf(kind, { ...why, operationId, changes }));
    fc.assert(
      fc.property(
        request,
        fc.array(event, { minLength: 1, maxLength: 30 }),
        drifts,
        (one, events, changes) => {
          const state = { ...STATE, items: [{ trainingId: '123456' }] };
          const texts = [
            threadText(one, events),
            outcomeText(one),
            answerText(state, { kind: 'answers', each: [{ kind: 'planned', request: one, changes }] }),
            answerText(state, { kind: 'answers', each: [{ kind: 'confirmed', request: one }] }),
            badCommandText('bad_id', one.reason ?? ''),
          ];
          for (const said of texts) expect(said.length).toBeLessThanOrEqual(3900);
          // The help shows `<link to a training in Toloka>`, escaped.
          expect(strays(texts)).toEqual([]);
        },
      ),
      RUNS,
    );
  });

  it('the help', () => {
    expect(checkMessage({ text: helpText() })).toEqual([]);
    expect(strays([helpText()])).toEqual([]);
  });
});

describe('what a modal remembers', () => {
  const id = fc.option(fc.uuid(), { nil: undefined });
  const item = fc.record({
    trainingId: fc.bigInt({ min: 1n, max: 10n ** 19n - 1n }).map(String),
    requestId: id,
    shown: fc.option(fc.stringMatching(/^[0-9a-f]{16}$/), { nil: undefined }),
    retryOf: id,
  });
  const state: fc.Arbitrary<ModalState> = fc.record({
    channel: fc.constantFrom('C1', 'C0123456789A'),
    environment: fc.constantFrom('production', 'yandex-sandbox'),
    items: fc.array(item, { maxLength: MOST, size: 'max' }),
    draft: fc.option(fc.string({ unit: 'binary', maxLength: 1000 }), { nil: undefined }),
  });

  it('comes back as it was; a draft only if there is room', () => {
    fc.assert(
      fc.property(state, (given) => {
        const written = writeModalState(given);
        expect(written.length).toBeLessThanOrEqual(3000);
        const read = readModalState(written);
        expect(read).toEqual(read?.draft === undefined ? { ...given, draft: undefined } : given);
        if (given.items.length === 1) expect(read).toEqual(given);
      }),
    );
  });

  it('is never too long for Slack: 20 trainings with the longest IDs', () => {
    const uuid = '12345678-1234-4123-8123-123456789012';
    const longest = { trainingId: '9'.repeat(19), requestId: uuid, shown: 'f'.repeat(16), retryOf: uuid };
    const items = Array.from({ length: MOST }, () => longest);
    const full = { channel: 'C0123456789A', environment: 'yandex-sandbox', items, draft: 'x'.repeat(1000) };
    const written = writeModalState(full);
    expect(written.length).toBeLessThanOrEqual(3000);
    expect(readModalState(written)).toEqual({ ...full, draft: undefined });
    expect(readModalState(writeModalState({ ...full, items: [...items, longest] }))).toBeUndefined();
  });
});
