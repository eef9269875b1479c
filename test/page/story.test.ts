import { DEMO_TRAININGS, linkedPools } from '../../fakes/toloka';
import type { Page } from './browser';
import { archive, ask, button, card, confirm, dialog, inDialog, privately, say, until } from './hands';
import { describeScene, type Scene } from './scene';

jest.setTimeout(120_000);
const { ready, fails, poolOpen, open, archived, oddName, foreign } = DEMO_TRAININGS;

let scene: Scene;
let page: Page;
const posts = (id: string) => scene.fakes.account.posts(id).arrived;

describeScene('the story on the page', (current) => {
  beforeEach(async () => {
    scene = current();
    page = await scene.open();
  });

  it('shows that it is a demo', async () => {
    await page
      .getByText('Demo: a fake Slack and a fake Toloka on this machine. Nothing reaches the real ones.')
      .waitFor();
  });

  it('archives: plan, confirmation, card, thread, and the account shows it', async () => {
    await page.locator(`#training-production-${ready.id}`).getByText(ready.about).waitFor();
    await ask(page, ready.id);
    await inDialog(page, 'Archiving cannot be undone');
    await confirm(page, ready.id, 'labelled <b>all</b> & done');
    // The window closes when the card is there.
    await dialog(page).waitFor({ state: 'detached' });
    await until(page, 'Archived');
    await card(page).getByText('Reason: labelled <b>all</b> & done').waitFor();
    await card(page).getByText(/repl/).click();
    await page.locator('#replies').getByText('the training is archived').waitFor();
    expect(await page.getByLabel(`Status of training ${ready.id}`).inputValue()).toBe('ARCHIVED');
    expect(await page.locator(`#training-production-${ready.id}`).getByText(ready.about).count()).toBe(0);
    await page.locator('#operations').getByText('SUCCESS').waitFor();
    expect(await page.locator('.wire .post').textContent()).toContain(`/v1/trainings/${ready.id}/archive`);
    expect(posts(ready.id)).toBe(1);
  });

  it.each([
    [poolOpen.id, '2 main pools are linked to this training and not archived.'],
    [open.id, 'The training is not closed.'],
    [archived.id, 'The training is already archived.'],
    [foreign.id, 'Toloka denies this app access to the training.'],
  ])('%s: shows what blocks archiving, and no Archive button', async (id, words) => {
    await say(page, `/toloka-archive ${id}`);
    await inDialog(page, words);
    expect(await button(page, 'Archive').count()).toBe(0);
    expect(posts(id)).toBe(0);
  });

  it('a blocker that is removed in Toloka is gone at the next check', async () => {
    await say(page, `/toloka-archive ${open.id}`);
    await inDialog(page, 'The training is not closed.');
    await page.getByLabel(`Status of training ${open.id}`).selectOption('CLOSED');
    await button(page, 'Check again').click();
    await button(page, 'Archive').waitFor();
  });

  it('stops showing that a training has an open pool once all are archived', async () => {
    const training = page.locator(`#training-production-${poolOpen.id}`);
    await training.getByText(poolOpen.about).waitFor();
    for (const { pool } of linkedPools(scene.fakes.account, poolOpen.id))
      scene.fakes.account.updatePool(pool.id, { status: 'ARCHIVED' });
    await training.getByText(poolOpen.about).waitFor({ state: 'detached' });
    await training.getByText('3 pools', { exact: true }).waitFor();
  });

  it('shows that Toloka failed', async () => {
    await archive(page, fails.id);
    await until(page, 'Failed in Toloka');
    await page.locator('#operations').getByText('FAIL').waitFor();
    expect(await page.locator('#operations .bar.fail').count()).toBe(1);
  });

  it.each([
    ['Enter', () => page.keyboard.press('Enter'), 1],
    ['Archive', () => button(page, 'Archive').click(), 1],
    ['Cancel', () => button(page, 'Cancel').click(), 0],
    ['Escape', () => page.keyboard.press('Escape'), 0],
  ])('%s after typing: a change that arrives late is dropped without a word', async (_key, press, sent) => {
    const isChange = (body: string | null) => body?.includes('"change"') ?? false;
    const answers: Promise<string | undefined>[] = [];
    page.on('request', (request) => {
      if (isChange(request.postData())) answers.push(request.response().then((response) => response?.text()));
    });
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route('**/act', async (route) => {
      if (isChange(route.request().postData())) await held;
      await route.continue();
    });
    await ask(page, ready.id);
    await page.getByLabel('Reason').fill('no longer used');
    await page.getByLabel('Type the training ID to confirm').pressSequentially(ready.id);
    await press();
    await button(page, 'Archive').waitFor({ state: 'detached' });
    letGo();
    const said = await Promise.all(answers);
    expect(said.length).toBeGreaterThan(0);
    expect(new Set(said)).toEqual(new Set(['{}']));
    expect(await page.locator('#toast').textContent()).toBe('');
    if (sent > 0) await until(page, 'Archived');
    expect(posts(ready.id)).toBe(sent);
  });

  it('shows errors under inputs, and archives nothing', async () => {
    await ask(page, ready.id);
    await button(page, 'Archive').click();
    await inDialog(page, 'Please complete this required field.');
    await confirm(page, '123');
    await inDialog(page, 'That is not the training ID.');
    expect(await page.getByLabel('Reason').inputValue()).toBe('no longer used');
    expect(posts(ready.id)).toBe(0);
  });

  it('answers a wrong command and help in private', async () => {
    await say(page, '/toloka-archive twelve');
    await privately(page).getByText('There is no such command.').waitFor();
    await privately(page).getByText('Only visible to you').waitFor();
    await say(page, '/unknown');
    await privately(page).getByText('/unknown is not a valid command.').waitFor();
  });

  it('Cancel archives nothing and says so', async () => {
    await ask(page, ready.id);
    await button(page, 'Cancel').click();
    await privately(page).getByText('Cancelled.').waitFor();
    expect(posts(ready.id)).toBe(0);
  });

  it('a name that tries to ping and to format does neither and injects nothing', async () => {
    const nasty = '<!channel> & *_~ <img src=x onerror=alert(1)> `x` :x:';
    scene.fakes.account.updateTraining(oddName.id, { private_name: nasty });
    await archive(page, oddName.id, '<!here> *loud* <script>alert(1)</script>');
    await until(page, 'Archived');
    await card(page).getByText(nasty, { exact: true }).waitFor();
    await card(page).getByText('Reason: <!here> *loud* <script>alert(1)</script>', { exact: true }).waitFor();
    expect(await page.locator('.broadcast').count()).toBe(0);
    expect(await page.locator('main img, main script').count()).toBe(0);
  });

  it('lists trainings to choose under their heading, each with its project', async () => {
    await say(page, '/toloka-archive');
    const trainings = dialog(page).getByRole('combobox', { name: 'Closed trainings in production' });
    await trainings.fill('street signs, training');
    await dialog(page).getByText('3 closed trainings, newest first', { exact: true }).waitFor();
    const first = dialog(page).locator('[data-choose]').first();
    await first.getByText('Project Read the street sign', { exact: true }).waitFor();
    await first.click();
    await dialog(page).getByRole('listitem').getByText('Street signs, training 3 (123468)✕').waitFor();
  });

  it('what a person types pings nobody and injects nothing', async () => {
    await say(page, 'hello <!channel> <b>you</b> &amp;');
    await page.locator('#messages').getByText('hello <!channel> <b>you</b> &amp;', { exact: true }).waitFor();
    expect(await page.locator('.broadcast, #messages .text b').count()).toBe(0);
  });

  it('a link does not leave the demo', async () => {
    await ask(page, ready.id);
    const before = page.url();
    await dialog(page).getByRole('link', { name: 'Street signs, training 1', exact: true }).click();
    await page.locator('#toast', { hasText: 'In Slack, this opens https://' }).waitFor();
    expect(page.url().replace(/#$/, '')).toBe(before);
  });
});
