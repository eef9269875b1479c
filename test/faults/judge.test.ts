import type { Act, CardInChannel, Evidence, Life } from './evidence';
import {
  at,
  batchHistory,
  CANCELLED,
  cardOf,
  command,
  delivery,
  FAILED,
  HEAD,
  history,
  item,
  life,
  NOT_STARTED,
  post,
  REFUSED,
  REPLANNED,
  request,
  SUCCEEDED,
  submit,
  unacked,
} from './history';
import { judge, type Rule } from './judge';
import { createRandom } from './random';

type Run = Evidence;
type Steps = typeof SUCCEEDED;

const rulesOf = (run: Run) => judge(run).violations.map(({ rule }) => rule);
const card = ({ cards }: Run) => cards[0] as CardInChannel;
const click = ({ acts }: Run) => acts[1] as Act;
const first = ({ requests }: Run) => requests[0] as Run['requests'][0];
const process0 = ({ lives }: Run) => lives[0] as Life;
const lastLine = (run: Run) => card(run).lines.at(-1)?.text ?? '';

/** A second request for the training, ten seconds later, with all that belongs to it. */
function addSecond(run: Run, steps: Steps = SUCCEEDED): void {
  const second = request('r2', steps, 10);
  run.requests.push(second);
  run.cards.push(cardOf(second));
  run.acts.push(command('r2', {}, 10), submit('r2', undefined, {}, 10));
}

/** Its process was stopped from just after the moment at which the first request said that it would send a POST. */
const stopped = (until: number): Life => life({ stops: [{ from: at(2.05), until: at(until) }] });

const denial = (more: Partial<Run['denials'][0]> = {}): Run['denials'][0] => ({
  ...{ id: 'n1', at: at(0.6), code: 'not_allowed', detail: '', user: 'U1', team: 'T1', channel: 'C1' },
  ...{ environment: 'production', trainingId: '7', requestId: 'r1' },
  ...more,
});

describe('a run that kept its promises', () => {
  it.each([
    ['succeeded', SUCCEEDED],
    ['failed', FAILED],
    ['refused', REFUSED],
    ['not started', NOT_STARTED],
  ])('is not condemned: %s', (_name, steps) => {
    expect(judge(history(steps))).toMatchObject({ violations: [], excusedShare: 0 });
  });

  it.each<[what: string, steps: Steps, changed: (run: Run) => void]>([
    [
      'a second request of a training has its own POST and its own card',
      REFUSED,
      (run) => {
        addSecond(run);
        run.posts.push(post({ at: at(12.1) }));
        run.operations['op-1'] = { status: 'SUCCESS', trainingId: '7' };
        run.trainings['7'] = 'ARCHIVED';
      },
    ],
    [
      'the POST of a process that was stopped before it arrives after the second request has its own',
      NOT_STARTED,
      (run) => {
        addSecond(run);
        run.posts = [
          post({ at: at(12.1), process: 1 }),
          post({ at: at(13), status: 409, operationId: null }),
        ];
        run.lives = [stopped(12.9), life({ process: 1, replica: 1 })];
        run.operations['op-1'] = { status: 'SUCCESS', trainingId: '7' };
        run.trainings['7'] = 'ARCHIVED';
      },
    ],
    [
      'a person lost the right after the click',
      SUCCEEDED,
      (run) => run.absences.push({ user: 'U1', from: at(0.7), until: at(9) }),
    ],
    [
      'the training changed after the click',
      SUCCEEDED,
      (run) => run.trainingHistory['7']?.push({ at: at(0.7), name: 'Renamed', status: 'CLOSED' }),
    ],
    [
      'the training changed before the click, and the person confirmed the newer plan',
      REPLANNED,
      (run) => {
        run.trainingHistory['7']?.push({ at: at(0.2), name: 'Renamed', status: 'CLOSED' });
        click(run).saw = { how: 'question', at: at(0.8), text: 'a newer plan' };
        run.acts.push(
          submit('r1', 'Archived', { at: at(0.9), plan: '"Renamed"', items: [item('r1', 'plan-2')] }),
        );
      },
    ],
    [
      'a denial that the journal has',
      SUCCEEDED,
      (run) => {
        run.denials.push(denial());
        run.acts.push(
          submit('r1', '', { saw: { how: 'modal', at: at(1), text: 'No. Code: `not_allowed`' } }),
        );
      },
    ],
    [
      'a click that was denied, and then the window was closed',
      SUCCEEDED,
      (run) => {
        addSecond(run, CANCELLED);
        run.cards.pop();
        run.acts.splice(3, 1, submit('r2', 'Cancelled', {}, 10));
        run.denials.push(denial({ at: at(10.6), code: 'already_open', requestId: 'r2' }));
      },
    ],
    [
      'an answer that was true until a moment ago',
      SUCCEEDED,
      (run) => {
        const saw = { how: 'modal', at: at(5.4), text: '*Toloka is archiving.*' } as const;
        run.acts.push(command('r1', { at: at(5.2), saw }));
      },
    ],
    [
      'a modal that Slack did not open, and the message came to the next command',
      SUCCEEDED,
      (run) => {
        const before = { how: 'modal', at: at(2.95), text: '*Recorded; being sent to Toloka.*' } as const;
        run.acts.push(command('r1', { at: at(2.9), saw: before }));
        run.denials.push(denial({ at: at(3), requestId: null }));
        const saw = {
          how: 'private',
          at: at(3.1),
          text: 'Slack did not open it. Nothing was archived.',
        } as const;
        run.acts.push(command('r1', { at: at(3.05), saw }));
      },
    ],
    ['a window that was closed: the card is the answer', SUCCEEDED, (run) => showCard(run)],
  ])('%s', (_what, steps, changed) => {
    const run = history(steps);
    changed(run);
    expect(judge(run).violations).toEqual([]);
  });

  const showCard = (run: Run) => {
    click(run).saw = { how: 'card', at: at(1.2), text: 'a card' };
  };
});

describe('a broken promise is named, and no other', () => {
  it.each<[rule: Rule, what: string, steps: Steps, broken: (run: Run) => void]>([
    ['two_posts', 'two POSTs', SUCCEEDED, (run) => run.posts.push(post({ status: 409, operationId: null }))],
    [
      'two_posts',
      'a second POST of a request, although an earlier one of the training sent none',
      NOT_STARTED,
      (run) => {
        addSecond(run);
        run.posts = [post({ at: at(12.1) }), post({ at: at(12.2), status: 409, operationId: null })];
        run.operations['op-1'] = { status: 'SUCCESS', trainingId: '7' };
        run.trainings['7'] = 'ARCHIVED';
      },
    ],
    [
      'two_posts',
      'a POST longer than a lease after its request had said that it would send one',
      NOT_STARTED,
      (run) => {
        run.posts = [post({ at: at(6), status: 409, operationId: null })];
      },
    ],
    [
      'two_posts',
      'a POST by a process that was not there when its request said so',
      NOT_STARTED,
      (run) => {
        run.posts = [post({ process: 1, status: 409, operationId: null })];
        run.lives.push(life({ process: 1, startedAt: at(2.05) }));
      },
    ],
    [
      'post_before_record',
      'a POST before it was recorded',
      REFUSED,
      (run) => run.posts.unshift(post({ at: at(1), status: 409, operationId: null })),
    ],
    [
      'post_before_record',
      'a POST for a training that nobody asked for',
      SUCCEEDED,
      (run) => run.posts.push(post({ trainingId: '8' })),
    ],
    ['unasked', 'a request that nobody asked for', SUCCEEDED, (run) => run.acts.shift()],
    ['unasked', 'a confirmation that nobody clicked', SUCCEEDED, (run) => run.acts.pop()],
    [
      'without_right',
      'a POST for a person who had lost the right before the click',
      SUCCEEDED,
      (run) => run.absences.push({ user: 'U1', from: at(0.2), until: at(3) }),
    ],
    [
      'without_right',
      'a plan for a person without the right',
      SUCCEEDED,
      (run) => run.absences.push({ user: 'U1', from: at(-1), until: at(0.3) }),
    ],
    [
      'without_right',
      'a channel in which archiving is not allowed',
      SUCCEEDED,
      (run) => {
        run.channels = ['C2'];
      },
    ],
    [
      'drift',
      'a POST for a training that was renamed before the click',
      SUCCEEDED,
      (run) => run.trainingHistory['7']?.push({ at: at(0.2), name: 'Renamed', status: 'CLOSED' }),
    ],
    [
      'drift',
      'a POST for a training that was opened before the click',
      SUCCEEDED,
      (run) => run.trainingHistory['7']?.push({ at: at(0.2), name: 'Training 7', status: 'OPEN' }),
    ],
    [
      'drift',
      'a confirmation of a plan that was not on the screen',
      SUCCEEDED,
      (run) => {
        click(run).items = [item('r1', 'plan-0')];
      },
    ],
    [
      'contradiction',
      'archived, says the card; CLOSED, says Toloka',
      SUCCEEDED,
      (run) => {
        run.trainings['7'] = 'CLOSED';
      },
    ],
    [
      'contradiction',
      'failed, says the card; the operation did not',
      FAILED,
      (run) => {
        run.operations['op-1'] = { status: 'RUNNING', trainingId: '7' };
      },
    ],
    [
      'contradiction',
      'refused, says the card; the account answered 503',
      REFUSED,
      (run) => {
        run.posts = [post({ status: 503, operationId: null })];
      },
    ],
    [
      'contradiction',
      'the operation of another training',
      SUCCEEDED,
      (run) => {
        run.operations['op-1'] = { status: 'SUCCESS', trainingId: '8' };
      },
    ],
    [
      'another_operation',
      'the operation of an earlier request of the same training',
      FAILED,
      (run) => {
        addSecond(run, FAILED);
        run.acts.splice(3, 1, submit('r2', 'Failed in Toloka', {}, 10));
        run.posts.push(post({ at: at(12.1), status: 'lost', operationId: null }));
      },
    ],
    [
      'another_operation',
      'an operation that no POST started',
      FAILED,
      (run) => {
        run.posts = [];
      },
    ],
    [
      'no_end',
      'an end missing',
      SUCCEEDED,
      (run) => {
        first(run).publishAt = at(6);
      },
    ],
    [
      'two_open',
      'two open at once',
      SUCCEEDED,
      (run) => {
        const second = request('r2', REFUSED, 1);
        run.requests.push(second);
        run.cards.push(cardOf(second));
        run.posts.push(post({ at: at(3.1), status: 409, operationId: null }));
        run.acts.push(command('r2', {}, 1), submit('r2', 'Refused by Toloka', {}, 1));
      },
    ],
    [
      'no_card',
      'no card',
      SUCCEEDED,
      (run) => {
        run.cards = [];
      },
    ],
    [
      'no_card',
      'a card that came after the POST',
      SUCCEEDED,
      (run) => {
        run.cards = [{ ...card(run), at: at(3) }];
      },
    ],
    ['duplicate_card', 'two cards', SUCCEEDED, (run) => run.cards.push({ ...card(run), ts: '2.2' })],
    [
      'duplicate_card',
      'the card of no request',
      SUCCEEDED,
      (run) => run.cards.push({ ...card(run), requestId: 'r9' }),
    ],
    [
      'stale_card',
      'an old card',
      SUCCEEDED,
      (run) => {
        card(run).text = '*Toloka is archiving* Receipt 0123-4567-89ab-cdef';
      },
    ],
    [
      'receipt',
      'the receipt of an earlier event',
      SUCCEEDED,
      (run) => {
        first(run).head = HEAD.replace('0', '1');
      },
    ],
    ['thread', 'a line missing', SUCCEEDED, (run) => card(run).lines.splice(2, 1)],
    [
      'thread',
      'a line twice',
      SUCCEEDED,
      (run) => card(run).lines.push({ seq: 9, sum: 0, text: lastLine(run) }),
    ],
    ['thread', 'lines in another order', SUCCEEDED, (run) => card(run).lines.reverse()],
    [
      'chain',
      'a broken chain',
      SUCCEEDED,
      (run) => run.findings.push({ requestId: 'r1', message: 'event 2 was changed' }),
    ],
    ['leak', 'a secret in the log', SUCCEEDED, (run) => run.leaks.push('toloka')],
    [
      'unescaped',
      'a name that notifies a channel',
      SUCCEEDED,
      (run) => run.hostile.push({ where: 'chat.update', text: 'Training <!channel>' }),
    ],
    ...(['code 1', 'code 0'] as const).map((how): [Rule, string, Steps, (run: Run) => void] => [
      'ended_by_itself',
      `a process that ended by itself with ${how}`,
      SUCCEEDED,
      (run) => run.lives.push(life({ process: 1, askedToEndAt: null, how })),
    ]),
    [
      'ended_by_itself',
      'a process that was asked to end and did not end in good order',
      SUCCEEDED,
      (run) => Object.assign(process0(run), { how: 'code 1' }),
    ],
    [
      'unanswered',
      'a click that nobody acknowledged while nothing was wrong',
      SUCCEEDED,
      (run) => run.acts.push(unacked()),
    ],
    [
      'unanswered',
      'an answer that Slack cannot use',
      SUCCEEDED,
      (run) => click(run).problems.push('blocks missing'),
    ],
    [
      'unanswered',
      'a command that was acknowledged and forgotten',
      SUCCEEDED,
      (run) => run.acts.push(command(null, { saw: null, opened: false })),
    ],
    [
      'unanswered',
      'a click whose answer never came, although it was recorded',
      SUCCEEDED,
      (run) => {
        click(run).saw = null;
      },
    ],
    [
      'wrong_answer',
      'an answer that the journal contradicts',
      SUCCEEDED,
      (run) => {
        click(run).saw = { how: 'modal', at: at(4), text: '*Refused by Toloka.*' };
      },
    ],
    [
      'wrong_answer',
      'a denial that is not in the journal',
      SUCCEEDED,
      (run) => {
        click(run).saw = { how: 'modal', at: at(4), text: 'Code: `not_allowed`' };
      },
    ],
    [
      'wrong_answer',
      'an answer that says nothing',
      SUCCEEDED,
      (run) => {
        click(run).saw = { how: 'modal', at: at(4), text: 'Done' };
      },
    ],
    ['unrecorded', 'a confirmation that left no trace', SUCCEEDED, (run) => run.acts.push(submit('r2'))],
    [
      'undone',
      'a confirmation that closing its window undid',
      SUCCEEDED,
      (run) => {
        addSecond(run, CANCELLED);
        run.cards.pop();
      },
    ],
  ])('%s: %s', (rule, _what, steps, broken) => {
    const run = history(steps);
    broken(run);
    expect([...new Set(rulesOf(run))]).toEqual([rule]);
  });

  it('archived_untold: an archive that no request says was done', () => {
    const run = history(NOT_STARTED);
    run.posts = [post()];
    run.operations['op-1'] = { status: 'SUCCESS', trainingId: '7' };
    run.trainings['7'] = 'ARCHIVED';
    expect(rulesOf(run)).toEqual(['contradiction', 'archived_untold']);
  });

  it('late_post_untold: a POST that came after its request was called not started', () => {
    const run = history(NOT_STARTED);
    run.posts = [post({ at: at(20) })];
    run.lives = [stopped(19.9)];
    run.operations['op-1'] = { status: 'SUCCESS', trainingId: '7' };
    run.trainings['7'] = 'ARCHIVED';
    expect(rulesOf(run)).toEqual(['late_post_untold', 'archived_untold']);
  });
});

describe('several trainings that were confirmed together', () => {
  const follower = ({ requests }: Run) => requests[1] as Run['requests'][0];
  const cardText = (from: string, to: string) => (run: Run) => {
    expect(card(run).text).toContain(from);
    card(run).text = card(run).text.replace(from, to);
  };
  /** The second one was never sent. */
  const notSent = (run: Run, code: string) => {
    const { events, ...second } = request('r2', [
      ...SUCCEEDED.slice(0, 2),
      ['not_started', 'not_started', 3],
    ]);
    Object.assign(follower(run), { events, state: second.state, outcome: { code } });
    run.posts.pop();
    cardText('(8): Refused by Toloka. Why', '(8): Not started; nothing was archived.')(run);
    cardText('1 failed', '1 not started')(run);
    const closing = card(run).lines.at(-1) as Run['cards'][0]['lines'][0];
    closing.sum = 8;
    closing.text = closing.text.replace('Refused by Toloka', 'Not started; nothing was archived');
  };

  it('are not condemned', () => {
    expect(judge(batchHistory()).violations).toEqual([]);
  });

  it.each<[what: string, changed: (run: Run) => void]>([
    ['one that was not sent for a reason of its own', (run) => notSent(run, 'plan_drifted')],
    [
      'one that somebody else had confirmed at the same moment',
      (run) => {
        const text = '"8": Already in progress. Nothing new was started.\n"7": *Toloka is archiving.*';
        run.requests.pop();
        run.posts.pop();
        const { lines } = card(run);
        card(run).text = '*Archived* Receipt 0123-4567-89ab-cdef';
        card(run).lines = [...lines.slice(0, 3), { ...(lines[3] as (typeof lines)[0]), sum: 5 }];
        Object.assign(click(run), { response: 'update', saw: { how: 'modal', at: at(4), text } });
        run.requests.push({ ...request('r2', SUCCEEDED.slice(0, 1)), trainingId: '8' } as Run['requests'][0]);
        run.denials.push(denial({ code: 'already_open', trainingId: '8', requestId: 'r2' }));
      },
    ],
    [
      'one that had changed: all are shown again',
      (run) => {
        for (const one of run.requests) {
          Object.assign(one, { state: 'cancelled', operationId: null });
          one.events = request(one.id, CANCELLED).events;
        }
        Object.assign(run, { posts: [], cards: [], trainings: {} });
        run.denials.push(denial({ code: 'plan_drifted', trainingId: '8', requestId: 'r2' }));
        const saw = { how: 'question', at: at(1), text: '2 of 2 trainings' };
        Object.assign(click(run), { response: 'update', saw });
      },
    ],
  ])('are not condemned: %s', (_what, changed) => {
    const run = batchHistory();
    changed(run);
    expect(judge(run).violations).toEqual([]);
  });

  it.each<[rule: Rule, what: string, broken: (run: Run) => void]>([
    ['duplicate_card', 'a card for one of them', (run) => run.cards.push({ ...card(run), requestId: 'r2' })],
    ['stale_card', 'an old line', cardText('(8): Refused by Toloka.', '(8): Toloka is archiving.')],
    ['stale_card', 'a line missing', cardText('b (8): Refused by Toloka. Why', '')],
    ['stale_card', 'a line twice', cardText('a (7)', 'a (8): Refused by Toloka.\na (7)')],
    ['stale_card', 'a wrong total', cardText('1 archived, 1 failed', '2 archived')],
    ['thread', 'no closing message', (run) => card(run).lines.pop()],
    ['thread', 'a closing message twice', (run) => card(run).lines.push(...card(run).lines.slice(3))],
    [
      'thread',
      'a closing message with another end',
      (run) => {
        const closing = card(run).lines[3] as Run['cards'][0]['lines'][0];
        closing.text = closing.text.replace('Refused by Toloka', 'Archived');
      },
    ],
    [
      'stopped_by_another',
      'one that was not sent because of another',
      (run) => notSent(run, 'CONFLICT_STATE'),
    ],
    [
      'unrecorded',
      'one that was left out of the confirmation',
      (run) => {
        run.requests[1] = { ...request('r2', SUCCEEDED.slice(0, 1)), trainingId: '8' } as Run['requests'][0];
        click(run).response = 'update';
        run.posts.pop();
        const { lines } = card(run);
        card(run).text = '*Archived* Receipt 0123-4567-89ab-cdef';
        card(run).lines = [...lines.slice(0, 3), { ...(lines[3] as (typeof lines)[0]), sum: 5 }];
      },
    ],
    [
      'not_ready',
      'one that the window did not list as ready',
      (run) => {
        click(run).plan = (click(run).plan ?? '').replace('(8): ready', '(8): *The training is not closed.*');
      },
    ],
    [
      'two_posts',
      'two POSTs for one of them',
      (run) => run.posts.push(post({ trainingId: '8', status: 409, operationId: null })),
    ],
    [
      'closed_early',
      'a window that closed before the card was in the channel',
      (run) => {
        Object.assign(run.cardPosts[0] as object, { at: at(1.3) });
      },
    ],
    [
      'wrong_answer',
      'a window that says that nothing was changed',
      (run) => {
        const saw = {
          how: 'modal',
          at: at(4),
          text: '*None of the 2 trainings* Nothing was changed in Toloka.',
        };
        Object.assign(click(run), { response: 'update', saw });
        run.denials.push(denial({ code: 'already_open', trainingId: '8', requestId: 'r2' }));
      },
    ],
    [
      'stale_card',
      'one that was tried again, and its line does not say so',
      (run) => {
        const again = request('r3', REFUSED, 20);
        run.requests.push({ ...again, trainingId: '8', retryOf: 'r2', batch: null } as Run['requests'][0]);
        run.cards.push(cardOf(again));
        run.posts.push(post({ trainingId: '8', at: at(22.1), status: 409, operationId: null }));
        const items = [{ ...item('r3'), trainingId: '8' }];
        run.acts.push(command('r3', { items }, 20), submit('r3', 'Refused by Toloka', { items }, 20));
      },
    ],
  ])('%s: %s', (rule, _what, broken) => {
    const run = batchHistory();
    broken(run);
    expect([...new Set(rulesOf(run))]).toEqual([rule]);
  });
});

describe('a request without a card', () => {
  const run = (text: string, more: Partial<Act> = {}) => {
    const one = history([...SUCCEEDED.slice(0, 2), ['not_started', 'not_started', 3]]);
    Object.assign(one, { posts: [], cards: [], cardPosts: [] });
    one.acts[1] = submit('r1', 'Recorded; being sent to Toloka', {
      saw: { how: 'modal', at: at(1.5), text: '*Recorded; being sent to Toloka.*' },
      ...more,
    });
    if (text !== '') one.messages.push({ user: 'U1', at: at(3.1), text });
    return one;
  };
  const SAID = '*Training 7 in production:* *Not started; nothing was archived.*';

  it('is not condemned when the person was told its end', () => {
    expect(rulesOf(run(SAID))).toEqual([]);
    const inModal = { saw: { how: 'modal', at: at(3.1), text: SAID } } as const;
    expect(rulesOf(run('', inModal))).toEqual([]);
  });

  it('is not condemned when its process was killed just then', () => {
    const killed = run('');
    Object.assign(process0(killed), { killedAt: at(3.2), how: 'SIGKILL' });
    expect(rulesOf(killed)).toEqual([]);
  });

  it('end_untold: was not told, or something else', () => {
    expect(rulesOf(run(''))).toEqual(['end_untold']);
    expect(rulesOf(run(SAID.replace('7', '8')))).toEqual(['end_untold']);
    expect(rulesOf(run('*Training 7 in production:* *Archived.*'))).toEqual(['end_untold']);
  });
});

describe('a window that the person closed while it waited for its answer', () => {
  const run = (more: Partial<Act>) => {
    const one = history(CANCELLED);
    Object.assign(one, { posts: [], cards: [], operations: {}, trainings: { '7': 'CLOSED' } });
    const saw = { how: 'private', at: at(3.2), text: 'Cancelled. Training 7 was not archived.' } as const;
    one.acts[1] = submit('r1', '', { saw, ...more });
    return one;
  };

  it('may have cancelled it, and says so', () => {
    expect(rulesOf(run({ closedMeanwhile: true }))).toEqual([]);
    expect(rulesOf(run({ closedMeanwhile: false }))).toEqual(['undone']);
    expect(rulesOf(run({ closedMeanwhile: true, saw: null }))).toEqual(['unanswered']);
  });

  it('is excused when the process that got the closing was killed before it could say so', () => {
    const one = run({ closedMeanwhile: true, saw: null });
    const [, submitted] = one.acts;
    const closedAt = (submitted?.at ?? 0) + 5;
    const killed = life({ process: 1, killedAt: closedAt + 100, how: 'SIGKILL' });
    one.lives.push(killed);
    one.acts.push(
      command('r1', { kind: 'close', at: closedAt, deliveries: [delivery(closedAt, { process: 1 })] }),
    );
    expect(rulesOf(one)).toEqual([]);
    Object.assign(killed, life({ process: 1 }));
    expect(rulesOf(one)).toEqual(['unanswered']);
  });
});

describe('a pause', () => {
  /** Paused at 1.8 s, said at 1.9 s; the POST arrives at 2.1 s. */
  const run = (postAt: number, resumedAt?: number) => {
    const one = history();
    one.pauses.push({ at: at(1.8), kind: 'paused', user: 'U9' });
    if (resumedAt !== undefined) one.pauses.push({ at: at(resumedAt), kind: 'resumed', user: 'U9' });
    const saw = { how: 'private', at: at(1.9), text: '*Paused.* Nothing new is sent.' } as const;
    one.acts.push(command(null, { kind: 'pause', user: 'U9', items: [], at: at(1.7), saw }));
    one.posts = [post({ at: at(postAt) })];
    return one;
  };

  it('has a second to reach every process', () => {
    expect(rulesOf(run(2.8))).toEqual([]);
    expect(rulesOf(run(3))).toEqual(['sent_while_paused']);
  });

  it('ends when somebody resumes', () => {
    expect(rulesOf(run(3.5, 3.4))).toEqual([]);
    expect(rulesOf(run(3.3, 3.4))).toEqual(['sent_while_paused']);
  });

  it('is answered with what the journal has', () => {
    const one = run(2.8);
    one.pauses.pop();
    expect(rulesOf(one)).toEqual(['wrong_answer']);
  });
});

describe('a command a second after the end of its request', () => {
  it('may find it open only while a process was stopped, which keeps others from writing', () => {
    const run = history();
    const saw = { how: 'modal', at: at(6.2), text: '*Toloka is archiving.*' } as const;
    run.acts.push(command(null, { saw, at: at(6) }));
    expect(rulesOf(run)).toEqual(['wrong_answer']);
    const stopFrom = (from: number, until: number) => {
      process0(run).stops = [{ from: at(from), until: at(until) }];
      return rulesOf(run);
    };
    expect(stopFrom(4.5, 5.6)).toEqual([]);
    expect(stopFrom(4, 4.9)).toEqual(['wrong_answer']);
    expect(stopFrom(5.6, 9)).toEqual(['wrong_answer']);
  });
});

describe('the picker', () => {
  const none = { items: [], opened: true };

  it('is an answer to a command without trainings, and to no other', () => {
    const saw = { how: 'picker', at: at(0.2), text: '' } as const;
    const run = history();
    run.acts.push(command(null, { ...none, saw }));
    expect(rulesOf(run)).toEqual([]);
    run.acts.push(command(null, { saw }));
    expect(rulesOf(run)).toEqual(['wrong_answer']);
  });

  it('is denied with a code that the journal has', () => {
    const run = history();
    const saw = { how: 'modal', at: at(0.7), text: 'No. Code: `not_allowed`' } as const;
    run.acts.push(command(null, { ...none, saw, at: at(0.5) }));
    expect(rulesOf(run)).toEqual(['wrong_answer']);
    run.denials.push(denial({ trainingId: null, requestId: null }));
    expect(rulesOf(run)).toEqual([]);
  });

  it('searches: each search is acknowledged', () => {
    const run = history();
    run.acts.push(command(null, { kind: 'search', acked: false, error: 'operation_timeout' }));
    expect(rulesOf(run)).toEqual(['unanswered']);
  });
});

describe('an act that was not acknowledged', () => {
  /** Its delivery went to process 0 at 0.5 s; process 1 is there too. */
  function judged(changed: (run: Run) => void, act = unacked()) {
    const run = history();
    run.lives.push(life({ process: 1, replica: 1 }));
    run.connections.push({ id: 'link-2', process: 1, openedAt: at(-59), closedAt: null, cutAt: null });
    // The other acts were before; only this one is judged.
    run.acts.push(act);
    changed(run);
    const { violations, excused } = judge(run);
    const why = Object.entries(excused).filter(([, n]) => n > 0);
    return { rules: violations.map(({ rule }) => rule), why: why.map(([name]) => name) };
  }
  const condemned = { rules: ['unanswered'], why: [] };
  const excusedBy = (why: string) => ({ rules: [], why: [why] });
  const die = (process: number, second: number) => (run: Run) =>
    void Object.assign(run.lives[process] as Life, { killedAt: at(second), how: 'SIGKILL' });

  const both =
    (...changes: ((run: Run) => void)[]) =>
    (run: Run) => {
      for (const change of changes) change(run);
    };

  it('is excused when its own process was killed before it had time', () => {
    expect(judged(die(0, 1))).toEqual(excusedBy('killed'));
  });

  it('is not excused by the death of another process, or by one that came too late', () => {
    expect(judged(die(1, 1))).toEqual(condemned);
    expect(judged(die(0, 3.2))).toEqual(condemned);
  });

  it('had less time if it was no submit, which waits for the card', () => {
    const typed = () => Object.assign(unacked(), { kind: 'command' });
    expect([judged(die(0, 2.5)), judged(die(0, 2.5), typed())]).toEqual([excusedBy('killed'), condemned]);
    expect(judged(die(0, 1), typed())).toEqual(excusedBy('killed'));
  });

  it('is excused when its own process was stopped for most of the time, and not for a moment', () => {
    const stop = (process: number, from: number, until: number) => (run: Run) =>
      void run.lives[process]?.stops.push({ from: at(from), until: at(until) });
    expect(judged(stop(0, 0.6, 4))).toEqual(excusedBy('stopped'));
    expect(judged(stop(1, 0.6, 4))).toEqual(condemned);
    expect(judged(stop(0, 0.6, 1))).toEqual(condemned);
  });

  it('is excused when its own connection was cut, and not when the app closed it', () => {
    const close = (link: number, cutAt: number | null) => (run: Run) =>
      void Object.assign(run.connections[link] as object, { closedAt: at(0.6), cutAt });
    expect(judged(close(0, at(0.6)))).toEqual(excusedBy('cut'));
    expect(judged(close(0, null))).toEqual(condemned);
    expect(judged(close(1, at(0.6)))).toEqual(condemned);
  });

  it('needs an excuse for each of its deliveries', () => {
    const twice = unacked();
    twice.deliveries.push(delivery(at(0.5), { process: 1, connection: 'link-2', ackedAt: null }));
    expect(judged(die(0, 1), twice)).toEqual(condemned);
    expect(judged(both(die(0, 1), die(1, 1)), twice)).toEqual(excusedBy('killed'));
  });

  it('was delivered to nobody only when every process was down, stopped or reconnecting', () => {
    const nobody = () => unacked({ process: null, connection: null });
    const cutBefore = (second: number) => (run: Run) =>
      void Object.assign(run.connections[1] as object, { closedAt: at(second), cutAt: at(second) });
    expect(judged(() => {}, nobody())).toEqual(condemned);
    expect(judged(die(0, 0.1), nobody())).toEqual(condemned);
    expect(judged(both(die(0, 0.1), die(1, 0.2)), nobody())).toEqual(excusedBy('nobody there'));
    expect(judged(both(die(0, 0.1), cutBefore(0)), nobody())).toEqual(excusedBy('nobody there'));
    expect(judged(both(die(0, 0.1), cutBefore(-20)), nobody())).toEqual(condemned);
  });

  it('found nobody at an HTTP address only while that replica was down', () => {
    const at0 = unacked({ process: null, connection: null, replica: 0 });
    expect(judged(() => {}, at0)).toEqual(condemned);
    expect(judged(die(1, 0.1), at0)).toEqual(condemned);
    expect(judged(die(0, 0.1), at0)).toEqual(excusedBy('nobody there'));
  });
});

describe('an act that was acknowledged and not answered', () => {
  const forgotten = (more: Partial<Act> = {}) => command(null, { saw: null, ...more });
  const judged = (act: Act, ...lives: Life[]) => {
    const run = history();
    if (lives.length > 0) run.lives = lives;
    run.acts.push(act);
    return judge(run);
  };
  const killed = (second: number, process = 0) => life({ process, killedAt: at(second), how: 'SIGKILL' });

  it('is excused when its own process was killed while it worked on it', () => {
    expect(judged(forgotten(), killed(3))).toMatchObject({ violations: [], excused: { killed: 1 } });
    expect(judged(forgotten(), life(), killed(3, 1)).violations).toMatchObject([{ rule: 'unanswered' }]);
    expect(judged(forgotten(), killed(12)).violations).toMatchObject([{ rule: 'unanswered' }]);
  });

  it('is not excused by a kill when the app had not even tried to open a modal for it', () => {
    expect(judged(forgotten({ opened: false }), killed(3)).violations).toMatchObject([
      { rule: 'unanswered' },
    ]);
    expect(judged(forgotten({ opened: false }), killed(1)).violations).toEqual([]);
  });

  it('is not excused by a kill when it was answered, and wrongly', () => {
    expect(judged(submit('r2'), killed(1)).violations).toMatchObject([{ rule: 'unrecorded' }]);
  });

  it('is excused when the window showed the newer plan that an earlier click had met', () => {
    const text = ':twisted_rightwards_arrows: *This is not what you looked at.* Nothing was archived.';
    const act = submit('r2', '', { saw: { how: 'question', at: at(1), text } });
    expect(judged(act).violations).toMatchObject([{ rule: 'unrecorded' }]);
    expect(judged(act, killed(1)).violations).toEqual([]);
  });

  it('is excused by an error that its own process logged about this very act', () => {
    const text = 'The archive request ran into a fault of this app.';
    const act = submit('r2', '', { saw: { how: 'private', at: at(1), text } });
    const logged = (more: Partial<Run['logged'][0]>) => {
      const run = history();
      run.acts.push(act);
      run.logged.push({
        ...{ process: 0, at: at(0.9), message: 'confirmation failed', user: 'U1' },
        ...{ trainingIds: ['7'], requestIds: ['r2'] },
        ...more,
      });
      return judge(run);
    };
    expect(logged({})).toMatchObject({ violations: [], excused: { 'fault shown': 1 } });
    for (const other of [{ process: 1 }, { user: 'U2' }, { requestIds: ['r3'] }, { at: at(0.1) }])
      expect(logged(other).violations).toMatchObject([{ rule: 'unrecorded' }]);
  });
});

describe('a confirmation without an answer', () => {
  /** Its card was tried in vain at these seconds. */
  const tried = (seconds: number[], requestId = 'r1') => {
    const run = history(NOT_STARTED);
    Object.assign(click(run), { saw: null, lookedUntil: at(12) });
    run.unwritten = seconds.map((second) => ({ requestId, at: at(second) }));
    return judge(run);
  };

  it('is excused when Slack failed as often as the app has to try', () => {
    expect(tried([1, 2, 4, 8])).toMatchObject({ violations: [], excused: { 'fault logged': 1 } });
  });

  it.each([
    ['the app gave up early', [1, 2, 4]],
    ['it tried before or afterwards', [0.1, 1, 2, 4, 13]],
  ])('is not when %s', (_what, seconds) => {
    expect(tried(seconds).violations).toMatchObject([{ rule: 'unanswered' }]);
  });

  it('is not by the card of another request', () => {
    expect(tried([1, 2, 4, 8], 'r9').violations).toMatchObject([{ rule: 'unanswered' }]);
  });
});

describe('the decisions', () => {
  it('come again with the seed, stream by stream', () => {
    const draw = (seed: string) => {
      const random = createRandom(seed);
      const other = random.stream('other');
      return [random.next(), random.whole(1, 6), other.next(), random.shuffled([1, 2, 3, 4, 5]).join('')];
    };
    expect(draw('7')).toEqual(draw('7'));
    expect(draw('7')).not.toEqual(draw('8'));
  });
});
