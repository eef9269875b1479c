import fc from 'fast-check';
import { checkMessage, checkView } from '../../demo/slack';
import type { LinkedPool, Plan } from '../../src/archive/plan-types';
import { type ArchiveRequest, REQUEST_STATES, type RequestEvent } from '../../src/archive/request';
import { card } from '../../src/messages/card';
import {
  blockedModal,
  confirmModal,
  loadingModal,
  sendingModal,
  standsModal,
} from '../../src/messages/modal';
import { threadText } from '../../src/messages/thread';
import { usage } from '../../src/messages/usage';

const MEMORY = { environment: 'production', trainingId: '123456', channel: 'C1' };

const text = (max: number) =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: max }),
    fc.constantFrom(
      '',
      '<!channel> & *_~ `x`'.repeat(30),
      '\u{1F600}'.repeat(400),
      '> quote\n```code',
      '&'.repeat(max),
    ),
  );
const pool: fc.Arbitrary<LinkedPool> = fc.record({
  id: fc.stringMatching(/^\d{1,19}$/),
  name: text(3000),
  status: fc.constantFrom('OPEN', 'CLOSED', 'LOCKED', 'NEW<>&'),
  url: fc.webUrl(),
  linkedBy: fc.constantFrom('pool', 'project'),
});
const plan: fc.Arbitrary<Plan> = fc.record({
  environment: fc.constant('production'),
  trainingId: fc.constant('123456'),
  training: fc.option(
    fc.record({
      id: fc.constant('123456'),
      projectId: fc.stringMatching(/^\d{1,19}$/),
      name: text(3000),
      status: fc.constantFrom('OPEN', 'CLOSED', 'ARCHIVED', '*new*'),
      lastCloseReason: fc.option(text(500)),
      created: fc.constant(0),
      url: fc.webUrl(),
    }),
  ),
  projectName: fc.option(text(3000)),
  projectLinksTraining: fc.boolean(),
  pools: fc.array(pool, { maxLength: 400 }),
  blockers: fc.subarray([
    { code: 'not_closed' },
    { code: 'locked' },
    { code: 'pools_not_archived' },
    { code: 'already_archived' },
    { code: 'not_found' },
    { code: 'no_access' },
  ] as Plan['blockers']),
  unavailable: fc.option(text(3000)),
  fingerprint: fc.constant('f'),
  readAt: fc.constant(1_795_500_000_000),
});
const request = fc.record({
  id: fc.uuid(),
  version: fc.nat(),
  state: fc.constantFrom(...REQUEST_STATES),
  environment: fc.constant('production'),
  trainingId: fc.constant('123456'),
  requester: fc.constant('U1'),
  channel: fc.constant('C1'),
  reason: fc.option(text(1000)),
  plan,
  retryOf: fc.constant(null),
  operationId: fc.option(text(300)),
  progress: fc.option(fc.oneof(fc.integer({ min: -5, max: 300 }), fc.double({ noNaN: true }))),
  outcome: fc.option(fc.record({ code: text(300), message: text(5000) })),
  card: fc.constant(null),
  threadSeq: fc.constant(0),
  receipt: fc.constant('1a2b-3c4d-5e6f-7a8b'),
  createdAt: fc.constant(1_795_500_000_000),
  confirmedAt: fc.constant(1_795_500_000_000),
  submittedAt: fc.constant(null),
  finishedAt: fc.option(fc.integer({ min: 1_795_500_000_000, max: 1_795_600_000_000 })),
  lease: fc.constant(null),
  stepAt: fc.constant(null),
  publishAt: fc.constant(null),
  stepTries: fc.constant(0),
  publishTries: fc.constant(0),
}) as unknown as fc.Arbitrary<ArchiveRequest>;

/** No mrkdwn may hold a mention or a special sign that the app did not write itself. */
function pings(shown: object): string[] {
  const texts = [...JSON.stringify(shown).matchAll(/"type":"mrkdwn","text":"((?:[^"\\]|\\.)*)"/g)].map(
    ([, found]) => found ?? '',
  );
  return texts
    .flatMap((found) => found.match(/<[!#][^>]*>|<@[^>]*>/g) ?? [])
    .filter((one) => !/^<(!date\^|@U1>)/.test(one));
}

const whatever = { numRuns: 150 };

describe('whatever Toloka and people write, Slack’s limits are kept and nobody is pinged', () => {
  it('the card', () => {
    fc.assert(
      fc.property(request, (one) => {
        expect(checkMessage(card(one))).toEqual([]);
        expect(pings(card(one).blocks)).toEqual([]);
      }),
      whatever,
    );
  });

  it('the modals', () => {
    fc.assert(
      fc.property(request, fc.array(text(3000), { maxLength: 30 }), (one, changes) => {
        const views = [
          loadingModal(MEMORY),
          sendingModal(MEMORY),
          confirmModal(MEMORY, one, true, changes),
          blockedModal(MEMORY, one.plan, changes),
          standsModal(MEMORY, one, 'lead: ', 'https://example.slack.com/archives/C1/p1'),
        ];
        for (const view of views) {
          expect(checkView(view)).toEqual([]);
          expect(pings(view.blocks)).toEqual([]);
        }
      }),
      whatever,
    );
  });

  it('the thread', () => {
    const kinds = [
      'asked',
      'confirmed',
      'accepted',
      'outcome_unknown',
      'refused',
      'late_evidence',
      'replanned',
    ] as const;
    const event = fc.record({
      seq: fc.nat(),
      at: fc.constant(1_795_500_000_000),
      kind: fc.constantFrom(...kinds),
      actor: fc.constant('U1'),
      detail: fc.record({
        code: text(300),
        message: text(3000),
        operationId: text(99),
        changes: fc.array(text(300)),
      }),
    }) as unknown as fc.Arbitrary<RequestEvent>;
    fc.assert(
      fc.property(request, fc.array(event, { maxLength: 20 }), (one, events) => {
        const said = threadText(one, events);
        expect(said.length).toBeLessThanOrEqual(3900);
        expect(pings({ type: 'mrkdwn', text: said })).toEqual([]);
      }),
      whatever,
    );
  });

  it('the usage', () => {
    expect(checkMessage({ text: usage() })).toEqual([]);
  });
});
