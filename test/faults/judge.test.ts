import type { Act, CardInChannel, Evidence } from './evidence';
import {
  at,
  cardOf,
  FAILED,
  HEAD,
  history,
  NOT_STARTED,
  post,
  REFUSED,
  request,
  SUCCEEDED,
  submit,
} from './history';
import { judge } from './judge';
import { createRandom } from './random';

const rulesOf = (evidence: Evidence) => judge(evidence).violations.map(({ rule }) => rule);

describe('the judge', () => {
  it.each([
    ['succeeded', SUCCEEDED],
    ['failed', FAILED],
    ['refused', REFUSED],
    ['not started', NOT_STARTED],
  ])('finds nothing wrong with a run that kept its promises: %s', (_name, steps) => {
    expect(judge(history(steps)).violations).toEqual([]);
  });

  const card = ({ cards }: Evidence) => cards[0] as CardInChannel;
  const act = ({ acts }: Evidence) => acts[0] as Act;
  const first = ({ requests }: Evidence) => requests[0] as Evidence['requests'][0];

  it.each<[what: string, rule: string, steps: typeof SUCCEEDED, broken: (run: Evidence) => void]>([
    ['two POSTs', 'two_posts', SUCCEEDED, (run) => run.posts.push(post({ status: 409, operationId: null }))],
    [
      'a POST before it was recorded',
      'post_before_record',
      SUCCEEDED,
      (run) => {
        run.posts = [post({ at: at(1) })];
      },
    ],
    [
      'a POST for a training that nobody asked for',
      'post_before_record',
      SUCCEEDED,
      (run) => run.posts.push(post({ trainingId: '8' })),
    ],
    [
      'archived, says the card; CLOSED, says Toloka',
      'contradiction',
      SUCCEEDED,
      (run) => {
        run.trainings['7'] = 'CLOSED';
      },
    ],
    [
      'failed, says the card; the operation did not',
      'contradiction',
      FAILED,
      (run) => {
        run.operations['op-1'] = { status: 'RUNNING', trainingId: '7' };
      },
    ],
    [
      'refused, says the card; the account answered 503',
      'contradiction',
      REFUSED,
      (run) => {
        run.posts = [post({ status: 503, operationId: null })];
      },
    ],
    [
      'the operation of another training',
      'contradiction',
      SUCCEEDED,
      (run) => {
        run.operations['op-1'] = { status: 'SUCCESS', trainingId: '8' };
      },
    ],
    [
      'an end missing',
      'no_end',
      SUCCEEDED,
      (run) => {
        run.requests = [request('r1', SUCCEEDED.slice(0, 4))];
      },
    ],
    [
      'two open at once',
      'two_open',
      SUCCEEDED,
      (run) => {
        run.requests.push(request('r2', REFUSED, 1));
      },
    ],
    [
      'no card',
      'no_card',
      SUCCEEDED,
      (run) => {
        run.cards = [];
      },
    ],
    [
      'a card that came after the POST',
      'no_card',
      SUCCEEDED,
      (run) => {
        run.cards = [{ ...card(run), at: at(3) }];
      },
    ],
    ['two cards', 'duplicate_card', SUCCEEDED, (run) => run.cards.push({ ...card(run), ts: '2.2' })],
    [
      'the card of no request',
      'duplicate_card',
      SUCCEEDED,
      (run) => run.cards.push({ ...card(run), requestId: 'r9' }),
    ],
    [
      'an old card',
      'stale_card',
      SUCCEEDED,
      (run) => {
        card(run).text = '*Toloka is archiving* Receipt 0123-4567-89ab-cdef';
      },
    ],
    [
      'the receipt of an earlier event',
      'receipt',
      SUCCEEDED,
      (run) => {
        first(run).head = HEAD.replace('0', '1');
      },
    ],
    ['a line missing', 'thread', SUCCEEDED, (run) => card(run).lines.splice(2, 1)],
    ['a line twice', 'thread', SUCCEEDED, (run) => card(run).lines.push({ seq: 9, text: lastLine(run) })],
    ['lines in another order', 'thread', SUCCEEDED, (run) => card(run).lines.reverse()],
    [
      'a broken chain',
      'chain',
      SUCCEEDED,
      (run) => run.findings.push({ requestId: 'r1', message: 'event 2 was changed' }),
    ],
    ['a secret in the log', 'leak', SUCCEEDED, (run) => run.leaks.push('toloka')],
    [
      'a process that ended by itself',
      'ended_by_itself',
      SUCCEEDED,
      (run) => run.endings.push({ replica: 0, meant: false, how: 'code 1' }),
    ],
    [
      'a click that nobody acknowledged, in calm weather',
      'unanswered',
      SUCCEEDED,
      (run) => Object.assign(act(run), { acked: false, error: 'operation_timeout' }),
    ],
    [
      'an answer that Slack cannot use',
      'unanswered',
      SUCCEEDED,
      (run) => act(run).problems.push('blocks missing'),
    ],
    [
      'a command that was acknowledged and forgotten',
      'unanswered',
      SUCCEEDED,
      (run) => run.acts.push(submit('r1', { kind: 'command', saw: null })),
    ],
    ['a confirmation that left no trace', 'unrecorded', SUCCEEDED, (run) => run.acts.push(submit('r2'))],
    [
      'a confirmation that closing its window undid',
      'undone',
      SUCCEEDED,
      (run) => {
        run.requests.push(request('r2', [...SUCCEEDED.slice(0, 1), ['cancelled', 'cancelled', 1]]));
        run.acts.push(submit('r2'));
      },
    ],
  ])('names %s', (_what, rule, steps, broken) => {
    const run = history(steps);
    broken(run);
    expect(rulesOf(run)).toContain(rule);
  });

  const lastLine = (run: Evidence) => card(run).lines.at(-1)?.text ?? '';

  it('names an archive that nobody was told of', () => {
    const run = history(NOT_STARTED);
    run.posts = [post()];
    run.operations['op-1'] = { status: 'SUCCESS', trainingId: '7' };
    run.trainings['7'] = 'ARCHIVED';
    expect(rulesOf(run)).toEqual(['contradiction', 'archived_untold']);
  });

  it('tells a POST that came after its request was called not started from one that came before', () => {
    const run = history(NOT_STARTED);
    run.posts = [post({ at: at(20) })];
    run.operations['op-1'] = { status: 'SUCCESS', trainingId: '7' };
    run.trainings['7'] = 'ARCHIVED';
    expect(rulesOf(run)).toEqual(['late_post_untold', 'archived_untold']);
  });

  it('lets a second request of a training have its own POST and its own card', () => {
    const run = history(REFUSED);
    const second = request('r2', SUCCEEDED, 10);
    run.requests.push(second);
    run.posts.push(post({ at: at(12.1) }));
    run.operations['op-1'] = { status: 'SUCCESS', trainingId: '7' };
    run.trainings['7'] = 'ARCHIVED';
    run.cards.push(cardOf(second));
    expect(judge(run).violations).toEqual([]);
  });

  it('excuses what a kill took with it, and counts it', () => {
    const run = history();
    run.acts.push(submit('r2', { saw: null }));
    run.disturbances.push({ kind: 'kill', replica: 0, at: at(1), until: at(2) });
    expect(judge(run)).toMatchObject({ violations: [], excused: { submitsLostToKills: 1 } });
  });

  it('excuses it too when the window showed the newer plan that an earlier click had met', () => {
    const run = history();
    const saw = ':twisted_rightwards_arrows: *This is not what you looked at.* Nothing was archived.';
    run.acts.push(submit('r2', { saw }));
    expect(rulesOf(run)).toEqual(['unrecorded']);
    run.disturbances.push({ kind: 'kill', replica: 0, at: at(1), until: at(2) });
    expect(judge(run)).toMatchObject({ violations: [], excused: { submitsLostToKills: 1 } });
  });

  it('calls nothing undone that was refused before', () => {
    const run = history();
    run.requests.push(request('r2', [...SUCCEEDED.slice(0, 1), ['cancelled', 'cancelled', 3]]));
    const act = submit('r2');
    run.acts.push(act);
    run.refusals.push({
      ...{ id: 'n1', at: act.at + 10, code: 'already_open', message: 'm', user: act.user, channel: 'C1' },
      ...{ environment: 'production', trainingId: '7', requestId: 'r2' },
    });
    expect(rulesOf(run)).not.toContain('undone');
  });

  it('gives a process that was stopped twice the time that it was stopped for', () => {
    const run = history();
    run.acts.push(submit('r2'));
    run.logged.push({ at: at(0.2 + 17), message: 'confirmation failed', user: submit('r2').user });
    const stops = [
      { kind: 'stop' as const, replica: 1, at: at(1), until: at(5) },
      { kind: 'stop' as const, replica: 1, at: at(6), until: at(10) },
    ];
    run.disturbances.push(stops[0] as (typeof stops)[0]);
    expect(rulesOf(run)).toEqual(['unrecorded']);
    run.disturbances.push(stops[1] as (typeof stops)[0]);
    expect(judge(run)).toMatchObject({ violations: [], excused: { faultsTold: 1 } });
  });

  it('does not take a kill for an excuse of what was answered wrongly', () => {
    const run = history();
    run.acts.push(submit('r2'));
    run.disturbances.push({ kind: 'kill', replica: 0, at: at(1), until: at(2) });
    expect(rulesOf(run)).toEqual(['unrecorded']);
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
