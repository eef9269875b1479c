import { startPage } from '../../demo/page';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { BOB, GENERAL } from '../support/harness';
import type { Page } from './browser';
import { archive, ask, box, button, card, dialog, inDialog, say, turn, until } from './hands';
import { FAINT, OVERFLOW } from './looks';
import { describeScene, type Scene } from './scene';

jest.setTimeout(120_000);
const { ready, poolOpen, oddName } = DEMO_TRAININGS;

let scene: Scene;

const focused = (page: Page): Promise<string> =>
  page.evaluate(
    "document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || ''",
  );

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Presses Tab until the element with this text or label has the focus. */
async function tabTo(page: Page, words: string): Promise<void> {
  for (let steps = 0; steps < 60; steps++) {
    if ((await focused(page)).trim() === words) return;
    await press(page, 'Tab');
  }
  throw new Error(`Tab does not lead to "${words}"`);
}

describeScene('everybody can use it', (current) => {
  beforeEach(() => {
    scene = current();
  });

  it('with the keyboard only: command, completion, window, card, thread, and back', async () => {
    const page = await scene.open();
    await tabTo(page, 'Message #general');
    await page.keyboard.type('/tol');
    await page.getByRole('option', { name: '/toloka-archive' }).waitFor();
    await press(page, 'Tab');
    expect(await box(page).inputValue()).toBe('/toloka-archive ');
    await page.locator('#usage', { hasText: '[training IDs | Toloka links]' }).waitFor();
    await page.keyboard.type(ready.id);
    await press(page, 'Enter');
    await button(page, 'Archive').waitFor();
    expect(await page.evaluate("document.activeElement.closest('[role=dialog]') !== null")).toBe(true);
    // Tab never leaves the window.
    for (let steps = 0; steps < 12; steps++) {
      await press(page, 'Tab');
      expect(await page.evaluate("document.activeElement.closest('[role=dialog]') !== null")).toBe(true);
    }
    await page.getByLabel('Reason').focus();
    await page.keyboard.type('by hand');
    await press(page, 'Tab');
    await page.keyboard.type(ready.id);
    await tabTo(page, 'Archive');
    await press(page, 'Enter');
    await until(page, 'Archived');
    await press(page, 'Escape');
    await dialog(page).waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('Message #general');
    await card(page).locator('.replies').focus();
    await press(page, 'Enter');
    await page.locator('#replies').getByText('the training is archived').waitFor();
    expect(await focused(page)).toBe('Thread');
    await press(page, 'Escape');
    await page.locator('#thread').waitFor({ state: 'hidden' });
    expect(await focused(page)).toContain('repl');
  });

  it('Escape closes a window as Cancel does; F6 moves to Toloka and back', async () => {
    const page = await scene.open();
    await ask(page, ready.id);
    await press(page, 'F6');
    expect(await focused(page)).toBe('Toloka accounts');
    await press(page, 'F6');
    expect(await page.evaluate("document.activeElement.closest('[role=dialog]') !== null")).toBe(true);
    await press(page, 'Escape');
    await page.locator('.private').getByText('Cancelled.').waitFor();
    expect(scene.fakes.account.posts(ready.id).arrived).toBe(0);
  });

  it('announces new messages to screen readers', async () => {
    const page = await scene.open();
    scene.fakes.workspace.person(BOB).say('good morning', { channel: GENERAL });
    await page.locator('#announce', { hasText: 'Bob: good morning' }).waitFor({ state: 'attached' });
  });

  it('announces each state of a card to screen readers, but not its progress', async () => {
    const page = await scene.open();
    const { account } = scene.fakes;
    await page.evaluate(
      "window.heard = []; new MutationObserver(() => heard.push(document.getElementById('announce').textContent)).observe(document.getElementById('announce'), { childList: true })",
    );
    await turn(page, 'Archiving is slow');
    await archive(page, ready.id);
    await card(page)
      .getByText(/[1-9]\d* %/)
      .waitFor();
    const [before] = await card(page).getByText(/\d+ %/).allTextContents();
    await card(page)
      .getByText(before ?? '', { exact: true })
      .waitFor({ state: 'detached' });
    account.finishOperation(account.operations()[0]?.id ?? '');
    const end = /Toloka Archive: .*Archived\s+·\s+Street signs/;
    await page.locator('#announce', { hasText: end }).waitFor({ state: 'attached' });
    const heard = (await page.evaluate('heard')) as string[];
    expect(heard.filter((words) => words.includes('Toloka is archiving'))).toHaveLength(1);
  });

  it('shows the end of the newest card when a thread opens beside it', async () => {
    const page = await scene.open();
    await say(page, '/toloka-archive help');
    await page.locator('.private').waitFor();
    await archive(
      page,
      ready.id,
      'a reason of many words, which takes more lines beside a thread '.repeat(9),
    );
    await until(page, 'Archived');
    await press(page, 'Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await card(page).locator('.replies').click();
    await page.locator('#replies .message').first().waitFor();
    const last = await card(page).locator('.replies').boundingBox();
    const composer = await page.locator('#composer').boundingBox();
    expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThanOrEqual(composer?.y ?? 0);
  });

  it('an update while somebody types keeps text, caret and focus, in the message box and in a window', async () => {
    const page = await scene.open();
    const bob = scene.fakes.workspace.person(BOB);
    await box(page).fill('half a sentence');
    await press(page, 'ArrowLeft', 'ArrowLeft');
    bob.say('in between', { channel: GENERAL });
    await page.locator('#messages').getByText('in between').waitFor();
    await page.keyboard.type('X');
    expect(await box(page).inputValue()).toBe('half a sentenXce');
    await ask(page, ready.id);
    await page.getByLabel('Reason').pressSequentially('not done');
    await press(page, 'ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft');
    bob.say('again', { channel: GENERAL });
    scene.fakes.account.updateTraining(poolOpen.id, { status: 'OPEN' });
    await page.locator('#messages').getByText('again').waitFor({ state: 'attached' });
    await page.keyboard.type('yet ');
    expect(await page.getByLabel('Reason').inputValue()).toBe('not yet done');
    // Typing clears the error of the first field, which redraws the window while the second one is being filled in.
    await page.getByLabel('Reason').fill('');
    await button(page, 'Archive').click();
    await dialog(page).locator('.error').first().waitFor();
    await page.getByLabel('Reason').pressSequentially('not yet done');
    await press(page, 'Tab');
    await page.keyboard.type('12');
    await page.locator('#modal .error').nth(1).waitFor({ state: 'detached' });
    expect(await page.locator('#modal .error').count()).toBe(1);
    await page.keyboard.type('3456');
    expect(await page.getByLabel('Type the training ID to confirm').inputValue()).toBe(ready.id);
    await button(page, 'Check again').click();
    await dialog(page)
      .getByText(/^As of /)
      .waitFor();
    await button(page, 'Archive').waitFor();
    expect(await page.getByLabel('Reason').inputValue()).toBe('not yet done');
  });

  it.each([false, true])('has enough contrast (dark: %s)', async (dark) => {
    const page = await scene.open({ dark });
    await say(page, '/toloka-archive nonsense');
    await page.locator('.private').waitFor();
    await archive(page, ready.id);
    await until(page, 'Archived');
    expect(await page.evaluate(FAINT)).toEqual([]);
    await card(page).locator('.replies').click();
    await ask(page, oddName.id);
    await button(page, 'Archive').click();
    await inDialog(page, 'Please complete');
    expect(await page.evaluate(FAINT)).toEqual([]);
    await press(page, 'Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await turn(page, 'Too many requests');
    await say(page, `/toloka-archive ${poolOpen.id}`);
    await inDialog(page, 'can’t be checked right now');
    expect(await page.evaluate(FAINT)).toEqual([]);
  });

  it.each([390, 768, 1280, 1600])('%s pixels wide: nothing sticks out sideways', async (width) => {
    const page = await scene.open({ width });
    const fits = async () => expect(await page.evaluate(OVERFLOW)).toEqual([]);
    await fits();
    await say(page, '/toloka-archive help');
    await page.locator('.private').waitFor();
    await say(page, `/toloka-archive ${poolOpen.id}`);
    await inDialog(page, 'not archived');
    await fits();
    await press(page, 'Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await archive(page, ready.id, `a_very_long_word_${'x'.repeat(300)}`);
    await until(page, 'Archived');
    await fits();
    await press(page, 'Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await fits();
    await card(page).locator('.replies').click();
    await page.locator('#replies .message').first().waitFor();
    await fits();
    if (width < 1200) await button(page, 'Toloka').click();
    await page.locator('#wire').getByText('/v1/trainings').first().waitFor();
    expect((await page.locator('ol.wire').boundingBox())?.height).toBeLessThan(200);
    await fits();
  });

  it('at 390 pixels the channels are behind a button, and an ID leads back to the message box', async () => {
    const page = await scene.open({ width: 390 });
    await button(page, 'Channels and apps').click();
    await page.locator('#sidebar').getByText('elsewhere').click();
    await page.locator('#heading', { hasText: 'elsewhere' }).waitFor();
    await page.locator('#sidebar').waitFor({ state: 'hidden' });
    await button(page, 'Toloka').click();
    await button(page, ready.id).click();
    expect(await box(page).inputValue()).toBe(`/toloka-archive ${ready.id}`);
  });

  it('reconnects by itself after the demo was away', async () => {
    const page = await scene.open();
    const { port } = new URL(scene.demo.url);
    await scene.demo.close();
    await page.getByText('The connection to the demo is lost.').waitFor();
    const { workspace, account } = scene.fakes;
    scene.demo = await startPage({ workspace, account, port: Number(port) });
    workspace.person(BOB).say('you are back', { channel: GENERAL });
    await page.locator('#messages').getByText('you are back').waitFor();
    await page.getByText('The connection to the demo is lost.').waitFor({ state: 'hidden' });
    // The test itself broke the connection.
    const broke = scene.problems.splice(0);
    expect(broke.every((words) => /net::ERR_/.test(words))).toBe(true);
  });
});
