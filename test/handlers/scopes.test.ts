import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { OPTIONAL_SCOPES } from '../../src/slack/scopes';
import { type Approvals, connectApprovals } from '../support/approvals';
import { ALICE, BOB, cardsIn, GENERAL, GROUP } from '../support/harness';

const { ready } = DEMO_TRAININGS;
const manifest = parse(readFileSync(join(__dirname, '..', '..', 'manifest.yml'), 'utf8'));
const BOT: string[] = manifest.oauth_config.scopes.bot;
const PRIVATE = 'C03PRIVATE';
const GROUP_DM = 'G04GROUP';
const NAMELESS_GROUP_DM = 'G05GROUP';
const MINUTE = 60_000;

let harness: Approvals | undefined;
afterEach(() => harness?.close());

/** The app as it is installed without these scopes. */
async function without(missing: readonly string[], env: Record<string, string> = {}): Promise<Approvals> {
  const members = [ALICE, BOB, 'U03CAROL'];
  harness = await connectApprovals(
    { APPROVALS_PRODUCTION: '0', ...env },
    {
      workspace: {
        scopes: BOT.filter((scope) => !missing.includes(scope)),
        channels: [
          { id: GENERAL, name: 'general', members, bot: true },
          { id: PRIVATE, name: 'private', private: true, members, bot: true },
          { id: GROUP_DM, name: 'mpdm-alice--bob-1', group: true, members, bot: false },
          { id: NAMELESS_GROUP_DM, name: 'privategroup', group: true, members, bot: true },
        ],
      },
    },
  );
  return harness;
}

/** Archives as Alice, to the end. */
async function archive(app: Approvals, channel: string, between: () => void = () => {}): Promise<string[]> {
  await app.ask(ready.id, channel);
  between();
  await app.confirm();
  await app.later();
  return cardsIn(app, channel).map((card) => app.workspace.renderText(card));
}

describe.each([
  ['channels:history', GENERAL],
  ['groups:history', PRIVATE],
])('without %s', (scope, channel) => {
  it('archives, also when the plan was looked at for long', async () => {
    const app = await without([scope]);
    const cards = await archive(app, channel, () => app.clock.advance(11 * MINUTE));
    expect(cards).toEqual([expect.stringContaining('Archived')]);
    expect(app.posts()).toBe(1);
  });

  it('posts the card again when Slack’s answer to the post was lost, and keeps that one up to date', async () => {
    const app = await without([scope]);
    app.workspace.faults.add({ kind: 'lost', method: 'chat.postMessage' });
    const cards = await archive(app, channel);
    expect(cards).toEqual([
      expect.stringContaining('Recorded; being sent to Toloka'),
      expect.stringContaining('Archived'),
    ]);
    expect(app.posts()).toBe(1);
    expect(app.log.join('\n')).toContain('may not look for its own messages');
  });

  it('the thread of a request with approvals has each line once', async () => {
    const app = await without([scope], { APPROVALS_PRODUCTION: '2' });
    await archive(app, channel);
    const click = async (person: typeof app.bob) => {
      await person.click('Approve', { channel });
      await app.settled();
      await app.later();
    };
    await click(app.bob);
    await click(app.carol);
    const thread = (cardsIn(app, channel).at(-1)?.replies ?? []).map(({ text }) => text).join('\n');
    expect(thread.match(/ approved\./g)).toHaveLength(2);
    expect(thread).toContain('the training is archived');
  });
});

describe.each([
  ['channels:read', GENERAL],
  ['groups:read', PRIVATE],
])('without %s', (scope, channel) => {
  it('archives where the app is', async () => {
    expect(await archive(await without([scope]), channel)).toEqual([expect.stringContaining('Archived')]);
  });

  it('sends nothing where it is not, and says how to invite it', async () => {
    const app = await without([scope]);
    app.workspace.setMember(channel, 'bot', false);
    await app.ask(ready.id, channel);
    // That of a private channel is not told from one that does not exist, so the plan says it already.
    const screen = app.alice.modal()?.submit ? await app.confirm() : app.screen();
    expect(screen).toContain('/invite @Toloka Archive');
    expect([app.posts(), cardsIn(app, channel)]).toEqual([0, []]);
  });
});

describe('without mpim:read', () => {
  it('a group’s direct message is known by its name', async () => {
    const app = await without(['mpim:read']);
    expect(await app.ask(ready.id, GROUP_DM)).toContain('Type the command in a channel');
  });

  it('one that only Slack knows as one is taken for a channel', async () => {
    const app = await without(['mpim:read']);
    expect(await archive(app, NAMELESS_GROUP_DM)).toEqual([expect.stringContaining('Archived')]);
  });
});

describe('without usergroups:read', () => {
  it('those who are named by ID can archive', async () => {
    const app = await without(['usergroups:read'], { ARCHIVE_ALLOW: `${GROUP},${ALICE}` });
    expect(await archive(app, GENERAL)).toEqual([expect.stringContaining('Archived')]);
  });

  it('those who are only in a group cannot, and are told which permission is missing', async () => {
    const app = await without(['usergroups:read'], { ARCHIVE_ALLOW: GROUP });
    const screen = await app.ask(ready.id);
    expect(screen).toContain('the app may lack the `usergroups:read` permission');
    expect(await app.denials()).toMatchObject([{ code: 'access_unknown' }]);
  });
});

describe('the log at the start', () => {
  const lines = (app: Approvals) =>
    app.log.map((line) => JSON.parse(line)).filter(({ message }) => message.startsWith('Slack scope'));

  it('says for each optional scope that is missing what that means', async () => {
    const app = await without(['mpim:read', 'usergroups:read']);
    expect(lines(app)).toEqual(
      ['mpim:read', 'usergroups:read'].map((scope) =>
        expect.objectContaining({ level: 'info', scope, without: OPTIONAL_SCOPES[scope] }),
      ),
    );
  });

  it('calls it an error when a required one is missing', async () => {
    expect(lines(await without(['chat:write']))).toEqual([
      expect.objectContaining({ level: 'error', scope: 'chat:write' }),
    ]);
  });

  it('says nothing when all were granted, or Slack does not say which', async () => {
    expect(lines(await without([]))).toEqual([]);
  });
});
