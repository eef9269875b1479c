import type { App } from '@slack/bolt';
import { type Choice, choicesFor, NOTHING_FOUND, type OpenView, type Workspace } from '.';
import {
  ALICE,
  BOB,
  closeAll,
  httpApp,
  input,
  modal,
  openWorkspace,
  plain,
  section,
  socketApp,
} from './test-helpers';

type Ack = (answer: object) => Promise<void>;
type Submission = {
  view: OpenView & { state: { values: object } };
  response_urls: { response_url: string }[];
};

let workspace: Workspace;
let asked: { [key: string]: unknown }[];
let bodies: { actions: object[] }[];
let submissions: Submission[];
let view: object;
let answer: (ack: Ack, query: string) => Promise<void>;

const option = (text: string, value = text) => ({ text: plain(text), value });
const TRAININGS = ['Street signs 1', 'Street signs 2', 'Shop signs', 'Faces'].map((text, index) =>
  option(text, `${index + 1}`),
);
const matching = async (ack: Ack, query: string) =>
  ack({ options: TRAININGS.filter(({ text }) => text.text.toLowerCase().includes(query.toLowerCase())) });

const register = (app: App) => {
  app.command('/toloka-archive', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: body.trigger_id, view: view as never });
  });
  app.shortcut('pick', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: body.trigger_id, view: view as never });
  });
  app.options('pick', async ({ ack, body }) => {
    asked.push(body as never);
    await answer(ack as never, body.value);
  });
  app.action(/.*/, async ({ ack, body }) => {
    bodies.push(body as never);
    await ack();
  });
  app.view('archive', async ({ ack, body }) => {
    submissions.push(body as never);
    await ack();
  });
};

beforeEach(async () => {
  asked = [];
  bodies = [];
  submissions = [];
  answer = matching;
  workspace = await openWorkspace({ ackTimeoutMs: 300, shortcuts: [{ callbackId: 'pick', name: 'Pick' }] });
  await socketApp(workspace, register);
});
afterEach(closeAll);

const alice = () => workspace.person(ALICE);
const many = (more: object = {}) => ({ type: 'multi_external_select', action_id: 'pick', ...more });
const values = () => workspace.modalOf(ALICE)?.values;

async function openForm(blocks: object[], channel = 'C01'): Promise<void> {
  if (workspace.modalOf(ALICE)) await alice().close();
  view = modal('Archive', blocks);
  await alice().command('1', { channel });
  await workspace.waitFor(() => workspace.modalOf(ALICE));
}

describe('a menu that asks the app', () => {
  it('sends block_suggestion from three characters on, and offers what comes back', async () => {
    await openForm([input('p', 'Training', { type: 'external_select', action_id: 'pick' })]);
    expect(await alice().suggest('Training', 'St')).toMatchObject({
      error: 'not_sent',
      options: [],
      notice: '',
    });
    const { options, problems } = await alice().suggest('Training', 'str');
    expect([options.map(({ value }) => value), problems]).toEqual([['1', '2'], []]);
    expect(asked).toMatchObject([
      {
        ...{ type: 'block_suggestion', block_id: 'p', action_id: 'pick', value: 'str', user: { id: ALICE } },
        container: { type: 'view' },
        view: { type: 'modal', callback_id: 'archive' },
      },
    ]);
    for (const field of ['channel', 'response_url', 'trigger_id']) expect(asked[0]).not.toHaveProperty(field);
    await alice().fill('Training', 'Street signs 1');
    expect(values()).toMatchObject({ p: { pick: { selected_option: { value: '1' } } } });
    expect(await alice().suggest('Training', 'nothing')).toMatchObject({
      options: [],
      notice: NOTHING_FOUND,
    });
    await expect(alice().fill('Training', 'Street signs 1')).rejects.toThrow('Offered: none');
  });

  it('selects several, over several queries, and the submission has them', async () => {
    const initial_options = [option('Faces', '4')];
    await openForm([input('p', 'Trainings', many({ min_query_length: 0, initial_options }))]);
    expect((await alice().suggest('Trainings', '')).options).toHaveLength(4);
    await alice().suggest('Trainings', 'street');
    await alice().fill('Trainings', ['Faces', 'Street signs 2']);
    await alice().suggest('Trainings', 'shop');
    await alice().fill('Trainings', ['4', 'Street signs 2', 'Shop signs']);
    await expect(alice().fill('Trainings', ['Street signs 1'])).rejects.toThrow('No option "Street signs 1"');
    await alice().submit();
    expect(submissions[0]?.view.state.values).toEqual({
      p: {
        pick: {
          type: 'multi_external_select',
          selected_options: [option('Faces', '4'), option('Street signs 2', '2'), option('Shop signs', '3')],
        },
      },
    });
  });

  it('is held back while it is empty, and takes no more than max_selected_items', async () => {
    await openForm([input('p', 'Trainings', many({ max_selected_items: 2 }))]);
    expect(await alice().submit()).toMatchObject({ heldBack: true, errors: { p: expect.any(String) } });
    await alice().suggest('Trainings', 'signs');
    const all = ['Street signs 1', 'Street signs 2', 'Shop signs'];
    await expect(alice().fill('Trainings', all)).rejects.toThrow('At most 2');
    await alice().fill('Trainings', all.slice(1));
    await alice().fill('Trainings', []);
    expect(values()).toMatchObject({ p: { pick: { selected_options: [] } } });
  });

  it('reads groups of options', async () => {
    await openForm([input('p', 'Trainings', many())]);
    const group = (label: string, options: object[]) => ({ label: plain(label), options });
    answer = async (ack) =>
      ack({
        option_groups: [group('Sandbox', TRAININGS.slice(0, 1)), group('Production', TRAININGS.slice(1))],
      });
    expect((await alice().suggest('Trainings', 'any')).options).toHaveLength(4);
  });

  it.each<[name: string, given: object]>([
    ['more than 100 options', { options: Array.from({ length: 101 }, (_, n) => option(`${n}`)) }],
    ['a text of 76 characters', { options: [option('x'.repeat(76), 'v')] }],
    ['a value of 151 characters', { options: [option('t', 'x'.repeat(151))] }],
    ['no list', { text: 'hello' }],
    [
      'options and groups',
      { options: TRAININGS, option_groups: [{ label: plain('g'), options: TRAININGS }] },
    ],
  ])('shows nothing after %s', async (_, given) => {
    await openForm([input('p', 'Trainings', many())]);
    answer = async (ack) => ack(given);
    const { acked, options, problems, notice } = await alice().suggest('Trainings', 'any');
    expect({ acked, options, notice }).toEqual({ acked: true, options: [], notice: NOTHING_FOUND });
    expect(problems).toHaveLength(1);
  });

  it('shows nothing if the app is late', async () => {
    await openForm([input('p', 'Trainings', many())]);
    answer = async () => undefined;
    expect(await alice().suggest('Trainings', 'any')).toMatchObject({
      ...{ acked: false, error: 'operation_timeout', options: [], notice: NOTHING_FOUND },
    });
  });

  it('keeps what was selected when the modal is updated', async () => {
    const form = (label: string) => [input('p', label, many())];
    await openForm(form('Trainings'));
    await alice().suggest('Trainings', 'faces');
    await alice().fill('Trainings', ['Faces']);
    const view_id = workspace.modalOf(ALICE)?.id as string;
    const app = await socketApp(workspace);
    await app.client.views.update({ view_id, view: modal('Archive', form('Again')) });
    expect(values()).toMatchObject({ p: { pick: { selected_options: [{ value: '4' }] } } });
  });

  it.each(['Socket Mode', 'HTTP'])('works in the Home tab, over %s', async (way) => {
    if (way === 'HTTP') workspace.setRequestUrl(await httpApp(workspace, register));
    const block = { type: 'section', block_id: 'p', text: plain('Trainings'), accessory: many() };
    const app = await socketApp(workspace, register);
    await app.client.views.publish({ user_id: ALICE, view: { type: 'home', blocks: [block] } as never });
    await alice().suggest('Trainings', 'signs', { view: 'home' });
    await alice().fill('Trainings', ['Shop signs'], { view: 'home' });
    expect(asked).toMatchObject([{ view: { type: 'home' }, block_id: 'p', value: 'signs' }]);
    expect(bodies).toMatchObject([
      { view: { type: 'home' }, actions: [{ action_id: 'pick', selected_options: [{ value: '3' }] }] },
    ]);
  });

  it('asks before it selects if it has a confirmation', async () => {
    const confirm = { title: plain('Sure?'), text: plain('This is sent.') };
    const accessory = { type: 'static_select', action_id: 'env', options: TRAININGS, confirm };
    await openForm([{ type: 'section', text: plain('Which'), accessory }]);
    expect(await alice().fill('Which', 'Faces', { confirm: false })).toMatchObject({ error: 'not_sent' });
    expect(bodies).toEqual([]);
    expect(await alice().fill('Which', 'Faces')).toMatchObject({ acked: true });
  });
});

describe('a menu of conversations', () => {
  const where = (more: object = {}, type = 'conversations_select') =>
    input('where', 'Where', { type, action_id: 'channel', ...more });
  const chosen = () => Object.values(values()?.['where'] ?? {})[0];

  it('takes a name or an ID that the person can see', async () => {
    await openForm([where()]);
    await alice().fill('Where', '#secret');
    expect(chosen()).toEqual({ type: 'conversations_select', selected_conversation: 'C03' });
    await alice().fill('Where', 'C02');
    expect(chosen()).toMatchObject({ selected_conversation: 'C02' });
    workspace.setArchived('C02', true);
    await expect(alice().fill('Where', 'C02')).rejects.toThrow('Offered: pools, secret, private-with-bot');
  });

  it('filters by kind, and leaves out DMs with apps', async () => {
    await alice().openHome({ tab: 'messages' });
    const { people, channels } = workspace.snapshot(ALICE);
    const names = (filter: object, type = 'conversations_select') =>
      (choicesFor({ people, channels }, { type, filter } as never) as Choice[]).map(({ id }) => id);
    expect(names({})).toEqual(['C01', 'C02', 'C03', 'C04', 'D01ALICE']);
    expect(names({ include: ['public'] })).toEqual(['C01', 'C02']);
    expect(names({ include: ['private', 'im'] })).toEqual(['C03', 'C04', 'D01ALICE']);
    expect(names({ exclude_bot_users: true })).toEqual(['C01', 'C02', 'C03', 'C04']);
    expect(names({}, 'channels_select')).toEqual(['C01', 'C02']);
    expect(names({}, 'users_select')).toEqual([ALICE, BOB]);
    expect(choicesFor({ people, channels }, { type: 'static_select' })).toBeUndefined();
  });

  it('starts with the conversation in which the person is', async () => {
    const current = { default_to_current_conversation: true };
    await openForm([where(current)], 'C03');
    expect(chosen()).toMatchObject({ selected_conversation: 'C03' });
    await openForm([where({ ...current, initial_conversation: 'C01' })], 'C03');
    expect(chosen()).toMatchObject({ selected_conversation: 'C01' });
    await openForm([where({ ...current, filter: { include: ['public'] } })], 'C03');
    expect(chosen()).toMatchObject({ selected_conversation: null });
    const several = { ...current, initial_conversations: ['C01'] };
    await openForm([where(several, 'multi_conversations_select')], 'C03');
    expect(chosen()).toMatchObject({ selected_conversations: ['C03'] });
  });

  it('knows where a shortcut was used, although the payload does not say it', async () => {
    view = modal('Archive', [where({ default_to_current_conversation: true })]);
    await alice().shortcut('Pick', { channel: 'C04' });
    await workspace.waitFor(() => workspace.modalOf(ALICE));
    expect(chosen()).toMatchObject({ selected_conversation: 'C04' });
    await alice().close();
    await alice().shortcut('Pick');
    await workspace.waitFor(() => workspace.modalOf(ALICE));
    expect(chosen()).toMatchObject({ selected_conversation: null });
  });

  it('gives the submission a response_url to the conversation if it asks for one', async () => {
    const other = { type: 'conversations_select', initial_conversation: 'C01' };
    await openForm([where({ response_url_enabled: true }), input('other', 'Elsewhere', other)]);
    await alice().fill('Where', '#private-with-bot');
    await alice().submit();
    expect(submissions[0]?.response_urls).toEqual([
      { block_id: 'where', action_id: 'channel', channel_id: 'C04', response_url: expect.any(String) },
    ]);
    const url = submissions[0]?.response_urls[0]?.response_url as string;
    const body = JSON.stringify({ text: 'here', response_type: 'in_channel' });
    expect(
      (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status,
    ).toBe(200);
    expect(workspace.messages('C04')).toMatchObject([{ text: 'here' }]);
  });
});

describe('an input that dispatches', () => {
  const text = (config?: object) =>
    input('id', 'ID', config ? { dispatch_action_config: config } : {}, { dispatch_action: true });

  it('sends a menu at once, and a text when Enter is pressed', async () => {
    await openForm([
      input('p', 'Training', { type: 'external_select', action_id: 'pick' }, { dispatch_action: true }),
      text(),
    ]);
    await alice().suggest('Training', 'faces');
    expect(await alice().fill('Training', 'Faces')).toMatchObject({ acked: true });
    expect(await alice().fill('ID', '1', { enter: false })).toMatchObject({ error: 'not_sent' });
    expect(await alice().fill('ID', '12')).toMatchObject({ acked: true });
    expect(bodies).toMatchObject([
      { actions: [{ action_id: 'pick', selected_option: { value: '4' } }] },
      { actions: [{ block_id: 'id', value: '12' }] },
    ]);
  });

  it('sends a text on each character if it says so', async () => {
    await openForm([text({ trigger_actions_on: ['on_character_entered'] }), section('s')]);
    expect(await alice().fill('ID', '1', { enter: false })).toMatchObject({ acked: true });
  });
});
