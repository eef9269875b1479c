/**
 * The table of Web API methods with their scopes and code. Any other method is `unknown_method`.
 *
 * Read in Slack's method pages: the scopes. Methods whose scope depends on the channel check it themselves.
 */
import * as chat from './methods-chat';
import * as lookup from './methods-lookup';
import * as views from './methods-views';
import type { Obj } from './types';
import type { World } from './world';

export interface Method {
  /** Any one of these will do. */
  scopes?: readonly string[];
  /** Which token it takes. @default 'bot' */
  token?: 'bot' | 'app' | 'none' | 'any';
  run(world: World, args: Obj): Obj;
}

const WRITE = ['chat:write'];

export const METHODS: Record<string, Method> = {
  'api.test': { token: 'none', run: (_, args) => ({ args }) },
  'auth.test': {
    token: 'any',
    run: ({ settings }) => ({
      url: `https://${settings.teamDomain}.slack.com/`,
      team: settings.teamDomain,
      user: 'archive',
      team_id: settings.teamId,
      user_id: settings.botUserId,
      bot_id: settings.botId,
      app_id: settings.appId,
      ...(settings.enterpriseId && { enterprise_id: settings.enterpriseId }),
      is_enterprise_install: false,
    }),
  },
  'chat.postMessage': { scopes: WRITE, run: chat.postMessage },
  'chat.update': { scopes: WRITE, run: chat.update },
  'chat.delete': { scopes: WRITE, run: chat.remove },
  'chat.postEphemeral': { scopes: WRITE, run: chat.postEphemeral },
  'chat.getPermalink': { run: chat.getPermalink },
  'views.open': { run: views.viewsOpen },
  'views.push': { run: views.viewsPush },
  'views.update': { run: views.viewsUpdate },
  'views.publish': { run: views.viewsPublish },
  'conversations.info': { run: lookup.conversationsInfo },
  'conversations.list': { run: lookup.conversationsList },
  'conversations.members': { run: lookup.conversationsMembers },
  'conversations.history': { run: lookup.conversationsHistory },
  'conversations.replies': { run: lookup.conversationsReplies },
  'conversations.join': { scopes: ['channels:join'], run: lookup.conversationsJoin },
  'users.info': { scopes: ['users:read'], run: lookup.usersInfo },
  'users.conversations': { run: lookup.usersConversations },
  'usergroups.list': { scopes: ['usergroups:read'], run: lookup.usergroupsList },
  'usergroups.users.list': { scopes: ['usergroups:read'], run: lookup.usergroupsUsersList },
  'bots.info': { scopes: ['users:read'], run: lookup.botsInfo },
};
