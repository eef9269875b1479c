import { DEMO_TRAININGS } from '../../fakes/toloka';
import { BOB, GENERAL } from '../support/harness';
import type { Page } from './browser';
import { archive, button, card, confirm, dialog, say, turn, until } from './hands';
import { describeScene, type Scene } from './scene';

jest.setTimeout(120_000);
const { ready } = DEMO_TRAININGS;

/** How far the conversation is from its end, in pixels. */
const LEFT =
  "(() => { const one = document.getElementById('messages'); return Math.round(one.scrollHeight - one.scrollTop - one.clientHeight); })()";

let scene: Scene;
let page: Page;

/** Bob fills the conversation. Resolves when the page shows it. */
async function talk(about: string): Promise<void> {
  const lines = Array.from({ length: 12 }, (_, i) => `${about} ${i}`);
  for (const line of lines) scene.fakes.workspace.person(BOB).say(line, { channel: GENERAL });
  await page.locator('#messages').getByText(`${about} 11`).waitFor({ state: 'attached' });
}

async function fail(): Promise<void> {
  await turn(page, 'Archiving fails');
  await archive(page, ready.id);
  await until(page, 'Failed in Toloka');
}

/** Confirms the new plan, and waits for the new card. */
async function tryAgain(): Promise<void> {
  await confirm(page, ready.id);
  await dialog(page).waitFor({ state: 'detached' });
  await card(page).nth(1).waitFor();
  await until(page, 'Failed in Toloka');
}

describeScene('the conversation', (current) => {
  beforeEach(async () => {
    scene = current();
    page = await scene.open({ height: 640 });
    await talk('before');
  });

  it('follows Try again to the new card, from an old card further up', async () => {
    await fail();
    await talk('after');
    await button(page, 'Try again').click();
    await button(page, 'Archive').waitFor();
    await tryAgain();
    expect(await page.evaluate(LEFT)).toBe(0);
  });

  it('stays at its end when a window closes, although the focus returns to a button further up', async () => {
    await fail();
    await button(page, 'Try again').click();
    await button(page, 'Archive').waitFor();
    await talk('meanwhile');
    await button(page, 'Cancel').click();
    await dialog(page).waitFor({ state: 'detached' });
    await page.locator('.private').getByText('Cancelled.').waitFor();
    expect(await page.evaluate(LEFT)).toBe(0);
  });

  it('shows what somebody sends, and otherwise stays where they read', async () => {
    const first = page.locator('#messages').getByText('before 0', { exact: true });
    await first.scrollIntoViewIfNeeded();
    await talk('after');
    expect(await page.evaluate(LEFT)).toBeGreaterThan(100);
    await say(page, 'mine');
    await page.locator('#messages').getByText('mine', { exact: true }).waitFor();
    expect(await page.evaluate(LEFT)).toBe(0);
  });
});
