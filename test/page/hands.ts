/** What people do on the page, by the labels that it shows. */
import type { Locator } from 'playwright-core';
import type { Page } from './browser';

export const box = (page: Page) => page.locator('textarea[data-say]');
export const dialog = (page: Page) => page.getByRole('dialog');
export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
export const card = (page: Page) => page.locator('#messages .message', { has: page.locator('.replies') });
export const privately = (page: Page) => page.locator('#messages .message.private');

export async function say(page: Page, text: string): Promise<void> {
  await box(page).fill(text);
  await box(page).press('Enter');
}

/** Asks for a training that nothing blocks, and waits for its plan. */
export async function ask(page: Page, id: string): Promise<void> {
  await say(page, `/toloka-archive ${id}`);
  await confirmButton(page).waitFor();
}

const confirmButton = (page: Page) =>
  page.getByRole('button', { name: /^(Archive|Ask for approval)$/, exact: true });

export async function confirm(page: Page, id: string, reason = 'no longer used'): Promise<void> {
  await page.getByLabel('Reason').fill(reason);
  await page.getByLabel('Type the training ID to confirm').fill(id);
  await confirmButton(page).click();
}

export async function archive(page: Page, id: string, reason?: string): Promise<void> {
  await ask(page, id);
  await confirm(page, id, reason);
}

/** Resolves when the switch has its effect. */
export async function turn(page: Page, name: string): Promise<void> {
  const done = page.waitForResponse((one) => one.request().postData()?.includes('"switch"') ?? false);
  await page.getByRole('switch', { name }).click();
  await done;
}

/** Waits for these words on the newest card. Case matters: `Archived` is not "nothing was archived". */
export const until = (page: Page, words: string) =>
  seen(page, card(page).last().getByText(new RegExp(words)));

export const inDialog = (page: Page, words: string) => seen(page, dialog(page).getByText(words));

/** @throws with what the page shows instead */
async function seen(page: Page, wanted: Locator): Promise<void> {
  try {
    await wanted.first().waitFor();
  } catch (cause) {
    const shown = await page.locator('body').innerText();
    throw new Error(`${(cause as Error).message}\nThe page shows:\n${shown}`, { cause });
  }
}
