import type { EventKind } from '../../src/archive/request';
import type { Act, Evidence } from './evidence';
import { act, at, command, history, item, post, type Step, submit } from './history';

/** Two other people approve before it is sent. */
export const APPROVED: Step[] = [
  ['asked', 'planned', 0],
  ['approval_requested', 'awaiting_approval', 1],
  ['approved', 'awaiting_approval', 3],
  ['fully_approved', 'confirmed', 4],
  ['submitting', 'submitting', 5],
  ['accepted', 'running', 6],
  ['succeeded', 'succeeded', 8],
];
/** The plan changes before the second one approves, and both do so again. */
export const VOIDED: Step[] = [
  ...APPROVED.slice(0, 3),
  ['approvals_voided', 'awaiting_approval', 4],
  ['approved', 'awaiting_approval', 5],
  ['fully_approved', 'confirmed', 6],
  ['submitting', 'submitting', 7],
  ['accepted', 'running', 8],
  ['succeeded', 'succeeded', 9],
];
export const DECLINED: Step[] = [...APPROVED.slice(0, 3), ['declined', 'declined', 4]];
export const EXPIRED: Step[] = [
  ...APPROVED.slice(0, 2),
  ['reminded', 'awaiting_approval', 5],
  ['approval_expired', 'expired', 9],
];
export const WITHDRAWN: Step[] = [...APPROVED.slice(0, 2), ['withdrawn', 'cancelled', 4]];
/** Archiving is paused when the last approval comes. */
export const WITHDRAWN_IN_PAUSE: Step[] = [...APPROVED.slice(0, 4), ['withdrawn', 'cancelled', 5]];

const CLICKS: Partial<Record<EventKind, Act['kind']>> = {
  ...{ approved: 'approve', fully_approved: 'approve', approvals_voided: 'approve' },
  ...{ declined: 'reason', withdrawn: 'withdraw' },
};

/** The same where other people must approve, with a click of theirs a moment before each of their events. */
export function guarded(steps: readonly Step[] = APPROVED): Evidence {
  const run = history(steps);
  const [one] = run.requests;
  if (one === undefined) throw new Error('No request');
  one.environment = 'sandbox';
  const sentAt = one.events.find(({ kind }) => kind === 'submitting')?.at;
  run.posts = sentAt === undefined ? [] : [post({ at: sentAt + 100 })];
  const clicks = one.events.flatMap(({ kind, at: when, actor }, i) => {
    const shown = [one.events[i - 1]?.planFingerprint ?? ''];
    const how = CLICKS[kind];
    return how === undefined
      ? []
      : [
          act(when - 500, {
            ...{ kind: how, user: actor, items: [item('r1', null)], shown, plan: '"Training 7"' },
            saw: { how: 'card', at: when + 500, text: 'the card' },
          }),
        ];
  });
  const saw = { how: 'card', at: at(2), text: 'the card' } as const;
  run.acts = [command('r1'), submit('r1', '', { saw }), ...clicks];
  return run;
}
