import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkMessage, checkView } from '../../fakes/slack';
import { checkChoices } from '../../fakes/slack/block-kit-text';
import type { Confirmed } from '../../src/archive/answers';
import type { ApprovalResult } from '../../src/archive/approval-clicks';
import type { Found } from '../../src/archive/catalog';
import type { OnCard } from '../../src/archive/ports';
import { EVENT_KINDS } from '../../src/archive/request';
import { MOST_TRAININGS } from '../../src/handlers/command-text';
import { approvalReply } from '../../src/messages/approval-replies';
import { batchModal } from '../../src/messages/batch-modal';
import { card } from '../../src/messages/card';
import { answerView, declineModal, readDeclineState } from '../../src/messages/decline-modal';
import { type DenialReason, denialText } from '../../src/messages/denials';
import { homeView } from '../../src/messages/home';
import { checkReply, historyReply, listReply, rightsText } from '../../src/messages/lists';
import {
  blockedModal,
  confirmModal,
  deniedModal,
  faultModal,
  loadingModal,
  statusModal,
  workingModal,
} from '../../src/messages/modal';
import { type ModalState, readModalState, writeModalState } from '../../src/messages/modal-state';
import {
  afterFaultWords,
  answerText,
  badCommandText,
  cancelledText,
  closedTooLateText,
  confirmFaultText,
  helpText,
  notShownText,
  outcomeText,
} from '../../src/messages/notices';
import { pauseAnswerText } from '../../src/messages/pause';
import { choiceOptions, MOST_OPTIONS, pickModal, unansweredOptions } from '../../src/messages/picker';
import { callText, closingText, threadText } from '../../src/messages/thread';
import {
  notWatchedText,
  watchingModal,
  watchingText,
  watchMessage,
  withReply,
} from '../../src/messages/watch';
import {
  driftsWith,
  onCard,
  pauseWith,
  planWith,
  requestsWith,
  requestWith,
  untrusted,
  watch,
} from './arbitrary';
import { AT, eventOf, planOf, read, requestOf } from './builders';
import { readMrkdwn } from './reading';

const MESSAGES = join(__dirname, '..', '..', 'src', 'messages');
/** The emoji that the app itself writes. */
const OWN_EMOJI = new Set(
  readdirSync(MESSAGES).flatMap(
    (file) => readFileSync(join(MESSAGES, file), 'utf8').match(/:[a-z_]+:/g) ?? [],
  ),
);
/** People, groups, channels, times, and pages of Toloka and Slack, as the arbitrary requests have them. */
const OWN_ENTITY =
  /^(@U\d|#C\d|!subteam\^S\d|!date\^\d+\^\{date_short_pretty\} \{time(?:_secs)?\}|https:\/\/(platform\.toloka\.ai\/requester|demo\.slack\.com\/archives)\/.*)$/;

/** What of these texts is not the app's own. */
const strays = (texts: readonly string[]): string[] =>
  texts
    .map(readMrkdwn)
    .flatMap(({ entities, emoji, broken }) => [
      ...entities.filter((one) => !OWN_ENTITY.test(one)),
      ...emoji.filter((one) => !OWN_EMOJI.has(one)),
      ...broken,
    ]);

const mrkdwnOf = (shown: object): string[] =>
  [...JSON.stringify(shown).matchAll(/"type":"mrkdwn","text":("(?:[^"\\]|\\.)*")/g)].map(([, found]) =>
    JSON.parse(found ?? '""'),
  );

function expectMessage(shown: { text: string; blocks?: object[] }): void {
  expect(checkMessage(shown)).toEqual([]);
  expect(strays([shown.text, ...mrkdwnOf(shown)])).toEqual([]);
}

function expectView(view: object): void {
  expect(checkView(view)).toEqual([]);
  expect(strays(mrkdwnOf(view))).toEqual([]);
}

/** A message without blocks. Slack cuts longer ones in some clients. */
function expectText(text: string): void {
  expectMessage({ text });
  expect(text.length).toBeLessThanOrEqual(3900);
}

/** Shrinking what is about twenty requests would take minutes. */
const RUNS = { numRuns: 60, endOnFailure: true };
const request = requestWith(untrusted);
const drifts = driftsWith(untrusted);
const plan = planWith(untrusted);
const environment = fc.constantFrom('production', 'sandbox', 'yandex', 'yandex-sandbox');
const CARD_URL = 'https://demo.slack.com/archives/C1/p1';

const WATCH = {
  ...{ id: 'w1', environment: 'production', trainingId: '9'.repeat(19), user: 'U1', team: 'T1' },
  ...{ enterprise: null, channel: 'C1', name: null, createdAt: AT, tries: 0, dueAt: AT, claimedUntil: null },
};

const stateFor = (items: ModalState['items'], draft?: string): ModalState => ({
  ...{ environment: 'production', channel: 'C0123456789', items, draft },
});

const DENIALS = [
  ...['access_not_set', 'not_allowed', 'other_workspace', 'access_unknown', 'channel_not_allowed', 'paused'],
  ...['direct_message', 'environment_not_set', 'already_open', 'plan_drifted', 'too_few_approvers'],
] as never[];

const confirmed: fc.Arbitrary<Confirmed> = fc.oneof(
  fc.record({ kind: fc.constant('denied' as const), code: fc.constantFrom(...DENIALS) }),
  fc.record({ kind: fc.constant('already_open' as const), request }),
  fc.record({ kind: fc.constant('blocked' as const), plan, changes: drifts, notInChannel: fc.boolean() }),
  fc.record({ kind: fc.constant('planned' as const), request, changes: drifts }),
  fc.record({ kind: fc.constant('already_decided' as const), request }),
  fc.record({ kind: fc.constant('confirmed' as const), request }),
);

const itemsOf = (answers: readonly Confirmed[]): ModalState['items'] =>
  answers.map((one) =>
    'request' in one
      ? {
          trainingId: one.request.trainingId,
          requestId: one.request.id,
          shown: one.request.plan.fingerprint,
          retryOf: one.request.id,
        }
      : { trainingId: '9'.repeat(19) },
  );

const [yesOrNo, ALL] = [fc.boolean(), { archive: true, approve: true, admin: true, unknown: false }];
const rights = fc.record({ archive: yesOrNo, approve: yesOrNo, admin: yesOrNo, unknown: yesOrNo });

describe('with any text of Toloka and of people, Slack’s limits are kept and nobody is pinged', () => {
  it('the card', () => {
    fc.assert(
      fc.property(onCard, (requests) => {
        const shown = card(...requests);
        expectMessage(shown);
        // However little room there is, each training has its line.
        const text = JSON.stringify(shown);
        expect(requests.filter(({ trainingId }) => !text.includes(trainingId))).toEqual([]);
      }),
      { ...RUNS, numRuns: 80 },
    );
  });

  it('the thread of a card', () => {
    const event = fc
      .record({
        kind: fc.constantFrom(...EVENT_KINDS),
        code: untrusted(200),
        said: untrusted(501),
        operationId: untrusted(200),
        changes: drifts,
        approvers: fc.array(fc.constantFrom('U1', 'U2'), { maxLength: 5 }),
      })
      .map(({ kind, ...detail }) => eventOf(kind, detail));
    fc.assert(
      fc.property(onCard, fc.array(event, { minLength: 1, maxLength: 25 }), (requests, events) => {
        const [first, ...others] = requests;
        expectText(threadText(first, events));
        expectText(threadText(first, events, others));
        expectText(callText(requests, AT));
        expectText(closingText(requests));
      }),
      RUNS,
    );
  });

  it('the modals', () => {
    fc.assert(
      fc.property(request, drifts, untrusted(1200), (one, changes, draft) => {
        const state = stateFor([{ trainingId: one.trainingId, retryOf: one.id }], draft);
        const last = { request: one, cardUrl: CARD_URL };
        expectView(loadingModal(state));
        expectView(workingModal(state));
        expectView(confirmModal(state, one, { typedId: true, changes, last, approvals: 3 }));
        expectView(confirmModal(state, one, { typedId: false }));
        expectView(
          blockedModal(state, { plan: one.plan, changes, notInChannel: true, last, watchedUntil: AT }),
        );
        expectView(statusModal(state, one, 'already_open', CARD_URL));
        expectView(statusModal(state, one, 'confirmed', null));
        expectView(faultModal(state, afterFaultWords(one)));
      }),
      RUNS,
    );
  });

  it('the modal of a batch, with whatever is known about each training', () => {
    const answers = fc.array(confirmed, { minLength: 2, maxLength: MOST_TRAININGS });
    fc.assert(
      fc.property(answers, fc.boolean(), untrusted(1000), (each, typed, draft) => {
        const view = batchModal(stateFor(itemsOf(each), draft), each, { typed, approvals: 2 });
        expectView(view);
        // It is handed back with the click.
        expect(readModalState(view.private_metadata ?? '')).toBeDefined();
      }),
      RUNS,
    );
  });

  it('the picker and its options', () => {
    const choice = fc.record({
      trainingId: fc.stringMatching(/^[1-9]\d{0,18}$/),
      name: untrusted(400),
      project: untrusted(400),
    });
    const found: fc.Arbitrary<Found> = fc.record({
      choices: fc.array(choice, { maxLength: MOST_OPTIONS }),
      matches: fc.option(fc.integer({ min: 0, max: 1e6 })),
    });
    const problems: string[] = [];
    const report = (at: string, problem: string) => problems.push(`${at}: ${problem}`);
    fc.assert(
      fc.property(found, fc.uniqueArray(environment, { minLength: 1 }), (some, names) => {
        checkChoices(report, '', choiceOptions(some), 0);
        expect(problems).toEqual([]);
        const [name = ''] = names;
        for (const channel of ['', 'C1'])
          expectView(pickModal({ channel, environment: name, items: [] }, names));
      }),
      RUNS,
    );
    checkChoices(report, '', unansweredOptions());
    expect(problems).toEqual([]);
  });

  const overview = fc.record({
    rights,
    pause: fc.option(pauseWith(untrusted)),
    waiting: fc.array(onCard, { maxLength: 4 }),
    open: requestsWith(50),
    recent: requestsWith(10),
    watches: fc.uniqueArray(watch, { maxLength: 20, selector: ({ id }) => id }),
  });

  it('the Home tab and the list', () => {
    fc.assert(
      fc.property(overview, environment, (seen, name) => {
        // More than any journal has: what is shown of them must stay within the limits.
        const many = { ...seen, waiting: [...seen.waiting, ...seen.waiting, ...seen.waiting] };
        expectView(homeView(seen, name));
        expect(checkView(homeView(distinct(many), name))).toEqual([]);
        expectMessage(listReply(seen));
        expectText(rightsText(seen.rights, name));
      }),
      { ...RUNS, numRuns: 20 },
    );
  });

  it('the replies to history, status and check', () => {
    fc.assert(
      fc.property(requestsWith(20), plan, fc.option(pauseWith(untrusted)), (requests, one, pause) => {
        const target = { environment: 'production', trainingId: '123456' };
        expectMessage(historyReply(target, requests));
        expectMessage(historyReply(target, requests.slice(0, 1)));
        expectMessage(checkReply({ plan: one, pause }));
      }),
      { ...RUNS, numRuns: 30 },
    );
  });

  it('the modal for declining, and the replies to clicks on a card', () => {
    const code = fc.constantFrom<DenialReason[]>(
      'approve_not_allowed',
      'own_request',
      'blocked',
      'not_checked',
    );
    fc.assert(
      fc.property(onCard, drifts, code, (requests, changes, denial) => {
        const about = { requestId: requests[0].id, channel: 'C0123456789' };
        const modal = declineModal(about, requests);
        expectView(modal);
        expect(readDeclineState(modal.private_metadata ?? '')).toEqual(about);
        for (const kind of ['voided', 'denied'] as const) {
          const results = requests.map((one) => ({ kind, request: one, changes, code: denial }));
          const reply = approvalReply(results as ApprovalResult[], { wanted: 'approve' }) ?? '-';
          expectMessage({ text: reply });
          expectView(answerView(reply));
        }
      }),
      RUNS,
    );
  });

  it('private messages', () => {
    fc.assert(
      fc.property(fc.array(confirmed, { minLength: 1, maxLength: 20 }), onCard, (each, requests) => {
        const [one] = requests;
        const state = stateFor(itemsOf(each), one.reason ?? '');
        expectText(answerText(state, { kind: 'answers', each }));
        expectText(outcomeText(...requests));
        const ids = requests.map(({ trainingId }) => trainingId);
        for (const text of [
          outcomeText(one),
          cancelledText(one.environment, ids),
          closedTooLateText(one),
          notShownText(state),
          confirmFaultText(state, afterFaultWords(one)),
          badCommandText('bad_id', one.reason ?? '', { rights: ALL }),
          badCommandText('unknown_command', `lits ${one.reason}`, { rights: ALL }),
        ])
          expectText(text);
      }),
      RUNS,
    );
  });

  it('denials, whatever they mention', () => {
    const reasons = fc.constantFrom(...DENIALS, 'modal_not_opened' as const, 'modal_unconfirmed' as const);
    const context = fc.record({
      environment: untrusted(100),
      trainingId: untrusted(100),
      slackCode: untrusted(200),
      pause: pauseWith(untrusted),
      channels: fc.array(fc.constantFrom('C1', 'C2'), { maxLength: 50 }),
    });
    fc.assert(
      fc.property(reasons, context, (code, about) => {
        expectText(denialText(code, about));
        expectView(deniedModal(stateFor([{ trainingId: about.trainingId }]), code, about));
      }),
      RUNS,
    );
  });

  it('what comes of waiting for a training, and of a pause', () => {
    const why = fc.constantFrom('over', 'already_archived', 'no_access');
    const kind = fc.constantFrom('paused', 'resumed', 'already_paused');
    fc.assert(
      fc.property(watch, plan, why, kind, pauseWith(untrusted), (one, found, end, answer, pause) => {
        expectMessage(watchMessage(one, { why: end, plan: found } as never));
        const all = watchingText([one, ...Array<typeof one>(19).fill(one)], 19);
        expectText(all);
        // A section would cut more.
        expect(all.length).toBeLessThanOrEqual(3000);
        expectView(watchingModal(stateFor([{ trainingId: one.trainingId }]), [all, watchingText([one])]));
        expectText(pauseAnswerText({ kind: answer, pause } as never, {}));
      }),
      RUNS,
    );
  });

  it('the help', () => expectText(helpText(ALL)));
});

/** The same cards as if they were others. */
function distinct<O extends { waiting: readonly (readonly { id: string }[])[] }>(overview: O): O {
  const waiting = overview.waiting.map((requests, i) =>
    requests.map((one) => ({ ...one, id: `${one.id}-${i}`, batch: `${requests[0]?.id}-${i}` })),
  );
  return { ...overview, waiting };
}

it('the modal of 20 trainings of all groups, each with changes and gaps, and with the reply to Notify me', () => {
  const long = 'n'.repeat(300);
  const unread = [{ part: 'project', code: 'x', said: long }] as const;
  const changes = Array.from({ length: 25 }, () => ({ what: 'name', from: long, to: long }) as const);
  const blocked = (blocker: 'not_closed' | 'already_archived'): Confirmed => ({
    ...{ kind: 'blocked', changes, plan: planOf({ blockers: [blocker], unread: [...unread] }) },
  });
  const kinds: Confirmed[] = [
    blocked('already_archived'),
    blocked('not_closed'),
    { kind: 'planned', request: requestOf({ plan: planOf({ unread: [...unread] }) }), changes },
    { kind: 'confirmed', request: requestOf() },
  ];
  const each = Array.from({ length: MOST_TRAININGS }, (_, i) => kinds[i % 17 === 3 ? 3 : i % 3] as Confirmed);
  const state = stateFor(itemsOf(each), 'draft');
  const view = batchModal(state, each, { typed: true, approvals: 1 });
  expectView(view);
  expect(read(view)).toMatch(/confirmed: [\s\S]*can be archived[\s\S]*archived now[\s\S]*left to do/);
  const wait = watchingText(Array(MOST_TRAININGS).fill({ ...WATCH, name: '&<>'.repeat(100) }) as never);
  const without = notWatchedText(each.map(() => '9'.repeat(19)));
  const shown = { ...view, submit: view.submit, close: null } as Parameters<typeof withReply>[0];
  const replied = withReply(shown, [wait, without, without]);
  expectView(replied);
  // Nothing of it is cut.
  expect(read(replied)).toContain(`${wait}\n${without}\n${without}`);
});

describe('what does not fit into one message', () => {
  const { training } = planOf();
  const long = Array.from({ length: 20 }, (_, i) =>
    requestOf({
      ...{
        id: `request-${i}-`.padEnd(36, 'x'),
        trainingId: `1${String(i).padStart(18, '0')}`,
        state: 'failed',
        batch: 'first',
        place: i,
      },
      plan: planOf({ training: training && { ...training, name: 'n'.repeat(300) } }),
      outcome: { code: 'OPERATION_FAILED', said: 's'.repeat(500) },
      operationId: 'o'.repeat(60),
    }),
  ) as unknown as OnCard;

  it('on the card: each training keeps its line, with a shorter name and the code', () => {
    const lines = read(card(...long)).split('\n');
    expect(
      lines.filter((line) => / \(1\d{18}\): Failed in Toloka\. `OPERATION_FAILED`$/.test(line)),
    ).toHaveLength(20);
    expect(read(card(long[0]))).toContain('n'.repeat(300));
  });

  it('in the history: the newest, and how many are older', () => {
    const { blocks } = historyReply({ environment: 'production', trainingId: '100' }, long);
    const shown = blocks.length - 1;
    expect(read(blocks.slice(-1))).toBe(`and ${20 - shown} older, which the audit log has`);
    expect(read(blocks)).toContain('Request request-0');
  });

  it('at the end of a thread: each receipt stays, the operations go', () => {
    const ended = long.map((one) => ({ ...one, state: 'not_started' }));
    const text = closingText(ended as never);
    expect(text.match(/Request request-\d+-x+, receipt 1a2b-3c4d-5e6f-7a8b$/gm)).toHaveLength(20);
    expect(closingText([long[0]])).toContain(', operation ooo');
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
    items: fc.array(item, { maxLength: MOST_TRAININGS, size: 'max' }),
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
    const items = Array.from({ length: MOST_TRAININGS }, () => longest);
    const full = { channel: 'C0123456789A', environment: 'yandex-sandbox', items, draft: 'x'.repeat(1000) };
    const written = writeModalState(full);
    expect(written.length).toBeLessThanOrEqual(3000);
    expect(readModalState(written)).toEqual({ ...full, draft: undefined });
    expect(readModalState(writeModalState({ ...full, items: [...items, longest] }))).toBeUndefined();
  });
});
