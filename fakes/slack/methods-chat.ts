/**
 * chat.postMessage, chat.update, chat.delete, chat.postEphemeral, chat.getPermalink.
 *
 * Read in Slack's pages of these methods: the refusals; chat.update with `text` and no `blocks` removes the blocks,
 * takes a DM's own ID instead of a user ID, and marks a message as edited only if it has no blocks. Guessed: without
 * `metadata` an update keeps it, with `metadata: {}` removes it; which of two refusals wins; an update in a public
 * channel that the bot has left still works; a reply to a message that does not exist or is itself a reply is
 * `thread_not_found` (github.com/slackapi/bolt-js/issues/2307; an older report, python-slack-sdk/issues/840,
 * saw it accepted and shown nowhere; the fake refuses it, so that the mistake shows).
 */
import { messageProblems } from './block-kit';
import { blocksOf, json, optional, refuse, refuseMessage, required } from './refusal';
import type { Block, Metadata, Obj, StoredMessage } from './types';
import { withIds } from './view-state';
import {
  addEphemeral,
  addMessage,
  type Channel,
  changeMessage,
  messagesIn,
  visibleChannel,
  type World,
} from './world';

/** The message object as history, answers and payloads carry it. */
export function messagePayload(world: World, message: StoredMessage, withMetadata = true): Obj {
  const { botId, appId, teamId } = world.settings;
  const { user, text, ts, blocks, thread_ts, metadata, edits, fromApp } = message;
  const edited = edits.at(-1);
  return {
    ...{ type: 'message', user, text, ts, team: teamId },
    ...(fromApp ? { bot_id: botId, app_id: appId } : {}),
    ...(blocks.length > 0 ? { blocks } : {}),
    ...(thread_ts ? { thread_ts } : {}),
    ...(metadata && withMetadata ? { metadata } : {}),
    ...(edited && blocks.length === 0
      ? { edited: { user, ts: `${Math.floor(edited.at / 1000)}.000000` } }
      : {}),
  };
}

function postable(world: World, args: Obj): Channel {
  const channel = visibleChannel(world, required(args, 'channel')) ?? refuse('channel_not_found');
  if (channel.archived) refuse('is_archived');
  const member = channel.members.has(world.settings.botUserId);
  if (!member && !world.scopes.has('chat:write.public')) refuse('not_in_channel');
  return channel;
}

interface Content {
  text: string;
  blocks: Block[];
  metadata: Metadata | undefined;
  given: { text: boolean; blocks: boolean; metadata: boolean };
}

export function readContent(world: World, args: Obj): Content {
  const text = optional(args, 'text');
  const blocks = blocksOf(args);
  const metadata = json(args, 'metadata', 'invalid_metadata_format') as Metadata | undefined;
  refuseMessage(messageProblems({ text, blocks, metadata }));
  return {
    text: text ?? '',
    blocks: withIds(world, blocks ?? []),
    metadata: metadata && Object.keys(metadata).length > 0 ? metadata : undefined,
    given: { text: text !== undefined, blocks: blocks !== undefined, metadata: metadata !== undefined },
  };
}

export function postMessage(world: World, args: Obj): Obj {
  const channel = postable(world, args);
  const { text, blocks, metadata } = readContent(world, args);
  const thread = optional(args, 'thread_ts');
  if (thread && !/^\d+\.\d{6}$/.test(thread)) refuse('invalid_thread_ts');
  const parent = messagesIn(world, channel.id).find((one) => one.ts === thread);
  if (thread && (!parent || parent.thread_ts)) refuse('thread_not_found');
  const user = world.settings.botUserId;
  const said = { channel: channel.id, user, fromApp: true, text, blocks, metadata, thread_ts: thread };
  const message = addMessage(world, said);
  return { channel: channel.id, ts: message.ts, message: messagePayload(world, message) };
}

function ownMessage(world: World, args: Obj, refusal: string): StoredMessage {
  const id = required(args, 'channel');
  const channel = (/^[UW]/.test(id) ? undefined : visibleChannel(world, id)) ?? refuse('channel_not_found');
  const ts = required(args, 'ts');
  const message = messagesIn(world, channel.id).find((one) => one.ts === ts) ?? refuse('message_not_found');
  return message.fromApp ? message : refuse(refusal);
}

export function update(world: World, args: Obj): Obj {
  const old = ownMessage(world, args, 'cant_update_message');
  if (world.channels.get(old.channel)?.archived) refuse('is_archived');
  const { text, blocks, metadata, given } = readContent(world, args);
  const metadataNow = given.metadata ? metadata : old.metadata;
  const next = changeMessage(world, old, { text, blocks, metadata: metadataNow }) ?? old;
  return { channel: old.channel, ts: old.ts, text, message: messagePayload(world, next) };
}

export function remove(world: World, args: Obj): Obj {
  const old = ownMessage(world, args, 'cant_delete_message');
  changeMessage(world, old, undefined);
  return { channel: old.channel, ts: old.ts };
}

export function postEphemeral(world: World, args: Obj): Obj {
  const channel = postable(world, args);
  const user = required(args, 'user');
  if (!channel.members.has(user)) refuse('user_not_in_channel');
  const { text, blocks } = readContent(world, args);
  return { message_ts: addEphemeral(world, { user, channel: channel.id, text, blocks }).ts };
}

export function getPermalink(world: World, args: Obj): Obj {
  const channel = visibleChannel(world, required(args, 'channel')) ?? refuse('channel_not_found');
  const ts = required(args, 'message_ts');
  const message = messagesIn(world, channel.id).find((one) => one.ts === ts) ?? refuse('message_not_found');
  const { thread_ts: thread } = message;
  const query = thread ? `?thread_ts=${thread}&cid=${channel.id}` : '';
  const host = `https://${world.settings.teamDomain}.slack.com`;
  return { channel: channel.id, permalink: `${host}/archives/${channel.id}/p${ts.replace('.', '')}${query}` };
}
