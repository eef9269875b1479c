import { DEMO_TRAININGS } from '../../fakes/toloka';
import { ALICE, BOB, ELSEWHERE, GENERAL } from '../support/harness';
import type { Page } from './browser';
import { archive, ask, box, button, card, confirm, dialog, privately, say, until } from './hands';
import { describeScene, type Scene } from './scene';

jest.setTimeout(120_000);
const { ready } = DEMO_TRAININGS;

let scene: Scene;
let alice: Page;

/** Sends an act as this person's page would. */
const forged = (page: Page, act: object): Promise<{ refused?: string }> =>
  page.evaluate(
    `fetch('/act', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(act))} }).then((answer) => answer.json())`,
  );

describeScene('two people', (current) => {
  beforeEach(async () => {
    scene = current();
    alice = await scene.open();
  });

  it('Bob sees the card, but not what only Alice may see', async () => {
    const bob = await scene.open({ user: BOB });
    await say(alice, '/toloka-archive help');
    await privately(alice).getByText('Archive Toloka trainings.').waitFor();
    await archive(alice, ready.id);
    await until(bob, 'Archived');
    expect(await privately(bob).count()).toBe(0);
    expect(await dialog(bob).count()).toBe(0);
    expect(await bob.locator('body').textContent()).not.toContain('Only visible to you');
    expect(await bob.locator('#messages .mention.mine').count()).toBe(0);
  });

  it('Bob cannot press, fill in, submit or close Alice’s window', async () => {
    const bob = await scene.open({ user: BOB });
    await ask(alice, ready.id);
    const view = scene.fakes.workspace.person(ALICE).modal()?.id;
    const values = [
      { name: 'reason', value: 'Bob was here' },
      { name: 'typed', value: ready.id },
    ];
    const acts = [
      { act: 'submit', user: BOB, view, values },
      { act: 'click', user: BOB, view, surface: 'modal', action: 'archive_check_again' },
      { act: 'close', user: BOB, view },
    ];
    for (const act of acts)
      expect((await forged(bob, act)).refused).toContain('not open any more, or is not yours');
    // Dropped, like one that is late.
    expect(await forged(bob, { act: 'change', user: BOB, view, field: values[0] })).toEqual({});
    expect(JSON.stringify(scene.fakes.workspace.modalOf(ALICE)?.values)).not.toContain('Bob was here');
    expect(scene.fakes.account.posts(ready.id).arrived).toBe(0);
    await confirm(alice, ready.id);
    await until(alice, 'Archived');
  });

  it('one window can switch to the other person and back, and keeps what each had typed', async () => {
    await box(alice).fill('Alice had begun');
    await button(alice, 'Bob').click();
    await alice.locator(`body[data-ready*="${BOB}"]`).waitFor();
    expect(await box(alice).inputValue()).toBe('');
    await say(alice, 'Bob speaks');
    await alice.locator('#messages').getByText('Bob speaks').waitFor();
    await button(alice, 'Alice').click();
    await alice.locator(`body[data-ready*="${ALICE}"]`).waitFor();
    expect(await box(alice).inputValue()).toBe('Alice had begun');
    await alice.locator('#messages [data-author="Bob"]').waitFor();
  });

  it('Alice’s window stays open while somebody looks as Bob', async () => {
    await ask(alice, ready.id);
    await alice.getByLabel('Reason').fill('begun');
    await button(alice, 'Bob').click();
    await dialog(alice).waitFor({ state: 'detached' });
    await button(alice, 'Alice').click();
    await dialog(alice).waitFor();
    expect(await alice.getByLabel('Reason').inputValue()).toBe('begun');
  });

  it('Bob joins a channel before he can write in it', async () => {
    const bob = await scene.open({ user: BOB, at: ELSEWHERE });
    await bob.getByText('You are not in #elsewhere').waitFor();
    await button(bob, 'Join channel').click();
    await say(bob, 'here now');
    await bob.locator('#messages').getByText('here now').waitFor();
    await bob.getByText('Toloka Archive is not in this channel').waitFor();
  });

  it('nobody writes into a channel that they are not in', async () => {
    const bob = await scene.open({ user: BOB });
    for (const text of ['sneaked in', `/toloka-archive ${ready.id}`, '/invite @Toloka Archive']) {
      const answer = await forged(bob, { act: 'send', user: BOB, channel: ELSEWHERE, text });
      expect(answer.refused).toBe('You are not in that channel.');
    }
    expect(scene.fakes.workspace.messages(ELSEWHERE)).toEqual([]);
  });

  it('the app’s messages are read-only', async () => {
    await button(alice, 'Toloka Archive').click();
    await button(alice, 'Messages').click();
    await alice.getByText('Sending messages to this app has been turned off.').waitFor();
    await alice.locator('#sidebar').getByText('general').click();
    await box(alice).waitFor();
  });

  it('the window’s link to the card leads to it', async () => {
    await archive(alice, ready.id);
    await until(alice, 'Archived');
    await say(alice, `/toloka-archive ${ready.id}`);
    await alice.getByText('Open the card').click();
    await dialog(alice).waitFor({ state: 'detached' });
    await card(alice).locator('visible=true').waitFor();
    expect(new URL(alice.url()).searchParams.get('at')).toBe(GENERAL);
  });
});
