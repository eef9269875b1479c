/**
 * The state of the workspace and the only code that changes it: people, channels, messages, open views. Knows neither
 * HTTP nor WebSocket.
 *
 * Imitated: a `ts` is unique in the workspace and grows; a user id as a channel means the app's DM with that person;
 * a private channel without the bot does not exist for the app (docs of chat.postMessage and conversations.*).
 * Guessed: nothing else here is visible to the app.
 */
import { EventEmitter } from 'node:events';
import type { Settings, UserGroupSeed } from './options';
import type { CallRecord, Change, Ephemeral, OpenView, StoredMessage } from './types';

export interface Channel {
  id: string;
  name: string;
  kind: 'public' | 'private' | 'im' | 'mpim';
  members: Set<string>;
  archived: boolean;
  created: number;
}

export interface Trigger {
  user: string;
  expires: number;
  used: boolean;
  /** The view of the interaction: views.push needs it. */
  view: string | undefined;
  /** The conversation that the person is looking at. */
  conversation: string | undefined;
}

export interface ResponseUrl {
  user: string;
  channel: string;
  expires: number;
  uses: number;
  /** The message that `replace_original` and `delete_original` mean. */
  original: { ts: string; ephemeral: boolean } | undefined;
  thread_ts?: string | undefined;
}

export interface World {
  readonly settings: Settings;
  readonly emitter: EventEmitter;
  scopes: Set<string>;
  userGroups: readonly UserGroupSeed[];
  channels: Map<string, Channel>;
  messages: Map<string, StoredMessage[]>;
  ephemerals: Ephemeral[];
  modals: Map<string, OpenView[]>;
  homes: Map<string, OpenView>;
  triggers: Map<string, Trigger>;
  responseUrls: Map<string, ResponseUrl>;
  calls: CallRecord[];
  now(): number;
  id(prefix: string): string;
  ts(): string;
  changed(change: Change): void;
  reset(): void;
}

function seedChannels(settings: Settings, now: number): Map<string, Channel> {
  const channels = settings.channels.map(
    (seed): Channel => ({
      id: seed.id,
      name: seed.name,
      kind: seed.group ? 'mpim' : seed.private ? 'private' : 'public',
      members: new Set([...seed.members, ...(seed.bot ? [settings.botUserId] : [])]),
      archived: seed.archived ?? false,
      created: Math.floor(now / 1000),
    }),
  );
  return new Map(channels.map((channel) => [channel.id, channel]));
}

export function createWorld(settings: Settings): World {
  const emitter = new EventEmitter();
  // Each waitFor listens while it waits, and a fault run has many of them at once.
  emitter.setMaxListeners(0);
  let lastMicros = 0;
  let lastId = 0;

  const fresh = () => ({
    scopes: new Set(settings.scopes),
    userGroups: settings.userGroups,
    channels: seedChannels(settings, settings.now()),
    messages: new Map<string, StoredMessage[]>(),
    ephemerals: [] as Ephemeral[],
    modals: new Map<string, OpenView[]>(),
    homes: new Map<string, OpenView>(),
    triggers: new Map<string, Trigger>(),
    responseUrls: new Map<string, ResponseUrl>(),
    calls: [] as CallRecord[],
  });

  const world: World = {
    settings,
    emitter,
    ...fresh(),
    now: () => settings.now(),
    // IDs and ts keep counting after a reset, so an app that still runs cannot take an old ID for a new one.
    id(prefix) {
      lastId += 1;
      return `${prefix}${String(lastId).padStart(6, '0')}`;
    },
    ts() {
      lastMicros = Math.max(lastMicros + 1, Math.floor(settings.now()) * 1000);
      return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`;
    },
    changed: (change) => {
      emitter.emit('change', change);
    },
    reset() {
      Object.assign(world, fresh());
      world.changed({ kind: 'reset' });
    },
  };
  return world;
}

/** The app's DM with a person. It is made when first needed, as by `chat.postMessage` to a user ID. */
export function directMessage(world: World, user: string): Channel | undefined {
  if (!world.settings.people.some((person) => person.id === user)) return undefined;
  const id = `D${user.slice(1)}`;
  const known = world.channels.get(id);
  if (known) return known;
  const { botUserId } = world.settings;
  const members = new Set([user, botUserId]);
  const created = Math.floor(world.now() / 1000);
  const channel: Channel = { id, name: 'directmessage', kind: 'im', members, archived: false, created };
  world.channels.set(id, channel);
  return channel;
}

/** A channel as the app may know it, by id, user id or `#name`. */
export function visibleChannel(world: World, nameOrId: string): Channel | undefined {
  const byId = /^[UW]/.test(nameOrId) ? directMessage(world, nameOrId) : world.channels.get(nameOrId);
  const byName = () => [...world.channels.values()].find((one) => one.name === nameOrId.replace(/^#/, ''));
  const channel = byId ?? byName();
  const hidden = channel?.kind === 'private' || channel?.kind === 'mpim';
  if (hidden && !channel.members.has(world.settings.botUserId)) return undefined;
  return channel;
}

export function messagesIn(world: World, channel: string): StoredMessage[] {
  return world.messages.get(channel) ?? [];
}

export function addMessage(
  world: World,
  message: Omit<StoredMessage, 'ts' | 'at' | 'edits'> & { ts?: string },
): StoredMessage {
  const stored: StoredMessage = { ts: world.ts(), ...message, at: world.now(), edits: [] };
  const list = world.messages.get(stored.channel);
  if (list) list.push(stored);
  else world.messages.set(stored.channel, [stored]);
  world.changed({ kind: 'message', channel: stored.channel, id: stored.ts });
  return stored;
}

/** Replaces a stored message and keeps its earlier version. `undefined` removes it. */
export function changeMessage(
  world: World,
  old: StoredMessage,
  change: Partial<Pick<StoredMessage, 'text' | 'blocks' | 'metadata'>> | undefined,
): StoredMessage | undefined {
  const list = messagesIn(world, old.channel);
  const index = list.indexOf(old);
  const { text, blocks, metadata } = old;
  const edit = { at: world.now(), text, blocks, metadata };
  const next = change && { ...old, ...change, edits: [...old.edits, edit] };
  if (next) list[index] = next;
  else list.splice(index, 1);
  world.changed({ kind: 'message', channel: old.channel, id: old.ts });
  return next;
}

export function addEphemeral(
  world: World,
  one: Pick<Ephemeral, 'user' | 'channel' | 'text'> & Partial<Pick<Ephemeral, 'blocks' | 'from'>>,
): Ephemeral {
  const stored: Ephemeral = { blocks: [], from: 'app', ...one, ts: world.ts(), at: world.now(), replaced: 0 };
  world.ephemerals.push(stored);
  world.changed({ kind: 'ephemeral', user: one.user, channel: one.channel, id: stored.ts });
  return stored;
}
