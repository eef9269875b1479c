import type { Directory } from './ports';

/** Who may archive, and where. */
export interface Rules {
  everyone: boolean;
  people: readonly string[];
  groups: readonly string[];
  /** Empty: every channel. */
  channels: readonly string[];
}

export type PolicyDenial = 'access_not_set' | 'channel_not_allowed' | 'access_unknown' | 'not_allowed';

/** Null when the person may archive in the channel, else the reason code. */
export type Policy = (user: string, channel: string) => Promise<PolicyDenial | null>;

/**
 * Groups are looked up each time, so a person who is removed from one loses the right at once. A lookup that fails
 * counts as a denial (`access_unknown`).
 */
export function createPolicy({ everyone, people, groups, channels }: Rules, directory: Directory): Policy {
  return async (user, channel) => {
    if (!everyone && people.length === 0 && groups.length === 0) return 'access_not_set';
    if (channels.length > 0 && !channels.includes(channel)) return 'channel_not_allowed';
    if (everyone || people.includes(user)) return null;
    const members = await Promise.allSettled(groups.map((id) => directory.groupMembers(id)));
    if (members.some((group) => group.status === 'fulfilled' && group.value.includes(user))) return null;
    return members.some(({ status }) => status === 'rejected') ? 'access_unknown' : 'not_allowed';
  };
}
