import type { WebClient } from '@slack/web-api';
import type { Home } from '../archive/policy';
import type { Directory } from '../archive/ports';

/** Home tabs are compared every 5 s, and a search asks with each letter. Slack allows about 20 calls a minute. */
const RECENT_MS = 60_000;

/** User groups as Slack has them now, and the app's own workspace. */
export function createDirectory(client: WebClient, now: () => number = Date.now): Directory {
  /** A token belongs to one workspace for ever. Many people who ask at once share one call. */
  let home: Promise<Home> | undefined;

  /** @see https://docs.slack.dev/reference/methods/auth.test */
  async function readHome(): Promise<Home> {
    const { team_id: team, enterprise_id: enterprise = null } = await client.auth.test();
    if (!team) throw new Error('Slack’s answer to auth.test names no workspace.');
    return { team, enterprise };
  }

  const groups = new Map<string, () => Promise<readonly string[]>>();
  const recent = new Map<string, { at: number; members: Promise<readonly string[]> }>();

  /** @see https://docs.slack.dev/reference/methods/usergroups.users.list */
  function groupMembers(usergroup: string): Promise<readonly string[]> {
    const look = groups.get(usergroup) ?? createShared(() => membersOf(client, usergroup));
    groups.set(usergroup, look);
    return look();
  }

  return {
    home() {
      home ??= readHome().catch((error: unknown) => {
        home = undefined;
        throw error;
      });
      return home;
    },

    groupMembers,

    recentGroupMembers(usergroup) {
      const known = recent.get(usergroup);
      const at = now();
      if (known !== undefined && at >= known.at && at - known.at < RECENT_MS) return known.members;
      const members = groupMembers(usergroup);
      recent.set(usergroup, { at, members });
      members.catch(() => recent.delete(usergroup));
      return members;
    },
  };
}

async function membersOf(client: WebClient, usergroup: string): Promise<readonly string[]> {
  const { users } = await client.usergroups.users.list({ usergroup });
  return users ?? [];
}

/**
 * One call at a time. All who ask while one is under way share the next one, so that each gets an answer to a call that
 * began after they asked. Slack allows about 20 such calls a minute, and a batch asks for each of its requests.
 */
export function createShared<T>(call: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    const begun = call().finally(() => {
      if (running === begun) running = undefined;
    });
    running = begun;
    return begun;
  };
  return () => {
    if (running === undefined) return begin();
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined;
        return begin();
      });
    return next;
  };
}
