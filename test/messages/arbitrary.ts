import fc from 'fast-check';
import { type Drift, driftSchema, type Plan, planSchema } from '../../src/archive/plan';
import type { OnCard } from '../../src/archive/ports';
import {
  type Approval,
  type ArchiveRequest,
  type Outcome,
  type Pause,
  REQUEST_STATES,
} from '../../src/archive/request';
import type { Watch } from '../../src/archive/watch';
import { AT, planOf, requestOf } from './builders';

/** Pieces of which an attack on Slack's formatting is made. */
const PIECES = [
  ...['<', '>', '&', '|', '!', '@', '#', '^', ':', '*', '_', '~', '`', '```', '\\', '"', ' ', '\n', '\r'],
  ...['<!channel>', '<!here|x>', '<@U9EVIL>', '<#C9EVIL>', '<!subteam^S9EVIL>', '<!date^1^{date}|x>'],
  ...['<https://evil.example|Open the card>', '<mailto:a@evil.example>', 'https://evil.example', '@here'],
  ...[':smile:', ':+1:', ':skin-tone-2:', '::', ':a', '&lt;', '&amp;', '&amp;lt;', '&#60;', '…', '> quote'],
  ...['\u200B', '\u2060', '\u202E', '\u2066', '\u200F', '\uFEFF', '\u00AD', '\u0000', '\u2028', '\uD83D'],
  ...['\u{1F600}', 'é', '训练', 'ש', 'a', 'B', '7', 'word', 'my_training'],
];

/** Any text that people or Toloka may give, of at most `max` UTF-16 units. */
export const untrusted = (max: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 4, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: Math.min(max, 40) }) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: max }).map((text) => [text]) },
      // As long as it gets, with what grows when it is escaped.
      { weight: 1, arbitrary: fc.constantFrom(...PIECES).map((piece) => Array(max).fill(piece)) },
    )
    .map((pieces) => pieces.join('').slice(0, max));

/** Makes texts of at most so many UTF-16 units. */
export type Texts = (max: number) => fc.Arbitrary<string>;

/** All texts are the same piece, again and again, as long as it gets. */
const repeated =
  (piece: string): Texts =>
  (max) =>
    fc.constant(piece.repeat(max).slice(0, max));

const digits = fc.stringMatching(/^[1-9]\d{0,18}$/);
const user = fc.constantFrom('U1', 'U2', 'U3', 'U4', 'U5', 'U6');
const moment = fc.integer({ min: AT, max: AT + 1e9 });
const page = (kind: string) =>
  fc
    .tuple(digits, digits)
    .map(([project, id]) => `https://platform.toloka.ai/requester/project/${project}/${kind}/${id}`);
const slackUrl = fc.constant(
  'https://demo.slack.com/archives/C0123456789/p1700000000123456?thread_ts=1&cid=C1',
);

const CODES = [
  ...['already_archived', 'found_archived', 'found_nothing', 'operation_forgotten', 'OPERATION_FAILED'],
  ...[
    'deadline',
    'interrupted',
    'late_evidence',
    'batch_gone',
    'clocks_apart',
    'toloka_timeout',
    'not_found',
  ],
  ...['not_in_channel', 'missing_scope', 'token_revoked', 'UNARCHIVED_POOLS_CONFLICT', 'constructor'],
];

const outcomeWith = (text: Texts): fc.Arbitrary<Outcome> =>
  fc.record(
    {
      code: fc.oneof(fc.constantFrom(...CODES), text(200)),
      said: text(501),
      httpStatus: fc.integer({ min: 100, max: 599 }),
    },
    { requiredKeys: ['code'] },
  );

const statusWith = (text: Texts) => fc.oneof(fc.constantFrom('OPEN', 'CLOSED', 'ARCHIVED'), text(80));

export const driftsWith = (text: Texts): fc.Arbitrary<Drift[]> =>
  fc.array(
    fc.record(
      {
        what: fc.constantFrom(...driftSchema.shape.what.options),
        id: digits,
        from: fc.option(text(400)),
        to: fc.option(text(400)),
      },
      { requiredKeys: ['what'] },
    ),
    { maxLength: 25 },
  );

export const planWith = (text: Texts): fc.Arbitrary<Plan> =>
  fc
    .record({
      trainingId: digits,
      training: fc.option(
        fc.record({
          id: digits,
          projectId: digits,
          name: text(400),
          status: statusWith(text),
          lastCloseReason: fc.option(text(80)),
          created: fc.constant(0),
          url: page('training'),
        }),
        { freq: 9 },
      ),
      projectName: fc.option(text(400)),
      projectLinksTraining: fc.boolean(),
      pools: fc.array(
        fc.record({
          id: digits,
          name: text(300),
          status: statusWith(text),
          url: page('pool'),
          linkedBy: fc.constantFrom('pool', 'project'),
        }),
        { maxLength: 15 },
      ),
      blockers: fc.subarray([...planSchema.shape.blockers.element.options]),
      unread: fc
        .tuple(fc.subarray(['training', 'pools', 'project'] as const), outcomeWith(text))
        .map(([parts, why]) => parts.map((part) => ({ part, ...why }))),
      fingerprint: fc.stringMatching(/^[0-9a-f]{16}$/),
    })
    .map(planOf);

const approvalWith = (text: Texts): fc.Arbitrary<Approval> =>
  fc.record({
    needed: fc.integer({ min: 1, max: 5 }),
    audience: fc.record({
      everyone: fc.boolean(),
      people: fc.array(user, { maxLength: 30 }),
      groups: fc.array(fc.constantFrom('S1', 'S2'), { maxLength: 30 }),
    }),
    given: fc.uniqueArray(user, { maxLength: 5 }).map((users) => users.map((one) => ({ user: one, at: AT }))),
    askedAt: moment,
    until: moment,
    remindedAt: fc.option(moment),
    changes: driftsWith(text),
    declined: fc.option(fc.record({ user, reason: text(1000) })),
  });

export const pauseWith = (text: Texts): fc.Arbitrary<Pause> =>
  fc.record({ user, reason: text(1500), at: moment });

const locationWith = fc.record(
  { channel: fc.constant('C1'), ts: fc.constant('1.1'), url: fc.option(slackUrl) },
  { requiredKeys: ['channel', 'ts'] },
);

export const requestWith = (text: Texts): fc.Arbitrary<ArchiveRequest> =>
  fc
    .record({
      id: fc.uuid(),
      trainingId: digits,
      state: fc.constantFrom(...REQUEST_STATES),
      requester: user,
      reason: fc.option(text(1000), { freq: 9 }),
      plan: planWith(text),
      operationId: fc.option(text(200)),
      progress: fc.option(fc.oneof(fc.integer({ min: -5, max: 300 }), fc.double({ noNaN: true }))),
      outcome: fc.option(outcomeWith(text)),
      finishedAt: fc.option(moment),
      approval: fc.option(approvalWith(text)),
      pause: fc.option(pauseWith(text)),
      card: fc.option(locationWith),
      successor: fc.option(locationWith),
    })
    .map(requestOf);

/** Requests, at most so many. Sometimes all have the longest texts and the same state. */
export const requestsWith = (most: number): fc.Arbitrary<ArchiveRequest[]> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.array(requestWith(untrusted), { maxLength: most, size: 'max' }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...PIECES), fc.constantFrom(...REQUEST_STATES))
        .chain(([piece, state]) =>
          fc
            .array(requestWith(repeated(piece)), { minLength: most, maxLength: most })
            .map((requests) => requests.map((request) => ({ ...request, state }))),
        ),
    },
  );

/** One request, or those of a batch. */
export const onCard: fc.Arbitrary<OnCard> = fc
  .tuple(requestWith(untrusted), fc.oneof(fc.constant([]), requestsWith(19)))
  .map(([first, others]) => {
    const batch = others.length === 0 ? null : first.id;
    const { requester, reason } = first;
    return [first, ...others].map((request, place) => ({
      ...request,
      requester,
      reason,
      batch,
      place,
    })) as never;
  });

export const watch: fc.Arbitrary<Watch> = fc
  .record({ id: fc.uuid(), trainingId: digits, user, createdAt: moment, name: fc.option(untrusted(400)) })
  .map((some) => ({
    ...{ ...some, environment: 'production', channel: 'C1', team: 'T1', enterprise: null },
    ...{ tries: 0, dueAt: AT, claimedUntil: null },
  }));
