import type { Overview } from '../../src/archive/lists';
import type { Approval, ArchiveRequest } from '../../src/archive/request';
import { approvalBlocks, approvalButtons, audienceText, readApproveValue } from '../../src/messages/approval';
import { approvalReply } from '../../src/messages/approval-replies';
import { readDeclineState } from '../../src/messages/decline-modal';
import { homeView } from '../../src/messages/home';
import { AT, planOf, read, requestOf } from './builders';

const approvalOf = (changed: Partial<Approval> = {}): Approval => ({
  ...{ needed: 2, audience: { everyone: false, people: ['U1', 'U2', 'U3'], groups: [] }, given: [] },
  ...{ askedAt: AT, until: AT + 1_000, remindedAt: null, changes: [], declined: null },
  ...changed,
});
const waiting = (approval: Partial<Approval> = {}, changed: Partial<ArchiveRequest> = {}) =>
  requestOf({ state: 'awaiting_approval', approval: approvalOf(approval), ...changed });
const given = [{ user: 'U2', at: AT }];
const lines = (...requests: ArchiveRequest[]) => read(approvalBlocks(requests));

describe('whom the card asks', () => {
  it.each([
    ['people, without the one who asked', {}, '<@U2>, <@U3>'],
    ['and without those who have approved', { given }, '<@U3>'],
    [
      'groups first',
      { audience: { everyone: false, people: ['U2'], groups: ['S1', 'S2'] } },
      '<!subteam^S1>, <!subteam^S2>, <@U2>',
    ],
    ['everybody', { audience: { everyone: true, people: [], groups: [] } }, 'anybody else in this workspace'],
    ['nobody who is left', { audience: { everyone: false, people: ['U1'], groups: [] } }, 'nobody else'],
  ])('%s', (_what, approval, words) => {
    expect(audienceText(approvalOf(approval), 'U1')).toBe(words);
  });

  it('mentions no more than twenty', () => {
    const people = Array.from({ length: 25 }, (_, i) => `U9${i}`);
    const text = audienceText(approvalOf({ audience: { everyone: false, people, groups: [] } }), 'U1');
    expect([text.match(/<@/g)?.length, text.endsWith(', 5 more')]).toEqual([20, true]);
  });
});

describe('the approvals on a card', () => {
  it('are gone from a request that needs none', () => {
    expect([approvalBlocks([requestOf()]), approvalButtons([requestOf()])]).toEqual([[], []]);
  });

  it('are one line for all requests that have the same, and name the trainings where some differ', () => {
    const one = waiting({ given });
    const done = requestOf({ state: 'running', trainingId: '7', approval: approvalOf({ given }) });
    expect(lines(one, one)).toBe(
      'Each training is closed, and all linked pools are archived.\nApproved by <@U2>. *Needs 1 more* from <@U3>. Open until <!date^1795500001^{date_short_pretty} {time}|2026-11-24T06:00Z>.',
    );
    expect(lines(one, done).split('\n')).toEqual([
      'Status: closed  ·  Project: Signs (74175)  ·  Linked pools not archived: 0',
      expect.stringMatching(/^123456: Approved by <@U2>\. \*Needs 1 more\*/),
      '7: :white_check_mark: Approved by <@U2>',
    ]);
  });

  it('say which plans changed, and what blocks them', () => {
    const plan = planOf({ blockers: ['locked'] });
    const changes = [{ what: 'status', from: 'CLOSED', to: 'LOCKED' } as const];
    expect(lines(waiting({ changes }, { plan }))).toMatch(
      /changed, so it needs approval again\.\*\n• The status was closed and is now locked\.\n:no_entry: \*The training is locked/,
    );
  });

  it('stay with a request that was declined or expired', () => {
    const declined = { user: 'U3', reason: '*no*' };
    const over = requestOf({ state: 'declined', approval: approvalOf({ given, declined }) });
    expect(lines(over)).toBe(
      ':white_check_mark: Approved by <@U2>\nDeclined by <@U3>\nReason for declining: *no*',
    );
  });
});

describe('the question of Approve', () => {
  const question = (...requests: [ArchiveRequest, ...ArchiveRequest[]]) =>
    /"text":"(This archives [^"]*)"/.exec(JSON.stringify(approvalButtons(requests)))?.[1];
  const named = (name: string) => {
    const plan = planOf();
    return planOf({ training: plan.training && { ...plan.training, name } });
  };

  it('names the training, as it is', () => {
    const one = waiting({ given }, { plan: named('Cats & *dogs*\n<!channel>') });
    expect(question(one)).toBe(
      'This archives training “Cats & *dogs* <!channel>” (123456) in production. It cannot be undone.',
    );
    const other = waiting({}, { trainingId: '7', plan: named(' ') });
    expect(question(other)).toBe(
      'This archives training “(no name)” (7) in production once enough people approve. It cannot be undone.',
    );
    expect(question(one, other)).toBe(
      'This archives 2 trainings in production once enough people approve. It cannot be undone.',
    );
    expect(question(waiting({}, { plan: named('n'.repeat(500)) }))?.length).toBeLessThan(300);
  });
});

describe('the value of Approve', () => {
  it('names the card and the plans that are waiting, and nothing else is read as one', () => {
    const other = requestOf({ state: 'running', approval: approvalOf(), plan: planOf({ fingerprint: 'x' }) });
    const blocks = approvalButtons([waiting({}, { id: 'r', plan: planOf({ fingerprint: 'f1' }) }), other]);
    const [, value] = /"value":"(r [^"]*)"/.exec(JSON.stringify(blocks)) ?? [];
    expect(readApproveValue(value)).toEqual({ requestId: 'r', shown: ['f1'] });
    for (const wrong of [undefined, '', 'r', ' f1', `${'r'.repeat(101)} f1`, `r${' f'.repeat(21)}`])
      expect(readApproveValue(wrong)).toBeUndefined();
  });

  it.each(['', 'C1', 'C1 r x', ' ', `C1 ${'r'.repeat(101)}`])(
    '%j is no state of the Decline modal',
    (text) => {
      expect(readDeclineState(text)).toBeUndefined();
    },
  );
});

describe('the reply to a click', () => {
  const words = (results: Parameters<typeof approvalReply>[0]) =>
    approvalReply(results, { wanted: 'approve' });
  const request = waiting({}, { batch: 'a' });
  const other = waiting({}, { batch: 'a', trainingId: '7' });

  it('is the card, when the click counted', () => {
    expect(words([{ kind: 'approved', request, left: 1, pause: null }])).toBeNull();
    expect(words([{ kind: 'ended', request }])).toBeNull();
  });

  it('names a pause that the card does not show', () => {
    const pause = { user: 'U1', reason: 'an incident', at: 0 };
    const results = [request, other].map(
      (one) => ({ kind: 'approved', request: one, left: 1, pause }) as const,
    );
    expect(words(results)).toMatch(
      /^\*Trainings 123456, 7:\* Your approval was counted\. Archiving is paused \(by <@U1>, since .*\): “an incident”\. Nothing new is sent/,
    );
  });

  it('says once what holds for several trainings of a batch', () => {
    const code = 'not_checked';
    const results = [request, other].map((one) => ({ kind: 'denied', code, request: one }) as const);
    expect(words(results)).toBe(
      '*Trainings 123456, 7:* Toloka could not be read just now, so your approval was not counted. Try again in a minute.',
    );
  });

  it('leaves out what the person approved before, when the click counted for the rest', () => {
    const before = { kind: 'denied', code: 'already_approved', request } as const;
    expect(words([before, { kind: 'approved', request: other, left: 0, pause: null }])).toBeNull();
    expect(words([before, { ...before, request: other }])).toMatch(/^You have approved this already/);
  });
});

describe('the Home tab offers Approve', () => {
  const seen = (...waitingFor: ArchiveRequest[]) => {
    const [first = requestOf({}), ...others] = waitingFor;
    const rights = { archive: true, approve: true, admin: false, unknown: false };
    const all = {
      rights,
      pause: null,
      waiting: [[first, ...others]],
      open: waitingFor,
      recent: [],
      watches: [],
    };
    return JSON.stringify(homeView(all as unknown as Overview, 'production'));
  };
  const change = { what: 'status', from: 'CLOSED', to: 'OPEN' } as const;
  const some = (n: number) =>
    Array.from({ length: n }, (_, i) => waiting({}, { id: `r${i}`, trainingId: `${i}`, batch: 'r0' }));

  it.each<[string, ArchiveRequest[], boolean]>([
    ['for one', [waiting()], true],
    ['for four', some(4), true],
    ['not for more than it shows', some(5), false],
    ['not after the plan changed', [waiting({ changes: [change] })], false],
    [
      'not when something was not checked',
      [waiting({}, { plan: planOf({ unread: [{ part: 'pools', code: 'toloka_timeout' }] }) })],
      false,
    ],
    ['not while something blocks it', [waiting({}, { plan: planOf({ blockers: ['not_closed'] }) })], false],
  ])('%s', (_what, requests, offered) => {
    expect(seen(...requests).includes('"Approve"')).toBe(offered);
    for (const { trainingId } of requests)
      expect(seen(...requests).includes(`Project of ${trainingId}: Signs (74175)`)).toBe(offered);
    expect(seen(...requests).includes('Open the card to see all of it')).toBe(!offered);
  });
});
