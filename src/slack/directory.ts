import type { WebClient } from '@slack/web-api';
import type { Directory } from '../archive/ports';

/** User groups as Slack has them now. @see https://docs.slack.dev/reference/methods/usergroups.users.list */
export const createDirectory = (client: WebClient): Directory => ({
  async groupMembers(groupId) {
    const { users } = await client.usergroups.users.list({ usergroup: groupId });
    return users ?? [];
  },
});
