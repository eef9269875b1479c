import { CHANNELS, type Demo, PEOPLE, startDemo } from '../../demo/start';
import { DEMO_TRAININGS } from '../../fakes/toloka';

const { unlinked } = DEMO_TRAININGS;

let demo: Demo | undefined;
afterEach(() => demo?.close());

it('in the sandbox of the demo, Bob approves what Alice asks for', async () => {
  demo = await startDemo({ operationMs: 50 });
  const { workspace, account, sandbox } = demo;
  const [alice, bob] = [workspace.person(PEOPLE.alice), workspace.person(PEOPLE.bob)];
  const card = () => workspace.renderText(workspace.messages(CHANNELS.operations)[0] ?? {});
  const until = (what: string, look = () => card().includes(what)) =>
    workspace.waitFor(look, { what, timeoutMs: 20_000 });
  await alice.command(`${unlinked.id} sandbox`, { channel: CHANNELS.operations });
  await until('the Archive button', () => Boolean(alice.modal()?.submit));
  await alice.fill('Reason', 'nobody uses it');
  await alice.submit();
  await until('*Needs 1 approval* from @bob');
  await bob.click('Approve');
  await until('*Archived*');
  expect(card()).toContain('Approved by @bob');
  expect([sandbox, account].map((one) => one.posts(unlinked.id).arrived)).toEqual([1, 0]);
}, 60_000);

it('in the sandbox of the demo, Alice withdraws what waits for the end of her pause', async () => {
  demo = await startDemo({ operationMs: 50 });
  const { workspace, sandbox } = demo;
  const [alice, bob] = [workspace.person(PEOPLE.alice), workspace.person(PEOPLE.bob)];
  const card = () => workspace.renderText(workspace.messages(CHANNELS.operations)[0] ?? {});
  const until = (what: string, look = () => card().includes(what)) =>
    workspace.waitFor(look, { what, timeoutMs: 20_000 });
  const saw = () => JSON.stringify(workspace.ephemerals(PEOPLE.alice));
  await alice.command(`${unlinked.id} sandbox`, { channel: CHANNELS.operations });
  await until('the Archive button', () => Boolean(alice.modal()?.submit));
  await alice.fill('Reason', 'nobody uses it');
  await alice.submit();
  await until('*Needs 1 approval* from @bob');
  await alice.command('pause an incident', { channel: CHANNELS.operations });
  await until('the pause', () => saw().includes('*Paused.*'));
  await bob.click('Approve');
  await until('waiting until archiving is resumed');
  await alice.click('Withdraw');
  await until('*Cancelled*');
  await alice.command('resume', { channel: CHANNELS.operations });
  await until('the end of the pause', () => saw().includes('*Resumed.*'));
  expect(card()).toContain('Withdrawn by @alice');
  expect(sandbox.posts(unlinked.id).arrived).toBe(0);
}, 60_000);
