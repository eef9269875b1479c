import { DEMO_TRAININGS } from '../../fakes/toloka';
import { ELSEWHERE } from '../support/harness';
import type { Page } from './browser';
import { archive, ask, box, button, card, dialog, inDialog, say, until } from './hands';
import { describeScene, type Scene } from './scene';

jest.setTimeout(120_000);
const { ready, unlinked } = DEMO_TRAININGS;

let scene: Scene;
let page: Page;
const reason = () => page.getByLabel('Reason');
const typedId = () => page.getByLabel('Type the training ID to confirm');
/** The field that has the focus. */
const focused = () => page.evaluate("document.activeElement?.getAttribute('data-field')");
const at = () => new URL(page.url()).searchParams.get('at');

describeScene('what people are used to', (current) => {
  beforeEach(async () => {
    scene = current();
    page = await scene.open();
  });

  it('Back leads to the place before, and stays on the page', async () => {
    await archive(page, ready.id);
    await until(page, 'Archived');
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await card(page).locator('.replies').click();
    await page.locator('#replies .message').first().waitFor();
    await page.goBack();
    await page.locator('#thread').waitFor({ state: 'hidden' });
    await page.locator('#sidebar').getByText('elsewhere').click();
    await page.locator('#heading', { hasText: 'elsewhere' }).waitFor();
    await button(page, 'Bob').click();
    await page.locator('body[data-ready*="BOB"]').waitFor();
    await page.goBack();
    await page.locator('body[data-ready*="ALICE"]').waitFor();
    expect(await button(page, 'Alice').getAttribute('aria-pressed')).toBe('true');
    await page.goBack();
    await page.locator('#heading', { hasText: 'general' }).waitFor();
    await page.goForward();
    await page.locator('#heading', { hasText: 'elsewhere' }).waitFor();
    expect(at()).toBe(ELSEWHERE);
  });

  it('a reload keeps what was typed, in the message box and in a window', async () => {
    await box(page).fill('half a sentence');
    await page.reload();
    await page.locator('body[data-ready]').waitFor();
    expect(await box(page).inputValue()).toBe('half a sentence');
    await say(page, 'sent');
    await page.locator('#messages').getByText('sent').waitFor();
    await page.reload();
    await page.locator('body[data-ready]').waitFor();
    expect(await box(page).inputValue()).toBe('');
    await ask(page, ready.id);
    await reason().pressSequentially('half a reason');
    await page.reload();
    await page.locator('#modal textarea', { hasText: 'half a reason' }).waitFor();
  });

  it('Escape closes the list of commands first, and then the thread', async () => {
    await archive(page, ready.id);
    await until(page, 'Archived');
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await card(page).locator('.replies').click();
    await page.locator('#replies .message').first().waitFor();
    const list = page.locator('#commands');
    await box(page).focus();
    await page.keyboard.type('/to');
    await list.waitFor();
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'hidden' });
    expect(await page.locator('#thread').isVisible()).toBe(true);
    expect(await box(page).inputValue()).toBe('/to');
    await page.keyboard.type('l');
    await list.waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.locator('#thread').waitFor({ state: 'hidden' });
  });

  it('Tab leads to the reason first, and Archive to the first field with an error', async () => {
    await ask(page, ready.id);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('reason');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('typed');
    await button(page, 'Archive').click();
    await dialog(page).locator('.error').nth(1).waitFor();
    await page.waitForFunction("document.activeElement?.matches('[data-field=reason]')");
    // The other one is wrong now.
    await reason().fill('no longer used');
    await typedId().fill('123');
    await button(page, 'Archive').click();
    await inDialog(page, 'That is not the training ID.');
    await page.waitForFunction("document.activeElement?.matches('[data-field=typed]')");
    expect(scene.fakes.account.posts(ready.id).arrived).toBe(0);
  });

  it('a thread begins with its message, as the channel shows it', async () => {
    await archive(page, unlinked.id, 'nobody uses it');
    await until(page, 'Archived');
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await card(page).locator('.replies').click();
    const root = page.locator('#thread .root .message');
    await root.getByText('Reason: nobody uses it').waitFor();
    expect(await root.getAttribute('data-author')).toBe('Toloka Archive');
  });

  it.each([390, 768, 1280])('%s pixels wide: has one heading of the first level', async (width) => {
    page = await scene.open({ width });
    expect(await page.getByRole('heading', { level: 1 }).allTextContents()).toEqual([
      'Toloka Archive for Slack',
    ]);
  });

  it('gives no element a role that it may not have', async () => {
    expect(await page.locator('textarea[role]').count()).toBe(0);
    await page.getByRole('textbox', { name: 'Message #general' }).waitFor();
    expect(await box(page).getAttribute('aria-expanded')).toBeNull();
  });
});
