import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { ALICE, BOB, type ConnectedHarness, connectHarness, GENERAL } from '../support/harness';

const { ready, open, archived } = DEMO_TRAININGS;
const manifest = parse(readFileSync(join(__dirname, '..', '..', 'manifest.yml'), 'utf8'));
const SECRET = 'C03SECRET';
const PUBLIC = 'C02ELSEWHERE';
const GROUP = 'G04GROUP';
const NEW_GROUP = 'C05GROUP';
const STRANGE_GROUP = 'G06GROUP';
/** Between Alice and the app. */
const OWN = `D${ALICE.slice(1)}`;
const MANIFEST: string[] = manifest.oauth_config.scopes.bot;

let harness: ConnectedHarness;
beforeEach(async () => {
  const members = [ALICE, BOB];
  harness = await connectHarness({
    workspace: {
      scopes: MANIFEST,
      channels: [
        { id: GENERAL, name: 'general', members, bot: true },
        { id: PUBLIC, name: 'elsewhere', members, bot: false },
        { id: SECRET, name: 'secret', private: true, members, bot: false },
        { id: 'C07TEAM', name: 'team', private: true, members, bot: true },
        { id: GROUP, name: 'mpdm-alice--bob--archive-1', group: true, members, bot: true },
        { id: NEW_GROUP, name: 'privategroup', group: true, members, bot: true },
        { id: STRANGE_GROUP, name: 'mpdm-alice--bob--carol-1', group: true, members, bot: false },
        { id: 'D0ALICEBOB', name: 'directmessage', private: true, members, bot: false },
      ],
    },
  });
  // Makes the direct message.
  await harness.app.slack.client.chat.postMessage({ channel: ALICE, text: 'Hello' });
});
afterEach(() => harness.close());

const reads = () => harness.account.exchanges.length;
const infos = () => harness.workspace.calls.filter(({ method }) => method === 'conversations.info').length;

describe('a direct message', () => {
  it.each([
    ['with the app', OWN],
    ['of two people', 'D0ALICEBOB'],
    ['of a group with the app', GROUP],
    ['of a group without the app', STRANGE_GROUP],
  ])('%s: denied before the plan, with what to do', async (_what, channel) => {
    expect(await harness.ask(ready.id, channel)).toMatch(/Type the command in a channel/);
    expect(harness.alice.modal()).toBeUndefined();
    expect([reads(), infos()]).toEqual([0, 0]);
    expect(await harness.denials()).toMatchObject([
      { code: 'direct_message', channel, trainingId: ready.id, environment: 'production' },
    ]);
  });

  it('of a group that only Slack knows as one: denied in the modal', async () => {
    expect(await harness.ask(ready.id, NEW_GROUP)).toMatch(/Type the command in a channel/);
    expect(harness.alice.modal()?.submit).toBeFalsy();
    expect(await harness.denials()).toMatchObject([{ code: 'direct_message', channel: NEW_GROUP }]);
  });
});

describe('a channel that the app is not in', () => {
  it.each([PUBLIC, SECRET])('%s: shown with the plan, without an Archive button', async (channel) => {
    const screen = await harness.ask(ready.id, channel);
    expect(screen).toContain('/invite @Toloka Archive');
    expect(screen).toContain(ready.id);
    expect(harness.alice.modal()?.submit).toBeFalsy();
    expect(await harness.denials()).toMatchObject([{ code: 'not_in_channel', channel }]);
    harness.workspace.setMember(channel, 'bot', true);
    await harness.alice.click('Check again');
    expect(await harness.settled()).toContain('Archiving cannot be undone');
    await harness.confirm();
    expect(harness.card(channel)).toContain('Requested by @alice');
  });

  it('is shown together with what else is in the way, but not when nothing is left to do', async () => {
    const screen = await harness.ask(open.id, PUBLIC);
    expect(screen).toContain('/invite @Toloka Archive');
    expect(screen).toContain('not closed');
    expect(await harness.ask(archived.id, PUBLIC)).not.toContain('/invite');
  });
});

describe('a channel that cannot be looked up', () => {
  it.each(['missing_scope', 'internal_error'])('%s: the plan can be confirmed as before', async (error) => {
    harness.workspace.faults.add({ kind: 'error', method: 'conversations.info', error });
    expect(await harness.ask(ready.id)).toContain('Archiving cannot be undone');
    await harness.confirm();
    expect(harness.card()).toContain('Requested by @alice');
  });

  it.each(['silent', 'reset', 'html', 'ratelimited'] as const)('%s: no less', async (kind) => {
    harness.workspace.faults.add({ kind, method: 'conversations.info' });
    expect(await harness.ask(ready.id)).toContain('Archiving cannot be undone');
  });
});

it.each([GENERAL, 'C07TEAM'])(
  '%s, where the app is: the scopes of the manifest are enough',
  async (channel) => {
    harness.workspace.faults.add({ kind: 'lost', method: 'chat.postMessage' });
    await harness.ask(ready.id, channel);
    await harness.confirm();
    expect(harness.card(channel)).toContain('Requested by @alice');
    expect(infos()).toBe(1);
  },
);
