import fc from 'fast-check';
import { checkMessage, checkView } from '../../fakes/slack';
import { type Drift, driftSchema, type Plan } from '../../src/archive/plan';
import { EVENT_KINDS, REQUEST_STATES } from '../../src/archive/request';
import { card } from '../../src/messages/card';
import {
  blockedModal,
  confirmModal,
  deniedModal,
  loadingModal,
  statusModal,
  workingModal,
} from '../../src/messages/modal';
import { withDraft } from '../../src/messages/modal-state';
import { answerText, badCommandText, helpText, outcomeText } from '../../src/messages/notices';
import { threadText } from '../../src/messages/thread';
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
  })
  .map(requestOf);
const drift: fc.Arbitrary<Drift> = fc.record(
  {
    what: fc.constantFrom(...driftSchema.shape.what.options),
    id: digits,
    from: fc.option(text(3000)),
    to: fc.option(text(3000)),
  },
  { requiredKeys: ['what'] },
);
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
        // Our own: the requester, a time, a channel, a link to a training, a pool or the card.
        .replaceAll(/<@U1>|<!date\^\d+\^[^<>]*>|<https?:\/\/(?!evil)[^<>|]*\|[^<>|]*(\|[^<>]*)?>/g, '')
        .match(/[<>]|&(?!(amp|lt|gt);)|[\u202A-\u202E\u2066-\u2069]/g) ?? [],
  );

const RUNS = { numRuns: 150 };

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
