import { DEMO_TRAININGS } from '../../fakes/toloka';
import { APPROVERS, type Approvals, CAROL, connectApprovals, DAVE, EVE } from '../support/approvals';
import { freePort } from '../support/free-port';
import { ALICE, BOB, cardsIn, GENERAL, TOKENS, textOf } from '../support/harness';
import { codesOf } from './support';

const { ready } = DEMO_TRAININGS;

let team: Approvals;
afterEach(() => team.close());

const denied = async () => codesOf(await team.denials()).reverse();
const state = async () => (await team.requests())[0]?.state;
const approvers = async () => (await team.requests())[0]?.approval?.given.map(({ user }) => user);
const card = () => cardsIn(team).at(-1);
/** The card's button as it was before the app could write the card again. */
const clickAtOnce = (user: string, button: string) =>
  team.workspace.person(user).click(button, { message: card()?.ts ?? '' });

describe.each(['Socket Mode', 'HTTP'])('a request that needs two approvals, over %s', (mode) => {
  async function start(env: Record<string, string> = {}) {
    const port = mode === 'HTTP' ? await freePort() : 0;
    const http = { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: TOKENS.signing, PORT: String(port) };
    team = await connectApprovals({ APPROVALS_PRODUCTION: '2', ...env, ...(port > 0 && http) });
    if (port > 0) team.workspace.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
  }

  it('is sent once two other people have approved it', async () => {
    await start();
    expect(await team.ask(ready.id)).toContain('Needs 2 approvals.* After you confirm, 2 other people');
    await team.alice.close();
    await team.request(ready.id);
    expect(team.card()).toContain('*Needs 2 approvals* from @bob, @carol. Open until ');
    await team.click(team.bob, 'Approve');
    expect(team.card()).toContain('Approved by @bob. *Needs 1 more* from @carol.');
    expect([await state(), team.posts()]).toEqual(['awaiting_approval', 0]);
    await team.click(team.carol, 'Approve');
    expect([await state(), team.posts()]).toEqual(['succeeded', 1]);
    expect(team.card()).toMatch(/\*Archived\*[\s\S]*Approved by @bob, @carol/);
    expect(team.card()).not.toContain('[Approve]');
    expect(team.thread()).toMatch(/@bob approved\.[\s\S]*@carol approved\. No more approvals are needed\./);
    // The card was reply enough.
    expect([team.seenBy(team.bob), team.seenBy(team.carol)]).toEqual(['', '']);
  });

  it('is declined with a reason, which the card, the thread and the record show', async () => {
    await start();
    await team.request(ready.id);
    await team.click(team.bob, 'Approve');
    await clickAtOnce(CAROL, 'Decline');
    await team.settled();
    expect(team.seenBy(team.carol)).toMatch(/Street signs, training 1.* \(123456\) in .*requested by @alice/);
    await team.carol.fill('Reason', ' ');
    expect((await team.carol.submit({ force: true })).errors).toMatchObject({ reason: /Give a reason/ });
    await team.carol.fill('Reason', 'still <!here> *used*');
    expect((await team.carol.submit()).response_action).toBe('clear');
    await team.settled();
    await team.later();
    expect(team.card()).toMatch(/\*Declined\*[\s\S]*Declined by @carol\nReason for declining: still <!here>/);
    expect(team.thread()).toMatch(/@carol declined: still [\s\S]*\n@alice, your request was declined\./);
    expect(textOf(card()?.replies)).not.toContain('<!here>');
    expect(team.card()).not.toMatch(/\[(Approve|Try again)\]/);
    const [request] = await team.requests();
    expect(request).toMatchObject({
      state: 'declined',
      approval: { declined: { user: CAROL, reason: 'still <!here> *used*' }, given: [{ user: BOB }] },
    });
    expect([team.posts(), await denied()]).toEqual([0, ['reason_wrong']]);
  });

  it('is withdrawn by the person who asked, and by nobody else', async () => {
    await start();
    await team.request(ready.id);
    await team.click(team.bob, 'Withdraw');
    expect(team.seenBy(team.bob)).toContain('Only the person who asked can withdraw this request.');
    await team.click(team.alice, 'Withdraw');
    expect(team.card()).toContain('*Cancelled*');
    expect(team.card()).not.toContain('[Approve]');
    expect(team.thread()).toContain('@alice withdrew the request.');
    expect([await state(), team.posts(), await denied()]).toEqual(['cancelled', 0, ['not_yours']]);
  });

  it('is withdrawn after the last approval while archiving is paused, by the person who asked only', async () => {
    await start({ ADMIN_ALLOW: CAROL });
    await team.request(ready.id);
    await team.carol.command('pause an incident', { channel: GENERAL });
    await team.settled();
    const toCarol = team.seenBy(team.carol);
    await team.click(team.bob, 'Approve');
    expect(team.seenBy(team.bob)).toMatch(
      /123456 .*Your approval was counted\. Archiving is paused \(by @carol, since .*\): “an incident”/,
    );
    await team.click(team.carol, 'Approve');
    // The card shows the pause once everybody has approved.
    expect(team.seenBy(team.carol)).toBe(toCarol);
    expect(team.card()).toMatch(/waiting until archiving is resumed[\s\S]*\[Withdraw\]/);
    await team.click(team.bob, 'Withdraw');
    expect(team.seenBy(team.bob)).toContain('Only the person who asked can withdraw this request.');
    await team.click(team.alice, 'Withdraw');
    expect(team.card()).toMatch(/\*Cancelled\*[\s\S]*Withdrawn by @alice$/m);
    expect(team.thread()).toContain('@alice withdrew the request.');
    await team.carol.command('resume', { channel: GENERAL });
    await team.settled();
    await team.later();
    expect([await state(), team.posts(), await denied()]).toEqual(['cancelled', 0, ['not_yours']]);
  });
});

describe('who may approve', () => {
  it('not the person who asked, although they are among the approvers', async () => {
    team = await connectApprovals();
    await team.request(ready.id);
    expect(team.card()).not.toMatch(/from [^.]*@alice/);
    await team.click(team.alice, 'Approve');
    expect(team.seenBy(team.alice)).toContain('You asked for this yourself');
    await team.click(team.alice, 'Decline');
    expect(team.seenBy(team.alice)).toContain('To cancel it, click Withdraw.');
    expect([await denied(), team.posts()]).toEqual([['own_request', 'own_request'], 0]);
  });

  it('each person once', async () => {
    team = await connectApprovals({ APPROVALS_PRODUCTION: '2' });
    await team.request(ready.id);
    await team.click(team.bob, 'Approve', { copies: 2 });
    await team.click(team.bob, 'Approve');
    expect(team.seenBy(team.bob)).toContain('You have approved this already.');
    expect([await approvers(), await denied()]).toEqual([[BOB], ['already_approved', 'already_approved']]);
    expect(team.posts()).toBe(0);
  });

  it.each([
    ['listed by ID', { APPROVE_ALLOW: `${BOB},${CAROL}` }, '@bob, @carol'],
    ['a user group', { APPROVE_ALLOW: APPROVERS }, '@approvers'],
    ['everybody', { APPROVE_ALLOW: '*' }, 'anybody else in this workspace'],
    ['unset: those who may archive', { APPROVE_ALLOW: '', ARCHIVE_ALLOW: `${ALICE},${BOB}` }, '@bob'],
  ])('%s', async (_what, env, asked) => {
    team = await connectApprovals(env);
    await team.request(ready.id);
    expect(team.card()).toContain(`*Needs 1 approval* from ${asked}. Open until`);
    await clickAtOnce(EVE, 'Approve');
    await team.settled();
    if (env.APPROVE_ALLOW !== '*') await clickAtOnce(DAVE, 'Approve');
    await team.settled();
    expect([await approvers(), team.posts()]).toEqual([[], 0]);
    await team.click(team.bob, 'Approve');
    expect([await approvers(), team.posts()]).toEqual([[BOB], 1]);
  });

  it('people of another workspace only if they are listed by ID', async () => {
    team = await connectApprovals({ APPROVE_ALLOW: '*' });
    await team.request(ready.id);
    const eve = team.workspace.person(EVE);
    for (const button of ['Approve', 'Decline']) {
      await team.click(eve, button);
      expect(team.seenBy(eve)).toMatch(/another workspace\. .* can approve only if `APPROVE_ALLOW` names/);
    }
    expect((await team.denials())[0]).toMatchObject({ code: 'other_workspace', user: EVE, team: 'T9OTHER' });
    await team.close();
    team = await connectApprovals({ APPROVE_ALLOW: EVE });
    await team.request(ready.id);
    await team.click(team.workspace.person(EVE), 'Approve');
    expect(await approvers()).toEqual([EVE]);
  });

  it('nobody who has lost the right since the card was posted', async () => {
    team = await connectApprovals({ APPROVE_ALLOW: APPROVERS });
    await team.request(ready.id);
    team.workspace.setUserGroup(APPROVERS, [CAROL]);
    for (const button of ['Approve', 'Decline']) {
      await team.click(team.bob, button);
      expect(team.seenBy(team.bob)).toContain('You don’t have permission to approve.');
    }
    expect(team.bob.modal()).toBeUndefined();
    expect([await approvers(), await denied()]).toEqual([[], ['approve_not_allowed', 'approve_not_allowed']]);
  });

  it('nobody while Slack does not say who is in the group', async () => {
    team = await connectApprovals({ APPROVE_ALLOW: APPROVERS });
    await team.request(ready.id);
    team.workspace.faults.add({ method: 'usergroups.users.list', kind: 'status' });
    await team.click(team.bob, 'Approve');
    expect(team.seenBy(team.bob)).toMatch(
      /Slack did not say who has permission, so your click changed nothing/,
    );
    expect([await approvers(), team.posts()]).toEqual([[], 0]);
    await team.click(team.bob, 'Approve');
    expect(team.posts()).toBe(1);
  });

  it('a request that too few other people can approve is denied before it is confirmed', async () => {
    team = await connectApprovals({ APPROVALS_PRODUCTION: '2', ARCHIVE_ALLOW: `${ALICE},${DAVE}` });
    expect(await team.ask(ready.id)).toContain('[Ask for approval]');
    await team.close();
    team = await connectApprovals({
      ...{ APPROVALS_PRODUCTION: '2', ARCHIVE_ALLOW: `${ALICE},${DAVE}`, APPROVE_ALLOW: `${ALICE},${BOB}` },
    });
    expect(await team.ask(ready.id)).toMatch(/too few can give it[\s\S]*Code: `too_few_approvers`/);
    expect(team.screen()).not.toContain('[Ask for approval]');
  });
});

describe('clicks that come too late or are not ours', () => {
  it('on a request that has ended: a reply that says how', async () => {
    team = await connectApprovals();
    await team.request(ready.id);
    await team.bob.click('Decline', { message: card()?.ts ?? '' });
    await team.settled();
    await clickAtOnce(ALICE, 'Withdraw');
    await team.settled();
    // Nothing has written the card since, so its buttons are still there.
    await clickAtOnce(CAROL, 'Approve');
    await team.settled();
    expect(team.seenBy(team.carol)).toMatch(/not waiting for approval any more.* Status: Cancelled\./);
    await team.bob.fill('Reason', 'too late');
    expect((await team.bob.submit()).response_action).toBe('update');
    expect(team.seenBy(team.bob)).toMatch(/not waiting for approval any more/);
    expect(await denied()).toEqual(['already_decided', 'already_decided']);
  });

  it('on a request that has ended, by people without the right: they are not told how', async () => {
    team = await connectApprovals();
    await team.request(ready.id);
    await clickAtOnce(ALICE, 'Withdraw');
    await team.settled();
    for (const user of [DAVE, EVE]) await clickAtOnce(user, 'Approve');
    await clickAtOnce(DAVE, 'Decline');
    await clickAtOnce(BOB, 'Withdraw');
    await team.settled();
    const codes = ['approve_not_allowed', 'approve_not_allowed', 'approve_not_allowed', 'not_yours'];
    expect([(await denied()).sort(), await state()]).toEqual([codes, 'cancelled']);
    for (const user of [DAVE, EVE, BOB])
      expect(team.workspace.ephemerals(user).map(({ text }) => text)).not.toContainEqual(
        expect.stringContaining('Cancelled'),
      );
  });

  it.each([
    ['approve', 'nobody a0933429d5eda20c', 'request_unknown'],
    ['approve', '', 'stale_click'],
    ['approve', 'nobody', 'stale_click'],
    ['approve', `${'x'.repeat(101)} f`, 'stale_click'],
    ['approve', `nobody${' f'.repeat(21)}`, 'stale_click'],
    ['decline', 'nobody', 'request_unknown'],
    ['decline', 'x'.repeat(101), 'stale_click'],
    ['withdraw', 'nobody', 'request_unknown'],
    ['withdraw', 'x'.repeat(101), 'stale_click'],
  ])('%s with the value %j: %s', async (name, value, code) => {
    team = await connectApprovals();
    await team.request(ready.id);
    const element = { type: 'button', text: { type: 'plain_text', text: 'Forged' }, value };
    const elements = [
      { ...element, action_id: `archive_${name}`, ...(value === '' && { value: undefined }) },
    ];
    await team.app.slack.client.chat.postMessage({
      ...{ channel: GENERAL, text: 'forged', blocks: [{ type: 'actions', elements }] as never },
    });
    await team.bob.click('Forged');
    await team.settled();
    expect([await denied(), await state(), team.posts()]).toEqual([[code], 'awaiting_approval', 0]);
    expect(team.seenBy(team.bob)).not.toBe('');
    expect(team.bob.modal()).toBeUndefined();
  });

  it('a modal that was not opened is explained', async () => {
    team = await connectApprovals();
    await team.request(ready.id);
    team.workspace.faults.add({ method: 'views.open', kind: 'error', error: 'view_too_large' });
    await team.click(team.bob, 'Decline');
    expect(team.seenBy(team.bob)).toContain('Slack did not open the window for training 123456');
    expect(await denied()).toEqual(['modal_not_opened']);
  });
});
