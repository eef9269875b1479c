import { DEMO_TRAININGS } from '../../fakes/toloka';
import { createWorker } from '../../src/archive/worker';
import { APPROVERS, type Approvals, CAROL, connectApprovals } from '../support/approvals';
import { BOB, cardsIn, textOf } from '../support/harness';

const { ready } = DEMO_TRAININGS;

let team: Approvals;
afterEach(() => team.close());

const request = async () => (await team.requests())[0];
const count = (text: string, words: string) => text.split(words).length - 1;
/** New messages that mention this, in the channel and in its threads. Nobody is notified of an edit. */
const mentions = (mention: string) =>
  team.workspace.calls.filter(
    ({ method, args, ok }) => ok && method === 'chat.postMessage' && textOf(args).includes(mention),
  );

describe('the approvers', () => {
  it.each([
    ['people', `${BOB},${CAROL}`, `<@${CAROL}>`],
    ['a group', APPROVERS, `<!subteam^${APPROVERS}>`],
  ])(
    'are mentioned once when they are asked, and once in the reminder: %s',
    async (_what, allow, mention) => {
      team = await connectApprovals({ APPROVALS_PRODUCTION: '2', APPROVE_ALLOW: allow });
      await team.request(ready.id);
      await team.click(team.bob, 'Approve');
      expect(mentions(mention).map(({ args }) => args['thread_ts'])).toEqual([undefined]);
      await team.later(12);
      const [, reminder, ...more] = mentions(mention);
      expect(String(reminder?.args['text'])).toContain('Reminder: still waiting for approval from ');
      expect([reminder?.args['thread_ts'], more]).toEqual([cardsIn(team).at(-1)?.ts, []]);
    },
  );

  it('are not reminded when they have approved before half of the time is over', async () => {
    team = await connectApprovals();
    await team.request(ready.id);
    await team.click(team.bob, 'Approve');
    await team.later(13);
    expect(team.thread()).not.toContain('Reminder');
  });

  it('are asked for a whole period again, with its own reminder, when the plan changed', async () => {
    team = await connectApprovals();
    await team.request(ready.id);
    await team.later(13);
    team.account.updateTraining(ready.id, { private_name: 'Renamed' });
    await team.click(team.bob, 'Approve');
    await team.later(11.5);
    expect([(await request())?.state, count(team.thread(), 'Reminder')]).toEqual(['awaiting_approval', 1]);
    await team.later(1);
    expect(count(team.thread(), 'Reminder')).toBe(2);
    await team.later(12);
    expect((await request())?.state).toBe('expired');
  });
});

describe('when the time is over', () => {
  it('the request expires, its requester is mentioned, and they can try again', async () => {
    team = await connectApprovals({ APPROVALS_PRODUCTION: '2' });
    await team.request(ready.id);
    await team.click(team.bob, 'Approve');
    await team.later(25);
    expect((await request())?.state).toBe('expired');
    expect(team.card()).toMatch(/\*Expired\*[\s\S]*Not enough people approved it in time/);
    expect(team.card()).not.toContain('[Approve]');
    expect(team.thread()).toContain('@alice, not enough people approved your request in time.');
    expect(team.posts()).toBe(0);
    const before = await request();
    await team.click(team.alice, 'Try again');
    expect(team.screen()).toContain('not used any more');
    await team.confirm();
    await team.later();
    expect(await request()).toMatchObject({ retryOf: before?.id, approval: { given: [] } });
    expect(team.workspace.renderText(cardsIn(team)[0] ?? {})).toContain('Tried again: see the new card.');
  });

  it('an approval no longer counts, also before the app has noticed', async () => {
    team = await connectApprovals({ APPROVAL_HOURS: '1' });
    await team.request(ready.id);
    team.clock.advance(3_600_001);
    await team.bob.click('Approve', { message: cardsIn(team).at(-1)?.ts ?? '' });
    await team.settled();
    expect(team.seenBy(team.bob)).toContain('The time for approvals is over');
    expect(await team.denials()).toMatchObject([{ code: 'approval_expired', user: BOB }]);
    await team.later();
    expect([(await request())?.state, team.posts()]).toEqual(['expired', 0]);
  });

  it('the requester is told in private when the card is gone', async () => {
    team = await connectApprovals();
    const { channel, card } = await team.request(ready.id);
    const { ts = '' } = (await request())?.card ?? card ?? {};
    await team.app.slack.client.chat.delete({ channel, ts });
    await team.later(25);
    expect(team.screen()).toMatch(
      /\*Expired\.\* Not enough people approved it in time, so nothing was archived\./,
    );
  });
});

describe('workers that start later', () => {
  it('share one reminder and one end, however many there are', async () => {
    team = await connectApprovals();
    const { id } = await team.request(ready.id);
    const all = async (hours: number) => {
      team.clock.advance(hours * 3_600_000);
      for (let ticks = 0; ticks < 4; ticks++) {
        await Promise.all(Array.from({ length: 4 }, () => createWorker(team.deps).tick()));
        team.clock.advance(500);
      }
    };
    await all(12);
    await all(2);
    await all(11);
    await all(1);
    const kinds = (await team.journal.events(id)).map(({ kind }) => kind);
    expect(kinds).toEqual(['asked', 'approval_requested', 'reminded', 'approval_expired']);
    expect([count(team.thread(), 'Reminder'), count(team.thread(), 'time for approvals is over')]).toEqual([
      1, 1,
    ]);
  });

  it('end a request whose time went by while no app ran, without a reminder', async () => {
    team = await connectApprovals();
    const { id } = await team.request(ready.id);
    await team.later(100);
    const kinds = (await team.journal.events(id)).map(({ kind }) => kind);
    expect(kinds).toEqual(['asked', 'approval_requested', 'approval_expired']);
  });
});
