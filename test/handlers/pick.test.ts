import { DEMO_TRAININGS } from '../../fakes/toloka';
import { pickEnvironmentHandler } from '../../src/handlers/pick';
import { writeModalState } from '../../src/messages/modal-state';
import { choiceOptions } from '../../src/messages/picker';
import { ALICE, BOB, type ConnectedHarness, connectHarness, GENERAL } from '../support/harness';
import { clickBody, codesOf, createDesk } from './support';

const LABEL = 'Closed trainings in production';

let harness: ConnectedHarness;
afterEach(() => harness.close());

async function start(env: Record<string, string> = {}, options: object = {}): Promise<void> {
  harness = await connectHarness({ env, ...options });
}

const title = () => harness.workspace.modalOf(ALICE)?.title?.text;
const openPicker = async (text = '') => {
  await harness.alice.command(text, { channel: GENERAL });
  await harness.workspace.waitFor(() => title() === 'Archive trainings');
};
const closed = (id: string, more: object = {}) =>
  harness.account.addTraining({ id, project_id: '74175', status: 'CLOSED', ...more });

describe('the picker', () => {
  it('is opened by the command alone, finds by name and ID, newest first, and leads to the plan', async () => {
    await start();
    closed('800001', { private_name: 'Shop windows, spring' });
    closed('800002', { private_name: 'Shop windows, <!channel>' });
    closed('800003', { private_name: 'Shop windows, open', status: 'OPEN' });
    await openPicker();
    const { options, problems } = await harness.alice.suggest(LABEL, 'shop WIND');
    expect(problems).toEqual([]);
    expect(options.map(({ value }) => value)).toEqual(['800002', '800001']);
    expect(options[0]?.text.text).toBe('Shop windows, <!channel> (800002)');
    expect((await harness.alice.suggest(LABEL, '80000')).options.map(({ value }) => value)).toEqual([
      '800002',
      '800001',
    ]);
    await harness.alice.suggest(LABEL, 'spring');
    await harness.alice.fill(LABEL, ['800001']);
    await harness.alice.submit();
    await harness.workspace.waitFor(() => harness.screen().includes('cannot be undone'));
    expect(harness.screen()).toContain('Shop windows, spring');
  });

  it('leads to one modal for several trainings, and says which are ready', async () => {
    await start();
    closed('800001');
    closed('800002');
    await openPicker();
    await harness.alice.suggest(LABEL, '80000');
    await harness.alice.fill(LABEL, ['800001', '800002']);
    harness.account.updateTraining('800002', { status: 'OPEN' });
    await harness.alice.submit();
    await harness.workspace.waitFor(() => harness.screen().includes('can be archived'));
    expect(harness.screen()).toContain('1 of 2 trainings');
  });

  it('by the shortcut it asks for the channel, in which the card appears', async () => {
    await start({ CONFIRM_BY_TYPING: 'never' });
    await harness.alice.shortcut('archive_pick');
    await harness.workspace.waitFor(() => title() === 'Archive trainings');
    await harness.alice.suggest(LABEL, DEMO_TRAININGS.ready.id);
    await harness.alice.fill(LABEL, [DEMO_TRAININGS.ready.id]);
    await harness.alice.fill('Channel', GENERAL);
    await harness.alice.submit();
    await harness.workspace.waitFor(() => harness.screen().includes('cannot be undone'));
    await harness.alice.fill('reason', 'done with it');
    await harness.alice.submit();
    await harness.workspace.waitFor(() => harness.workspace.messages(GENERAL).length === 1);
  });

  it('says when there are more than it shows', async () => {
    await start();
    for (let n = 0; n < 120; n++) closed(String(810_000 + n));
    await openPicker();
    const { options } = await harness.alice.suggest(LABEL, '81');
    expect(options).toHaveLength(100);
    const choices = options.map(({ value = '' }) => ({ trainingId: value, name: 'n', project: 'p' }));
    const headings = [100, 120, null].map((matches) => JSON.stringify(choiceOptions({ choices, matches })));
    expect(headings[0]).toContain('100 closed trainings, newest first');
    expect(headings[1]).toContain('Newest 100 of 120. Type more to find others.');
    expect(headings[2]).toContain('Newest 100. Type more to find others.');
  });

  it('finds an older one by its whole ID', async () => {
    await start();
    closed('5');
    for (let n = 0; n < 1_250; n++) closed(String(810_000 + n));
    await openPicker();
    expect((await harness.alice.suggest(LABEL, '5')).options[0]).toMatchObject({ value: '5' });
  });

  it('lists an account once for many keys, and again after half a minute', async () => {
    await start();
    await openPicker();
    const lists = () => harness.account.exchanges.filter(({ path }) => path === '/api/v1/trainings').length;
    for (const query of ['s', 'st', 'str']) await harness.alice.suggest(LABEL, query);
    expect(lists()).toBe(1);
    closed('800009');
    harness.clock.advance(30_001);
    const found = await harness.alice.suggest(LABEL, '800009');
    expect(found.options.map(({ value }) => value)).toEqual(['800009']);
    expect(lists()).toBe(2);
  });

  it('says so when Toloka does not answer, and denies what was not offered', async () => {
    await start();
    harness.account.faults.add({ path: '/trainings', times: 50, fault: { kind: 'status', status: 503 } });
    await openPicker();
    const { options } = await harness.alice.suggest(LABEL, 's');
    expect(options).toMatchObject([{ value: '-' }]);
    await harness.alice.fill(LABEL, ['-']);
    const { errors } = await harness.alice.submit();
    expect(Object.values(errors ?? {})).toEqual(['Choose trainings from the list.']);
    expect(codesOf(await harness.denials())).toEqual(['choice_wrong']);
  });

  it('shows nothing to somebody without the right, and records it', async () => {
    await start({ ARCHIVE_ALLOW: BOB });
    await openPicker();
    await harness.workspace.waitFor(() => harness.screen().includes('permission'));
    expect(codesOf(await harness.denials())).toEqual(['not_allowed']);
    // Not even the trainings are listed ahead of a search.
    expect(harness.account.exchanges).toEqual([]);
  });

  it('shows the trainings of another environment when that is chosen', async () => {
    await start({ TOLOKA_SANDBOX_TOKEN: 'x'.repeat(20), TOLOKA_OTHER_API_URL: 'http://127.0.0.1:9/api' });
    await openPicker();
    await harness.alice.fill('Environment', 'sandbox');
    await harness.workspace.waitFor(() => harness.screen().includes('Closed trainings in sandbox'));
  });

  it('shows the trainings of no other environment to somebody who lost the right meanwhile', async () => {
    await start({ TOLOKA_SANDBOX_TOKEN: 'x'.repeat(20), TOLOKA_OTHER_API_URL: 'http://127.0.0.1:9/api' });
    await openPicker();
    const { user, team, channel } = harness.actor;
    await harness.journal.setPause({ kind: 'paused', user, team, channel, reason: 'r', at: 1 });
    await harness.alice.fill('Environment', 'sandbox');
    await harness.workspace.waitFor(() => harness.screen().includes('Archiving is paused'));
    expect(codesOf(await harness.denials())).toEqual(['paused']);
    expect(harness.log.join()).not.toContain('trainings not listed');
  });
});

describe('a choice of environment', () => {
  const STATE = writeModalState({ channel: GENERAL, environment: 'production', items: [] });

  it.each([
    [STATE, 'moon'],
    [STATE, undefined],
    ['{', 'production'],
  ])('with the state %s and the value %j is denied as stale', async (private_metadata, value) => {
    const desk = await createDesk();
    harness = desk.harness as ConnectedHarness;
    await pickEnvironmentHandler(desk.deps)({
      ack: desk.ack as never,
      body: {
        ...{ ...clickBody(), view: { id: 'V1', hash: 'h', private_metadata } },
        actions: [{ selected_option: { value } }],
      } as never,
    });
    expect(codesOf(await harness.denials())).toEqual(['stale_click']);
    expect(desk.notices).toMatchObject([{ user: ALICE, text: expect.stringMatching(/older version/) }]);
    expect(harness.account.exchanges).toEqual([]);
  });
});
