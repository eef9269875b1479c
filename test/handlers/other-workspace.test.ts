import { DEMO_TRAININGS } from '../../fakes/toloka';
import { actorOf } from '../../src/handlers/deps';
import { readModalState } from '../../src/messages/modal-state';
import { ALICE, BOB, type ConnectedHarness, cardsIn, connectHarness, GENERAL } from '../support/harness';

const { id } = DEMO_TRAININGS.ready;
const OUTSIDER = 'U03CAROL';
const COLLEAGUE = 'U04DAVE';

let harness: ConnectedHarness;
afterEach(() => harness.close());

/** A shared channel with a card that offers Try again. */
async function start(allow: string): Promise<void> {
  const everybody = [ALICE, BOB, OUTSIDER, COLLEAGUE];
  harness = await connectHarness({
    env: { ARCHIVE_ALLOW: allow },
    workspace: {
      enterpriseId: 'E0ORG',
      people: [
        { id: ALICE, name: 'alice' },
        { id: BOB, name: 'bob' },
        { id: OUTSIDER, name: 'carol', team: { id: 'T9OTHER' } },
        { id: COLLEAGUE, name: 'dave', team: { id: 'T0SISTER', enterprise: 'E0ORG' } },
      ],
      channels: [{ id: GENERAL, name: 'general', members: everybody, bot: true }],
      userGroups: [{ id: 'S01TEAM', handle: 'archivists', users: everybody }],
    },
  });
  harness.account.faults.add({ method: 'POST', fault: { kind: 'status', status: 409 } });
  await harness.ask(id);
  await harness.confirm();
}

async function tryAgain(user: string): Promise<string> {
  const person = harness.workspace.person(user);
  await person.click('Try again');
  await harness.settled();
  return harness.workspace.renderText(person.modal() ?? {});
}

describe('in a channel that is shared with another company', () => {
  it.each(['*', `${ALICE},S01TEAM`])('%s: its people can’t archive, and that is recorded', async (allow) => {
    await start(allow);
    expect(await tryAgain(OUTSIDER)).toContain('This app belongs to another workspace');
    expect(harness.workspace.person(OUTSIDER).modal()?.submit).toBeFalsy();
    expect((await harness.denials())[0]).toMatchObject({
      ...{ code: 'other_workspace', user: OUTSIDER, team: 'T9OTHER', trainingId: id },
    });
    expect([harness.account.posts(id).arrived, cardsIn(harness).length]).toEqual([1, 1]);
  });

  it('its people choose nothing from a list, and their Home tab shows nothing', async () => {
    await start('*');
    const carol = harness.workspace.person(OUTSIDER);
    await carol.shortcut('archive_pick');
    await harness.settled();
    expect(harness.workspace.renderText(carol.modal() ?? {})).toContain('belongs to another workspace');
    expect((await harness.denials())[0]).toMatchObject({ code: 'other_workspace', user: OUTSIDER });
    const home = (user: string) => JSON.stringify(harness.workspace.home(user) ?? '');
    const other = String(harness.account.addTraining({ project_id: '74175', status: 'CLOSED' }).id);
    harness.account.faults.clear();
    await harness.archive(other);
    await carol.openHome();
    await harness.workspace.waitFor(() => home(OUTSIDER).includes('You can’t archive here.'));
    expect(home(OUTSIDER)).not.toContain(other);
    await harness.workspace.person(COLLEAGUE).openHome();
    await harness.workspace.waitFor(() => home(COLLEAGUE).includes('Here you can archive'));
    expect(home(COLLEAGUE)).toContain(other);
  });

  it('they can if they are named by ID', async () => {
    await start(`*,${OUTSIDER}`);
    expect(await tryAgain(OUTSIDER)).toContain('Archiving cannot be undone');
  });

  it('so can people of the same organization, also if the app is interrupted after they confirm', async () => {
    await start('*');
    expect(await tryAgain(COLLEAGUE)).toContain('Archiving cannot be undone');
    const dave = harness.workspace.person(COLLEAGUE);
    const [item] = readModalState(dave.modal()?.private_metadata ?? '')?.items ?? [];
    const { requestId = '', shown = '' } = item ?? {};
    const { journal, clock } = harness;
    const take = { token: 'a process that was killed', until: clock.now() + 1_000 };
    const planned = await journal.get(requestId);
    expect(planned?.plan.fingerprint).toBe(shown);
    const fence = { id: requestId, version: 1, actor: COLLEAGUE, at: clock.now(), take };
    await journal.advance(fence, { kind: 'confirmed', reason: 'r' });
    clock.advance(2_000);
    expect(await harness.settle(requestId)).toMatchObject({ state: 'succeeded', team: 'T0SISTER' });
  });
});

describe('whose workspace and organization a click is from', () => {
  beforeEach(() => start('*'));

  it.each([
    ['T1', { id: 'T1', enterprise_id: 'E1' }, null, 'T1', 'E1'],
    // The organization is the app's own, and the person may be a stranger.
    ['T1', { id: 'T1' }, { id: 'E1' }, 'T1', null],
    ['T2', { id: 'T1', enterprise_id: 'E1' }, { id: 'E1' }, 'T2', null],
    ['T2', null, { id: 'E1' }, 'T2', null],
    // So is the workspace.
    [undefined, { id: 'T1' }, { id: 'E1' }, '', null],
    [undefined, null, null, '', null],
  ])('team_id %s, team %j, enterprise %j', (team_id, team, enterprise, own, organization) => {
    const body = { user: { id: 'U1', team_id }, team, enterprise };
    expect(actorOf(body)).toMatchObject({ team: own, enterprise: organization });
  });

  it('in a modal, the team is the person’s own when Slack does not say it of the person', () => {
    const body = { user: { id: 'U1' }, team: { id: 'T1' }, view: { type: 'modal' } };
    expect(actorOf(body)).toMatchObject({ team: 'T1' });
    expect(actorOf({ ...body, view: { type: 'home' } })).toMatchObject({ team: '' });
  });
});
