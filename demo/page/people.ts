/** The people on the screen. */
import type { Snapshot, StoredMessage } from '../../fakes/slack';
import { type Html, html } from './html';
import type { Look } from './mrkdwn';

/** As in manifest.yml. A test compares the two. */
export const APP_NAME = 'Toloka Archive';
/** The fake workspace's default ID of the bot. */
export const BOT = 'U0BOT';

export const shownName = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

export function lookOf(snapshot: Snapshot, me: string, now: number): Look {
  const groups = snapshot.userGroups;
  return {
    now,
    isMine: (id) => id === me || groups.some((one) => one.id === id && one.users.includes(me)),
    nameOf(id) {
      if (id === BOT) return APP_NAME;
      return (
        snapshot.people.find((one) => one.id === id)?.name ??
        snapshot.channels.find((one) => one.id === id)?.name ??
        groups.find((one) => one.id === id)?.handle
      );
    },
  };
}

const hue = (id: string): number => [...id].reduce((sum, sign) => sum + sign.charCodeAt(0), 0) % 4;

export const avatar = (id: string, name: string): Html =>
  id === BOT
    ? html`<span class="avatar app" aria-hidden="true">📦</span>`
    : html`<span class="avatar hue-${hue(id)}" aria-hidden="true">${name.charAt(0).toUpperCase()}</span>`;

export function authorOf(look: Look, message: Pick<StoredMessage, 'user' | 'fromApp'>) {
  if (message.fromApp) return { id: BOT, name: APP_NAME, isApp: true };
  return { id: message.user, name: shownName(look.nameOf(message.user) ?? message.user), isApp: false };
}
