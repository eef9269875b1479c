import type { App } from '@slack/bolt';
import type { Workspace } from '.';
import {
  ALICE,
  actions,
  BOB,
  button,
  clientOf,
  closeAll,
  input,
  modal,
  mrkdwn,
  openWorkspace,
  plain,
  section,
  socketApp,
} from './test-helpers';

type Body = { [key: string]: never } & { response_url: string; actions: object[] };

let workspace: Workspace;
let client: ReturnType<typeof clientOf>;
let now: number;
let bodies: Body[];
let closed: object[];
let answer: (respond: (message: object) => Promise<unknown>) => Promise<void>;
let view: object;

const OPTIONS = ['Pool A', 'Pool B'].map((text, index) => ({ text: plain(text), value: `p${index}` }));

const register = (app: App) => {
  app.command('/toloka-archive', async ({ ack, body, client: own }) => {
    await ack();
    await own.views.open({ trigger_id: body.trigger_id, view: view as never });
  });
  app.action(/.*/, async ({ ack, body, respond }) => {
    bodies.push(body as never);
    await ack();
    await answer(respond as never);
  });
  app.view({ type: 'view_closed', callback_id: 'archive' }, async ({ ack, body }) => {
    closed.push(body);
    await ack();
  });
};

beforeEach(async () => {
  now = 1_700_000_000_000;
  bodies = [];
  closed = [];
  answer = async () => undefined;
  workspace = await openWorkspace({ now: () => now });
  client = clientOf(workspace);
  await socketApp(workspace, register);
});
afterEach(closeAll);

const alice = () => workspace.person(ALICE);
const card = (...buttons: ReturnType<typeof button>[]) =>
  client.chat.postMessage({ channel: 'C01', text: 'card', blocks: [section('card'), actions(...buttons)] });

async function openForm(blocks: object[], more: object = {}): Promise<void> {
  view = modal('Archive', blocks, more);
  await alice().command('1', { channel: 'C01' });
  await workspace.waitFor(() => workspace.modalOf(ALICE));
}

describe('a button under a message', () => {
  it('sends block_actions as Bolt reads them', async () => {
    const { ts } = await card(button('Approve', 'approve', { value: 'r1' }));
    expect(await alice().click('Approve')).toMatchObject({ acked: true });
    expect(bodies).toMatchObject([
      {
        user: { id: ALICE, username: 'alice' },
        channel: { id: 'C01', name: 'pools' },
        container: { type: 'message', message_ts: ts, channel_id: 'C01', is_ephemeral: false },
        message: { ts, text: 'card', user: 'U0BOT' },
        actions: [{ type: 'button', action_id: 'approve', value: 'r1', text: { text: 'Approve' } }],
        response_url: expect.stringContaining('/response/'),
      },
    ]);
  });

  it('is also found by its action_id, in the newest message or in a given one', async () => {
    const { ts } = await card(button('Go', 'go', { value: 'old' }));
    await card(button('Go', 'go', { value: 'new' }));
    await alice().click('go');
    await alice().click('Go', { message: ts as string });
    expect(bodies.map((body) => body.actions[0])).toMatchObject([{ value: 'new' }, { value: 'old' }]);
  });

  it('must exist where the person can see it', async () => {
    await client.chat.postMessage({ channel: 'C04', text: 't', blocks: [actions(button('Hidden', 'h'))] });
    await card(button('Approve', 'approve'));
    await expect(alice().click('Decline')).rejects.toThrow(/sees no "Decline".*Approve/);
    await expect(workspace.person(BOB).click('Hidden')).rejects.toThrow('sees no "Hidden"');
    expect(bodies).toEqual([]);
  });

  it('asks first when it has a confirmation', async () => {
    await card(
      button('Archive', 'a', {
        confirm: {
          title: plain('Sure?'),
          text: mrkdwn('No way back'),
          confirm: plain('Yes'),
          deny: plain('No'),
        },
      }),
    );
    expect(await alice().click('Archive', { confirm: false })).toMatchObject({ error: 'not_sent' });
    expect(bodies).toEqual([]);
    expect(await alice().click('Archive')).toMatchObject({ acked: true });
  });

  it('may be an option of an overflow menu', async () => {
    const menu = { type: 'overflow', action_id: 'more', options: OPTIONS };
    await client.chat.postMessage({
      channel: 'C01',
      text: 't',
      blocks: [{ type: 'actions', elements: [menu] }] as never,
    });
    await alice().click('Pool B');
    expect(bodies[0]?.actions).toMatchObject([{ type: 'overflow', selected_option: { value: 'p1' } }]);
  });
});

describe('response_url', () => {
  const use = async (message: object): Promise<number> => {
    const { response_url } = bodies.at(-1) as Body;
    const headers = { 'content-type': 'application/json' };
    return (await fetch(response_url, { method: 'POST', headers, body: JSON.stringify(message) })).status;
  };

  it('answers the person alone, or the channel', async () => {
    await card(button('Go', 'go'));
    answer = async (respond) => void (await respond({ text: 'for you' }));
    await alice().click('Go');
    await workspace.waitFor(() => workspace.ephemerals(ALICE).some(({ text }) => text === 'for you'));
    expect(await use({ response_type: 'in_channel', text: 'for all' })).toBe(200);
    expect(workspace.messages('C01').map(({ text }) => text)).toEqual(['card', 'for all']);
  });

  it('replaces and deletes the original', async () => {
    const { ts } = await card(button('Go', 'go'));
    await alice().click('Go');
    expect(await use({ replace_original: true, text: 'replaced' })).toBe(200);
    expect(workspace.messages('C01')).toMatchObject([
      { ts, text: 'replaced', blocks: [], edits: [{ text: 'card' }] },
    ]);
    expect(await use({ delete_original: true })).toBe(200);
    expect(workspace.messages('C01')).toEqual([]);
  });

  it('replaces and deletes an ephemeral, whose message the payload does not carry', async () => {
    await client.chat.postEphemeral({
      channel: 'C01',
      user: ALICE,
      text: 'e',
      blocks: [actions(button('Go', 'go'))],
    });
    await alice().click('Go');
    expect(bodies[0]).not.toHaveProperty('message');
    expect(bodies[0]).toMatchObject({ container: { is_ephemeral: true } });
    expect(await use({ replace_original: true, text: 'now' })).toBe(200);
    expect(workspace.ephemerals(ALICE)).toMatchObject([{ text: 'now', replaced: 1 }]);
    expect(await use({ delete_original: true })).toBe(200);
    expect(workspace.ephemerals(ALICE)).toEqual([]);
  });

  it('works five times within half an hour, and refuses what Slack refuses', async () => {
    await card(button('Go', 'go'));
    await alice().click('Go');
    expect(await use({ text: '' })).toBe(400);
    for (let n = 1; n <= 5; n += 1) expect(await use({ text: `${n}` })).toBe(200);
    expect(await use({ text: '6' })).toBe(404);
    expect(workspace.ephemerals(ALICE)).toHaveLength(5);
    await alice().click('Go');
    now += 30 * 60_000 + 1;
    expect(await use({ text: 'late' })).toBe(404);
    expect(workspace.calls.at(-1)).toMatchObject({ method: 'response_url', error: 'expired_url' });
    expect(workspace.ephemerals(ALICE)).toHaveLength(5);
  });
});

describe('filling in', () => {
  const menu = (action_id: string, more: object = {}) => ({
    type: 'static_select',
    action_id,
    options: OPTIONS,
    ...more,
  });

  it('types by label, block_id or action_id, and chooses what is offered', async () => {
    await openForm([
      input('a', 'Reason'),
      input('b', 'Pool', menu('pool')),
      input('c', 'Pools', { type: 'checkboxes', action_id: 'pools', options: OPTIONS }),
      input('d', 'Who', { type: 'users_select', action_id: 'who' }),
    ]);
    await alice().fill('Reason', 'because');
    await alice().fill('b', 'Pool B');
    await alice().fill('pools', ['p0', 'Pool B']);
    await alice().fill('Who', BOB);
    expect(alice().modal()?.values).toMatchObject({
      a: { value: { value: 'because' } },
      b: { pool: { selected_option: { value: 'p1' } } },
      c: { pools: { selected_options: [{ value: 'p0' }, { value: 'p1' }] } },
      d: { who: { selected_user: BOB } },
    });
    await expect(alice().fill('Pool', 'Pool C')).rejects.toThrow('Offered: Pool A, Pool B');
    await expect(alice().fill('Nothing', '')).rejects.toThrow('There is: Reason, Pool, Pools, Who');
    expect(bodies).toEqual([]);
  });

  it('sends block_actions from a menu outside an input, and from an input that dispatches', async () => {
    await openForm([
      { type: 'actions', block_id: 'x', elements: [menu('env')] },
      input('y', 'Pool', menu('pool'), { dispatch_action: true }),
    ]);
    expect(await alice().fill('env', 'Pool A')).toMatchObject({ acked: true });
    await alice().fill('Pool', 'Pool B');
    expect(bodies).toMatchObject([
      { actions: [{ action_id: 'env', selected_option: { value: 'p0' } }], container: { type: 'view' } },
      {
        actions: [{ action_id: 'pool' }],
        view: { state: { values: { x: { env: { selected_option: { value: 'p0' } } } } } },
      },
    ]);
  });
});

describe('closing', () => {
  it('notifies the app only if the view asks for it', async () => {
    await openForm([section('s')]);
    expect(await alice().close()).toMatchObject({ error: 'not_sent' });
    expect(closed).toEqual([]);
    await openForm([section('s')], { notify_on_close: true, private_metadata: 'm' });
    expect(await alice().close()).toMatchObject({ acked: true });
    expect(closed).toMatchObject([
      { is_cleared: false, view: { private_metadata: 'm' }, user: { id: ALICE } },
    ]);
    expect(alice().modal()).toBeUndefined();
    await expect(alice().close()).rejects.toThrow('no modal open');
  });

  it('notifies the app of a modal that is cleared', async () => {
    await openForm([section('s')], { notify_on_close: true, clear_on_close: true });
    await alice().close();
    expect(closed).toMatchObject([{ is_cleared: true }]);
  });
});
