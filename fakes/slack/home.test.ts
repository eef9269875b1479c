import type { App } from '@slack/bolt';
import type { OpenView, Workspace, WorkspaceOptions } from '.';
import {
  ALICE,
  actions,
  BOB,
  button,
  clientOf,
  closeAll,
  codeOf,
  httpApp,
  input,
  modal,
  openWorkspace,
  plain,
  section,
  socketApp,
} from './test-helpers';

type Body = { [key: string]: never } & { trigger_id: string; view: OpenView };

let opened: { [key: string]: unknown }[];
let bodies: Body[];

const OPTIONS = ['Sandbox', 'Production'].map((text) => ({ text: plain(text), value: text.toLowerCase() }));
const menu = { type: 'static_select', action_id: 'env', options: OPTIONS };
const home = (user: string) =>
  ({
    type: 'home',
    callback_id: 'home',
    private_metadata: 'm',
    blocks: [
      section(`hello <@${user}>`),
      { type: 'actions', elements: [button('Start', 'start'), menu] },
      input('note', 'Note', {}, { dispatch_action: true }),
    ],
  }) as never;

const register = (app: App) => {
  app.event('app_home_opened', async ({ event, client }) => {
    opened.push(event as never);
    if (event.tab === 'home') await client.views.publish({ user_id: event.user, view: home(event.user) });
  });
  app.action(/.*/, async ({ ack, body, client, action }) => {
    bodies.push(body as never);
    await ack();
    if ((action as { action_id: string }).action_id !== 'start') return;
    const { trigger_id } = body as unknown as Body;
    await client.views.open({ trigger_id, view: modal('Archive', [section('s')]) });
  });
};

async function open(options: Partial<WorkspaceOptions> = {}): Promise<Workspace> {
  const workspace = await openWorkspace(options);
  await socketApp(workspace, register);
  return workspace;
}

async function openedHome(workspace: Workspace) {
  const alice = workspace.person(ALICE);
  expect(await alice.openHome()).toMatchObject({ acked: true });
  await workspace.waitFor(() => workspace.home(ALICE));
  return alice;
}

beforeEach(() => {
  opened = [];
  bodies = [];
});
afterEach(closeAll);

describe('opening', () => {
  it('sends app_home_opened with the tab, and with the view once there is one', async () => {
    const workspace = await open();
    const alice = await openedHome(workspace);
    await alice.openHome();
    await alice.openHome({ tab: 'messages' });
    expect(opened).toMatchObject([
      { type: 'app_home_opened', user: ALICE, channel: 'D01ALICE', tab: 'home' },
      { tab: 'home', view: { type: 'home', callback_id: 'home', private_metadata: 'm' } },
      { tab: 'messages' },
    ]);
    expect(opened.map((event) => 'view' in event)).toEqual([false, true, false]);
    expect(workspace.home(BOB)).toBeUndefined();
    expect(workspace.renderText(workspace.home(ALICE) as object)).toBe(
      'hello @alice\n[Start] ____\nNote: ____',
    );
  });

  it('reaches the app over HTTP as an event callback', async () => {
    const workspace = await openWorkspace();
    workspace.setRequestUrl(await httpApp(workspace, register));
    const alice = await openedHome(workspace);
    await alice.click('Start', { view: 'home' });
    await workspace.waitFor(() => workspace.modalOf(ALICE));
    expect(opened).toHaveLength(1);
  });

  it('sends nothing if the manifest does not subscribe to the event', async () => {
    const workspace = await open({ events: [] });
    expect(await workspace.person(ALICE).openHome()).toMatchObject({ error: 'not_sent' });
    expect(opened).toEqual([]);
  });

  it('is impossible if the manifest turns the Home tab off', async () => {
    const workspace = await open({ homeTab: false });
    await expect(workspace.person(ALICE).openHome()).rejects.toThrow('no Home tab');
    const published = clientOf(workspace).views.publish({ user_id: ALICE, view: home(ALICE) });
    expect(await codeOf(published)).toBe('not_enabled');
    expect(await workspace.person(ALICE).openHome({ tab: 'messages' })).toMatchObject({ acked: true });
  });
});

describe('a Home tab', () => {
  it('has buttons, whose click has the view, no channel, and a trigger that opens a modal', async () => {
    const workspace = await open();
    const alice = await openedHome(workspace);
    expect(await alice.click('Start', { view: 'home' })).toMatchObject({ acked: true });
    expect(bodies).toMatchObject([
      {
        type: 'block_actions',
        user: { id: ALICE },
        container: { type: 'view', view_id: workspace.home(ALICE)?.id },
        view: { type: 'home', callback_id: 'home', private_metadata: 'm', state: { values: {} } },
        actions: [{ type: 'button', action_id: 'start' }],
      },
    ]);
    for (const field of ['channel', 'message', 'response_url']) expect(bodies[0]).not.toHaveProperty(field);
    const shown = await workspace.waitFor(() => workspace.modalOf(ALICE));
    expect(shown).toMatchObject({ type: 'modal', rootId: shown.id });
    const { trigger_id } = bodies[0] as Body;
    expect(await codeOf(clientOf(workspace).views.open({ trigger_id, view: modal('t', []) }))).toBe(
      'exchanged_trigger_id',
    );
  });

  it('has menus and inputs, and sends them as they change', async () => {
    const workspace = await open();
    const alice = await openedHome(workspace);
    await alice.fill('env', 'Production', { view: 'home' });
    await alice.fill('Note', 'typed', { view: 'home', enter: false });
    await alice.fill('Note', 'sent', { view: 'home' });
    expect(bodies).toMatchObject([
      { actions: [{ action_id: 'env', selected_option: { value: 'production' } }] },
      { actions: [{ action_id: 'value', block_id: 'note', value: 'sent' }] },
    ]);
    expect(bodies[1]?.view).toMatchObject({ state: { values: { note: { value: { value: 'sent' } } } } });
    await expect(alice.fill('Nothing', '', { view: 'home' })).rejects.toThrow('No input "Nothing" in "Home"');
  });

  it('is one view for each person, with a hash of its own', async () => {
    const workspace = await open();
    await openedHome(workspace);
    const client = clientOf(workspace);
    const { view: bobs } = await client.views.publish({ user_id: BOB, view: home(BOB) });
    const hash = bobs?.hash as string;
    const publish = (user_id: string) => codeOf(client.views.publish({ user_id, view: home(user_id), hash }));
    expect(await publish(ALICE)).toBe('hash_conflict');
    expect(await publish(BOB)).toBe('ok');
    expect(await publish(BOB)).toBe('hash_conflict');
  });

  it('cannot push a modal, since none is open', async () => {
    const workspace = await open();
    const alice = await openedHome(workspace);
    await alice.fill('env', 'Sandbox', { view: 'home' });
    const { trigger_id } = bodies[0] as Body;
    const pushed = clientOf(workspace).views.push({ trigger_id, view: modal('t', [section('s')]) });
    expect(await codeOf(pushed)).toBe('not_found');
  });

  it('takes 100 blocks and 250 kB, and is limited to about 100 calls a minute', async () => {
    const workspace = await openWorkspace({ rateLimits: true, now: () => 1_700_000_000_000 });
    const client = clientOf(workspace);
    const publish = (blocks: object[]) =>
      codeOf(client.views.publish({ user_id: ALICE, view: { type: 'home', blocks } as never }));
    const dividers = (count: number) => Array.from({ length: count }, () => ({ type: 'divider' }));
    expect(await publish(dividers(100))).toBe('ok');
    expect(await publish(dividers(101))).toBe('invalid_arguments');
    expect(await publish(Array.from({ length: 90 }, () => section('x'.repeat(3000))))).toBe('view_too_large');
    const codes: string[] = [];
    for (let n = 0; n < 23; n += 1) codes.push(await publish(dividers(1)));
    expect(codes.filter((code) => code !== 'ok')).toEqual(['slack_webapi_rate_limited_error']);
  });

  it('has rows with the same action_id, and overflow menus', async () => {
    const workspace = await open();
    const row = (block_id: string) => {
      const options = ['Open', 'Withdraw'].map((text) => ({
        text: plain(text),
        value: `${text} ${block_id}`,
      }));
      const elements = [
        button('Again', 'again', { value: block_id }),
        { type: 'overflow', action_id: 'more', options },
      ];
      const chosen = { ...menu, action_id: 'env' };
      return { type: 'actions', block_id, elements: [...elements, chosen] };
    };
    const view = { type: 'home', blocks: [row('a'), row('b')] } as never;
    await clientOf(workspace).views.publish({ user_id: ALICE, view });
    const alice = workspace.person(ALICE);
    await alice.click('again', { view: 'home', block: 'b' });
    await alice.click('more', { view: 'home', block: 'b', option: 'Withdraw b' });
    await alice.click('Open', { view: 'home' });
    await alice.fill('b/env', 'Sandbox', { view: 'home' });
    expect(bodies).toMatchObject([
      { actions: [{ block_id: 'b', action_id: 'again', value: 'b' }] },
      { actions: [{ type: 'overflow', block_id: 'b', selected_option: { value: 'Withdraw b' } }] },
      { actions: [{ type: 'overflow', block_id: 'a', selected_option: { value: 'Open a' } }] },
      { actions: [{ block_id: 'b', action_id: 'env' }] },
    ]);
    await expect(alice.click('more', { view: 'home' })).rejects.toThrow('Choose an option');
  });

  it('has several elements in one block', async () => {
    const workspace = await openWorkspace();
    const blocks = [
      actions(button('One', 'one', { style: 'primary' }), button('Two', 'two', { style: 'danger' })),
    ];
    await clientOf(workspace).views.publish({ user_id: ALICE, view: { type: 'home', blocks } as never });
    expect(workspace.snapshot(ALICE)).toMatchObject({ homeTab: true, home: { type: 'home' } });
    await expect(workspace.person(ALICE).click('Three', { view: 'home' })).rejects.toThrow('One, Two');
  });
});
