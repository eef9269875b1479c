import { checkMessage } from '../../fakes/slack';
import type { Confirmed } from '../../src/archive/answers';
import { batchModal } from '../../src/messages/batch-modal';
import { card } from '../../src/messages/card';
import { type ModalState, readModalState } from '../../src/messages/modal-state';
import { closingText } from '../../src/messages/thread';
import { AT, planOf, read, requestOf } from './builders';

const shown = (...requests: Parameters<typeof card>) => read(card(...requests).blocks);

describe('the card of a batch', () => {
  const one = (trainingId: string, changed: Parameters<typeof requestOf>[0] = {}) =>
    requestOf({ id: `r${trainingId}`, trainingId, batch: 'r7', operationId: null, ...changed });
  const failed = one('8', { state: 'failed', outcome: { code: 'OPERATION_FAILED' } });
  const running = one('9', { state: 'running', progress: 47 });

  it('says of which trainings not everything was checked', () => {
    const plan = planOf({ unread: [{ part: 'pools', code: 'toloka_timeout' }] });
    expect(shown(one('7'), one('8', { plan }))).toMatch(/although not everything could be checked.\n• 8: /);
    expect(shown(one('7'), one('8'))).not.toContain('could be checked');
  });

  it('has a total and a line for each training', () => {
    const lines = shown(one('7', { state: 'succeeded' }), failed, running).split('\n');
    expect(lines[0]).toBe(':hourglass_flowing_sand: *3 trainings*  ·  1 archived, 1 failed, 1 running');
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^:white_check_mark: <https.*> \(7\): Archived\.$/),
        expect.stringMatching(
          /^:x: <https.*> \(8\): Failed in Toloka\. Toloka started.* `OPERATION_FAILED`$/,
        ),
        expect.stringMatching(/^:hourglass_flowing_sand: <https.*> \(9\): Toloka is archiving, 47 %\.$/),
      ]),
    );
    expect(lines).not.toContain('Try again');
  });

  it('shows an approver the project of each training, also where there is little room', () => {
    const wait = { state: 'awaiting_approval' } as const;
    expect(shown(one('7', wait), one('8', wait))).toMatch(
      /Each training is closed, and all linked pools are archived\.\n[\s\S]*\(7\): Waiting for approval\. Project: Signs \(74175\)\.\n/,
    );
    // What Toloka refused is perhaps not so.
    expect(shown(one('7', wait), one('8', wait), one('9', { state: 'refused' }))).toContain(
      'Each training that waits is closed, and all its linked pools are archived.',
    );
    const plan = planOf({ unread: [{ part: 'pools', code: 'toloka_timeout' }] });
    expect(shown(one('7', wait), one('8', { ...wait, plan }))).not.toContain('Each training is closed');
    expect(shown(one('7'), one('8'))).not.toContain('Project');
    const long = planOf({ projectName: 'p'.repeat(300), fingerprint: 'f'.repeat(16) });
    const many = Array.from({ length: 20 }, (_, i) =>
      one(`1${String(i).padStart(18, '0')}`, { ...wait, plan: long, reason: '"'.repeat(1000) }),
    );
    const [first = requestOf(), ...others] = many;
    const full = card(first, ...others);
    expect(checkMessage(full)).toEqual([]);
    expect(read(full).match(/Project: p+… \(74175\)\./g)).toHaveLength(20);
  });

  it('offers to try again once all have ended, and says what was tried again already', () => {
    expect(shown(one('7', { state: 'succeeded' }), failed)).toMatch(/Try again$/);
    const url = 'https://slack.example/p1';
    const again = { ...failed, successor: { channel: 'C1', ts: '2.2', url } };
    expect(shown(one('7', { state: 'succeeded' }), again)).toMatch(
      /Tried again: <https:\/\/slack\.example\/p1\|new card>/,
    );
    expect(shown(one('7', { state: 'succeeded' }), again)).not.toMatch(/Try again$/);
  });

  it('ends with what anchors each request in the audit log', () => {
    const ended = [one('7', { state: 'succeeded', operationId: 'op-7' }), failed] as const;
    expect(closingText(ended).split('\n')).toEqual([
      '<@U1>, 2 trainings: 1 archived, 1 failed.',
      '7: Archived. Request r7, receipt 1a2b-3c4d-5e6f-7a8b, operation op-7',
      '8: Failed in Toloka. Request r8, receipt 1a2b-3c4d-5e6f-7a8b',
    ]);
  });
});

describe('the modal of several trainings', () => {
  const STATE: ModalState = {
    ...{ environment: 'production', channel: 'C1', draft: 'winter is over' },
    items: ['7', '8', '9'].map((trainingId) => ({ trainingId, retryOf: `old-${trainingId}` })),
  };
  const ready: Confirmed = { kind: 'planned', request: requestOf({ trainingId: '7' }), changes: [] };
  const blocked: Confirmed = {
    ...{ kind: 'blocked', plan: planOf({ blockers: ['not_closed'] }), changes: [] },
  };
  const open: Confirmed = {
    kind: 'already_open',
    request: requestOf({ card: { channel: 'C1', ts: '1.1', url: 'https://slack.example/p1' } }),
  };

  it('says which can be archived and why not the others, and asks for those alone', () => {
    const modal = batchModal(STATE, [ready, blocked, open], { typed: true });
    expect(read(modal)).toMatch(
      /1 of 3 trainings .*Only this one is archived\. The other 2 are left alone\./,
    );
    expect(read(modal)).toMatch(
      /\(7\): ready[\s\S]*\(8\): \*.*not closed[\s\S]*\(9\): Already in progress.*Open the card/,
    );
    expect(read(modal)).toContain('Type the number of trainings to confirm');
    expect(modal.submit?.text).toBe('Archive 1');
    const approved = batchModal(STATE, [ready, blocked, open], { typed: true, approvals: 1 });
    expect(approved.submit?.text).toBe('Ask for approval of 1');
    // Check again is about all of them.
    expect(readModalState(modal.private_metadata ?? '')?.items).toEqual([
      { trainingId: '7', requestId: 'request-1', shown: 'f', retryOf: 'old-7' },
      { trainingId: '8', retryOf: 'old-8' },
      { trainingId: '9', retryOf: 'old-9' },
    ]);
    expect(JSON.stringify(modal.blocks)).toContain('"initial_value":"winter is over"');
  });

  it('shows of each as much as the window of one: project, status, pools by name, and as of when', () => {
    const pool = {
      id: '31',
      name: 'Winter',
      status: 'OPEN',
      url: 'https://toloka.example/p',
      linkedBy: 'pool' as const,
    };
    const pools = Array.from({ length: 7 }, (_, n) => ({ ...pool, id: String(31 + n) }));
    const plan = planOf({
      trainingId: '8',
      blockers: ['not_closed', 'pools_not_archived'],
      pools,
      readAt: AT - 5_000,
    });
    const text = read(batchModal(STATE, [ready, { ...blocked, plan }, open], { typed: true }));
    expect(text).toMatch(/\(7\): ready\nProject: Signs \(74175\)/);
    expect(text).toMatch(
      /\(8\): \*.*not closed[\s\S]*7 main pools[^\n]*\n• <[^>]*\|Winter> \(31\): open[\s\S]*and 2 more\nProject: Signs/,
    );
    // That of the plan that was read first.
    expect(text).toContain(`As of <!date^${Math.floor((AT - 5_000) / 1000)}^`);
    expect(text).toContain('Notify me when the blocked ones can be archived');
    const none = read(batchModal(STATE, [open, open, open], { typed: true }));
    expect(none).not.toMatch(/As of|Notify me/);
  });

  const done: Confirmed = { kind: 'blocked', plan: planOf({ blockers: ['already_archived'] }), changes: [] };
  const changed = { ...ready, changes: [{ what: 'name', from: 'A', to: 'B' }] } satisfies Confirmed;
  const linesOf = (each: Confirmed[], from = 7) => {
    const items = each.map((_one, i) => ({ trainingId: String(from + i) }));
    const text = read(batchModal({ ...STATE, items }, each, { typed: false }));
    return text.split('\n').flatMap((line) => {
      const [, icon] = /^(:[a-z_]+:) <?[^|]*\|.* \(\d+\):/.exec(line) ?? [];
      const [, id] = / \((\d+)\): /.exec(line) ?? [];
      return icon && id ? [`${icon} ${id}`] : /^\*[^*.]+\*$/.test(line) ? [line] : [];
    });
  };

  it('lists those that can be archived first, then those that cannot, then those that need nothing', () => {
    expect(linesOf([done, blocked, ready, open, changed])).toEqual([
      // What changed is what the person has not seen yet.
      ':white_check_mark: 11',
      ':white_check_mark: 9',
      '*Can’t be archived now*',
      ':no_entry: 8',
      ':hourglass_flowing_sand: 10',
      '*Nothing left to do*',
      ':card_file_box: 7',
    ]);
    expect(linesOf([done, blocked])).toEqual([
      '*Can’t be archived now*',
      ':no_entry: 8',
      '*Nothing left to do*',
      ':card_file_box: 7',
    ]);
    const confirmed: Confirmed = { kind: 'confirmed', request: requestOf() };
    expect(linesOf([open, done, confirmed])).toEqual([
      ':hourglass_flowing_sand: 9',
      '*Can’t be archived now*',
      ':hourglass_flowing_sand: 7',
      '*Nothing left to do*',
      ':card_file_box: 8',
    ]);
  });

  it('has no headings where all are of one kind', () => {
    expect(linesOf([blocked, blocked])).toEqual([':no_entry: 7', ':no_entry: 8']);
    expect(linesOf([ready, ready])).toEqual([':white_check_mark: 7', ':white_check_mark: 8']);
  });

  it('says what changed under the training that it is about', () => {
    const text = read(batchModal(STATE, [blocked, changed, open], { typed: false }));
    expect(text).toMatch(/\(8\): ready[\s\S]*This is not what you looked at[\s\S]*\(7\): /);
  });

  it('has no Archive button when none can be, and keeps the list and the reason for when they can', () => {
    const modal = batchModal(STATE, [blocked, open, { kind: 'denied', code: 'not_yours' }], { typed: true });
    expect(read(modal)).toContain('None of the 3 trainings in :factory: production can be archived now.');
    expect(modal.submit).toBeUndefined();
    expect(readModalState(modal.private_metadata ?? '')).toEqual(STATE);
  });
});
