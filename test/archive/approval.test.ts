import { DEMO_TRAININGS } from '../../fakes/toloka';
import type { ApprovalResult } from '../../src/archive/approval-clicks';
import type { Deps } from '../../src/archive/ports';
import { createService } from '../../src/archive/service';
import { createWorker } from '../../src/archive/worker';
import { type Approvals, CAROL, connectApprovals } from '../support/approvals';
import { ALICE, BOB, cardsIn, GENERAL, withToloka } from '../support/harness';

const { ready } = DEMO_TRAININGS;
const GROUP = 'S01TEAM';

let team: Approvals;
afterEach(() => team.close());

const request = async () => (await team.requests())[0];
const given = async () => (await request())?.approval?.given.map(({ user }) => user);
const codes = async () => (await team.denials()).map(({ code }) => code);
const as = (user: string) => ({ user, channel: GENERAL, team: 'T0TEAM' });
const shown = async () => [(await request())?.plan.fingerprint ?? ''];
const kinds = (results: ApprovalResult[]) =>
  results.map((one) => (one.kind === 'denied' ? one.code : one.kind));

it.each([1, 3])(
  'the card says that it is being sent before the POST leaves, for %i trainings',
  async (count) => {
    const cards: string[] = [];
    team = await connectApprovals(
      {},
      {
        deps: (deps) =>
          withToloka(deps, ({ archive }) => ({
            archive: (...given) => {
              cards.push(team.card());
              return archive(...given);
            },
          })),
      },
    );
    const project_id = String(team.account.getTraining(ready.id)?.['project_id']);
    const others = Array.from({ length: count - 1 }, () =>
      team.account.addTraining({ project_id, status: 'CLOSED' }),
    );
    await team.request(ready.id, ...others.map(({ id }) => id));
    await team.click(team.bob, 'Approve');
    expect(cards).toHaveLength(count);
    for (const card of cards) {
      expect(card).toContain('Approved by @bob');
      expect(card).not.toMatch(/Waiting for approval|\[Approve\]/);
    }
    expect([team.posts(), cardsIn(team).length]).toEqual([count, 1]);
  },
);

describe('the plan that was approved is what runs', () => {
  it('a plan that changed voids all approvals, and says what changed; they ask again', async () => {
    team = await connectApprovals({ APPROVALS_PRODUCTION: '2' });
    await team.request(ready.id);
    await team.click(team.bob, 'Approve');
    const before = await request();
    team.account.updateTraining(ready.id, { private_name: 'Renamed' });
    await team.click(team.carol, 'Approve');
    expect(team.seenBy(team.carol)).toMatch(/was not counted.*is now “Renamed”.*approve it again/);
    expect([await given(), team.posts()]).toEqual([[], 0]);
    expect(team.card()).toMatch(
      /The plan changed, so it needs approval again\.\*\n• The name was “Street signs, training 1” and is now “Renamed”\./,
    );
    expect(team.card()).toContain('*Needs 2 approvals* from @bob, @carol.');
    expect(team.thread()).toMatch(
      /The plan changed, so the approval of @bob no longer counts\. .*is now “Renamed”/,
    );
    const after = await request();
    expect(after?.approval?.until).toBeGreaterThan(before?.approval?.until ?? 0);
    await team.click(team.bob, 'Approve');
    await team.click(team.carol, 'Approve');
    expect([(await request())?.state, team.posts(), await given()]).toEqual(['succeeded', 1, [BOB, CAROL]]);
    expect(team.card()).not.toContain('The plan changed');
  });

  it('a click on a card that shows an earlier plan approves nothing', async () => {
    team = await connectApprovals({ APPROVALS_PRODUCTION: '1' });
    await team.request(ready.id);
    team.account.updateTraining(ready.id, { private_name: 'Renamed' });
    const message = cardsIn(team).at(-1)?.ts ?? '';
    // Nothing writes the card between the two clicks.
    await team.bob.click('Approve', { message });
    await team.settled();
    await team.carol.click('Approve', { message });
    await team.settled();
    expect(team.seenBy(team.carol)).toContain('showed an earlier plan, so your approval was not counted');
    expect([await given(), await codes(), team.posts()]).toEqual([[], ['plan_drifted'], 0]);
    await team.later();
    await team.click(team.carol, 'Approve');
    expect([await given(), team.posts()]).toEqual([[CAROL], 1]);
  });

  it('a plan that is blocked cannot be approved, until nothing blocks it and it was looked at again', async () => {
    team = await connectApprovals({ APPROVALS_PRODUCTION: '2' });
    await team.request(ready.id);
    await team.click(team.bob, 'Approve');
    team.account.updateTraining(ready.id, { status: 'OPEN' });
    await team.click(team.carol, 'Approve');
    expect(team.card()).toMatch(
      /The status was closed and is now open\.[\s\S]*\*The training is not closed\.\*/,
    );
    await team.click(team.bob, 'Approve');
    expect(team.seenBy(team.bob)).toMatch(/Something blocks archiving now.*The training is not closed/);
    expect([await given(), await codes()]).toEqual([[], ['blocked']]);
    team.account.updateTraining(ready.id, { status: 'CLOSED' });
    await team.click(team.bob, 'Approve');
    expect(team.thread()).toContain('The plan changed before @bob approved. It needs approval again.');
    expect([await given(), team.posts()]).toEqual([[], 0]);
    await team.click(team.bob, 'Approve');
    await team.click(team.carol, 'Approve');
    expect([await given(), team.posts()]).toEqual([[BOB, CAROL], 1]);
  });

  it.each(['/trainings/', '/pools'])(
    '%s cannot be read at the last approval: it is not counted',
    async (path) => {
      team = await connectApprovals({ APPROVALS_PRODUCTION: '2' });
      await team.request(ready.id);
      await team.click(team.bob, 'Approve');
      const fault = { path, times: 999, fault: { kind: 'status', status: 500 } } as const;
      const id = team.account.faults.add(fault);
      await team.click(team.carol, 'Approve');
      expect(team.seenBy(team.carol)).toMatch(/could not be read just now, so your approval was not counted/);
      expect([await given(), await codes(), team.posts()]).toEqual([[BOB], ['not_checked'], 0]);
      team.account.faults.remove(id);
      await team.click(team.carol, 'Approve');
      expect([await given(), team.posts()]).toEqual([[BOB, CAROL], 1]);
    },
  );

  it('a change after the last approval is found before anything is sent', async () => {
    team = await connectApprovals();
    await team.request(ready.id);
    await team.bob.click('Approve', { message: cardsIn(team).at(-1)?.ts ?? '' });
    await team.settled();
    team.account.updateTraining(ready.id, { private_name: 'Renamed' });
    await team.later();
    expect(await request()).toMatchObject({ state: 'not_started', outcome: { code: 'plan_drifted' } });
    expect([team.posts(), await given()]).toEqual([0, [BOB]]);
    expect(team.card()).toContain('[Try again]');
  });
});

describe('the requester', () => {
  it('lost the right meanwhile: nothing is sent, and they are notified', async () => {
    team = await connectApprovals({ ARCHIVE_ALLOW: GROUP });
    await team.request(ready.id);
    team.workspace.setUserGroup(GROUP, []);
    await team.click(team.bob, 'Approve');
    expect(await request()).toMatchObject({ state: 'not_started', outcome: { code: 'right_lost' } });
    expect(team.card()).toContain('The person who confirmed is no longer allowed to archive');
    expect(team.thread()).toContain('@alice, nothing was archived by this request');
    expect(team.posts()).toBe(0);
  });

  it('may have lost it, Slack does not say: the approval is not counted', async () => {
    team = await connectApprovals({ ARCHIVE_ALLOW: GROUP });
    await team.request(ready.id);
    team.workspace.faults.add({ method: 'usergroups.users.list', kind: 'status' });
    await team.click(team.bob, 'Approve');
    expect(team.seenBy(team.bob)).toContain('Slack did not say who has permission');
    expect([await given(), team.posts()]).toEqual([[], 0]);
    expect(await team.denials()).toMatchObject([{ code: 'access_unknown', detail: 'of the requester' }]);
  });

  it('is told in private that it was declined, when the card is gone', async () => {
    team = await connectApprovals();
    await team.request(ready.id);
    const ts = cardsIn(team).at(-1)?.ts ?? '';
    await team.bob.click('Decline', { message: ts });
    await team.settled();
    await team.app.slack.client.chat.delete({ channel: GENERAL, ts });
    await team.bob.fill('Reason', 'still used');
    await team.bob.submit();
    await team.settled();
    await team.later();
    expect(team.screen()).toMatch(
      /Training 123456 in production:\* \*Declined\.\* Declined by @bob: still used/,
    );
  });
});

describe('clicks that meet', () => {
  const PEOPLE = ['U11', 'U12', 'U13', 'U14', 'U15', 'U16', 'U17', 'U18'];

  it('eight people at the same instant: as many as are needed count, each once', async () => {
    team = await connectApprovals({ APPROVALS_PRODUCTION: '5', APPROVE_ALLOW: PEOPLE.join() });
    const { id } = await team.request(ready.id);
    const seen = await shown();
    // Each click twice, half of them at another process.
    const services = [team.service, createService(team.deps)];
    const clicks = [...PEOPLE, ...PEOPLE].map((user, i) => services[i % 2]?.approve(as(user), id, seen));
    const results = (await Promise.all(clicks)).map((one) => kinds(one ?? [])[0]);
    expect(results.filter((one) => one === 'approved')).toHaveLength(5);
    expect(new Set(results)).toEqual(new Set(['approved', 'already_approved', 'already_decided']));
    expect(new Set(await given()).size).toBe(5);
    await team.later();
    expect([(await request())?.state, team.posts(), (await given())?.length]).toEqual(['succeeded', 1, 5]);
  });

  it('an approval and a decline: one of them holds', async () => {
    team = await connectApprovals();
    const { id } = await team.request(ready.id);
    const { service } = team;
    const stop = service.decline(as(CAROL), id, 'r');
    const results = await Promise.all([service.approve(as(BOB), id, await shown()), stop]);
    expect(results.flatMap(kinds).sort()).toEqual(
      results[0]?.[0]?.kind === 'approved' ? ['already_decided', 'approved'] : ['already_decided', 'ended'],
    );
    await team.later();
    expect(team.posts()).toBe(results[0]?.[0]?.kind === 'approved' ? 1 : 0);
  });

  it('the last approval right before a withdrawal is written: both hold, and nothing is sent', async () => {
    team = await connectApprovals();
    const { id } = await team.request(ready.id);
    const { service, deps } = team;
    const advance: Deps['journal']['advance'] = async (fence, change) => {
      if ((await request())?.state === 'awaiting_approval') await service.approve(as(BOB), id, await shown());
      return deps.journal.advance(fence, change);
    };
    const { withdraw } = createService({ ...deps, journal: { ...deps.journal, advance } });
    expect(kinds(await withdraw(as(ALICE), id))).toEqual(['ended']);
    await team.later();
    expect([(await request())?.state, await given(), team.posts()]).toEqual(['cancelled', [BOB], 0]);
  });

  it('the last approval while a worker writes the card: it is sent at once all the same', async () => {
    team = await connectApprovals();
    await team.ask(ready.id);
    const { cards } = team.deps;
    const { update } = cards;
    cards.update = async (...args) => {
      cards.update = update;
      const id = args[0][0].id;
      expect(kinds(await team.service.approve(as(BOB), id, [args[0][0].plan.fingerprint]))).toEqual([
        'approved',
      ]);
      return update(...args);
    };
    await team.confirm();
    await team.later();
    expect([(await request())?.state, team.posts()]).toEqual(['succeeded', 1]);
    expect(team.card()).toMatch(/\*Archived\*[\s\S]*Approved by @bob/);
    expect(cardsIn(team)).toHaveLength(1);
  });

  it('two last approvals read the plan at the same time: one POST', async () => {
    team = await connectApprovals();
    const { id } = await team.request(ready.id);
    let reading = 0;
    let both: () => void = () => {};
    const met = new Promise<void>((resolve) => {
      both = resolve;
    });
    const deps = withToloka(team.deps, (toloka) => ({
      readTraining: async (...args) => {
        reading += 1;
        if (reading === 2) both();
        await met;
        return toloka.readTraining(...args);
      },
    }));
    const seen = await shown();
    const clicks = [BOB, CAROL].map((user) => createService(deps).approve(as(user), id, seen));
    expect((await Promise.all(clicks)).flatMap(kinds).sort()).toEqual(['already_decided', 'approved']);
    await Promise.all([createWorker(team.deps).tick(), createWorker(team.deps).tick()]);
    await team.later();
    expect([team.posts(), cardsIn(team).length]).toEqual([1, 1]);
  });
});
