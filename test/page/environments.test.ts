import { type Page as DemoPage, startPage } from '../../demo/page';
import { CHANNELS, type Demo, PEOPLE, startDemo } from '../../demo/start';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { type Browser, describeInBrowser, launch, type Page } from './browser';
import { box, button, card, dialog, inDialog, say, turn, until } from './hands';
import { FAINT, OVERFLOW } from './looks';
import { createWindows } from './scene';

jest.setTimeout(120_000);
const { ready, open } = DEMO_TRAININGS;

describeInBrowser('production and the sandbox on the page', () => {
  let browser: Browser;
  let demo: Demo;
  let served: DemoPage;
  let page: Page;
  let windows: ReturnType<typeof createWindows>;
  const list = (environment: string) => page.locator(`#account-${environment}`);
  const row = (environment: string, id: string) => page.locator(`#training-${environment}-${id}`);
  const show = (environment: string) => list(environment).locator('> summary').click();

  beforeEach(async () => {
    demo = await startDemo({ operationMs: 50 });
    served = await startPage({ ...demo, restartApp: demo.renew });
    browser = await launch();
    windows = createWindows(browser, served.url);
    page = await windows.open({ user: PEOPLE.alice, at: CHANNELS.operations });
  });
  afterEach(async () => {
    await browser.close();
    await served.close();
    await demo.close();
    expect(windows.problems).toEqual([]);
  });

  it('has a list for each, one of them open, and an ID of the sandbox leads to its command', async () => {
    await page.getByRole('complementary', { name: 'Toloka accounts' }).waitFor();
    await list('production')
      .getByText(/\d+ trainings, \d+ archived/)
      .waitFor();
    await list('sandbox')
      .getByText(/\d+ trainings, \d+ archived/)
      .waitFor();
    expect(await row('production', ready.id).isVisible()).toBe(true);
    expect(await row('sandbox', ready.id).isVisible()).toBe(false);
    await show('sandbox');
    await row('sandbox', ready.id).waitFor();
    expect(await row('production', ready.id).isVisible()).toBe(false);
    // What the person opened stays open.
    await page.getByLabel(`Status of training ${open.id} in sandbox`).selectOption('LOCKED');
    await row('sandbox', open.id).locator('.first .status.locked').waitFor();
    expect(demo.account.getTraining(open.id)?.status).toBe('OPEN');
    await button(page, ready.id).click();
    expect(await box(page).inputValue()).toBe(`/toloka-archive ${ready.id} sandbox`);
    await show('production');
    await button(page, ready.id).click();
    expect(await box(page).inputValue()).toBe(`/toloka-archive ${ready.id}`);
    for (const look of [FAINT, OVERFLOW]) expect(await page.evaluate(look)).toEqual([]);
  });

  it('names the environment of each operation and request', async () => {
    await say(page, `/toloka-archive ${ready.id} sandbox`);
    await page.getByLabel('Reason').fill('no longer used');
    await button(page, 'Ask for approval').click();
    await until(page, 'Waiting for approval');
    await demo.workspace.person(PEOPLE.bob).click('Approve', { channel: CHANNELS.operations });
    await until(page, 'Archived');
    await page.locator('#operations li', { hasText: 'SUCCESS' }).getByText('sandbox').waitFor();
    expect(await page.locator('.wire .post').getByRole('img', { name: 'sandbox' }).count()).toBe(1);
    // The link in the card leads to the training in its own list.
    await card(page).getByRole('link', { name: 'Street signs' }).click();
    await row('sandbox', ready.id).locator('.first .status.archived').waitFor();
    await list('sandbox')
      .locator('> summary', { hasText: /, 2 archived/ })
      .waitFor();
    await say(page, `/toloka-archive check ${open.id}`);
    await page.locator('.wire li').getByRole('img', { name: 'production' }).first().waitFor();
  });

  it('what can go wrong goes wrong in both', async () => {
    for (const words of ['', ' sandbox']) {
      await turn(page, 'Toloka is down');
      await say(page, `/toloka-archive ${ready.id}${words}`);
      await inDialog(page, 'can’t be checked right now');
      await turn(page, 'Toloka is down');
      await turn(page, 'Too many requests');
      await button(page, 'Check again').click();
      await page.locator('.wire', { hasText: '429' }).waitFor();
      await turn(page, 'Too many requests');
      await button(page, 'Check again').click();
      await inDialog(page, 'Linked pools not archived');
      await page.keyboard.press('Escape');
      await dialog(page).waitFor({ state: 'detached' });
    }
  });

  it('Reset restores both', async () => {
    demo.sandbox.updateTraining(ready.id, { status: 'ARCHIVED' });
    demo.account.updateTraining(ready.id, { status: 'ARCHIVED' });
    await button(page, 'Reset the demo').click();
    await page.locator('#toast', { hasText: 'The demo is back at its start.' }).waitFor();
    expect([demo.sandbox, demo.account].map((one) => one.getTraining(ready.id)?.status)).toEqual([
      'CLOSED',
      'CLOSED',
    ]);
  });
});
