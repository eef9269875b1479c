/** Reads the workspace from outside: what is on the screens, and waiting for it. */

import type { ShortcutSeed, WorkspaceOptions } from './options';
import { type NameOf, renderText } from './render';
import type { Timers } from './timers';
import type { Ephemeral, MessageInThread, OpenView, StoredMessage } from './types';
import { stackOf } from './view-state';
import { type Channel, messagesIn, type World } from './world';

export interface WaitOptions {
  /** Real time. @default 5000 */
  timeoutMs?: number;
  /** What is waited for, used in the error. */
  what?: string;
}

export function threaded(world: World, channel: string): MessageInThread[] {
  const replies = new Map<string, StoredMessage[]>();
  const top: StoredMessage[] = [];
  for (const message of messagesIn(world, channel)) {
    const { thread_ts: thread } = message;
    if (!thread || thread === message.ts) top.push(message);
    else replies.set(thread, [...(replies.get(thread) ?? []), message]);
  }
  return top.map((message) => ({ ...message, replies: replies.get(message.ts) ?? [] }));
}

export function namesIn(world: World): NameOf {
  const { people, userGroups, botUserId, botName } = world.settings;
  return (id) => {
    if (id === botUserId) return botName;
    const person = people.find((one) => one.id === id);
    return person?.name ?? world.channels.get(id)?.name ?? userGroups.find((one) => one.id === id)?.handle;
  };
}

/** A call is reported twice: when it arrives and when it is answered. */
const EVENTS = ['change', 'call', 'arrival'];

export interface Snapshot {
  people: { id: string; name: string }[];
  commands: WorkspaceOptions['commands'];
  shortcuts: ShortcutSeed[];
  userGroups: { id: string; handle: string; users: string[] }[];
  /** Whether the app has a Home tab. */
  homeTab: boolean;
  channels: {
    id: string;
    name: string;
    kind: Channel['kind'];
    isMember: boolean;
    archived: boolean;
    messages: MessageInThread[];
  }[];
  ephemerals: Ephemeral[];
  /** From the root to the top. */
  modals: OpenView[];
  home: OpenView | undefined;
}

/** What one person can see, as plain JSON: for a page that draws it. */
export function snapshot(world: World, user: string): Snapshot {
  const open = [...world.channels.values()].filter((one) => one.kind === 'public' || one.members.has(user));
  const { people, commands, shortcuts, homeTab } = world.settings;
  return structuredClone({
    people: people.map(({ id, name }) => ({ id, name })),
    ...{ commands, shortcuts, homeTab },
    userGroups: world.userGroups.map(({ id, handle, users }) => ({ id, handle, users })),
    channels: open.map(({ id, name, kind, members, archived }) => ({
      ...{ id, name, kind, archived, isMember: members.has(user) },
      messages: threaded(world, id),
    })),
    ephemerals: world.ephemerals.filter((one) => one.user === user),
    modals: stackOf(world, user),
    home: world.homes.get(user),
  });
}

const indent = (text: string, by: string): string =>
  text
    .split('\n')
    .map((line) => by + line)
    .join('\n');

/** Everything that is on any screen, as text. */
export function dump(world: World): string {
  const nameOf = namesIn(world);
  const show = (thing: object) => indent(renderText(thing, nameOf), '    ');
  const lines: string[] = [];
  for (const channel of world.channels.values()) {
    for (const message of threaded(world, channel.id)) {
      const edited = message.edits.length > 0 ? `, edited ${message.edits.length}x` : '';
      lines.push(`#${channel.name} @${nameOf(message.user)} (${message.ts}${edited})`, show(message));
      for (const reply of message.replies) lines.push(indent(show(reply), '  > '));
    }
  }
  for (const one of world.ephemerals)
    lines.push(`only for @${nameOf(one.user)} in ${one.channel}`, show(one));
  for (const user of world.modals.keys()) {
    for (const view of stackOf(world, user)) lines.push(`modal of @${nameOf(user)} (${view.id})`, show(view));
  }
  for (const [user, view] of world.homes) lines.push(`home of @${nameOf(user)}`, show(view));
  const calls = world.calls.slice(-12).map((call) => {
    const outcome = call.ok === undefined ? 'under way' : call.ok ? 'ok' : call.error;
    return `${call.n} ${call.method}: ${outcome}${call.fault ? ` [${call.fault}]` : ''}`;
  });
  return [lines.length > 0 ? lines.join('\n') : '(nothing on any screen)', 'last calls:', ...calls].join(
    '\n',
  );
}

/** Resolves with the predicate's value when it is neither false nor undefined. Checks again at every change. */
export function waitFor<T>(
  world: World,
  timers: Timers,
  predicate: () => T,
  { timeoutMs = 10_000, what = 'what was waited for' }: WaitOptions = {},
): Promise<Exclude<T, false | undefined | null | 0 | ''>> {
  return new Promise((resolve, reject) => {
    let thrown: unknown;
    const stop = () => {
      cancel();
      for (const event of EVENTS) world.emitter.off(event, look);
      world.emitter.off('close', closed);
    };
    const look = () => {
      try {
        const value = predicate();
        if (!value) return;
        stop();
        resolve(value as Exclude<T, false | undefined | null | 0 | ''>);
      } catch (error) {
        // An assertion that does not hold yet. It is reported if it never does.
        thrown = error;
      }
    };
    const fail = (why: string) => {
      stop();
      const last = thrown ? `\n${(thrown as Error).message}` : '';
      reject(new Error(`${why}: ${what}.${last}\n${dump(world)}`));
    };
    const closed = () => fail('The workspace closed before');
    const cancel = timers.after(timeoutMs, () => fail(`Not within ${timeoutMs} ms`));
    for (const event of EVENTS) world.emitter.on(event, look);
    world.emitter.on('close', closed);
    look();
  });
}
