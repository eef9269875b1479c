import { DEMO_TRAININGS } from '../../fakes/toloka';
import { ALICE, BOB } from '../support/harness';
import { archive, ask, button, card, confirm, dialog, inDialog, privately, say, until } from './hands';
import { describeScene } from './scene';

jest.setTimeout(120_000);
const { ready } = DEMO_TRAININGS;

describeScene(
  'a second person on the page',
  (current) => {
    it('approves: Alice asks, Bob is asked whether he means it, and the card names him', async () => {
      const { open, fakes } = current();
      const page = await open();
      await ask(page, ready.id);
      expect([await button(page, 'Ask for approval').count(), await button(page, 'Archive').count()]).toEqual(
        [1, 0],
      );
      await confirm(page, ready.id);
      await until(page, 'Waiting for approval');
      await card(page).getByText('Needs 1 approval').waitFor();
      await button(page, 'Bob').click();
      await button(page, 'Approve').click();
      await page.locator('#confirm').getByText('It cannot be undone.').waitFor();
      await page.locator('#confirm').getByText('Cancel').click();
      expect(fakes.account.posts(ready.id).arrived).toBe(0);
      await button(page, 'Approve').click();
      await page.locator('#confirm').getByRole('button', { name: 'Approve' }).click();
      await until(page, 'Archived');
      await card(page).getByText('Approved by @bob').waitFor();
      expect(fakes.account.posts(ready.id).arrived).toBe(1);
    });

    it('declines with a reason', async () => {
      const { open, fakes } = current();
      const page = await open();
      await archive(page, ready.id);
      await until(page, 'Waiting for approval');
      await button(page, 'Approve').click();
      await page.locator('#confirm').getByRole('button', { name: 'Approve' }).click();
      await privately(page).getByText('You asked for this yourself').waitFor();
      await button(page, 'Bob').click();
      await button(page, 'Decline').click();
      await inDialog(page, 'requested by');
      await page.getByLabel('Reason').fill('still used');
      await dialog(page).getByRole('button', { name: 'Decline' }).click();
      await dialog(page).waitFor({ state: 'detached' });
      await until(page, 'Declined');
      await card(page).getByText('Reason for declining: still used').waitFor();
      expect(await button(page, 'Approve').count()).toBe(0);
      expect(fakes.account.posts(ready.id).arrived).toBe(0);
    });

    it('withdraws: Bob approves in a pause, and Alice takes it back', async () => {
      const { open, fakes } = current();
      const page = await open();
      await archive(page, ready.id);
      await until(page, 'Waiting for approval');
      await say(page, '/toloka-archive pause an incident');
      await privately(page).getByText('Paused.').waitFor();
      await button(page, 'Bob').click();
      await button(page, 'Approve').click();
      await page.locator('#confirm').getByRole('button', { name: 'Approve' }).click();
      await until(page, 'waiting until archiving is resumed');
      await button(page, 'Alice').click();
      await button(page, 'Withdraw').click();
      await until(page, 'Cancelled');
      await card(page).getByText('Withdrawn by @alice').waitFor();
      expect(await button(page, 'Withdraw').count()).toBe(0);
      expect(fakes.account.posts(ready.id).arrived).toBe(0);
    });
  },
  { APPROVALS_PRODUCTION: '1', ARCHIVE_ALLOW: `${ALICE},${BOB}`, ADMIN_ALLOW: ALICE },
);
