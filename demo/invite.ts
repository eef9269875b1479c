/** Imitates Slack's own `/invite`, but only to add the app to a channel, as the app advises. */

import type { Person, Workspace } from '../fakes/slack';
import { APP_NAME, BOT } from './page/people';

export const INVITE = '/invite';
const NAMES_THE_APP = new RegExp(`^@?${APP_NAME}$`, 'i');

/** @throws if anybody else is named, or the app is already there. The message is shown to the person. */
export function invite(workspace: Workspace, person: Person, channel: string, named: string): void {
  const name = named.trim().replace(/\s+/g, ' ');
  if (name !== '' && !NAMES_THE_APP.test(name))
    throw new Error(`There is no ${name} to invite here, only @${APP_NAME}.`);
  const isThere = workspace.snapshot(BOT).channels.some(({ id, isMember }) => id === channel && isMember);
  if (isThere) throw new Error(`@${APP_NAME} is in this channel already.`);
  workspace.setMember(channel, 'bot', true);
  person.say(`added <@${BOT}> to this channel.`, { channel });
}
