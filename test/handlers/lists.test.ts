import { DEMO_TRAININGS } from '../../fakes/toloka';
import { ALICE, BOB, type ConnectedHarness, connectHarness, GENERAL, GROUP } from '../support/harness';
import { codesOf } from './support';

let harness: ConnectedHarness;
afterEach(() => harness.close());

const READY = DEMO_TRAININGS.ready.id;

/** What a person gets in private for a command. */
async function replyTo(text: string, user = ALICE): Promise<string> {
  const { workspace } = harness;
  const before = workspace.ephemerals(user).length;
  await workspace.person(user).command(text, { channel: GENERAL });
  await workspace.waitFor(() => workspace.ephemerals(user).length > before);
  return JSON.stringify(workspace.ephemerals(user).at(-1));
}

describe('list, status, history, check and help', () => {
  it('show what is open, what was asked for, and how it ended, with links to the cards', async () => {
    harness = await connectHarness({ env: { ARCHIVE_ALLOW: '*' } });
    expect(await replyTo('list')).toContain('No requests yet.');
    const { id } = await harness.archive(READY);
    const open = await replyTo('list');
    expect(open).toContain(`(${READY} in production)`);
    await harness.settle(id);
    const list = await replyTo('list');
    expect(list).toContain('No requests in progress.');
    expect(list).toContain(':white_check_mark:');
    expect(list).toContain('Open the card');
    expect(await replyTo(`status ${READY}`)).toContain('Reason: no longer used');
    const history = await replyTo(`history ${READY}`, BOB);
    for (const part of [`<@${ALICE}>`, 'Archived', 'Receipt', 'Ended']) expect(history).toContain(part);
    expect(await replyTo(`history ${DEMO_TRAININGS.open.id}`)).toContain('Nobody has asked');
  });

  it('check shows the plan and asks for nothing', async () => {
    harness = await connectHarness();
    expect(await replyTo(`check ${READY}`)).toContain('Ready');
    expect(await replyTo(`check ${DEMO_TRAININGS.open.id}`)).toContain('is not closed');
    expect(await replyTo(`check ${READY} sandbox`)).toContain('no Toloka token');
    expect(await harness.journal.confirmedBy(ALICE, 5)).toEqual([]);
    expect(await harness.journal.open(5)).toEqual([]);
  });

  it('help shows only what the person can do here, and whom to ask', async () => {
    harness = await connectHarness({ env: { ARCHIVE_ALLOW: ALICE, ADMIN_ALLOW: 'U09ADMIN' } });
    const alice = await replyTo('help');
    expect(alice).toContain('/toloka-archive 123456 sandbox');
    expect(alice).not.toContain('pause');
    expect(alice).toContain('<@U09ADMIN>');
    const bob = await replyTo('help', BOB);
    expect(bob).toContain('You can’t archive here.');
    expect(bob).not.toContain('123456 sandbox');
  });

  it('a mistyped command gets the same help', async () => {
    harness = await connectHarness({ env: { ARCHIVE_ALLOW: ALICE, ADMIN_ALLOW: BOB } });
    const alice = await replyTo('archive it');
    expect(alice).toContain('/toloka-archive 123456 sandbox');
    expect(alice).not.toContain('/toloka-archive resume');
    const bob = await replyTo('archive it', BOB);
    expect(bob).toContain('/toloka-archive resume');
    expect(bob).not.toContain('123456 sandbox');
    expect(codesOf(await harness.denials())).toEqual(['unknown_command', 'unknown_command']);
  });

  it.each([
    ['lits', 'list'],
    ['Histroy 123', 'history 123'],
    ['chekc <!channel> `x`', 'check &lt;!channel&gt; ’x’'],
    ['hepl', 'help'],
    ['Archive 123456, 7 sandbox', '123456, 7 sandbox'],
    // Only for those who can use it.
    ['puase a migration', null],
    ['resumee', null],
    // Not close, or to no command.
    ['archive <!channel>', null],
    ['sandbx', null],
    ['link 123456', null],
    ['x\u200By', null],
  ])('%j suggests the command that was perhaps meant: %s', async (typed, meant) => {
    harness = await connectHarness({ env: { ARCHIVE_ALLOW: ALICE, ADMIN_ALLOW: BOB } });
    const reply = await replyTo(typed);
    expect(/Did you mean `\/toloka-archive (.*)`\?/.exec(reply)?.[1] ?? null).toBe(meant);
    expect(codesOf(await harness.denials())).toEqual(['unknown_command']);
  });

  it('a mistyped pause or resume is suggested to those who can use it', async () => {
    harness = await connectHarness({ env: { ARCHIVE_ALLOW: ALICE, ADMIN_ALLOW: BOB } });
    expect(await replyTo('puase a migration', BOB)).toContain(
      'Did you mean `/toloka-archive pause a migration`?',
    );
    expect(await replyTo('archive 123456', BOB)).not.toContain('Did you mean');
    expect(await replyTo('resumme', BOB)).toContain('Did you mean `/toloka-archive resume`?');
    expect(await replyTo('histroy 123', BOB)).toContain('`/toloka-archive history 123`?');
  });

  it('a suggestion is not lost in the whole help', async () => {
    harness = await connectHarness({ env: { ARCHIVE_ALLOW: ALICE } });
    const reply = await replyTo('statsu 123');
    expect(reply).not.toContain('/toloka-archive list');
    expect(reply).toContain('`/toloka-archive help` shows what you can do here');
  });

  it.each([
    [`${READY} sandbx`, `${READY} sandbox`],
    [`${READY} Prodution`, `${READY} production`],
    [`${READY} prod`, `${READY} production`],
    [`${READY} fast`, null],
    [`${READY} s`, null],
    [`${READY} sandbx now`, null],
  ])('%j suggests the environment that was perhaps meant: %s', async (typed, meant) => {
    harness = await connectHarness();
    const reply = await replyTo(typed);
    expect(/Did you mean `\/toloka-archive (.*)`\?/.exec(reply)?.[1] ?? null).toBe(meant);
    expect(codesOf(await harness.denials())).toEqual(['bad_environment']);
  });

  it('while Slack does not answer, say that rights could not be checked, and deny so', async () => {
    harness = await connectHarness({ env: { ARCHIVE_ALLOW: GROUP, ADMIN_ALLOW: BOB } });
    const { faults } = harness.workspace;
    faults.add({ kind: 'error', method: 'usergroups.users.list', error: 'internal_error', times: 9 });
    const help = await replyTo('help');
    expect(help).toContain('Slack did not answer, so your permissions could not be fully checked.');
    expect(await replyTo('help', BOB)).toMatch(/you can pause and resume archiving\. Slack did not answer/);
    expect(await replyTo(`check ${READY}`)).toContain('Slack did not say who can archive');
    expect(codesOf(await harness.denials())).toEqual(['access_unknown']);
  });

  it('show nobody without a right what others do, and record that', async () => {
    harness = await connectHarness({ env: { ARCHIVE_ALLOW: GROUP } });
    await harness.archive(READY);
    expect(await replyTo('list', BOB)).not.toContain(READY);
    expect(await replyTo(`history ${READY}`, BOB)).toContain('permission');
    expect(await replyTo(`check ${READY}`, BOB)).toContain('permission');
    expect(codesOf(await harness.denials())).toEqual(['not_allowed', 'not_allowed']);
  });

  it('names that look like mentions ping nobody', async () => {
    harness = await connectHarness();
    harness.account.updateTraining(READY, { private_name: '<!channel> <@U02BOB> *x*' });
    await harness.settle((await harness.archive(READY)).id);
    for (const command of ['list', `history ${READY}`, `check ${READY}`]) {
      const reply = await replyTo(command);
      expect(reply).not.toContain('<!channel>');
      expect(reply).not.toContain('<@U02BOB>');
    }
  });
});

it('list shows what the person wants to be notified about, and stops it', async () => {
  harness = await connectHarness();
  await harness.ask(DEMO_TRAININGS.open.id);
  await harness.alice.click('Notify me when it can be archived', { view: 'modal' });
  await harness.settled();
  await harness.alice.close();
  const list = await replyTo('list');
  expect(list).toContain('You get a message when these can be archived');
  expect(list).toContain(`Street signs, newcomers (${DEMO_TRAININGS.open.id} in production)`);
  await harness.alice.click('Stop');
  await harness.workspace.waitFor(() => harness.screen().includes('Stopped.'));
  expect(await replyTo('list')).not.toContain('You get a message when');
});

describe('the Home tab', () => {
  const home = () => JSON.stringify(harness.workspace.home(ALICE) ?? '');

  it('shows what the person can do, and follows what happens while it is open', async () => {
    harness = await connectHarness();
    await harness.alice.openHome();
    await harness.workspace.waitFor(() => home().includes('"Archive trainings"'));
    expect(home()).toContain('No requests in progress.');
    const { id } = await harness.archive(READY);
    await harness.app.homes.lookAgain();
    expect(home()).toContain(READY);
    await harness.settle(id);
    await harness.app.homes.lookAgain();
    expect(home()).toContain('No requests in progress.');
    expect(home()).toContain(':white_check_mark:');
    const published = () => harness.workspace.calls.filter(({ method }) => method === 'views.publish').length;
    const before = published();
    await harness.app.homes.lookAgain();
    expect(published()).toBe(before);
  });

  it('opens the picker, which asks for a channel', async () => {
    harness = await connectHarness();
    await harness.alice.openHome();
    await harness.workspace.waitFor(() => home().includes('"Archive trainings"'));
    await harness.alice.click('Archive trainings', { view: 'home' });
    await harness.workspace.waitFor(() => harness.screen().includes('Channel'));
  });

  it('offers no button to somebody who may not archive', async () => {
    harness = await connectHarness({ env: { ARCHIVE_ALLOW: BOB } });
    await harness.alice.openHome();
    await harness.workspace.waitFor(() => home().includes('can’t archive'));
    expect(home()).not.toContain('Archive trainings"');
  });

  it('says so when Slack did not say whether the person may archive', async () => {
    harness = await connectHarness({ env: { ARCHIVE_ALLOW: GROUP } });
    const { faults } = harness.workspace;
    faults.add({ kind: 'error', method: 'usergroups.users.list', error: 'internal_error', times: 1 });
    await harness.alice.openHome();
    await harness.workspace.waitFor(() => home().includes('could not be fully checked'));
    expect(home()).not.toContain('can’t archive');
    await harness.app.homes.lookAgain();
    expect(home()).toContain('Here you can archive.');
  });

  it('is no longer updated an hour after it was opened', async () => {
    harness = await connectHarness();
    await harness.alice.openHome();
    await harness.workspace.waitFor(() => home().includes('"Archive trainings"'));
    harness.clock.advance(3_600_001);
    await harness.archive(READY);
    await harness.app.homes.lookAgain();
    expect(home()).not.toContain(READY);
  });
});
