/**
 * The bodies that Slack sends: slash command, block_actions, view_submission, view_closed, block_suggestion, shortcut,
 * app_home_opened.
 *
 * Shapes read in bolt/dist/types (command, actions/block-action, view, options, shortcuts), in @slack/types (events/app)
 * and in Slack's pages of the payloads. A private channel is called `privategroup` and a DM `directmessage` in a command.
 * What a person does in a view has no channel and no response_url. A global shortcut has neither, and no container. A
 * submission has a response_url for each menu of channels or conversations with `response_url_enabled`.
 * app_home_opened names the tab, and carries the view if that is a Home tab that was published before.
 * Under a message in a channel that is shared with another company, `team` is the app's (java-slack-sdk issue 1041); in a
 * view it is the person's (bolt-js issue 1614). `user.team_id` is the person's in both. `enterprise` is the organization of
 * the installation, as Bolt reads it. An event's `team_id` is not the person's there (bolt-js issue 687).
 * Guessed: within an organization, `team` is the person's also under a message; a stranger's Home tab is a shared
 * conversation. Not imitated: function contexts.
 */
import { messagePayload } from './methods-chat';
import { newResponseUrl, type Original } from './response-url';
import type { Ephemeral, Obj, OpenView, StoredMessage } from './types';
import { viewPayload } from './view-state';
import { directMessage, type World } from './world';

/** No longer used for verification, but still in every payload. */
const VERIFICATION_TOKEN = 'demo-verification-token';

export interface PayloadContext {
  world: World;
  /** The address of the workspace's own server, for response_url. */
  base(): string;
}

export function newTrigger(
  world: World,
  user: string,
  { view, conversation }: { view?: string | undefined; conversation?: string | undefined },
): string {
  const id = `${world.id('1')}.${Math.floor(world.now() / 1000)}.${world.id('a')}`;
  const expires = world.now() + world.settings.triggerLifeMs;
  world.triggers.set(id, { user, expires, used: false, view, conversation });
  return id;
}

const person = (world: World, id: string) => {
  const name = world.settings.people.find((one) => one.id === id)?.name ?? id;
  return { id, username: name, name, team_id: teamOf(world, id).id };
};

function teamOf({ settings }: World, user: string): { id: string; enterprise: string | undefined } {
  const own = settings.people.find((one) => one.id === user)?.team;
  return own
    ? { id: own.id, enterprise: own.enterprise }
    : { id: settings.teamId, enterprise: settings.enterpriseId };
}

/** Whether the person is of another company. */
function isStranger({ settings }: World, user: string): boolean {
  const own = settings.people.find((one) => one.id === user)?.team;
  return own !== undefined && (own.enterprise === undefined || own.enterprise !== settings.enterpriseId);
}

function teamPart(world: World, user: string, isMessage: boolean): Obj {
  const { teamId, enterpriseId, teamDomain } = world.settings;
  const { id, enterprise } =
    isMessage && isStranger(world, user) ? { id: teamId, enterprise: enterpriseId } : teamOf(world, user);
  return { id, domain: teamDomain, ...(enterprise && { enterprise_id: enterprise, enterprise_name: 'org' }) };
}

const common = (world: World, user: string, isMessage = false): Obj => ({
  team: teamPart(world, user, isMessage),
  user: person(world, user),
  api_app_id: world.settings.appId,
  token: VERIFICATION_TOKEN,
  enterprise: world.settings.enterpriseId ? { id: world.settings.enterpriseId } : null,
  is_enterprise_install: false,
});

const channelPart = (world: World, id: string) => {
  const channel = world.channels.get(id);
  return { id, name: channel?.kind === 'private' ? 'privategroup' : (channel?.name ?? id) };
};

const responseUrl = ({ base }: PayloadContext, id: string): string => `${base()}/response/${id}`;

export function commandPayload(
  context: PayloadContext,
  user: string,
  said: { command: string; text: string; channel: string },
): { payload: Obj; responseId: string } {
  const { world } = context;
  const { teamDomain, appId } = world.settings;
  const { id: teamId, enterprise } = teamOf(world, user);
  const channel = channelPart(world, said.channel);
  const responseId = newResponseUrl(world, user, said.channel);
  const payload = {
    token: VERIFICATION_TOKEN,
    ...{ team_id: teamId, team_domain: teamDomain, channel_id: channel.id, channel_name: channel.name },
    ...{ user_id: user, user_name: person(world, user).name, command: said.command, text: said.text },
    ...{ api_app_id: appId, is_enterprise_install: 'false', response_url: responseUrl(context, responseId) },
    ...(enterprise && { enterprise_id: enterprise }),
    trigger_id: newTrigger(world, user, { conversation: said.channel }),
  };
  return { payload, responseId };
}

/** What a button or menu belongs to. */
export type Place =
  | { kind: 'view'; view: OpenView }
  | { kind: 'message'; message: StoredMessage }
  | { kind: 'ephemeral'; ephemeral: Ephemeral };

const conversationOf = (place: Place): string | undefined => {
  if (place.kind === 'view') return place.view.conversation;
  return place.kind === 'message' ? place.message.channel : place.ephemeral.channel;
};

function placePart(context: PayloadContext, user: string, place: Place): Obj {
  const { world } = context;
  if (place.kind === 'view') {
    const { view } = place;
    return { container: { type: 'view', view_id: view.id }, view: viewPayload(world, view) };
  }
  const one = place.kind === 'message' ? place.message : place.ephemeral;
  const { channel, ts } = one;
  const thread = place.kind === 'message' ? place.message.thread_ts : undefined;
  const original: Original = { ts, ephemeral: place.kind === 'ephemeral' };
  const where = { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: original.ephemeral };
  const id = newResponseUrl(world, user, channel, original, thread);
  return {
    container: { ...where, ...(thread ? { thread_ts: thread } : {}) },
    channel: channelPart(world, channel),
    // Slack leaves the message out when it is ephemeral.
    ...(place.kind === 'message' ? { message: messagePayload(world, place.message) } : {}),
    state: { values: {} },
    response_url: responseUrl(context, id),
  };
}

export function actionsPayload(context: PayloadContext, user: string, place: Place, action: Obj): Obj {
  const { world } = context;
  const view = place.kind === 'view' ? place.view.id : undefined;
  return {
    type: 'block_actions',
    ...common(world, user, place.kind !== 'view'),
    ...placePart(context, user, place),
    trigger_id: newTrigger(world, user, { view, conversation: conversationOf(place) }),
    actions: [{ ...action, action_ts: world.ts() }],
  };
}

export function suggestionPayload(
  context: PayloadContext,
  user: string,
  place: Place,
  asked: { block_id: string; action_id: string; value: string },
): Obj {
  const { response_url: _, state: __, ...where } = placePart(context, user, place);
  return {
    type: 'block_suggestion',
    ...common(context.world, user, place.kind !== 'view'),
    ...where,
    ...asked,
  };
}

export function shortcutPayload(
  { world }: PayloadContext,
  user: string,
  used: { callback_id: string; conversation: string | undefined },
): Obj {
  const { api_app_id: _, ...who } = common(world, user);
  const { id, username, team_id } = person(world, user);
  return {
    type: 'shortcut',
    ...{ ...who, user: { id, username, team_id }, action_ts: world.ts(), callback_id: used.callback_id },
    trigger_id: newTrigger(world, user, { conversation: used.conversation }),
  };
}

/** One for each menu that asks for it. The address posts to the conversation that is selected. */
function responseUrls(
  context: PayloadContext,
  { user, blocks }: OpenView,
  values: OpenView['values'],
): Obj[] {
  return blocks.flatMap(({ block_id = '', element }) => {
    const held = values[block_id]?.[element?.action_id ?? ''];
    const channel = held?.['selected_conversation'] ?? held?.['selected_channel'];
    if (!element?.response_url_enabled || typeof channel !== 'string') return [];
    const response_url = responseUrl(context, newResponseUrl(context.world, user, channel));
    return [{ block_id, action_id: element.action_id, channel_id: channel, response_url }];
  });
}

export function submissionPayload(context: PayloadContext, view: OpenView, values: OpenView['values']): Obj {
  const { world } = context;
  const { user, id, conversation } = view;
  return {
    type: 'view_submission',
    ...common(world, user),
    trigger_id: newTrigger(world, user, { view: id, conversation }),
    view: { ...viewPayload(world, view), state: { values } },
    response_urls: responseUrls(context, view, values),
  };
}

export function closedPayload(world: World, view: OpenView, isCleared: boolean): Obj {
  const closed = { view: viewPayload(world, view), is_cleared: isCleared };
  return { type: 'view_closed', ...common(world, view.user), ...closed };
}

/** The tabs of an app's own place in Slack. */
export type Tab = 'home' | 'messages';

export function homeOpenedPayload(world: World, user: string, tab: Tab): Obj {
  const { teamId, appId, botUserId } = world.settings;
  const [own, stranger] = [teamOf(world, user), isStranger(world, user)];
  const view = tab === 'home' ? world.homes.get(user) : undefined;
  const channel = directMessage(world, user)?.id;
  const shown = view ? { view: viewPayload(world, view) } : {};
  return {
    token: VERIFICATION_TOKEN,
    ...{
      team_id: stranger ? teamId : own.id,
      api_app_id: appId,
      type: 'event_callback',
      event_id: world.id('Ev'),
    },
    ...(!stranger && own.enterprise && { enterprise_id: own.enterprise }),
    event_time: Math.floor(world.now() / 1000),
    event: { type: 'app_home_opened', user, channel, tab, ...shown, event_ts: world.ts() },
    is_ext_shared_channel: stranger,
    authorizations: [
      {
        enterprise_id: null,
        team_id: teamId,
        user_id: botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
  };
}
