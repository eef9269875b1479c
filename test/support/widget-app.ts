/** A small app that shows one of each thing that Block Kit has for people, to try the demo with. */
import { EventEmitter, once } from 'node:events';
import type { App } from '@slack/bolt';
import type { Workspace, WorkspaceOptions } from '../../fakes/slack';
import {
  actions,
  button,
  input,
  modal,
  mrkdwn,
  openWorkspace,
  plain,
  section,
  socketApp,
} from '../../fakes/slack/test-helpers';

/** The channel in which the person is. */
export const POOLS = 'C01';

const TRAININGS = ['Street signs, spring', 'Street signs, summer', 'Shop signs', 'Faces', 'Night scenes'];
const option = (text: string, value: string) => ({ text: plain(text), value });
const OPTIONS = TRAININGS.map((text, index) => option(text, `${index + 1}`));

const confirm = {
  title: plain('Withdraw?'),
  text: mrkdwn('The request about *Faces* ends for <@U02BOB>.'),
  confirm: plain('Withdraw'),
  deny: plain('Keep it'),
  style: 'danger',
};
const row = (block_id: string, text: string) => [
  section(text),
  {
    ...{ type: 'actions', block_id },
    elements: [
      button('Approve', 'approve', { style: 'primary', value: block_id }),
      button('Decline', 'decline', { style: 'danger', value: block_id }),
      button('Withdraw', 'withdraw', { confirm, value: block_id }),
      {
        type: 'overflow',
        action_id: 'more',
        options: [option('Show history', `h-${block_id}`), option('Copy ID', `c-${block_id}`)],
      },
    ],
  },
];
const environments = [option('Production', 'production'), option('Sandbox', 'sandbox')];

const HOME = {
  type: 'home',
  callback_id: 'home',
  blocks: [
    { type: 'header', text: plain('Waiting for you') },
    ...row('first', '*Faces* (123465), asked by <@U02BOB>'),
    { type: 'divider' },
    ...row('second', '*Shop signs* (123466), asked by <!subteam^S01>'),
    { type: 'divider' },
    { type: 'header', text: plain('Archive trainings') },
    {
      ...section('Environment'),
      block_id: 'environment',
      accessory: {
        type: 'static_select',
        action_id: 'pick_environment',
        placeholder: plain('Choose one'),
        options: environments,
      },
    },
    input(
      'watch',
      'Notify me about',
      { type: 'multi_external_select', action_id: 'pick', placeholder: plain('Search trainings') },
      { dispatch_action: true },
    ),
    actions(button('Archive…', 'open', { style: 'primary' })),
  ],
} as never;

const FORM = modal(
  'Archive trainings',
  [
    input(
      'trainings',
      'Trainings',
      {
        ...{ type: 'multi_external_select', action_id: 'pick', min_query_length: 0, max_selected_items: 3 },
        ...{ placeholder: plain('Search by name or ID'), initial_options: OPTIONS.slice(3, 4) },
      },
      { hint: plain('Three at most') },
    ),
    input('where', 'Where to post', {
      ...{ type: 'conversations_select', action_id: 'channel', default_to_current_conversation: true },
      filter: { include: ['public', 'private'] },
    }),
    input('one', 'Project', { type: 'external_select', action_id: 'pick' }, { optional: true }),
    input('approvers', 'Approvers', { type: 'multi_users_select', action_id: 'people' }, { optional: true }),
    input('code', 'Code', {}, { optional: true, dispatch_action: true }),
  ],
  { callback_id: 'form' },
);

export interface WidgetApp {
  workspace: Workspace;
  /** The bodies of what people did, as the app got them. */
  bodies: { [key: string]: unknown }[];
  /** Resolves once this is true of what the app got. */
  until(isTrue: () => boolean): Promise<void>;
  /** How the app answers a query. */
  answer: (query: string, ack: (answer?: object) => Promise<void>) => Promise<void>;
}

const matching = (query: string) =>
  OPTIONS.filter(({ text }) => text.text.toLowerCase().includes(query.toLowerCase()));

function register(one: Pick<WidgetApp, 'answer'>, note: (body: never) => void, app: App): void {
  app.event('app_home_opened', async ({ event, client, body }) => {
    note(body as never);
    if (event.tab === 'home') await client.views.publish({ user_id: event.user, view: HOME });
  });
  app.action(/.*/, async ({ ack, body, action, client }) => {
    note(body as never);
    await ack();
    const { trigger_id } = body as unknown as { trigger_id: string };
    if ((action as { action_id: string }).action_id === 'open')
      await client.views.open({ trigger_id, view: FORM });
  });
  app.shortcut('archive', async ({ ack, shortcut, client }) => {
    note(shortcut as never);
    await ack();
    await client.views.open({ trigger_id: shortcut.trigger_id, view: FORM });
  });
  app.options('pick', async ({ ack, body }) => {
    note(body as never);
    await one.answer(body.value, ack as never);
  });
  app.view('form', async ({ ack, body }) => {
    note(body as never);
    await ack();
  });
}

/** Started in a workspace of its own. Close both with `closeAll` of the fake's helpers. */
export async function startWidgetApp(options: Partial<WorkspaceOptions> = {}): Promise<WidgetApp> {
  const shortcuts = [
    { callbackId: 'archive', name: 'Archive trainings', description: 'Choose what to archive' },
  ];
  const workspace = await openWorkspace({ ackTimeoutMs: 1_000, shortcuts, ...options });
  const got = new EventEmitter();
  const one: WidgetApp = {
    ...{ workspace, bodies: [] },
    async until(isTrue) {
      while (!isTrue()) await once(got, 'body', { signal: AbortSignal.timeout(10_000) });
    },
    answer: (query, ack) => ack({ options: matching(query) }),
  };
  const note = (body: never) => {
    one.bodies.push(body);
    got.emit('body');
  };
  await socketApp(workspace, (app) => register(one, note, app));
  return one;
}
