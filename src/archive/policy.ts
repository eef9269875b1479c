import type { Directory } from './ports';

/** Who acts, and where. */
export interface Actor {
  user: string;
  channel: string;
  /** The person's own workspace. In a shared channel it can be another one than the app's. */
  team: string;
  /** The organization of that workspace, where there is one and it is known. */
  enterprise?: string | null;
}

/** A workspace, and the organization that it belongs to. */
export type Home = Required<Pick<Actor, 'team' | 'enterprise'>>;

/** Who may archive, and where. */
export interface Rules {
  /** Everybody of the app's own workspace or organization. */
  everyone: boolean;
  people: readonly string[];
  groups: readonly string[];
  /** Empty: every channel. */
  channels: readonly string[];
}

export type PolicyDenial =
  | 'access_not_set'
  | 'channel_not_allowed'
  | 'access_unknown'
  | 'other_workspace'
  | 'not_allowed';

/**
 * Null when the person may do it in the channel, or (`anywhere`) in some channel; else the reason code. `anywhere` is for
 * what is shown, never for what is done.
 */
export type Policy = (actor: Actor, where?: 'here' | 'anywhere') => Promise<PolicyDenial | null>;

/**
 * Groups are looked up each time, so a person who is removed from one loses the right at once. What is only shown may be
 * a minute old, since Slack limits these calls. A lookup that fails counts as a denial (`access_unknown`). People of other workspaces are in shared channels too: they may archive only
 * if they are named by ID.
 */
export function createPolicy({ everyone, people, groups, channels }: Rules, directory: Directory): Policy {
  return async (actor, where = 'here') => {
    const { user, channel } = actor;
    if (!everyone && people.length === 0 && groups.length === 0) return 'access_not_set';
    if (where === 'here' && channels.length > 0 && !channels.includes(channel)) return 'channel_not_allowed';
    if (people.includes(user)) return null;
    if (!everyone && groups.length === 0) return 'not_allowed';
    const membersOf = where === 'here' ? directory.groupMembers : directory.recentGroupMembers;
    const [home, ...members] = await Promise.allSettled([
      directory.home(),
      ...(everyone ? [] : groups.map((id) => membersOf(id))),
    ]);
    if (home.status === 'rejected') return 'access_unknown';
    if (!belongsTo(actor, home.value)) return 'other_workspace';
    if (everyone) return null;
    if (members.some((group) => group.status === 'fulfilled' && group.value.includes(user))) return null;
    return members.some(({ status }) => status === 'rejected') ? 'access_unknown' : 'not_allowed';
  };
}

/** In an organization, a person can be of another workspace than the app, or of the organization itself. */
const belongsTo = ({ team, enterprise = null }: Actor, home: Home): boolean =>
  team === home.team || (home.enterprise !== null && [team, enterprise].includes(home.enterprise));
