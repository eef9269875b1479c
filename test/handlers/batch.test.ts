import { checkMessage } from '../../fakes/slack';
import { ALICE, type ConnectedHarness, connectHarness, GENERAL, GROUP } from '../support/harness';
import { codesOf } from './support';

let harness: ConnectedHarness;
beforeEach(async () => {
  harness = await connectHarness({ archiveMs: 10_000 });
});
afterEach(() => harness.close());

const closed = (...ids: string[]) => {
  for (const id of ids) harness.account.addTraining({ id, project_id: '74175', status: 'CLOSED' });
  return ids.join(' ');
};
const cards = () => harness.workspace.messages(GENERAL).filter(({ fromApp }) => fromApp);
const card = () => JSON.stringify(cards()[0]?.blocks);
const titles = () =>
  harness.workspace.calls
    .filter(({ method }) => method === 'views.open' || method === 'views.update')
    .map(({ args }) => JSON.parse(String(args['view'])).title.text);
const posts = (id: string) => harness.account.posts(id).arrived;

async function archive(text: string, typed: string): Promise<void> {
  await harness.ask(text);
  await harness.alice.fill('reason', 'clean-up');
  await harness.alice.fill('typed', typed);
  await harness.alice.submit();
}

/** Works until nothing is open and nothing is due. */
async function settleAll(): Promise<void> {
  await harness.settled();
  for (let ticks = 0; ticks < 100; ticks++) {
    await harness.app.worker.tick();
    harness.clock.advance(500);
  }
  expect(await harness.journal.open(50)).toEqual([]);
}

describe('several trainings at once', () => {
  it('are shown in one modal, archived under one card, and each has its own record', async () => {
    const ids = ['800001', '800002', '800003'];
    await harness.ask(closed(...ids));
    expect(harness.screen()).toContain('3 of 3 trainings');
    await harness.alice.fill('reason', 'clean-up');
    await harness.alice.fill('typed', '2');
    expect((await harness.alice.submit()).errors).toEqual({
      typed: expect.stringContaining('Type 3 to confirm'),
    });
    await harness.alice.fill('typed', '3');
    await harness.alice.submit();
    expect(harness.workspace.modalOf(ALICE)).toBeUndefined();
    expect(cards()).toHaveLength(1);
    await settleAll();
    expect(cards()).toHaveLength(1);
    expect(card()).toContain('*3 trainings*  ·  3 archived');
    for (const id of ids) {
      expect(card()).toContain(`(${id}): Archived`);
      expect(posts(id)).toBe(1);
      expect(await harness.journal.history('production', id, 5)).toMatchObject([
        { state: 'succeeded', reason: 'clean-up', requester: ALICE },
      ]);
    }
    for (const id of ids) expect(await harness.ask(`status ${id}`)).toContain('Open the card');
    const replies = cards()[0]?.replies ?? [];
    const thread = replies.map(({ text }) => text).join('\n');
    const names = ids.map((id) => `Simple training pool \\(${id}\\)`).join(', ');
    expect(thread).toMatch(new RegExp(`asked to archive 3 trainings in :factory: production: ${names}\\.`));
    expect(thread.match(/Sending the first archive request to Toloka\. Each is sent once\./g)).toHaveLength(
      1,
    );
    const closing = replies.filter(({ text }) => text.includes('3 archived'));
    expect(closing).toHaveLength(1);
    for (const id of ids) expect(closing[0]?.text).toContain(id);
    expect(closing[0]?.text).toContain(`<@${ALICE}>`);
  });

  it('of which some are not ready: only the others are archived, and it says so', async () => {
    closed('800001', '800002');
    harness.account.updateTraining('800002', { status: 'OPEN' });
    await harness.ask('800001 800002 800009');
    expect(harness.screen()).toContain('1 of 3 trainings');
    expect(harness.screen()).toContain('Only this one is archived. The other 2 are left alone.');
    expect(harness.screen()).toContain('is not closed');
    await harness.alice.fill('reason', 'clean-up');
    await harness.alice.fill('typed', '1');
    await harness.alice.submit();
    await settleAll();
    expect([posts('800001'), posts('800002'), posts('800009')]).toEqual([1, 0, 0]);
  });

  it('none of which is ready have no Archive button', async () => {
    closed('800001', '800002');
    for (const id of ['800001', '800002']) harness.account.updateTraining(id, { status: 'OPEN' });
    await harness.ask('800001 800002');
    expect(harness.screen()).toContain('None of the 2 trainings');
    // All windows of the same trainings have one title.
    expect(titles()).toEqual(['Archive trainings', 'Archive trainings']);
    await harness.alice.close();
    await harness.ask('800001');
    expect(titles().slice(2)).toEqual(['Archive a training', 'Archive a training']);
    await expect(harness.alice.submit()).rejects.toThrow('no submit button');
  });

  it.each(['800001', '800002'])('go on when %s fails, which can be tried again', async (failing) => {
    const conflict = { kind: 'status', status: 409, code: 'CONFLICT_STATE' } as const;
    harness.account.faults.add({ method: 'POST', trainingId: failing, fault: conflict });
    await archive(closed('800001', '800002', '800003'), '3');
    await settleAll();
    expect(card()).toContain('2 archived, 1 failed');
    expect(card()).toContain(`(${failing}): Refused by Toloka`);
    await harness.alice.click('Try again', { channel: GENERAL });
    await harness.workspace.waitFor(() => harness.screen().includes('cannot be undone'));
    await harness.alice.fill('reason', 'again');
    await harness.alice.fill('typed', failing);
    await harness.alice.submit();
    await settleAll();
    expect(cards()).toHaveLength(2);
    expect(card()).toContain('Tried again:');
    expect(card()).not.toContain('archive_retry');
    expect(await harness.journal.history('production', failing, 5)).toMatchObject([
      { state: 'succeeded' },
      { state: 'refused' },
    ]);
  });

  it('one of which changed since: nothing is archived, and the plans are shown again', async () => {
    await harness.ask(closed('800001', '800002'));
    await harness.alice.fill('reason', 'clean-up');
    await harness.alice.fill('typed', '2');
    harness.account.updateTraining('800002', { status: 'OPEN' });
    await harness.alice.submit();
    expect(harness.screen()).toContain('1 of 2 trainings');
    expect(cards()).toEqual([]);
    await harness.alice.fill('typed', '1');
    await harness.alice.submit();
    await settleAll();
    expect([posts('800001'), posts('800002')]).toEqual([1, 0]);
  });

  it('are at most 20, without duplicates, and of one environment', async () => {
    const many = Array.from({ length: 21 }, (_, n) => String(810_000 + n));
    const links =
      'https://platform.toloka.ai/requester/project/1/training/5 https://sandbox.toloka.dev/training/6';
    for (const text of [many.join(' '), '1 2 1', links])
      await harness.alice.command(text, { channel: GENERAL });
    expect(codesOf(await harness.denials()).sort()).toEqual([
      'duplicate_id',
      'environment_conflict',
      'too_many',
    ]);
  });

  it('read what is around them once for all of a project', async () => {
    await harness.ask(closed(...Array.from({ length: 20 }, (_, n) => String(820_000 + n))));
    const paths = harness.account.exchanges.map(({ path }) => path);
    expect(paths.filter((path) => path.startsWith('/api/v1/projects/'))).toHaveLength(1);
    expect(paths.filter((path) => path === '/api/v1/pools')).toHaveLength(3);
    expect(paths.filter((path) => path.startsWith('/api/v1/trainings/'))).toHaveLength(20);
  });

  it('20 with the longest names stay within Slack’s limits, in the modal, on the card and in the thread', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => String(1_000_000_000_000_000_000n + BigInt(n)));
    for (const id of ids)
      harness.account.addTraining({
        id,
        project_id: '74175',
        status: 'CLOSED',
        private_name: '&<>'.repeat(200),
      });
    harness.account.faults.add({
      method: 'POST',
      times: 10,
      fault: { kind: 'status', status: 409, code: 'CONFLICT_STATE', message: '<'.repeat(900) },
    });
    await archive(ids.join(', '), '20');
    await settleAll();
    const [message] = cards();
    expect(checkMessage(message as never)).toEqual([]);
    expect(card()).toContain('10 archived, 10 failed');
    for (const reply of message?.replies ?? []) expect(reply.text.length).toBeLessThan(4_000);
  });

  describe('some of which are blocked: one button waits for those that may be archived later', () => {
    const NOTIFY = 'Notify me when the blocked ones can be archived';
    const notify = async () => {
      await harness.alice.click(NOTIFY, { view: 'modal' });
      return harness.settled();
    };
    const watched = async () =>
      (await harness.service.watches(harness.actor)).map(({ trainingId, name }) => [trainingId, name]);
    beforeEach(() => {
      closed('800001', '800002', '800003');
      for (const id of ['800002', '800003'])
        harness.account.updateTraining(id, { status: 'OPEN', private_name: `Signs ${id}` });
    });

    it('asks Slack once who may archive', async () => {
      await harness.close();
      harness = await connectHarness({ env: { ARCHIVE_ALLOW: GROUP } });
      closed('800002', '800003');
      for (const id of ['800002', '800003']) harness.account.updateTraining(id, { status: 'OPEN' });
      await harness.ask('800002 800003');
      const lookups = () =>
        harness.workspace.calls.filter(({ method }) => method === 'usergroups.users.list').length;
      const before = lookups();
      await notify();
      expect([(await watched()).length, lookups() - before]).toEqual([2, 1]);
    });

    it('says that no message comes only about those that the person does not wait for', async () => {
      const { watch } = harness.service;
      const waits = (trainingId: string) => watch(harness.actor, 'production', [{ trainingId, name: null }]);
      for (let id = 1; id <= 17; id++) await waits(`${id}`);
      for (const id of ['800001', '800002', '800003']) await waits(id);
      closed('800004');
      harness.account.updateTraining('800001', { status: 'ARCHIVED' });
      harness.account.updateTraining('800004', { status: 'OPEN' });
      // There is no room for the third one. The last one is not tried any more, but waited for since before.
      await harness.ask('800001 800002 800004 800003');
      const screen = await notify();
      expect(screen).toMatch(/already waiting for 20 trainings/);
      expect(screen).toContain('You won’t get a message about 800004.');
      expect(await watched()).toHaveLength(20);
    });

    it('and the plan that is ready stays, with what was typed', async () => {
      await harness.ask('800001 800002 800003 800009');
      await harness.alice.fill('reason', 'clean-up');
      const screen = await notify();
      expect(screen).toMatch(
        /for each of these 2 trainings in production when it can be archived:.* Signs 800002 \(800002\), Signs 800003 \(800003\)\./,
      );
      expect(screen).not.toContain(NOTIFY);
      expect(await watched()).toEqual([
        ['800002', 'Signs 800002'],
        ['800003', 'Signs 800003'],
      ]);
      expect(screen).toContain('You won’t get a message about 800009.');
      expect(screen).toContain('To cancel one, type `/toloka-archive list` and click Stop.');
      await harness.alice.fill('typed', '1');
      expect((await harness.alice.submit()).response_action).toBe('clear');
      await settleAll();
      expect(posts('800001')).toBe(1);
      expect(await harness.journal.history('production', '800001', 1)).toMatchObject([
        { reason: 'clean-up' },
      ]);
    });

    it('and when none is ready, the window says so, also why not about more', async () => {
      const others = Array.from({ length: 19 }, (_, n) => ({ trainingId: String(1000 + n), name: null }));
      await harness.service.watch(harness.actor, 'production', others);
      await harness.ask('800002 800003');
      const screen = await notify();
      expect(screen).toContain('when training Signs 800002 (800002 in production) can be archived');
      expect(screen).toContain('You are already waiting for 20 trainings');
      expect(screen).toContain('You won’t get a message about 800003.');
      expect(await watched()).toHaveLength(20);
      expect(codesOf(await harness.denials())[0]).toBe('too_many_watches');
    });

    it('and the trainings that it does not wait for are named, where the window says why', async () => {
      closed('800004');
      harness.account.updateTraining('800004', { status: 'ARCHIVED' });
      await harness.ask('800002 800004 800009');
      const screen = await notify();
      expect(screen).toContain('You won’t get a message about 800004, 800009.');
      expect(screen).toMatch(
        /\(800004\): \*The training is already archived|800009: \*Toloka has no training/,
      );
      expect(screen).toContain('/toloka-archive list');
      expect(await watched()).toHaveLength(1);
    });
  });

  it('of which one changed: what the confirmation brings back is in the order of the first window', async () => {
    await harness.ask(closed('800001', '800002', '800003'));
    harness.account.updateTraining('800001', { status: 'ARCHIVED' });
    harness.account.updateTraining('800002', { status: 'OPEN' });
    await harness.alice.fill('reason', 'clean-up');
    await harness.alice.fill('typed', '3');
    await harness.alice.submit();
    const screen = harness.screen();
    expect(screen).toMatch(
      /1 of 3[\s\S]*\(800003\): ready[\s\S]*Can’t be archived now[\s\S]*\(800002\): [\s\S]*Nothing left to do[\s\S]*\(800001\): /,
    );
  });

  it('closing the modal cancels all of them', async () => {
    await harness.ask(closed('800001', '800002'));
    await harness.alice.close();
    await harness.workspace.waitFor(() => harness.screen().includes('Cancelled.'));
    expect(harness.screen()).toContain('2 trainings in production were not archived');
  });
});
