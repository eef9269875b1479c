import { checkMessage, checkView } from '../../fakes/slack';
import type { Plan } from '../../src/archive/plan';
import type { Watch, WatchEnd } from '../../src/archive/watch';
import { blockedModal } from '../../src/messages/modal';
import { watchingModal, watchingText, watchMessage } from '../../src/messages/watch';
import { notifyButtons, readWatched } from '../../src/messages/watch-button';
import { AT, planOf, read } from './builders';

const WATCH: Watch = {
  ...{ id: 'w1', environment: 'production', trainingId: '123456' },
  ...{ user: 'U1', team: 'T1', enterprise: null, channel: 'C1', name: 'Signs' },
  ...{ createdAt: AT, tries: 3, dueAt: AT, claimedUntil: null },
};
const STATE = { environment: 'production', channel: 'C1', items: [{ trainingId: '123456' }] };
const NASTY = '<!channel> & *_~ `x` <@U9> \u202E'.repeat(100);
const nasty = planOf({
  training: {
    ...{ id: '123456', projectId: '1', name: NASTY, status: 'OPEN', lastCloseReason: NASTY },
    ...{ created: AT, url: 'https://platform.toloka.ai/t' },
  },
  pools: Array.from({ length: 300 }, (_, i) => ({
    ...{ id: String(i), name: NASTY, status: 'OPEN', url: 'https://platform.toloka.ai/p' },
    linkedBy: 'pool' as const,
  })),
  unread: [{ part: 'project', code: 'x', said: NASTY }],
});

it.each<[WatchEnd, RegExp]>([
  [
    { why: 'ready', plan: planOf() },
    /\*You can archive it now\* {2}·[\s\S]*all linked pools are archived[\s\S]*See the plan/,
  ],
  [
    { why: 'over', plan: planOf({ blockers: ['not_closed'] }) },
    /Still blocked after 14 days[\s\S]*The training is not closed[\s\S]*See the plan/,
  ],
  [
    { why: 'over', plan: planOf({ unread: [{ part: 'pools', code: 'toloka_timeout' }] }) },
    /The linked pools could not be read/,
  ],
  [{ why: 'already_archived', plan: planOf({ blockers: ['already_archived'] }) }, /archived already/],
  [{ why: 'not_found', plan: planOf({ training: null, blockers: ['not_found'] }) }, /no training 123456/],
  [
    { why: 'no_access', plan: planOf({ training: null, blockers: ['no_access'] }) },
    /token for production may be invalid/,
  ],
  [{ why: 'environment_not_set' }, /no Toloka token for production/],
])('the message says why: %j', (end, words) => {
  const message = watchMessage(WATCH, end);
  expect(checkMessage(message)).toEqual([]);
  expect(read(message)).toMatch(words);
  expect(read(message)).toContain('in <#C1>');
  expect(message.text).toContain('Training Signs (123456 in production).');
  const hasWayOn = read(message).includes('See the plan');
  expect(hasWayOn).toBe(end.why === 'ready' || end.why === 'over');
});

it('no text of Toloka pings anybody or is too long', () => {
  for (const why of ['ready', 'over'] as const) {
    const plan: Plan = { ...nasty, blockers: why === 'ready' ? [] : ['not_closed', 'pools_not_archived'] };
    const message = watchMessage(WATCH, { why, plan });
    expect(checkMessage(message)).toEqual([]);
    expect(JSON.stringify(message)).not.toMatch(/<!channel|<@U9/);
  }
});

it('the window says when the app stops, and remembers no request that closing could cancel', () => {
  const modal = watchingModal({ ...STATE, items: [{ trainingId: '123456', requestId: 'r1' }] }, [
    watchingText([WATCH]),
  ]);
  expect(checkView(modal)).toEqual([]);
  expect(read(modal)).toMatch(
    /until <!date\^\d+\^.*To cancel, type `\/toloka-archive list` and click Stop\./s,
  );
  expect(modal.private_metadata).not.toContain('r1');
});

it.each([
  [1, 0, ''],
  [1, 1, 'You were already waiting for it. The 14 days start again now.'],
  [3, 2, 'You were already waiting for 2 of them. The 14 days start again now.'],
  [3, 3, 'You were already waiting for all of them. The 14 days start again now.'],
])('of %i trainings, %i were waited for already', (all, again, words) => {
  const [first, ...others] = Array.from({ length: all }, () => WATCH);
  const text = watchingText([first ?? WATCH, ...others], again);
  expect(text.slice(text.indexOf('>.') + 2, text.indexOf('To cancel')).trim()).toBe(words);
});

it.each<[Plan['blockers'], boolean]>([
  [['not_closed'], true],
  [['locked'], true],
  [['training_unread'], true],
  [['not_closed', 'pools_not_archived'], true],
  [['not_found'], false],
  [['no_access'], false],
  [['already_archived'], false],
  // Nothing blocks it: the app is not in the channel.
  [[], false],
])('a plan with %j offers to notify: %s', (blockers, offers) => {
  const modal = blockedModal(STATE, {
    plan: planOf({ blockers }),
    changes: [],
    notInChannel: blockers.length === 0,
  });
  expect(checkView(modal)).toEqual([]);
  expect(read(modal).includes('Notify me when it can be archived')).toBe(offers);
});

it.each<[Plan['blockers'], boolean]>([
  [['not_closed'], true],
  [['already_archived'], false],
  [['not_found'], false],
])('a plan with %j says that the person waits for it: %s', (blockers, says) => {
  const modal = blockedModal(STATE, { plan: planOf({ blockers }), changes: [], watchedUntil: AT });
  expect(read(modal).includes('You’ll get a private message when it can be archived')).toBe(says);
  expect(read(modal)).not.toContain('Notify me');
});

it('the button remembers 20 trainings with their names, also odd ones', () => {
  const plans = Array.from({ length: 20 }, (_, n) =>
    planOf({
      ...{ trainingId: `10000000000000000${10 + n}`, blockers: ['not_closed'] },
      training:
        n === 0
          ? null
          : ({ ...(nasty.training as never as object), name: n === 1 ? 'a\n 7 b' : NASTY } as never),
    }),
  );
  const [button] = notifyButtons([...plans, planOf({ blockers: ['not_found'] }), planOf()]);
  expect(button?.value?.length).toBeLessThanOrEqual(2_000);
  const read = readWatched(button?.value);
  expect(read?.map(({ trainingId }) => trainingId)).toEqual(plans.map(({ trainingId }) => trainingId));
  expect(read?.slice(0, 3)).toMatchObject([
    { name: null },
    { name: 'a 7 b' },
    { name: expect.stringMatching(/^<!channel> & /) },
  ]);
  expect(notifyButtons([planOf()])).toEqual([]);
});

it.each([undefined, '', 'x', '7\n', '7\nx', '12345678901234567890', Array(21).fill('7').join('\n')])(
  'another value is none of ours: %j',
  (value) => expect(readWatched(value)).toBeUndefined(),
);
