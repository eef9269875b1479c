import { DEMO_TRAININGS } from '../../fakes/toloka';
import { freePort } from '../support/free-port';
import { ALICE, cardsIn, TOKENS } from '../support/harness';
import { connectWire, type Wire } from './support';

const { ready, fails } = DEMO_TRAININGS;
const WORDS =
  /Slack does not accept this app’s token any more \(\w+\), so nothing was archived\. Ask the person who runs this app/;
const CODES = ['not_authed', 'invalid_auth', 'account_inactive', 'token_revoked', 'token_expired'];
/** All that the app calls with the bot token. */
const METHODS = [
  ...['auth.test', 'views.open', 'views.update', 'chat.postMessage', 'chat.update', 'chat.postEphemeral'],
  ...['chat.getPermalink', 'conversations.info', 'conversations.history', 'conversations.replies'],
];

let harness: Wire;
afterEach(() => harness.close());

const TRANSPORTS = {
  'Socket Mode': () => connectWire(),
  async HTTP() {
    const port = await freePort();
    const http = { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: TOKENS.signing, PORT: String(port) };
    const wire = await connectWire(http);
    wire.workspace.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
    return wire;
  },
};

function refuse(error: string, methods = METHODS): void {
  const times = Number.POSITIVE_INFINITY;
  for (const method of methods) harness.workspace.faults.add({ kind: 'error', error, method, times });
}
const posts = (id: string) => harness.account.posts(id).arrived;

describe.each(Object.entries(TRANSPORTS))('a bot token that is not valid any more, by %s', (_by, connect) => {
  beforeEach(async () => {
    harness = await connect();
  });

  it.each(CODES)('Try again on a card: a private message says why: %s', async (error) => {
    const { workspace, alice } = harness;
    await harness.ask(fails.id);
    await harness.confirm();
    await harness.settle(harness.requests.at(-1) ?? '');
    refuse(error);
    expect(await alice.click('Try again')).toMatchObject({ acked: true });
    await harness.settled();
    expect(workspace.ephemerals(ALICE).at(-1)).toMatchObject({
      from: 'app',
      text: expect.stringMatching(WORDS),
    });
    expect(await harness.denials()).toMatchObject([{ code: 'modal_not_opened', detail: error }]);
    // The plan was read while the modal was opened.
    expect([await harness.state(), posts(fails.id), cardsIn(harness).length]).toEqual(['cancelled', 1, 1]);
  });

  it.each(CODES)(
    'Archive: the modal says why, and a new request works once the token is valid: %s',
    async (error) => {
      const { workspace, alice } = harness;
      await harness.ask(ready.id);
      refuse(error);
      await harness.confirm();
      expect(harness.screen()).toContain('Slack does not accept the app’s token any more.');
      expect([await harness.state(), posts(ready.id), cardsIn(harness)]).toEqual(['not_started', 0, []]);
      workspace.faults.clear();
      await alice.close();
      await harness.ask(ready.id);
      await harness.confirm();
      expect([await harness.state(), posts(ready.id)]).toEqual(['running', 1]);
    },
  );

  it('Check again: nothing can be shown, so nothing is changed, and Archive still says why', async () => {
    const { alice } = harness;
    await harness.ask(ready.id);
    const before = alice.modal()?.private_metadata;
    refuse('token_revoked');
    expect(await alice.click('Check again')).toMatchObject({ acked: true });
    await harness.settled();
    expect(alice.modal()?.private_metadata).toBe(before);
    expect([harness.requests.length, await harness.state()]).toEqual([1, 'planned']);
    expect(await harness.denials()).toMatchObject([{ code: 'token_invalid', detail: 'token_revoked' }]);
    expect(harness.log.join('\n')).toMatch(/"not notified".*token_revoked/);
    await harness.confirm();
    expect(harness.screen()).toContain('Slack does not accept the app’s token any more.');
  });

  it('Cancel: the request is cancelled', async () => {
    await harness.ask(ready.id);
    refuse('token_revoked');
    expect(await harness.alice.close()).toMatchObject({ acked: true });
    await harness.settled();
    expect(await harness.state()).toBe('cancelled');
  });

  it('the command, whose modal opens just before: a private message says why', async () => {
    refuse(
      'token_revoked',
      METHODS.filter((method) => method !== 'views.open' && method !== 'auth.test'),
    );
    const { workspace } = harness;
    const off = workspace.on('call', ({ method }) => method === 'views.update' && refuse('token_revoked'));
    await harness.ask(ready.id);
    off();
    expect(harness.privately()).toEqual([expect.stringMatching(WORDS)]);
  });
});

describe('a bot token', () => {
  beforeEach(async () => {
    harness = await connectWire();
  });

  it('that is revoked between the click and the card: nothing is archived', async () => {
    await harness.ask(ready.id);
    refuse(
      'token_revoked',
      METHODS.filter((method) => method !== 'auth.test'),
    );
    await harness.confirm();
    const request = await harness.service.requestOf(harness.requests[0] ?? '');
    expect(request).toMatchObject({ state: 'not_started', outcome: { code: 'token_revoked' }, card: null });
    expect([posts(ready.id), cardsIn(harness)]).toEqual([0, []]);
  });

  it('about which Slack says nothing in time is taken for valid', async () => {
    await harness.ask(ready.id);
    harness.workspace.faults.add({ kind: 'silent', method: 'auth.test' });
    await harness.confirm();
    expect(await harness.state()).toBe('running');
  });

  it('without a scope is valid: the modal says why there is no card', async () => {
    await harness.ask(ready.id);
    refuse('missing_scope', ['chat.postMessage', 'chat.postEphemeral']);
    expect(await harness.confirm()).toMatch(
      /Not started; nothing was archived[\s\S]*lacks a Slack permission/,
    );
    expect([await harness.state(), posts(ready.id)]).toEqual(['not_started', 0]);
  });

  it('without a scope to write: a click on a card is answered all the same', async () => {
    await harness.ask(fails.id);
    await harness.confirm();
    await harness.settle(harness.requests.at(-1) ?? '');
    refuse('missing_scope', ['chat.postMessage', 'chat.postEphemeral']);
    refuse('expired_trigger_id', ['views.open']);
    await harness.alice.click('Try again');
    await harness.settled();
    expect(harness.privately().at(-1)).toContain('did not open the window');
  });
});
