import { DEMO_TRAININGS } from '../../demo/toloka';
import { GENERAL } from '../support/stage';
import type { Page } from './browser';
import { archive, ask, box, button, confirm, dialog, privately, say, turn, until } from './hands';
import { describeScene, type Scene } from './scene';

jest.setTimeout(120_000);
const { ready, unlinked } = DEMO_TRAININGS;

let scene: Scene;
let page: Page;
const posts = () => scene.stage.account.posts(ready.id);

describeScene('what can go wrong', (current) => {
  beforeEach(async () => {
    scene = current();
    page = await scene.open();
  });

  it('archives fail, and no longer do when it is off', async () => {
    await turn(page, 'Archives fail');
    await archive(page, ready.id);
    await until(page, 'Failed in Toloka');
    await button(page, 'Close').last().click();
    await turn(page, 'Archives fail');
    await archive(page, unlinked.id);
    await until(page, 'Archived');
  });

  it('archives are slow, with progress on both sides', async () => {
    await turn(page, 'Archives are slow');
    await archive(page, ready.id);
    await until(page, 'Toloka is archiving');
    // Waits by way of the selector: the page's policy rightly lets no string be run as a program in it.
    await page.locator('#operations progress:not([value="0"])').first().waitFor();
    const [operation] = scene.stage.account.operations();
    scene.stage.account.finishOperation(operation?.id ?? '');
    await until(page, 'Archived');
  });

  it('the answer to the POST is lost: looked up, never sent again', async () => {
    await turn(page, 'Answer to the POST is lost');
    await archive(page, ready.id);
    await until(page, 'Archived');
    await page.locator('.wire .post', { hasText: 'answer lost' }).waitFor();
    expect(posts()).toEqual({ arrived: 1, effective: 1 });
  });

  it('the POST breaks off on its way: said to be not started once that is certain', async () => {
    await turn(page, 'POST breaks off on its way');
    await archive(page, ready.id);
    await until(page, 'Not started');
    expect(posts()).toEqual({ arrived: 1, effective: 0 });
    await button(page, 'Close').last().click();
    await turn(page, 'POST breaks off on its way');
    await button(page, 'Try again').click();
    await button(page, 'Archive').waitFor();
    await confirm(page, ready.id);
    await until(page, 'Archived');
    expect(posts()).toEqual({ arrived: 2, effective: 1 });
  });

  it('Toloka says 429: the plan says what could not be checked', async () => {
    await turn(page, 'Toloka says 429');
    await say(page, `/toloka-archive ${ready.id}`);
    await dialog(page).getByText('Not everything could be checked').waitFor();
    await page.locator('.wire', { hasText: '429' }).waitFor();
    await turn(page, 'Toloka says 429');
    await button(page, 'Check again').click();
    await dialog(page).getByText('Linked pools not archived').waitFor();
  });

  it('Toloka is down: the same, and nothing reaches it', async () => {
    await turn(page, 'Toloka is down');
    await say(page, `/toloka-archive ${ready.id}`);
    await dialog(page).getByText('Not everything could be checked').waitFor();
    expect(scene.stage.account.exchanges).toEqual([]);
    await turn(page, 'Toloka is down');
    await button(page, 'Check again').click();
    await dialog(page).getByText('Linked pools not archived').waitFor();
  });

  it('Slack is down: no card, hence no archive', async () => {
    await ask(page, ready.id);
    await turn(page, 'Slack is down');
    await confirm(page, ready.id);
    await scene.stage.workspace.waitFor(() =>
      scene.stage.workspace.calls.some(
        ({ method, fault }) => method === 'chat.postMessage' && fault === 'down',
      ),
    );
    expect(posts().arrived).toBe(0);
    await turn(page, 'Slack is down');
    expect(scene.stage.workspace.messages(GENERAL).every(({ text }) => !text.includes('Archived'))).toBe(
      true,
    );
  });

  it('Slack is down: says that no answer can come, until it is back', async () => {
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

  it('the app is not in the channel: refused with the next step, which works', async () => {
    await turn(page, 'App is not in #general');
    await page.getByText('Toloka Archive is not in this channel').waitFor();
    await ask(page, ready.id);
    await confirm(page, ready.id);
    await dialog(page).getByText('/invite').waitFor();
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
    await scene.stage.workspace.waitFor(() => scene.stage.workspace.socket.connections().length === 0);
    await say(page, `/toloka-archive ${ready.id}`);
    await privately(page).getByText('failed with the error').waitFor();
  });

  it('the app is gone while a window is open: a notice in it, and the words stay', async () => {
    await ask(page, ready.id);
    await scene.app.kill();
    await scene.stage.workspace.waitFor(() => scene.stage.workspace.socket.connections().length === 0);
    await confirm(page, ready.id, 'kept');
    await dialog(page).getByText('We had some trouble connecting. Try again?').waitFor();
    expect(await page.getByLabel('Reason').inputValue()).toBe('kept');
  });

  it('Reset brings everything back', async () => {
    await turn(page, 'Archives fail');
    await say(page, 'hello');
    await page.getByLabel(`Status of training ${unlinked.id}`).selectOption('OPEN');
    await button(page, 'Reset the demo').click();
    await page.locator('#messages').getByText('Try it').waitFor();
    expect(await page.getByRole('switch', { name: 'Archives fail' }).isChecked()).toBe(false);
    expect(await page.getByLabel(`Status of training ${unlinked.id}`).inputValue()).toBe('CLOSED');
    expect(await box(page).isVisible()).toBe(true);
  });
});
