import { type Page as DemoPage, startPage } from '../../demo/page';
import { CHANNELS, type Demo, PEOPLE, startDemo } from '../../demo/start';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { type Browser, describeInBrowser, launch, type Page } from './browser';
import { ask, box, button, confirm, dialog, privately, say } from './hands';
import { createWindows } from './scene';

jest.setTimeout(120_000);
const { slow, ready } = DEMO_TRAININGS;

const isAlive = (pid: number | undefined) => {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};

describeInBrowser('Reset, with an app that is restarted', () => {
  let browser: Browser;
  let demo: Demo;
  let served: DemoPage;
  let page: Page;
  let letGo: () => void;
  let aliveAtClear: boolean | undefined;
  let windows: ReturnType<typeof createWindows>;

  beforeEach(async () => {
    demo = await startDemo({ operationMs: 50 });
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const before = demo.app.pid;
    served = await startPage({
      ...demo,
      restartApp: (clear) =>
        demo.renew(async () => {
          aliveAtClear = isAlive(before);
          await clear();
          await held;
        }),
    });
    browser = await launch();
    windows = createWindows(browser, served.url);
    page = await windows.open({ user: PEOPLE.alice, at: CHANNELS.operations });
  });
  afterEach(async () => {
    letGo();
    await browser.close();
    await served.close();
    await demo.close();
    expect(windows.problems).toEqual([]);
  });

  it('stops the old app first, takes no command until the new one is ready, and then takes one at once', async () => {
    await ask(page, slow.id);
    await confirm(page, slow.id);
    await page.locator('#messages .message').first().waitFor();
    await dialog(page).waitFor({ state: 'detached' });
    await button(page, 'Reset the demo').click();
    await page.locator('#composer').getByText('Resetting…').waitFor();
    await button(page, 'Resetting…').waitFor();
    expect(await box(page).count()).toBe(0);
    // Another window may still show the message box.
    const act = {
      act: 'send',
      user: PEOPLE.alice,
      channel: CHANNELS.operations,
      text: '/toloka-archive help',
    };
    const sent = page.evaluate(
      `fetch('/act', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(act))} }).then(() => 'taken')`,
    );
    letGo();
    expect(await sent).toBe('taken');
    await privately(page).getByText('Archive Toloka trainings.').waitFor();
    await box(page).waitFor();
    expect(aliveAtClear).toBe(false);
    expect(demo.workspace.messages(CHANNELS.operations)).toEqual([]);
    await ask(page, ready.id);
    expect(await page.getByText('dispatch_failed').count()).toBe(0);
  });

  it('reports the end where it covers nothing', async () => {
    letGo();
    await button(page, 'Reset the demo').click();
    const toast = page.locator('#toast', { hasText: 'The demo is back at its start.' });
    await toast.waitFor();
    const said = await toast.boundingBox();
    for (const id of ['heading', 'composer', 'messages', 'toloka', 'people']) {
      const other = await page.locator(`#${id}`).boundingBox();
      const apart =
        said &&
        other &&
        (said.y + said.height <= other.y ||
          said.x + said.width <= other.x ||
          other.x + other.width <= said.x);
      expect([id, apart]).toEqual([id, true]);
    }
    await say(page, 'hello');
    await page.locator('#messages').getByText('hello').waitFor();
  });
});
