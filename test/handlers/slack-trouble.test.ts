import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind } from '../../demo/slack';
import { DEMO_TRAININGS } from '../../demo/toloka';
import { cardsIn, textOf } from '../support/house';
import { createOffice, type Office } from '../support/office';
import { ALICE, TEAM } from '../support/stage';

const { id } = DEMO_TRAININGS.ready;
const METHODS = [
  'views.update',
  'chat.postMessage',
  'chat.update',
  'chat.getPermalink',
  'usergroups.users.list',
];
const KINDS: FaultKind[] = ['ratelimited', 'status', 'lost', 'reset', 'html', 'error'];

let office: Office;
beforeEach(async () => {
  office = await createOffice({ ARCHIVE_ALLOW: TEAM });
});
afterEach(() => office.close());

/** Each call to each method that the story makes meets the fault once: the first, the second, and so on. */
describe.each(METHODS)('Slack has trouble with %s', (method) => {
  it.each(KINDS)('%s: the truth in the end, one POST at most, one card at most', async (kind) => {
    for (let skip = 0; skip < 3; skip++) {
      const { stage, journal } = office;
      stage.account.reset();
      stage.workspace.faults.clear();
      const known = (await journal.recent({ limit: 1 }))[0]?.id;
      const cardsBefore = cardsIn(stage).length;
      const fault = stage.workspace.faults.add({ kind, method, skip });
      await office.ask(id);
      if (office.alice.modal()?.submit) await office.confirm();
      if (office.alice.modal()) await office.alice.close();
      const newest = (await journal.recent({ limit: 1 }))[0];
      const { arrived } = stage.account.posts(id);
      if (newest === undefined || newest.id === known) {
        // It never came to a confirmation, and a person was told why.
        expect([skip, arrived]).toEqual([skip, 0]);
        continue;
      }
      const request = await office.settle(newest.id);
      const cards = cardsIn(stage).length - cardsBefore;
      const archived = stage.account.getTraining(id)?.status === 'ARCHIVED';
      expect([skip, request.state]).toEqual([skip, archived ? 'succeeded' : 'not_started']);
      expect([skip, arrived]).toEqual([skip, archived ? 1 : 0]);
      expect([skip, cards <= 1 && (!archived || cards === 1)]).toEqual([skip, true]);
      if (cards === 1)
        expect([skip, textOf(cardsIn(stage).at(-1)?.blocks)]).toEqual([
          skip,
          expect.stringContaining(archived ? '*Archived*' : 'Not started'),
        ]);
      stage.workspace.faults.remove(fault);
      // What Slack asked to wait for is over by the next story.
      office.clock.advance(60_000);
    }
  });
});

it('a newer plan that Slack showed without saying so is not put over what was answered to it', async () => {
  await office.ask(id);
  office.stage.account.updateTraining(id, { private_name: 'Renamed' });
  // Done at once and answered after the app has given up: the app will try again.
  office.stage.workspace.faults.add({ kind: 'slow', method: 'views.update', ms: 1_500 });
  const submit = async () => {
    await office.alice.fill('Reason', 'not used any more');
    await office.alice.fill('Type the training ID to confirm', id);
    await office.alice.submit();
  };
  await submit();
  while (!office.screen().includes('This is not what you looked at')) await sleep(20);
  await submit();
  while (!office.screen().includes('Toloka is archiving')) await sleep(20);
  const updates = () => office.stage.workspace.calls.filter(({ method }) => method === 'views.update').length;
  const before = updates();
  await office.settled();
  expect(office.screen()).toContain('Toloka is archiving');
  expect(updates()).toBe(before);
  expect(office.stage.workspace.ephemerals(ALICE)).toEqual([]);
  expect(office.stage.account.posts(id).arrived).toBe(1);
});

it('a cancel after a confirmation whose acknowledgement Slack did not hear: told that it came too late', async () => {
  await office.ask(id);
  const offered = office.alice.modal()?.private_metadata ?? '';
  await office.confirm();
  // As Slack would have it: the window as it was, with its Cancel.
  Object.assign(office.alice.modal() ?? {}, { private_metadata: offered });
  await office.alice.close();
  await office.settled();
  const [word] = office.stage.workspace.ephemerals(ALICE).slice(-1);
  expect(word?.text).toMatch(/had been confirmed before the window was closed.*Toloka is archiving/);
  expect((await office.journal.refusals(1))[0]).toMatchObject({ code: 'settled_before', trainingId: id });
});

it('an answer that Slack does not take in time is given in another way', async () => {
  const { faults } = office.stage.workspace;
  faults.add({ kind: 'error', method: 'views.open', error: 'expired_trigger_id' });
  faults.add({ kind: 'silent', method: 'response_url' });
  await office.ask(id);
  expect(office.stage.workspace.ephemerals(ALICE).at(-1)?.text).toContain('did not open the window');
});

it('a newer plan for a window that was closed before Slack took it: told in private', async () => {
  await office.ask(id);
  office.stage.account.updateTraining(id, { private_name: 'Renamed' });
  office.stage.workspace.faults.add({ kind: 'ratelimited', method: 'views.update', retryAfter: 1 });
  await office.alice.fill('Reason', 'not used any more');
  await office.alice.fill('Type the training ID to confirm', id);
  await office.alice.submit();
  await office.alice.close();
  await office.settled();
  expect(office.stage.workspace.ephemerals(ALICE).map(({ text }) => text)).toEqual([
    expect.stringMatching(/not the one that you looked at.*Renamed.*this click archived nothing/),
  ]);
  expect(office.stage.account.posts(id).arrived).toBe(0);
});
