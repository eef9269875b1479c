import type { Directory } from './ports';

export type Access = { allowed: true } | { allowed: false; code: AccessRefusal; message: string };
export type AccessRefusal = 'access_not_set' | 'not_allowed' | 'access_unknown' | 'channel_not_allowed';

export interface AccessRules {
  /** User ids, user group ids, or `*`. Empty: nobody. */
  allow: readonly string[];
  /** Channel ids; empty: every channel. */
  channels: readonly string[];
  /** The settings' names, so that a refusal can say which one to change. */
  settings: { allow: string; channels: string };
}

/**
 * Who may ask, and where. A user group is looked up each time, so that a person taken off it may no more from that
 * moment on; a lookup that fails means no.
 */
export function createAccess(rules: AccessRules, directory: Directory) {
  return async function mayArchive(user: string, channel: string): Promise<Access> {
    const { allow, channels, settings } = rules;
    if (allow.length === 0)
      return no(
        'access_not_set',
        `Nobody may archive yet: ${settings.allow} is not set. Ask whoever runs this app to name the people or user groups in it.`,
      );
    if (channels.length > 0 && !channels.includes(channel))
      return no(
        'channel_not_allowed',
        `Archiving is not enabled in this channel. Use one of ${channels.map((id) => `<#${id}>`).join(', ')}, or ask whoever runs this app to add this one to ${settings.channels}.`,
      );
    if (allow.includes('*') || allow.includes(user)) return { allowed: true };
    const groups = allow.filter((id) => id.startsWith('S'));
    const answers = await Promise.allSettled(groups.map((id) => directory.groupMembers(id)));
    if (answers.some((answer) => answer.status === 'fulfilled' && answer.value.includes(user)))
      return { allowed: true };
    if (answers.some((answer) => answer.status === 'rejected'))
      return no(
        'access_unknown',
        'Slack did not say who is in the allowed user group, so the answer is no for now. Try again in a minute; if it stays so, the app may lack the `usergroups:read` permission.',
      );
    return no(
      'not_allowed',
      `You are not among those who may archive. Ask whoever runs this app to add you, or a user group that you are in, to ${settings.allow}.`,
    );
  };
}

const no = (code: AccessRefusal, message: string): Access => ({ allowed: false, code, message });

export type MayArchive = ReturnType<typeof createAccess>;
