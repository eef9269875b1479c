/**
 * Reading methods: conversations.*, users.*, usergroups.*, bots.info.
 *
 * Read in Slack's pages of these methods: fields, refusals, newest first in history and oldest first in replies,
 * `response_metadata.next_cursor`. `oldest` and `latest` exclude their own `ts` unless `inclusive`. Only fields that
 * an app of this kind needs are imitated. `date_delete` of a user group is not 0 when it is disabled, and such groups are
 * only listed with `include_disabled` (pages of usergroups.list and usergroups.disable).
 * Guessed: the shape of a cursor; channel_not_found for another person's DM; no_such_subteam for the members of a disabled
 * group.
 */
import { messagePayload } from './methods-chat';
import { flag, optional, refuse, required } from './refusal';
import type { Obj, StoredMessage } from './types';
import { type Channel, messagesIn, visibleChannel, type World } from './world';

const NEEDS: Record<Channel['kind'], string> = {
  public: 'channels',
  private: 'groups',
  im: 'im',
  mpim: 'mpim',
};

/** The scope depends on the kind of channel, so it is checked when the channel is known. */
function found(world: World, args: Obj, access: 'read' | 'history'): Channel {
  const channel = visibleChannel(world, required(args, 'channel')) ?? refuse('channel_not_found');
  const needed = `${NEEDS[channel.kind]}:${access}`;
  if (!world.scopes.has(needed)) refuse('missing_scope', { needed, provided: [...world.scopes].join(',') });
  return channel;
}

function channelPayload(world: World, channel: Channel): Obj {
  const { id, name, kind, archived, members, created } = channel;
  const { botUserId } = world.settings;
  const other = [...members].find((member) => member !== botUserId);
  if (kind === 'im') return { id, created, is_im: true, is_archived: archived, user: other };
  return {
    ...{ id, name, name_normalized: name, created, is_archived: archived },
    ...{
      is_channel: kind === 'public',
      is_group: kind === 'private',
      is_im: false,
      is_mpim: kind === 'mpim',
    },
    ...{ is_private: kind !== 'public', is_member: members.has(botUserId), num_members: members.size },
  };
}

/** A page of a list. The cursor is the position of the next page. */
function page<T>(args: Obj, all: readonly T[], fallback: number): { items: T[]; response_metadata: Obj } {
  const limit = Math.max(1, Math.min(999, Number(args['limit'] ?? fallback) || fallback));
  const cursor = optional(args, 'cursor');
  const from =
    cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64').toString().replace('next:', ''));
  if (!Number.isInteger(from) || from < 0) refuse('invalid_cursor');
  const more = from + limit < all.length;
  const next = more ? Buffer.from(`next:${from + limit}`).toString('base64') : '';
  return { items: all.slice(from, from + limit), response_metadata: { next_cursor: next } };
}

export const conversationsInfo = (world: World, args: Obj): Obj => ({
  channel: channelPayload(world, found(world, args, 'read')),
});

const KINDS = { public_channel: 'public', private_channel: 'private', im: 'im', mpim: 'mpim' } as const;

function listed(world: World, args: Obj, mine: (channel: Channel) => boolean): Obj {
  const types = (optional(args, 'types') ?? 'public_channel').split(',').map((type) => type.trim());
  const kinds = types.flatMap((type) => (type in KINDS ? [KINDS[type as keyof typeof KINDS]] : []));
  for (const kind of kinds) {
    const needed = `${NEEDS[kind]}:read`;
    if (!world.scopes.has(needed)) refuse('missing_scope', { needed, provided: [...world.scopes].join(',') });
  }
  const all = [...world.channels.values()].filter(
    (channel) =>
      kinds.includes(channel.kind) &&
      visibleChannel(world, channel.id) !== undefined &&
      mine(channel) &&
      !(channel.archived && flag(args, 'exclude_archived')),
  );
  const { items, response_metadata } = page(args, all, 100);
  return { channels: items.map((channel) => channelPayload(world, channel)), response_metadata };
}

export const conversationsList = (world: World, args: Obj): Obj => listed(world, args, () => true);

export function usersConversations(world: World, args: Obj): Obj {
  const user = optional(args, 'user') ?? world.settings.botUserId;
  return listed(world, args, (channel) => channel.members.has(user));
}

export function conversationsMembers(world: World, args: Obj): Obj {
  const { items, response_metadata } = page(args, [...found(world, args, 'read').members], 100);
  return { members: items, response_metadata };
}

export function conversationsJoin(world: World, args: Obj): Obj {
  const channel = visibleChannel(world, required(args, 'channel')) ?? refuse('channel_not_found');
  if (channel.kind !== 'public') refuse('method_not_supported_for_channel_type');
  if (channel.archived) refuse('is_archived');
  channel.members.add(world.settings.botUserId);
  return { channel: channelPayload(world, channel) };
}

function readable(world: World, args: Obj): Channel {
  const channel = found(world, args, 'history');
  return channel.members.has(world.settings.botUserId) ? channel : refuse('not_in_channel');
}

function inRange(args: Obj): (message: StoredMessage) => boolean {
  const oldest = Number(optional(args, 'oldest') ?? 0);
  const latest = Number(optional(args, 'latest') ?? Number.POSITIVE_INFINITY);
  const inclusive = flag(args, 'inclusive');
  return ({ ts }) => {
    const at = Number(ts);
    return (at > oldest && at < latest) || (inclusive && (at === oldest || at === latest));
  };
}

export function conversationsHistory(world: World, args: Obj): Obj {
  const { id } = readable(world, args);
  const metadata = flag(args, 'include_all_metadata');
  const all = messagesIn(world, id);
  const top = all.filter((one) => !one.thread_ts && inRange(args)(one)).reverse();
  const { items, response_metadata } = page(args, top, 100);
  const messages = items.map((one) => {
    const replies = all.filter((reply) => reply.thread_ts === one.ts).length;
    const thread = replies > 0 ? { thread_ts: one.ts, reply_count: replies } : {};
    return { ...messagePayload(world, one, metadata), ...thread };
  });
  return { messages, has_more: response_metadata['next_cursor'] !== '', pin_count: 0, response_metadata };
}

export function conversationsReplies(world: World, args: Obj): Obj {
  const { id } = readable(world, args);
  const ts = required(args, 'ts');
  const thread = messagesIn(world, id).filter((one) => one.ts === ts || one.thread_ts === ts);
  if (thread.length === 0) refuse('thread_not_found');
  const [parent, ...replies] = thread;
  const kept = [parent, ...replies.filter(inRange(args))].filter((one) => one !== undefined);
  const { items, response_metadata } = page(args, kept, 1000);
  const metadata = flag(args, 'include_all_metadata');
  const messages = items.map((one) => ({ ...messagePayload(world, one, metadata), thread_ts: ts }));
  return { messages, has_more: response_metadata['next_cursor'] !== '', response_metadata };
}

export function usersInfo(world: World, args: Obj): Obj {
  const id = required(args, 'user');
  const { teamId: team_id, botUserId } = world.settings;
  if (id === botUserId) return { user: { id, team_id, name: 'archive', real_name: 'Archive', is_bot: true } };
  const person = world.settings.people.find((one) => one.id === id) ?? refuse('user_not_found');
  const real_name = person.realName ?? person.name;
  const profile = { display_name: person.name, real_name };
  return { user: { id, team_id, name: person.name, real_name, profile, is_bot: false, deleted: false } };
}

export function usergroupsList(world: World, args: Obj): Obj {
  const listed = world.userGroups.filter(({ disabled }) => !disabled || flag(args, 'include_disabled'));
  const groups = listed.map(({ id, handle, users, disabled }) => ({
    ...{
      id,
      team_id: world.settings.teamId,
      is_usergroup: true,
      handle,
      name: handle,
      user_count: users.length,
      date_delete: disabled ? Math.floor(world.now() / 1000) : 0,
    },
    ...(flag(args, 'include_users') ? { users } : {}),
  }));
  return { usergroups: groups };
}

export function usergroupsUsersList(world: World, args: Obj): Obj {
  const id = required(args, 'usergroup');
  const group = world.userGroups.find((one) => one.id === id && !one.disabled) ?? refuse('no_such_subteam');
  return { users: group.users };
}

export function botsInfo(world: World, args: Obj): Obj {
  const { botId, botUserId, appId } = world.settings;
  const id = optional(args, 'bot') ?? botId;
  if (id !== botId) refuse('bot_not_found');
  return { bot: { id, deleted: false, name: 'archive', app_id: appId, user_id: botUserId } };
}
