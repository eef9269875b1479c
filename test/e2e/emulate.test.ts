import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { type AppProcess, startReadyApp } from '../support/app-process';
import { deliver, type Emulated, startEmulate } from '../support/emulate';
import { freePort } from '../support/free-port';
import { createFakes, type Fakes, TOKENS } from '../support/harness';

const { id } = DEMO_TRAININGS.ready;
const manifest = parse(readFileSync(join(__dirname, '..', '..', 'manifest.yml'), 'utf8'));

let slack: Emulated;
let fakes: Fakes;
let app: AppProcess;
let url: string;
let user: string;
let channels: Record<string, string>;

/** The app against a Slack that this project did not write, with exactly the scopes of the manifest. */
beforeAll(async () => {
  slack = await startEmulate(TOKENS.bot, {
    strict_scopes: true,
    users: [{ name: 'alice' }],
    oauth_apps: [
      {
        app_id: 'A0ARCHIVE',
        client_id: '1.2',
        client_secret: 'x',
        name: 'Toloka Archive',
        redirect_uris: [],
        bot_id: 'B0ARCHIVE',
        bot_user_id: 'U0ARCHIVE',
      },
    ],
    tokens: [
      {
        token: TOKENS.bot,
        type: 'bot',
        app_id: 'A0ARCHIVE',
        bot_id: 'B0ARCHIVE',
        bot_user_id: 'U0ARCHIVE',
        user_id: 'U0ARCHIVE',
        scopes: manifest.oauth_config.scopes.bot,
      },
      {
        token: 'xoxp-setup',
        user: 'alice',
        scopes: [
          'channels:manage',
          'groups:write',
          'channels:write',
          'channels:read',
          'users:read',
          'channels:join',
        ],
      },
    ],
  });
  const setUp = async (method: string, args: Record<string, string> = {}) => {
    const answer = await fetch(slack.apiUrl + method, {
      method: 'POST',
      headers: { authorization: 'Bearer xoxp-setup' },
      body: new URLSearchParams(args),
    });
    return (await answer.json()) as { ok: boolean; error?: string } & Record<string, never>;
  };
  const people = (await setUp('users.list')) as unknown as { members: { id: string; name: string }[] };
  user = people.members.find(({ name }) => name === 'alice')?.id ?? '';
  channels = {};
  for (const name of ['with-bot', 'without-bot']) {
    const made = (await setUp('conversations.create', {
      name,
      // Unlike Slack, the emulator lets an app post to a public channel that it is not in.
      ...(name === 'without-bot' && { is_private: 'true' }),
    })) as unknown as { channel: { id: string } };
    channels[name] = made.channel.id;
  }
  await setUp('conversations.invite', { channel: channels['with-bot'] ?? '', users: 'U0ARCHIVE' });
  slack.passed.length = 0;

  fakes = await createFakes();
  const port = await freePort();
  url = `http://127.0.0.1:${port}/slack/events`;
  app = await startReadyApp(
    fakes.env({
      SLACK_APP_TOKEN: '',
      SLACK_SIGNING_SECRET: TOKENS.signing,
      SLACK_API_URL: slack.apiUrl,
      PORT: String(port),
    }),
  );
}, 30_000);
afterAll(async () => {
  await app?.kill();
  await fakes?.close();
  await slack?.close();
});
beforeEach(() => {
  slack.passed.length = 0;
  fakes.account.reset();
});

const mintTrigger = async () =>
  String((await slack.call('views.generateTriggerId', { user_id: user }))['trigger_id']);

async function command(channel: string, trigger_id: string): Promise<void> {
  const answer = await deliver(url, TOKENS.signing, {
    command: '/toloka-archive',
    text: id,
    trigger_id,
    user_id: user,
    channel_id: channel,
    team_id: 'T000000001',
    response_url: 'http://127.0.0.1:9/nobody',
  });
  expect(answer.status).toBe(200);
}

interface View {
  id: string;
  hash: string;
  callback_id: string;
  private_metadata: string;
  submit?: object;
  blocks: object[];
}
const hasArchive = ({ method, answer }: { method: string; answer: object }) =>
  method === 'views.update' && Boolean((answer as { view?: View }).view?.submit);

async function planIn(channel: string): Promise<View> {
  await command(channel, await mintTrigger());
  const { answer } = await slack.waitFor(hasArchive);
  return answer['view'] as View;
}

/** Submits the modal. Returns what the app tells Slack to do with it. */
async function submit(view: View): Promise<{ response_action?: string; view?: object }> {
  const values = {
    reason: { reason_text: { type: 'plain_text_input', value: 'no longer used' } },
    typed: { typed_text: { type: 'plain_text_input', value: id } },
  };
  const payload = {
    type: 'view_submission',
    team: { id: 'T000000001' },
    user: { id: user },
    trigger_id: 'unused',
    view: { ...view, state: { values } },
    response_urls: [],
  };
  const answer = await deliver(url, TOKENS.signing, { payload: JSON.stringify(payload) });
  return (await answer.json()) as { response_action?: string };
}

describe('against another Slack', () => {
  it('archives: plan, confirmation, card, POST, end, thread', async () => {
    expect(await submit(await planIn(channels['with-bot'] ?? ''))).toEqual({ response_action: 'clear' });
    await slack.waitFor(
      ({ method, args }) => method === 'chat.update' && (args['blocks'] ?? '').includes('*Archived*'),
    );
    await slack.waitFor(
      ({ method, args }) =>
        method === 'chat.postMessage' &&
        (args['text'] ?? '').includes(`<@${user}>, the training is archived`),
    );
    expect(fakes.account.posts(id)).toEqual({ arrived: 1, effective: 1 });
    expect(
      slack.passed.filter(({ answer }) => !answer.ok).map(({ method, answer }) => [method, answer.error]),
    ).toEqual([]);
    const cards = slack.passed.filter(
      ({ method, args }) => method === 'chat.postMessage' && !args['thread_ts'],
    );
    expect(cards).toHaveLength(1);
  });

  it('sends nothing to Toloka when the bot is not in the channel, and the modal says so', async () => {
    const { response_action, view } = await submit(await planIn(channels['without-bot'] ?? ''));
    expect([response_action, JSON.stringify(view)]).toEqual([
      'update',
      expect.stringContaining('Not started'),
    ]);
    expect(fakes.account.posts(id).arrived).toBe(0);
  });

  it('opens nothing and sends Toloka no request for a trigger that was used already or is unknown', async () => {
    const trigger = await mintTrigger();
    await command(channels['with-bot'] ?? '', trigger);
    await slack.waitFor(hasArchive);
    slack.passed.length = 0;
    fakes.account.reset();
    await command(channels['with-bot'] ?? '', trigger);
    await command(channels['with-bot'] ?? '', 'never.minted');
    await app.waitForLog(
      ({ denial }) => (denial as { code?: string } | undefined)?.code === 'modal_not_opened',
    );
    expect(slack.passed.filter(({ method, answer }) => method === 'views.open' && answer.ok)).toEqual([]);
    // The plan is read while Slack is asked to open the modal.
    expect(fakes.account.exchanges.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});
