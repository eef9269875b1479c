import { ALICE, closeAll } from '../../fakes/slack/test-helpers';
import { POOLS } from '../support/widget-app';
import { type Browser, describeInBrowser, launch, type Page } from './browser';
import { box, button, dialog } from './hands';
import { FAINT, OVERFLOW } from './looks';
import type { View } from './scene';
import { createWidgets, type Widgets } from './widgets';

jest.setTimeout(60_000);

let browser: Browser;
let widgets: Widgets;

const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });
const listed = (page: Page) => page.locator('.search [data-choose]:visible');
const chips = (page: Page) => page.locator('.chips li').allTextContents();
const confirmation = (page: Page) => page.locator('#confirm');
/** What the app got of this type. */
const got = (type: string) => widgets.bodies.filter((body) => body['type'] === type);
const actionsSent = () => got('block_actions').flatMap((body) => body['actions'] as object[]);
const focused = (page: Page): Promise<string> =>
  page.evaluate(
    "document.activeElement?.getAttribute('aria-label') || document.activeElement?.labels?.[0]?.textContent || document.activeElement?.textContent || ''",
  );

/** Waits until the app has got as many clicks and choices. */
const sent = async (count: number) => {
  await widgets.until(() => actionsSent().length >= count);
  return actionsSent();
};

async function openHome(view: View = {}): Promise<Page> {
  const page = await widgets.windows.open({ at: POOLS, ...view });
  await button(page, 'Toloka Archive').click();
  await page.getByText('Waiting for you').waitFor();
  return page;
}

async function openForm(): Promise<Page> {
  const page = await widgets.windows.open({ at: POOLS });
  await field(page, 'Shortcuts').click();
  await page.getByText('Choose what to archive').click();
  await dialog(page).waitFor();
  return page;
}

describeInBrowser('what Block Kit has for people', () => {
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    widgets = await createWidgets(browser);
  });
  afterEach(async () => {
    await widgets.close();
    await closeAll();
    expect(widgets.windows.problems).toEqual([]);
  });

  describe('the app’s own tabs', () => {
    it('are reported when a person enters them, also with Back', async () => {
      const page = await openHome();
      expect(await button(page, 'Home').getAttribute('aria-current')).toBe('page');
      await button(page, 'Messages').click();
      await page.getByText('has been turned off').waitFor();
      await page.goBack();
      await page.getByText('Waiting for you').waitFor();
      await widgets.until(() => got('event_callback').length === 3);
      const events = got('event_callback').map(({ event }) => event as { tab: string; view?: object });
      expect(events.map(({ tab, view }) => [tab, view !== undefined])).toEqual([
        ['home', false],
        ['messages', false],
        ['home', true],
      ]);
    });

    it('begin at the top of a Home that is longer than the window', async () => {
      const page = await openHome({ height: 320 });
      const top = () => page.evaluate("document.getElementById('messages').scrollTop");
      expect(await page.evaluate("document.getElementById('messages').scrollHeight > innerHeight")).toBe(
        true,
      );
      expect(await top()).toBe(0);
      await button(page, 'Messages').click();
      await page.getByText('has been turned off').waitFor();
      await button(page, 'Home').click();
      await page.getByText('Waiting for you').waitFor();
      expect(await top()).toBe(0);
    });

    it('have no Home without one, and a person who opens its address reads so', async () => {
      await widgets.close();
      widgets = await createWidgets(browser, { homeTab: false });
      const page = await widgets.windows.open({ at: POOLS });
      await button(page, 'Toloka Archive').click();
      await page.getByText('has been turned off').waitFor();
      expect(await button(page, 'Home').count()).toBe(0);
      const lost = await widgets.windows.open({ at: 'home' });
      await lost.getByText('Toloka Archive has no Home tab.').waitFor();
    });

    it('show what the app says in private', async () => {
      const page = await openHome();
      const { workspace } = widgets;
      await fetch(`${workspace.url}chat.postMessage`, {
        method: 'POST',
        headers: { authorization: 'Bearer xoxb-demo', 'content-type': 'application/json' },
        body: JSON.stringify({ channel: ALICE, text: 'A word in private to <!subteam^S01>' }),
      });
      await button(page, 'Messages').click();
      await page.locator('#messages').getByText('A word in private').waitFor();
      expect(await page.locator('#messages .mention.mine').textContent()).toBe('@archivists');
    });
  });

  describe('buttons in rows', () => {
    it('send the row in which they are', async () => {
      const page = await openHome();
      await button(page, 'Decline').nth(1).click();
      await field(page, 'More actions').nth(1).click();
      await button(page, 'Copy ID').locator('visible=true').click();
      expect(await sent(2)).toMatchObject([
        { action_id: 'decline', block_id: 'second', value: 'second', style: 'danger' },
        { action_id: 'more', block_id: 'second', selected_option: { value: 'c-second' } },
      ]);
      expect(await page.locator('details[data-popup][open]').count()).toBe(0);
      expect(got('block_actions').every((body) => !('channel' in body))).toBe(true);
    });

    it('ask first if they have a confirmation, and only then send', async () => {
      const page = await openHome();
      await button(page, 'Withdraw').first().click();
      await confirmation(page).getByText('ends for @bob').waitFor();
      expect(await focused(page)).toBe('Keep it');
      await press(page, 'Escape');
      await confirmation(page).waitFor({ state: 'hidden' });
      expect(await focused(page)).toBe('Withdraw');
      await button(page, 'Withdraw').first().click();
      await button(page, 'Keep it').click();
      await button(page, 'Withdraw').nth(1).click();
      await confirmation(page).getByText('Withdraw', { exact: true }).click();
      expect(await sent(1)).toMatchObject([{ action_id: 'withdraw', value: 'second' }]);
      await button(page, 'Approve').first().click();
      expect(await sent(2)).toHaveLength(2);
    });

    it('open a window from the Home tab, and the keys stay in its confirmation', async () => {
      const page = await openHome();
      await button(page, 'Archive…').focus();
      await press(page, 'Enter');
      await dialog(page).waitFor();
      expect(await field(page, 'Where to post').inputValue()).toBe('');
      await press(page, 'Escape');
      await dialog(page).waitFor({ state: 'detached' });
      expect(await focused(page)).toBe('Archive…');
    });
  });

  describe('a menu with a search', () => {
    it('does not cover the error about it, and opens with a click', async () => {
      const page = await openForm();
      const list = page.locator('.search [role=listbox]:visible');
      await field(page, 'Trainings').focus();
      await listed(page).first().waitFor();
      await press(page, 'Backspace', 'Escape');
      await page.locator('.chips li').waitFor({ state: 'detached' });
      await button(page, 'Archive').click();
      await page.getByText('Please complete this required field.').first().waitFor();
      await page.waitForFunction("document.activeElement.matches('[data-search]')");
      await page.evaluate('new Promise((done) => setTimeout(() => setTimeout(done)))');
      expect(await list.count()).toBe(0);
      await field(page, 'Trainings').click();
      await listed(page).first().waitFor();
    });

    it('is used with the keyboard: search, choose several, take one away, submit', async () => {
      const page = await openForm();
      await field(page, 'Trainings').focus();
      await listed(page).nth(4).waitFor();
      expect(await chips(page)).toEqual(['Faces✕']);
      await page.keyboard.type('street');
      await listed(page).nth(2).waitFor({ state: 'detached' });
      // While the list is searched, it is empty.
      await listed(page).nth(1).waitFor();
      await press(page, 'ArrowDown');
      expect(await field(page, 'Trainings').getAttribute('aria-activedescendant')).toContain('-option-1');
      await press(page, 'Enter');
      await page.getByText('Street signs, summer✕').waitFor();
      await press(page, 'ArrowDown', 'Enter');
      await page.getByText('Street signs, spring✕').waitFor();
      expect(await chips(page)).toEqual(['Faces✕', 'Street signs, summer✕', 'Street signs, spring✕']);
      expect(await field(page, 'Trainings').getAttribute('aria-expanded')).toBe('true');
      expect(await listed(page).first().getAttribute('aria-selected')).toBe('true');
      await press(page, 'Delete', 'Backspace');
      await page.getByText('Street signs, spring✕').waitFor({ state: 'detached' });
      await press(page, 'Escape');
      await listed(page).first().waitFor({ state: 'detached' });
      await press(page, 'Enter');
      expect(await dialog(page).count()).toBe(1);
      await field(page, 'Remove Faces').click();
      await page.getByText('Faces✕').waitFor({ state: 'detached' });
      await button(page, 'Archive').click();
      await dialog(page).waitFor({ state: 'detached' });
      const [{ view } = { view: undefined }] = got('view_submission');
      expect((view as { state: object }).state).toMatchObject({
        values: {
          trainings: { pick: { selected_options: [{ value: '2' }] } },
          where: { channel: { selected_conversation: POOLS } },
          approvers: { people: { selected_users: [] } },
        },
      });
    });

    it('takes no more than it says, and says so', async () => {
      const page = await openForm();
      await field(page, 'Trainings').click();
      for (const n of [0, 1, 2]) await listed(page).nth(n).click();
      await page.getByText('At most 3 can be selected').waitFor();
      expect(await chips(page)).toHaveLength(3);
      expect(await listed(page).nth(2).getAttribute('aria-selected')).toBe('false');
    });

    it('shows that nothing was found, also if the app is late', async () => {
      const page = await openForm();
      await field(page, 'Trainings').fill('zzz');
      await page.getByText('No results found').waitFor();
      widgets.answer = async () => undefined;
      await field(page, 'Trainings').fill('faces');
      await page.getByText('Searching…').waitFor();
      await page.getByText('No results found').waitFor();
      expect(await focused(page)).toBe('Trainings');
    });

    it('of one waits for three characters, and drops what was typed and not chosen', async () => {
      const page = await openForm();
      const one = page.getByLabel('Project');
      await one.fill('fa');
      await one.fill('fac');
      await listed(page).click();
      expect(await one.inputValue()).toBe('Faces');
      await one.fill('something');
      await field(page, 'Where to post').focus();
      expect(await one.inputValue()).toBe('Faces');
      const queries = got('block_suggestion').filter((body) => body['block_id'] === 'one');
      expect(queries.map(({ value }) => value)).toEqual(expect.not.arrayContaining(['fa']));
      expect(widgets.workspace.modalOf(ALICE)?.values['one']).toMatchObject({
        pick: { selected_option: { value: '4' } },
      });
    });

    it('of people searches by itself', async () => {
      const page = await openForm();
      await page.getByLabel('Approvers').fill('bo');
      await listed(page).getByText('Bob').click();
      await page.getByText('Bob✕').waitFor();
      expect(got('block_suggestion')).toEqual([]);
    });

    it('in the Home tab sends each choice, and survives an update', async () => {
      const page = await openHome();
      await field(page, 'Notify me about').fill('signs');
      await listed(page).nth(2).click();
      await page.getByText('Shop signs✕').waitFor();
      await listed(page).nth(0).click();
      expect(await sent(2)).toMatchObject([
        { action_id: 'pick', selected_options: [{ value: '3' }] },
        { selected_options: [{ value: '3' }, { value: '1' }] },
      ]);
      await field(page, 'Choose one').selectOption('Sandbox');
      expect((await sent(3))[2]).toMatchObject({ selected_option: { value: 'sandbox' } });
      await page.reload();
      await page.getByText('Shop signs✕').waitFor();
      expect(await field(page, 'Choose one').inputValue()).toBe('sandbox');
    });

    it('is nobody else’s', async () => {
      await openForm();
      const bob = await widgets.windows.open({ user: 'U02BOB', at: POOLS });
      const act = {
        act: 'choose',
        user: 'U02BOB',
        view: widgets.workspace.modalOf(ALICE)?.id,
        name: 'trainings',
      };
      const body = JSON.stringify({ ...act, value: '1', on: true });
      const reply = await bob.evaluate(
        `fetch('/act', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(body)} }).then((answer) => answer.json())`,
      );
      expect(reply).toMatchObject({ refused: expect.stringContaining('is not yours') });
    });
  });

  describe('a menu of conversations', () => {
    it('starts where the shortcut was used, and offers what the person can see', async () => {
      const page = await openForm();
      const where = field(page, 'Where to post');
      expect(await where.inputValue()).toBe(POOLS);
      expect(await where.locator('option').allTextContents()).toEqual([
        'Choose',
        '# pools',
        '# elsewhere',
        '🔒 secret',
        '🔒 private-with-bot',
      ]);
      await where.selectOption('C03');
      await widgets.workspace.waitFor(() =>
        JSON.stringify(widgets.workspace.modalOf(ALICE)?.values).includes('C03'),
      );
    });
  });

  describe('a text that the app wants at once', () => {
    it('is sent with Enter, which does not submit the window', async () => {
      const page = await openForm();
      await page.getByLabel('Code').fill('12');
      await press(page, 'Enter');
      expect(await sent(1)).toMatchObject([{ block_id: 'code', value: '12' }]);
      await page.getByLabel('Code').fill('123');
      await press(page, 'Tab');
      await widgets.workspace.waitFor(() =>
        JSON.stringify(widgets.workspace.modalOf(ALICE)?.values).includes('"123"'),
      );
      expect(actionsSent()).toHaveLength(1);
      expect(await dialog(page).count()).toBe(1);
    });
  });

  describe('the menu of shortcuts', () => {
    it('opens with the keyboard, closes with Escape, and says when the app does not answer', async () => {
      const page = await widgets.windows.open({ at: POOLS });
      await field(page, 'Shortcuts').focus();
      await press(page, 'Enter');
      await page.getByText('Choose what to archive').waitFor();
      await press(page, 'Escape');
      await page.getByText('Choose what to archive').waitFor({ state: 'hidden' });
      expect(await focused(page)).toBe('Shortcuts');
      await press(page, 'Enter', 'Tab', 'Enter');
      await dialog(page).waitFor();
      expect(got('shortcut')).toMatchObject([{ callback_id: 'archive', user: { id: ALICE } }]);
      await press(page, 'Escape');
      await dialog(page).waitFor({ state: 'detached' });
      widgets.workspace.socket.freeze(true);
      await field(page, 'Shortcuts').click();
      await page.getByText('Choose what to archive').click();
      await page.getByText('Toloka Archive did not answer').waitFor();
    });

    it('is not there without shortcuts', async () => {
      await widgets.close();
      widgets = await createWidgets(browser, { shortcuts: [] });
      const page = await widgets.windows.open({ at: POOLS });
      await box(page).waitFor();
      expect(await field(page, 'Shortcuts').count()).toBe(0);
    });
  });

  it.each([
    [390, false],
    [1280, false],
    [1280, true],
  ])('all of it fits and can be read (%s pixels, dark: %s)', async (width, dark) => {
    const page = await widgets.windows.open({ at: 'home', width, dark });
    await page.getByText('Waiting for you').waitFor();
    const check = async () => {
      expect(await page.evaluate(OVERFLOW)).toEqual([]);
      expect(await page.evaluate(FAINT)).toEqual([]);
    };
    await check();
    await field(page, 'More actions').first().click();
    await check();
    await press(page, 'Escape');
    await field(page, 'Notify me about').fill('signs');
    await listed(page).nth(1).click();
    await page.locator('.chips li').waitFor();
    await page.mouse.move(0, 0);
    await check();
    await press(page, 'Escape');
    await button(page, 'Withdraw').first().click();
    await confirmation(page).getByText('ends for').waitFor();
    await check();
    await press(page, 'Escape');
    await button(page, 'Archive…').click();
    await field(page, 'Trainings').click();
    await listed(page).first().waitFor();
    await check();
  });
});
