import type { WebClient } from '@slack/web-api';
import type { Home } from '../archive/policy';
import type { Directory } from '../archive/ports';

/** User groups as Slack has them now, and the app's own workspace. */
export function createDirectory(client: WebClient): Directory {
  /** A token belongs to one workspace for ever. */
  let home: Home | undefined;
  return {
    /** @see https://docs.slack.dev/reference/methods/auth.test */
    async home() {
      if (home !== undefined) return home;
      const { team_id: team, enterprise_id: enterprise = null } = await client.auth.test();
      if (!team) throw new Error('Slack’s answer to auth.test names no workspace.');
      home = { team, enterprise };
      return home;
    },

    /** @see https://docs.slack.dev/reference/methods/usergroups.users.list */
    async groupMembers(groupId) {
      const { users } = await client.usergroups.users.list({ usergroup: groupId });
      return users ?? [];
    },
  };
}
