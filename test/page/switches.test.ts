import { DEMO_TRAININGS } from '../../fakes/toloka';
import { GENERAL } from '../support/harness';
import type { Page } from './browser';
import { archive, ask, box, button, confirm, inDialog, privately, say, turn, until } from './hands';
import { describeScene, type Scene } from './scene';

jest.setTimeout(120_000);
const { ready, unlinked } = DEMO_TRAININGS;

let scene: Scene;
let page: Page;
const posts = () => scene.fakes.account.posts(ready.id);

describeScene('what can go wrong', (current) => {
  beforeEach(async () => {
    scene = current();
    page = await scene.open();
  });

  it('archiving fails, until the switch is off', async () => {
    await turn(page, 'Archiving fails');
    await archive(page, ready.id);
    await until(page, 'Failed in Toloka');
    await turn(page, 'Archiving fails');
    await archive(page, unlinked.id);
    await until(page, 'Archived');
  });

  it('archiving is slow, with progress on both sides', async () => {
    await turn(page, 'Archiving is slow');
    await archive(page, ready.id);
    await until(page, 'Toloka is archiving');
    // Waits with a selector, because the page's policy allows no script from a string.
    await page.locator('#operations progress:not([value="0"])').first().waitFor();
    const [operation] = scene.fakes.account.operations();
    scene.fakes.account.finishOperation(operation?.id ?? '');
    await until(page, 'Archived');
  });

  it('the answer to archiving is lost: looked up, never sent again', async () => {
    await turn(page, 'Answer is lost');
    await archive(page, ready.id);
    await until(page, 'Archived');
    await page.locator('.wire .post', { hasText: 'no answer' }).waitFor();
    expect(posts()).toEqual({ arrived: 1, effective: 1 });
  });

  it('the archive request is lost: shown as not started when that is certain', async () => {
    await turn(page, 'Request is lost');
    await archive(page, ready.id);
    await until(page, 'Not started');
    expect(posts()).toEqual({ arrived: 1, effective: 0 });
    await turn(page, 'Request is lost');
    await button(page, 'Try again').click();
    await button(page, 'Archive').waitFor();
    await confirm(page, ready.id);
    await until(page, 'Archived');
    expect(posts()).toEqual({ arrived: 2, effective: 1 });
  });

  it('too many requests: the training cannot be checked now', async () => {
    await turn(page, 'Too many requests');
    await say(page, `/toloka-archive ${ready.id}`);
    await inDialog(page, 'can’t be checked right now');
    await page.locator('.wire', { hasText: '429' }).waitFor();
    await turn(page, 'Too many requests');
    await button(page, 'Check again').click();
    await inDialog(page, 'Linked pools not archived');
  });

  it('Toloka is down: the training cannot be checked now, and nothing reaches Toloka', async () => {
    await turn(page, 'Toloka is down');
    await say(page, `/toloka-archive ${ready.id}`);
    await inDialog(page, 'can’t be checked right now');
    expect(scene.fakes.account.exchanges).toEqual([]);
    await turn(page, 'Toloka is down');
    await button(page, 'Check again').click();
    await inDialog(page, 'Linked pools not archived');
  });

  it('Slack is down: without a card nothing is archived', async () => {
    await ask(page, ready.id);
    await turn(page, 'Slack is down');
    await confirm(page, ready.id);
    await scene.fakes.workspace.waitFor(() =>
      scene.fakes.workspace.calls.some(
        ({ method, fault }) => method === 'chat.postMessage' && fault === 'down',
      ),
    );
    expect(posts().arrived).toBe(0);
    await turn(page, 'Slack is down');
    expect(scene.fakes.workspace.messages(GENERAL).every(({ text }) => !text.includes('Archived'))).toBe(
      true,
    );
  });

  it('Slack is down: a notice says that no answer can come', async () => {
    const down = page.locator('#toast', { hasText: 'Slack is down: Toloka Archive cannot answer' });
    await turn(page, 'Slack is down');
    await say(page, `/toloka-archive ${ready.id}`);
    await down.waitFor();
    await turn(page, 'Slack is down');
    await down.waitFor({ state: 'hidden' });
    await ask(page, ready.id);
    await turn(page, 'Slack is down');
    await button(page, 'Check again').click();
    await down.waitFor();
    await down.waitFor({ state: 'hidden' });
    await confirm(page, ready.id);
    await down.waitFor();
    await turn(page, 'Slack is down');
  });

  it('Slack delivers twice: archived once', async () => {
    await turn(page, 'Slack delivers twice');
    await archive(page, ready.id);
    await until(page, 'Archived');
    expect(posts()).toEqual({ arrived: 1, effective: 1 });
    expect(await page.locator('#messages .replies').count()).toBe(1);
  });

  it('the app is not in the channel: nothing is archived, and the next step works', async () => {
    await turn(page, 'App is not in #general');
    await page.getByText('Toloka Archive is not in this channel').waitFor();
    await say(page, `/toloka-archive ${ready.id}`);
    await inDialog(page, '/invite');
    expect(posts().arrived).toBe(0);
    await button(page, 'Close').last().click();
    await say(page, '/invite @Toloka Archive');
    await page.getByText('Toloka Archive is in this channel').waitFor();
    expect(await page.getByRole('switch', { name: 'App is not in #general' }).isChecked()).toBe(false);
    await archive(page, ready.id);
    await until(page, 'Archived');
  });

  it('the app does not answer: Slackbot says so', async () => {
    await scene.app.kill();
    await scene.fakes.workspace.waitFor(() => scene.fakes.workspace.socket.connections().length === 0);
    await say(page, `/toloka-archive ${ready.id}`);
    await privately(page).getByText('failed with the error').waitFor();
  });

  it('the app ends while a window is open: the window shows a notice and keeps the text', async () => {
    await ask(page, ready.id);
    await scene.app.kill();
    await scene.fakes.workspace.waitFor(() => scene.fakes.workspace.socket.connections().length === 0);
    await confirm(page, ready.id, 'kept');
    await inDialog(page, 'We had some trouble connecting. Try again?');
    expect(await page.getByLabel('Reason').inputValue()).toBe('kept');
  });

  it('Reset restores everything', async () => {
    await turn(page, 'Archiving fails');
    await say(page, 'hello');
    await page.getByLabel(`Status of training ${unlinked.id}`).selectOption('OPEN');
    await button(page, 'Reset the demo').click();
    await page.locator('#messages').getByText('Try it').waitFor();
    expect(await page.getByRole('switch', { name: 'Archiving fails' }).isChecked()).toBe(false);
    expect(await page.getByLabel(`Status of training ${unlinked.id}`).inputValue()).toBe('CLOSED');
    expect(await box(page).isVisible()).toBe(true);
  });
});
