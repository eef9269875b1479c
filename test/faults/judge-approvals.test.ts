import type { Act, AuditedEvent, Evidence } from './evidence';
import { at, delivery, post } from './history';
import {
  APPROVED,
  DECLINED,
  EXPIRED,
  guarded,
  VOIDED,
  WITHDRAWN,
  WITHDRAWN_IN_PAUSE,
} from './history-approvals';
import { judge } from './judge';

type Steps = typeof APPROVED;
const rulesOf = (run: Evidence) => judge(run).violations.map(({ rule }) => rule);
const event = (run: Evidence, kind: string) =>
  run.requests[0]?.events.find((one) => one.kind === kind) as AuditedEvent;
const click = (run: Evidence, user: string) => run.acts.findLast((act) => act.user === user) as Act;
const privately = (text: string) => ({ how: 'private', at: at(5), text }) as const;
const denial = (code: string, user: string) => ({
  ...{ id: 'n1', at: at(3.8), code, detail: '', user, team: 'T1', channel: 'C1' },
  ...{ environment: 'sandbox', trainingId: '7', requestId: 'r1' },
});

describe('a run with approvals that kept its promises', () => {
  it.each<[what: string, steps: Steps, changed?: (run: Evidence) => void]>([
    ['two people approved', APPROVED],
    ['the plan changed, and both approved again', VOIDED],
    ['somebody declined', DECLINED],
    ['nobody approved', EXPIRED],
    ['it was withdrawn', WITHDRAWN],
    ['it was withdrawn in a pause', WITHDRAWN_IN_PAUSE],
    [
      'it was sent before the click on Withdraw could count, and the card shows it',
      APPROVED,
      (run) => {
        const saw = { how: 'card', at: at(6), text: 'Toloka is archiving' } as const;
        run.acts.push({ ...click(run, 'U2'), kind: 'withdraw', user: 'U1', at: at(4.5), shown: [], saw });
        run.denials.push({ ...denial('already_decided', 'U1'), at: at(5.5) });
      },
    ],
    [
      'a withdrawal was denied while Toloka could not be read',
      APPROVED,
      (run) => {
        const words =
          'The app could not check whether Toloka has begun this request, so it was not withdrawn.';
        const act = { ...click(run, 'U2'), kind: 'withdraw', user: 'U1', at: at(4.5) } as const;
        run.acts.push({ ...act, saw: privately(words) });
        run.denials.push({ ...denial('not_checked', 'U1'), at: at(4.8) });
      },
    ],
    [
      'an approver lost the right after the click',
      APPROVED,
      (run) => run.approvals.absences.push({ user: 'U2', from: at(2.7), until: at(9) }),
    ],
    [
      'the requester lost the right after the last approval',
      APPROVED,
      (run) => run.absences.push({ user: 'U1', from: at(3.8), until: at(9) }),
    ],
    [
      'the last approval found the requester without the right',
      [...APPROVED.slice(0, 3), ['not_started', 'not_started', 4]],
      (run) => {
        event(run, 'not_started').actor = 'U3';
        const saw = { how: 'card', at: at(4.5), text: 'the card' } as const;
        run.acts.push({ ...click(run, 'U2'), user: 'U3', at: at(3.5), saw });
        run.absences.push({ user: 'U1', from: at(3.2), until: at(9) });
      },
    ],
    [
      'the training changed after the last approval',
      APPROVED,
      (run) => run.trainingHistory['7']?.push({ at: at(3.8), name: 'Renamed', status: 'CLOSED' }),
    ],
    [
      'a second click of the same person was denied',
      APPROVED,
      (run) => {
        const saw = privately('You have approved this already. It needs somebody else too.');
        run.acts.push({ ...click(run, 'U2'), at: at(3.5), saw });
        run.denials.push(denial('already_approved', 'U2'));
      },
    ],
    [
      'that was denied while the journal was out of reach, and is in the log',
      APPROVED,
      (run) => {
        const saw = privately('You have approved this already. It needs somebody else too.');
        run.acts.push({ ...click(run, 'U2'), at: at(3.5), saw, deliveries: [delivery(at(3.5))] });
        run.logged.push({
          ...{ process: 0, at: at(4), message: 'denial not recorded', user: 'U2' },
          ...{ requestIds: ['r1'], trainingIds: ['7'] },
        });
      },
    ],
    [
      'an approval that was counted in a pause',
      APPROVED,
      (run) => {
        click(run, 'U2').saw = privately('Your approval was counted. Archiving is paused.');
      },
    ],
    [
      'an approval whose card nobody saw changing',
      APPROVED,
      (run) => {
        click(run, 'U2').saw = null;
      },
    ],
  ])('is not condemned: %s', (_what, steps, changed = () => {}) => {
    const run = guarded(steps);
    changed(run);
    expect(judge(run).violations).toEqual([]);
  });
});

describe('a click that left nothing while somebody else ended what the card waited for', () => {
  const judged = (stops: { from: number; until: number }[]) => {
    const run = guarded(WITHDRAWN);
    const [approve] = guarded(APPROVED).acts.filter(({ kind }) => kind === 'approve');
    const saw = { how: 'card', at: at(3), text: 'Cancelled' } as const;
    const deliveries = [delivery(at(2.5), { ackedAt: at(2.51) })];
    run.acts.push({ ...(approve as Act), user: 'U3', at: at(2.5), lookedUntil: at(3), deliveries, saw });
    run.lives = run.lives.map((life) => ({ ...life, stops }));
    return judge(run);
  };

  it('is excused when its process was stopped, and only then', () => {
    expect(judged([{ from: at(2.52), until: at(6) }])).toMatchObject({
      violations: [],
      excused: { stopped: 1 },
    });
    expect(judged([]).violations).toMatchObject([{ rule: 'unrecorded' }]);
    expect(judged([{ from: at(4), until: at(6) }]).violations).toMatchObject([{ rule: 'unrecorded' }]);
  });
});

describe('a broken promise about approvals is named', () => {
  it.each<[rule: string, what: string, steps: Steps, broken: (run: Evidence) => void]>([
    [
      'unapproved',
      'one approval too few',
      APPROVED,
      (run) => {
        run.approvals.needed = 3;
      },
    ],
    [
      'unapproved',
      'sent without any',
      APPROVED,
      (run) => {
        const [one] = run.requests;
        if (one)
          one.events = one.events.filter(({ kind }) => kind !== 'approved' && kind !== 'fully_approved');
      },
    ],
    [
      'unapproved',
      'approvals that were void',
      VOIDED,
      (run) => {
        event(run, 'approvals_voided').at = at(3.5);
        run.requests[0]?.events.splice(4, 1);
      },
    ],
    [
      'wrong_approval',
      'by the requester',
      APPROVED,
      (run) => {
        event(run, 'approved').actor = 'U1';
      },
    ],
    [
      'wrong_approval',
      'by somebody who never clicked',
      APPROVED,
      (run) => {
        run.acts.splice(2, 1);
      },
    ],
    [
      'wrong_approval',
      'the same person twice',
      APPROVED,
      (run) => {
        run.acts.push({ ...click(run, 'U3'), user: 'U2' });
        event(run, 'fully_approved').actor = 'U2';
      },
    ],
    [
      'wrong_approval',
      'by somebody without the right',
      APPROVED,
      (run) => run.approvals.absences.push({ user: 'U2', from: at(0), until: at(9) }),
    ],
    [
      'wrong_approval',
      'of another plan than the card showed',
      APPROVED,
      (run) => {
        click(run, 'U3').shown = ['plan-0'];
      },
    ],
    [
      'wrong_approval',
      'a decline without the right',
      DECLINED,
      (run) => run.approvals.absences.push({ user: 'U3', from: at(0), until: at(9) }),
    ],
    [
      'wrong_approval',
      'withdrawn by somebody else',
      WITHDRAWN,
      (run) => {
        event(run, 'withdrawn').actor = 'U2';
      },
    ],
    [
      'wrong_approval',
      'withdrawn in a pause without a click',
      WITHDRAWN_IN_PAUSE,
      (run) => {
        run.acts = run.acts.filter(({ kind }) => kind !== 'withdraw');
      },
    ],
    [
      'contradiction',
      'withdrawn after it was to be sent',
      [...APPROVED.slice(0, 5), ['withdrawn', 'cancelled', 6]],
      () => {},
    ],
    [
      'post_before_record',
      'sent after it was withdrawn',
      WITHDRAWN_IN_PAUSE,
      (run) => {
        run.posts = [post({ at: at(6) })];
      },
    ],
    [
      'wrong_answer',
      'a withdrawal whose card says that it is over before it is',
      APPROVED,
      (run) => {
        const saw = { how: 'card', at: at(3.5), text: 'Cancelled' } as const;
        run.acts.push({ ...click(run, 'U2'), kind: 'withdraw', user: 'U1', at: at(3.2), shown: [], saw });
        run.denials.push(denial('already_decided', 'U1'));
      },
    ],
    [
      'wrong_approval',
      'two reminders',
      EXPIRED,
      (run) => {
        const [one] = run.requests;
        one?.events.splice(3, 0, { ...event(run, 'reminded'), seq: 4, at: at(6) });
      },
    ],
    [
      'without_right',
      'the requester had lost the right before the last approval',
      APPROVED,
      (run) => run.absences.push({ user: 'U1', from: at(2), until: at(9) }),
    ],
    [
      'drift',
      'the training had changed before the last approval',
      APPROVED,
      (run) => run.trainingHistory['7']?.push({ at: at(3.2), name: 'Renamed', status: 'CLOSED' }),
    ],
    [
      'unrecorded',
      'a click that left nothing',
      APPROVED,
      (run) => {
        run.acts.push({ ...click(run, 'U2'), user: 'U4', saw: null });
      },
    ],
    [
      'wrong_answer',
      'a denial that the journal does not have',
      APPROVED,
      (run) => {
        click(run, 'U2').saw = privately('You asked for this yourself');
      },
    ],
    [
      'wrong_answer',
      'an approval that the journal does not have',
      APPROVED,
      (run) => {
        run.acts.push({ ...click(run, 'U2'), user: 'U4', saw: privately('Your approval was counted.') });
        run.denials.push(denial('approve_not_allowed', 'U4'));
      },
    ],
    [
      'unanswered',
      'a denial without a reply',
      APPROVED,
      (run) => {
        run.acts.push({ ...click(run, 'U2'), user: 'U4', saw: null });
        run.denials.push(denial('approve_not_allowed', 'U4'));
      },
    ],
  ])('%s: %s', (rule, _what, steps, broken) => {
    const run = guarded(steps);
    broken(run);
    expect(rulesOf(run)).toContain(rule);
  });
});
