/** Slack's own `/invite`, as far as the app's advice needs it: it brings the app into a channel. */
import { APP_NAME, BOT } from './page/people';
import type { Person, Workspace } from './slack';

export const INVITE = '/invite';
const NAMES_THE_APP = new RegExp(`^@?${APP_NAME}$`, 'i');

/** @throws when somebody else is named, or the app is there already; the message is for the person */
export function invite(workspace: Workspace, person: Person, channel: string, named: string): void {
  const name = named.trim().replace(/\s+/g, ' ');
  if (name !== '' && !NAMES_THE_APP.test(name))
    throw new Error(`There is no ${name} to invite here, only @${APP_NAME}.`);
  const isThere = workspace.snapshot(BOT).channels.some(({ id, isMember }) => id === channel && isMember);
  if (isThere) throw new Error(`@${APP_NAME} is in this channel already.`);
  workspace.setMember(channel, 'bot', true);
  person.say(`added <@${BOT}> to this channel.`, { channel });
}
