import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Confirmed, DenialCode } from '../../src/archive/answers';
import type { ApprovalDenial } from '../../src/archive/approval-clicks';
import type { Drift } from '../../src/archive/plan';
import { type ArchiveRequest, REQUEST_STATES } from '../../src/archive/request';
import { card } from '../../src/messages/card';
import { denialText } from '../../src/messages/denials';
import { checkReply, historyReply, rightsText } from '../../src/messages/lists';
import { blockedModal, confirmModal, statusModal } from '../../src/messages/modal';
import { type ModalState, readModalState } from '../../src/messages/modal-state';
import { afterFaultWords, answerText, closedTooLateText, outcomeText } from '../../src/messages/notices';
import { outcomeWords, STATE_WORDS } from '../../src/messages/outcomes';
import { driftWords } from '../../src/messages/plan';
import { threadText } from '../../src/messages/thread';
import { readAnswer } from '../faults/words';
import { AT, eventOf, planOf, read, requestOf } from './builders';

const STATE: ModalState = { environment: 'production', channel: 'C1', items: [{ trainingId: '123456' }] };
const POOL = {
  id: '7',
  name: 'Winter',
  status: 'OPEN',
  url: 'https://x.example/7',
  linkedBy: 'pool',
} as const;

describe('the card', () => {
  it('begins with the outcome and the name, and says the rest in three more lines', () => {
    const shown = card(requestOf({ state: 'succeeded' }));
    const [first, second, third] = shown.blocks.map(read);
    expect(first).toMatch(/^:white_check_mark: \*Archived\* {2}· {2}<https:[^|]+\|Street signs 2021>$/);
    expect(second).toBe(':factory: production  ·  Requested by <@U1>');
    expect(third).toBe('Reason: nobody uses it');
    expect(shown.text).toBe(
      'Archived: training Street signs 2021 (123456) in production. Requested by <@U1>. Reason: nobody uses it',
    );
  });

  it('shows the IDs and the receipt in its last line', () => {
    expect(read(card(requestOf()).blocks.at(-1) ?? {})).toBe(
      'Training 123456  ·  Request request-1  ·  Receipt 1a2b-3c4d-5e6f-7a8b',
    );
  });

  it('shows progress only while Toloka archives, and claims none that is not known', () => {
    const running = (progress: number | null) => read(card(requestOf({ state: 'running', progress })).blocks);
    expect(running(null)).toContain('not known yet');
    expect(running(47.8)).toContain('████░░░░░░ 47 %');
    expect(read(card(requestOf({ progress: 47 })).blocks)).not.toContain('%');
  });

  it.each([
    ['refused', 'UNARCHIVED_POOLS_CONFLICT', /Pools that require.*Toloka said: “Because 409” \(HTTP 409\)/],
    ['failed', 'OPERATION_FAILED', /Toloka started archiving and failed/],
    ['failed', 'operation_forgotten', /no longer knows its operation/],
    ['failed', 'A_NEW_CODE', /Toloka said: “Because 409”/],
  ] as const)('%s: says why, with Toloka’s words and code, and what to do next', (state, code, why) => {
    const shown = read(
      card(requestOf({ state, outcome: { code, said: 'Because 409', httpStatus: 409 } })).blocks,
    );
    expect(shown).toMatch(why);
    expect(shown).toContain(`\`${code}\``);
    expect(shown).toMatch(/\*Next step:\* .*then try again\.\n[\s\S]*Try again$/);
  });

  it('has Try again only where nothing was archived and the outcome is certain', () => {
    const offering = REQUEST_STATES.filter((state) =>
      read(card(requestOf({ state })).blocks).includes('Try again'),
    );
    expect(offering).toEqual(['failed', 'refused', 'not_started', 'expired']);
  });

  it('is the same before and after the POST', () => {
    const before = card(requestOf({ state: 'confirmed' }));
    expect(card(requestOf({ state: 'submitting' }))).toEqual(before);
  });

  it('says that it was confirmed although not everything could be checked, and why', () => {
    const why = { code: 'toloka_unavailable', httpStatus: 503 };
    const plan = planOf({ unread: [{ part: 'pools', ...why }] });
    expect(read(card(requestOf({ plan })).blocks)).toContain(
      'Confirmed by <@U1> although not everything could be checked. The linked pools could not be read. Toloka is not available at the moment. (HTTP 503)',
    );
  });
});

describe('the thread', () => {
  it('has one line for each event, and says what the card leaves out', () => {
    const events = [
      eventOf('asked', {}, 1),
      eventOf('confirmed', {}, 2),
      eventOf('submitting', {}, 3),
      eventOf('accepted', { operationId: 'op-1' }, 4),
      eventOf('succeeded', { operationId: 'op-1' }, 5),
    ];
    const lines = threadText(requestOf(), events).split('\n');
    expect(lines.slice(0, 5).every((line) => line.startsWith('<!date^1795500004^'))).toBe(true);
    expect(lines[0]).toContain('{time_secs}');
    expect(lines[0]).toContain('Street signs 2021 (123456) in :factory: production, project Signs (74175)');
    expect(lines[3]).toContain('Toloka accepted the request. Operation op-1.');
    expect(lines[5]).toBe('<@U1>, the training is archived. It took 4.2 s.');
    const resumed = requestOf({ heldAt: (events.at(-1)?.at ?? 0) - 1_500 });
    expect(threadText(resumed, events)).toMatch(/It took 1\.5 s\.$/);
  });

  it('does not mention an end that the next event reopened', () => {
    const text = threadText(requestOf(), [
      eventOf('not_started', { code: 'found_nothing' }),
      eventOf('late_evidence'),
    ]);
    expect(text).not.toContain('nothing was archived by this request');
  });

  it('keeps a line for each event when there is no room for all they say', () => {
    const events = Array.from({ length: 12 }, (_, seq) =>
      eventOf('refused', { code: 'X', said: 'y'.repeat(700) }, seq),
    );
    expect(threadText(requestOf(), events).match(/<!date/g)).toHaveLength(12);
  });
});

describe('the outcome in private', () => {
  it('says what to do next, and mentions a card only where there is one', () => {
    const request = requestOf({ state: 'not_started', outcome: { code: 'not_in_channel' }, card: null });
    expect(outcomeText(request)).toMatch(/Not started; nothing was archived.*not in the channel.*\/invite/);
    expect(outcomeText(request)).not.toContain('Its card');
    expect(outcomeText(requestOf({ state: 'succeeded' }))).toContain('Its card could not be updated.');
  });
});

it('the outcome of a batch in private has a total, a line for each, and each reason once', () => {
  const failed = requestOf({ trainingId: '7', state: 'not_started', outcome: { code: 'not_in_channel' } });
  const text = outcomeText({ ...failed, card: null }, { ...failed, trainingId: '8' });
  expect(text.split('\n')).toEqual([
    '*2 trainings in production:* 2 not started.',
    '7: Not started; nothing was archived.',
    '8: Not started; nothing was archived.',
    expect.stringMatching(/The app is not in the channel\. Type `\/invite/),
  ]);
});

it('the history says who withdrew a request', () => {
  const withdrawn = requestOf({ state: 'cancelled', confirmedAt: AT, finishedAt: AT });
  const { blocks } = historyReply(withdrawn, [withdrawn]);
  expect(blocks.map(read).join('\n')).toContain('Withdrawn by <@U1>');
});

it.each([
  [{ approve: true }, 'Here you can approve other people’s requests.'],
  [{ archive: true, approve: true }, 'Here you can archive and approve other people’s requests.'],
  [
    { archive: true, approve: true, admin: true },
    'Here you can archive, approve other people’s requests, and pause and resume archiving.',
  ],
])('the rights %j are a sentence', (some, sentence) => {
  const rights = { ...{ archive: false, approve: false, admin: false, unknown: false }, ...some };
  expect(rightsText(rights, 'production')).toContain(sentence);
  expect(rightsText(rights, 'production')).toMatch(/Commands are for :factory: production unless/);
});

describe('the outcome', () => {
  const why = (code: string, state: (typeof REQUEST_STATES)[number]) => outcomeWords({ code }, state).why;

  it('claims only what its state makes certain', () => {
    expect(why('toloka_timeout', 'unknown')).toMatch(/^Archiving may or may not have started/);
    for (const code of ['toloka_timeout', 'interrupted', 'late_evidence', 'deadline'])
      expect(outcomeWords({ code }, 'unknown').next).toMatch(/^Wait\..*Do not archive the training by hand/);
    expect(why('toloka_unreachable', 'not_started')).toMatch(/^Nothing was sent to Toloka/);
    expect(why('restricted_action', 'not_started')).toMatch(/card could not be posted, so nothing was sent/);
    expect(why('a_new_slack_code', 'not_started')).toMatch(/card could not be posted/);
    expect(why('A_NEW_CODE', 'refused')).toBe('No reason was given.');
    expect(why('constructor', 'refused')).toBe('No reason was given.');
  });

  it.each([
    [{ code: 'AUTHENTICATION_ERROR', httpStatus: 500 }, /did not accept the token/],
    [{ code: 'ACCESS_DENIED', httpStatus: 403 }, /does not let this account/],
    [{ code: 'A_NEW_CODE', httpStatus: 409 }, /cannot be archived in its present state.*\(HTTP 409\)$/],
    [{ code: 'toloka_unavailable', httpStatus: 502 }, /not available/],
    [{ code: 'toloka_timeout' }, /did not answer in time/],
    [{ code: 'toloka_unreachable' }, /cannot be reached/],
    [{ code: 'toloka_lost_response' }, /connection to Toloka broke/],
    [{ code: 'toloka_unreadable', httpStatus: 200 }, /could not be read/],
    [{ code: 'NEW', said: 'No <b>', httpStatus: 418 }, /^Toloka said: “No &lt;b&gt;” \(HTTP 418\)$/],
  ])('of Toloka is put into words by its code, else by its HTTP status: %j', (outcome, words) => {
    expect(outcomeWords(outcome, 'refused').why).toMatch(words);
  });

  it('has words for every code that the app itself records', () => {
    const sources = ['archive', 'toloka'].flatMap((room) => {
      const dir = join(__dirname, '../../src', room);
      return readdirSync(dir).map((file) => readFileSync(join(dir, file), 'utf8'));
    });
    // Denials have their own words.
    const outcomes = sources.map((source) =>
      source.replaceAll(/denied\([^;]*;|\{ code: 'paused', pause \}/g, ''),
    );
    const codes = outcomes.flatMap((source) =>
      [...source.matchAll(/(?:\bcode: |stop\(|notSent\(|markUnknown\([^)]*, )'(\w+)'/g)].map(
        ([, code]) => code ?? '',
      ),
    );
    const some = ['found_nothing', 'stalled', 'clocks_apart', 'deadline', 'right_lost', 'batch_gone'];
    expect(codes).toEqual(expect.arrayContaining(some));
    const onlyInTheLog = ['unexpected'];
    const wordless = codes.filter((code) => why(code, 'refused') === 'No reason was given.');
    expect(wordless.filter((code) => !onlyInTheLog.includes(code))).toEqual([]);
  });
});

describe('the plan', () => {
  it('is called ready only when everything was read', () => {
    const modal = (plan = planOf()) => read(confirmModal(STATE, requestOf({ plan }), { typedId: true }));
    expect(modal()).toContain('Ready: the training is closed and all linked pools are archived.');
    const gaps = modal(planOf({ unread: [{ part: 'pools', code: 'rate_limited' }] }));
    expect(gaps).not.toContain('Ready');
    expect(gaps).toContain('*Linked pools not archived*\nnot known');
    expect(gaps).toContain('The linked pools could not be read. Toloka asked this app to slow down.');
  });

  it('that is blocked says the next step and offers no way on', () => {
    const plan = planOf({
      blockers: ['pools_not_archived'],
      pools: Array.from({ length: 12 }, () => POOL),
      unread: [{ part: 'project', code: 'toloka_timeout' }],
    });
    const modal = blockedModal(STATE, { plan, changes: [] });
    expect(read(modal)).toMatch(
      /12 main pools are linked[\s\S]*_Next step:_[\s\S]*Winter[\s\S]*• and 2 more/,
    );
    expect(read(modal)).not.toContain('You can go on');
    expect(modal.submit).toBeUndefined();
  });

  it('asks to close only what is not closed', () => {
    const words = (...statuses: string[]) =>
      read(
        blockedModal(STATE, {
          plan: planOf({
            blockers: ['pools_not_archived'],
            pools: statuses.map((status) => ({ ...POOL, status })),
          }),
          changes: [],
        }),
      );
    expect(words('CLOSED')).toContain('_Next step:_ archive it in Toloka');
    expect(words('CLOSED', 'CLOSED')).toContain('_Next step:_ archive them in Toloka');
    expect(words('CLOSED', 'OPEN')).toContain('_Next step:_ close and archive them in Toloka');
    expect(words('LOCKED')).toContain('_Next step:_ close and archive it in Toloka');
  });

  it('without the training says once that it could not be read, why, and offers to check again', () => {
    const why = { code: 'toloka_unreachable' };
    const plan = planOf({
      ...{ training: null, blockers: ['training_unread'], unread: [{ part: 'training', ...why }] },
    });
    const modal = blockedModal(STATE, { plan, changes: [] });
    expect(read(modal)).toContain(
      '*The training can’t be checked right now, so it can’t be archived.* The training could not be read. Toloka cannot be reached. _Next step:_ check again',
    );
    expect(read(modal).match(/could not be read/g)).toHaveLength(1);
    expect(read(modal)).toContain('Check again');
    expect(modal.submit).toBeUndefined();
  });

  it.each<[string, Partial<ArchiveRequest>, string]>([
    [
      'failed',
      { state: 'failed', outcome: { code: 'OPERATION_FAILED', said: 'moon phase' } },
      ':x: *Last request:* Failed in Toloka  ·  <@U7>  ·  WHEN  ·  <https://slack.example/p1|Open the card>\nToloka started archiving and failed. Toloka said: “moon phase”',
    ],
    [
      'was not started, and has no card',
      { state: 'not_started', outcome: { code: 'not_in_channel' }, card: null },
      ':leftwards_arrow_with_hook: *Last request:* Not started; nothing was archived  ·  <@U7>  ·  WHEN\nThe card could not be posted, so nothing was sent to Toloka. The app is not in the channel.',
    ],
    [
      'archived it',
      { state: 'succeeded', outcome: null },
      ':card_file_box: *Archived by* <@U7>  ·  WHEN  ·  <https://slack.example/p1|Open the card>',
    ],
    [
      'found it archived, and so may not be the one that archived it',
      { state: 'succeeded', outcome: { code: 'already_archived', httpStatus: 204 } },
      ':white_check_mark: *Last request:* Archived  ·  <@U7>  ·  WHEN  ·  <https://slack.example/p1|Open the card>\nThe training was already archived, so there was nothing left to do. (HTTP 204)',
    ],
  ])('mentions the request before, if it %s', (_what, changed, words) => {
    const before = requestOf({ requester: 'U7', finishedAt: AT, ...changed });
    const last = { request: before, cardUrl: before.card && 'https://slack.example/p1' };
    const asks = confirmModal(STATE, requestOf(), { typedId: true, last });
    const blocked = blockedModal(STATE, {
      plan: planOf({ blockers: ['already_archived'] }),
      changes: [],
      last,
    });
    for (const modal of [asks, blocked]) {
      // The window is the only sign that it was read again just now.
      expect(read(modal)).toMatch(/As of <!date\^\d+\^\{date_short_pretty\} \{time_secs\}/);
      const lines = modal.blocks.map(read).map((text) => text.replace(/<!date\^[^>]+>/, 'WHEN'));
      expect(lines).toContain(words);
      // Read as the outcome of this request, it would be wrong.
      expect(readAnswer(JSON.stringify(modal.blocks))?.kind).not.toBe('state');
    }
  });

  it('in a pause says so, without a request', () => {
    const pause = { user: 'U9', reason: 'audit', at: AT };
    const plan = planOf();
    const [first, ...rest] = checkReply({ plan, pause }).blocks;
    expect(read(first ?? {})).toMatch(/^:double_vertical_bar: \*Archiving is paused\* \(by <@U9>.*audit/);
    expect(rest).toEqual(checkReply({ plan, pause: null }).blocks);
  });

  it('of what is archived already is no success and no failure', () => {
    const plan = planOf({ blockers: ['already_archived'] });
    for (const shown of [blockedModal(STATE, { plan, changes: [] }), checkReply({ plan, pause: null })])
      expect(read(shown)).toContain(':card_file_box: *The training is already archived.*');
  });

  it('that changed says how', () => {
    const changes: Drift[] = [
      { what: 'status', from: 'CLOSED', to: 'OPEN' },
      { what: 'name', from: 'A', to: '*B*' },
      { what: 'pool_added', id: '7', to: 'OPEN' },
      { what: 'pool_removed', id: '8', from: 'OPEN' },
      { what: 'unread', from: null, to: 'pools' },
    ];
    expect(changes.map(driftWords)).toEqual([
      'The status was closed and is now open.',
      'The name was “A” and is now “\u200B*\u200BB\u200B*\u200B”.',
      'Pool 7 is linked now and not archived (open).',
      'Pool 8 is archived or no longer linked.',
      'Could not be read now: pools.',
    ]);
    const shown = (some: Drift[]) =>
      read(confirmModal(STATE, requestOf(), { typedId: false, changes: some }));
    expect(shown(changes)).toContain('This is not what you looked at');
    expect(shown(changes.slice(4))).toContain('could not be read again just now');
  });
});

describe('a denial', () => {
  const CODES: Record<DenialCode | ApprovalDenial, RegExp> = {
    access_not_set: /Nobody can archive yet: `ARCHIVE_ALLOW` is not set/,
    not_allowed: /You don’t have permission to archive/,
    access_unknown: /Slack did not say who/,
    too_many_watches: /already waiting for 20 trainings.*list/,
    watch_unknown: /sent or cancelled already/,
    other_workspace: /belongs to another workspace/,
    channel_not_allowed: /use <#C2>, <#C3>, or ask/,
    direct_message: /Type the command in a channel/,
    environment_not_set: /no Toloka token for sandbox/,
    already_open: /Already in progress/,
    already_decided: /changed nothing/,
    request_unknown: /Type the command again/,
    not_yours: /Only the person who asked/,
    plan_drifted: /changed after you looked/,
    plan_expired: /more than a day old/,
    paused: /paused \(by <@U9>, since <!date[^>]*>\): “a migration”\. Nothing new/,
    approve_not_allowed: /permission to approve.*`APPROVE_ALLOW`/,
    own_request: /somebody else has to approve/,
    already_approved: /approved this already/,
    approval_expired: /time for approvals is over/,
    too_few_approvers: /too few can give it.*`APPROVE_ALLOW`/,
    not_checked: /not counted.*Try again/,
    blocked: /not counted/,
  };
  const pause = { user: 'U9', reason: 'a migration', at: AT };

  it.each(Object.entries(CODES))('%s', (code, words) => {
    const context = { channels: ['C2', 'C3'], environment: 'sandbox', pause };
    expect(denialText(code as DenialCode, context)).toMatch(words);
  });

  it('of an input says what is wrong with it', () => {
    expect(denialText('typed_number_wrong', { trainings: 3 })).toContain('Type 3');
    expect(denialText('typed_id_wrong', { trainingId: '123456' })).toContain('Type 123456');
    expect(denialText('reason_wrong', { reasonLength: 0 })).toContain('Give a reason');
    expect(denialText('reason_wrong', { reasonLength: 1001 })).toContain('has 1001');
  });
});

describe('private messages about a request', () => {
  it('say what is known of it', () => {
    const running = requestOf({ state: 'running' });
    expect(closedTooLateText(running)).toContain(
      `Status: ${STATE_WORDS.running.title}. The card in the channel`,
    );
    expect(afterFaultWords(running)).toContain('is recorded');
    expect(afterFaultWords(undefined)).toContain('It is not known whether');
    const answers = (...each: Confirmed[]) => answerText(STATE, { kind: 'answers', each });
    expect(answers({ kind: 'already_open', request: running })).toContain('Already in progress');
    expect(answers({ kind: 'denied', code: 'not_allowed' })).toContain('Nothing was archived');
    expect(answerText(STATE, { kind: 'denied', code: 'not_allowed' })).toContain('Nothing was archived');
  });

  it('of several say so for each, or once for all of them', () => {
    const state = { ...STATE, items: [{ trainingId: '7' }, { trainingId: '8' }] };
    const running = requestOf({ state: 'running' });
    const each: Confirmed[] = [
      { kind: 'blocked', plan: planOf({ blockers: ['not_closed'] }), changes: [] },
      { kind: 'already_open', request: running },
    ];
    expect(answerText(state, { kind: 'answers', each })).toMatch(
      /^\*Training 7 .*Something blocks.*\n\*Training 8 .*Already in progress/,
    );
    const pause = { user: 'U9', reason: 'a migration', at: AT };
    expect(answerText(state, { kind: 'denied', code: 'paused', pause })).toMatch(
      /^\*2 trainings in production:\* Archiving is paused \(by <@U9>.*Nothing was archived\.$/,
    );
  });

  it('do not keep a question open in a modal that shows a status', () => {
    const asked = { ...STATE, items: [{ trainingId: '123456', requestId: 'r', shown: 'f' }] };
    const modal = statusModal(asked, requestOf(), 'confirmed', null);
    expect(readModalState(modal.private_metadata ?? '')).toEqual(STATE);
  });
});
