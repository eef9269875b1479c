import { batchModal } from '../../src/messages/batch-modal';
import { readModalState } from '../../src/messages/modal-state';
import { ALICE, BOB, type ConnectedHarness, cardsIn, connectHarness, GENERAL } from '../support/harness';
import { codesOf, holdUp } from './support';

const IDS = ['800001', '800002', '800003'] as const;

let harness: ConnectedHarness;
beforeEach(async () => {
  harness = await connectHarness({ env: { ARCHIVE_ALLOW: '*' } });
  for (const id of IDS) harness.account.addTraining({ id, project_id: '74175', status: 'CLOSED' });
});
afterEach(() => harness.close());

const posts = () => harness.account.exchanges.filter(({ method }) => method === 'POST').length;

describe('the confirmation of several trainings', () => {
  it('of which one is ready: the number that the modal asks for confirms it', async () => {
    for (const id of IDS.slice(1)) harness.account.updateTraining(id, { status: 'OPEN' });
    expect(await harness.ask(IDS.join(' '))).toContain('type 1.');
    await harness.alice.fill('Reason', 'not used any more');
    await harness.alice.fill('Type the number of trainings to confirm', '1');
    expect((await harness.alice.submit()).response_action).toBe('clear');
    await harness.settled();
    expect([posts(), cardsIn(harness).length]).toEqual([1, 1]);
  });

  it('one of which somebody else has confirmed meanwhile: recorded with the request that it was about', async () => {
    await harness.ask(IDS[0]);
    const [mine] = await harness.journal.open(1);
    expect(mine).toBeUndefined();
    const bob = harness.workspace.person(BOB);
    await bob.command(IDS[0], { channel: GENERAL });
    await harness.settled();
    await harness.confirm();
    await bob.fill('Reason', 'not used any more');
    await bob.fill('Type the training ID to confirm', IDS[0]);
    await bob.submit();
    await harness.settled();
    expect(await harness.denials()).toMatchObject([{ code: 'already_open', user: BOB, requestId: 'id-2' }]);
    expect(codesOf(await harness.denials())).toHaveLength(1);
    expect(harness.workspace.modalOf(ALICE)).toBeUndefined();
  });

  it('one of which somebody else confirms at the same moment: the window says what was confirmed and what not', async () => {
    await harness.ask(IDS.join(' '));
    const { findOpen } = harness.journal;
    // Looks before the other confirmation is written, so that only the database keeps the second one out.
    harness.journal.findOpen = async (environment, trainingId) => {
      const found = await findOpen.call(harness.journal, environment, trainingId);
      if (trainingId === IDS[2] && found === undefined) {
        harness.journal.findOpen = findOpen;
        await harness.archive(trainingId);
      }
      return found;
    };
    const screen = await harness.confirm();
    expect(screen).toContain('2 of 3 trainings');
    expect(screen).toContain('confirmed: 2 running');
    expect(screen).toMatch(/800003\): Already in progress/);
    expect(screen).not.toMatch(/None of|Nothing was changed/);
    expect([posts(), cardsIn(harness).length]).toEqual([3, 2]);
  });

  it.each([
    ['in time', false],
    ['when the window has promised a message', true],
  ])('whose card Slack refuses: said %s, and in private; nothing is sent', async (_when, isSlow) => {
    await harness.ask(IDS.join(' '));
    harness.workspace.setMember(GENERAL, 'bot', false);
    if (isSlow) holdUp(harness);
    const screen = await harness.confirm();
    for (const id of isSlow ? [] : IDS)
      expect(screen).toMatch(new RegExp(`${id}.*Not started; nothing was archived`));
    // The first one waits for the others before it says how all have ended.
    for (let ticks = 0; ticks < 10; ticks++) {
      await harness.app.worker.tick();
      harness.clock.advance(500);
    }
    const direct = harness.workspace.calls.filter(
      ({ method, args }) => method === 'chat.postMessage' && args['channel'] === ALICE,
    );
    expect(direct).toHaveLength(1);
    for (const id of IDS)
      expect(direct[0]?.args['text']).toMatch(new RegExp(`${id}.*Not started; nothing was archived`));
    expect([posts(), cardsIn(harness)]).toEqual([0, []]);
  });

  it('one of which is blocked when the answer is late: only that one is said to be', async () => {
    await harness.ask(IDS.join(' '));
    harness.account.updateTraining(IDS[1], { status: 'OPEN' });
    holdUp(harness);
    await harness.confirm();
    const [message = ''] = harness.workspace.ephemerals(ALICE).map(({ text }) => text);
    expect(message.split('\n')).toEqual([
      // In the order of the window.
      expect.stringContaining(`${IDS[0]} in production:* It can still be archived`),
      expect.stringContaining(`${IDS[2]} in production:* It can still be archived`),
      expect.stringContaining(`${IDS[1]} in production:* Something blocks archiving now`),
    ]);
    expect(posts()).toBe(0);
  });

  it('delivered twice: the window of the second says what the first has done', async () => {
    await harness.ask(IDS.join(' '));
    const { private_metadata } = harness.alice.modal() ?? {};
    const { items = [] } = readModalState(private_metadata ?? '') ?? {};
    await harness.confirm();
    const shown = items.map(({ requestId = '', shown: fingerprint = '' }) => ({ requestId, fingerprint }));
    const { done, ...answer } = await harness.service.confirm(harness.actor, shown, 'not used any more');
    await done;
    const state = { channel: GENERAL, environment: 'production', items };
    const each = answer.kind === 'answers' ? answer.each : [];
    const window = JSON.stringify(batchModal(state, each, { typed: true }));
    expect(window).toContain('3 of 3 trainings in :factory: production confirmed: 3 running');
    expect(window).toMatch(/800002\): This request was already confirmed.* \*Toloka is archiving/);
    expect(window).not.toMatch(/None of|Nothing was changed/);
  });

  it('of which an earlier delivery had confirmed one when its process was killed: the others can be archived', async () => {
    await harness.ask(IDS.join(' '));
    const { items: [item] = [] } = readModalState(harness.alice.modal()?.private_metadata ?? '') ?? {};
    const shown = { requestId: item?.requestId ?? '', fingerprint: item?.shown ?? '' };
    await (await harness.service.confirm(harness.actor, [shown], 'not used any more')).done;
    const screen = await harness.confirm();
    expect(screen).toMatch(
      /1 of 3 trainings.* confirmed: 1 running[\s\S]*2 of 3 trainings.* can be archived/,
    );
    expect(screen).toContain('[Archive 2]');
    expect(screen).not.toContain('left alone');
    await harness.confirm();
    expect(harness.workspace.modalOf(ALICE)).toBeUndefined();
    expect([posts(), cardsIn(harness).length]).toEqual([3, 2]);
  });
});
