/**
 * The parts of a fake workspace and their defaults. IDs look like Slack's but are stable, so that a dump of the
 * screen can be compared.
 */
import type { RateLimits } from './rate-limits';

export interface PersonSeed {
  id: string;
  name: string;
  realName?: string;
  /** Their own workspace, and its organization, where they are not of this workspace (Slack Connect, Enterprise Grid). */
  team?: { id: string; enterprise?: string };
}

export interface ChannelSeed {
  id: string;
  name: string;
  private?: boolean;
  /** A direct message of several people. */
  group?: boolean;
  members: string[];
  /** Whether the app's bot is a member. */
  bot: boolean;
  archived?: boolean;
}

export interface UserGroupSeed {
  id: string;
  handle: string;
  users: string[];
  disabled?: boolean;
}

export interface CommandSeed {
  command: string;
  usageHint?: string;
  description?: string;
}

/** A global shortcut, as in the manifest. */
export interface ShortcutSeed {
  callbackId: string;
  name: string;
  description?: string;
}

export interface WorkspaceOptions {
  port?: number;
  botToken: string;
  appToken: string;
  signingSecret?: string;
  /** Set: HTTP delivery to these addresses in turn. Unset: Socket Mode. */
  requestUrl?: string | string[];
  botUserId?: string;
  /** As a mention shows it. */
  botName?: string;
  botId?: string;
  appId?: string;
  teamId?: string;
  teamDomain?: string;
  /** The organization of the workspace (Enterprise Grid). @default none */
  enterpriseId?: string;
  /** Granted to the bot token. See {@link DEFAULT_SCOPES}. */
  scopes?: string[];
  people: PersonSeed[];
  channels: ChannelSeed[];
  userGroups?: UserGroupSeed[];
  commands?: CommandSeed[];
  shortcuts?: ShortcutSeed[];
  /** Whether the manifest turns the Home tab on. @default true */
  homeTab?: boolean;
  /** The events that the manifest subscribes to. @default `app_home_opened` */
  events?: string[];
  /** Milliseconds since 1970. Ages of triggers, response_urls and `ts` values follow it; waiting does not. */
  now?: () => number;
  random?: () => number;
  /** @default 3000 */
  ackTimeoutMs?: number;
  /** @default 3000 */
  triggerLifeMs?: number;
  /** Repeat a Socket Mode envelope that has no ack after this long. Unset: only if the connection is lost. */
  redeliverUnackedAfterMs?: number;
  /** @default 10000, about as often as Slack */
  pingIntervalMs?: number;
  /** `true`: about Slack's published tiers. Unset: no limits. */
  rateLimits?: RateLimits | true;
}

/**
 * Everything that the app may ask for except `chat:write.public`. Without it, Slack refuses a post to a channel that
 * the bot has not joined, and that case must be tested.
 */
export const DEFAULT_SCOPES: readonly string[] = [
  'commands',
  'chat:write',
  'im:write',
  'users:read',
  'usergroups:read',
  'channels:read',
  'groups:read',
  'im:read',
  'mpim:read',
  'channels:history',
  'groups:history',
  'im:history',
];

export type Settings = Required<
  Omit<WorkspaceOptions, 'redeliverUnackedAfterMs' | 'requestUrl' | 'rateLimits' | 'enterpriseId'>
> &
  Pick<WorkspaceOptions, 'redeliverUnackedAfterMs' | 'requestUrl' | 'rateLimits' | 'enterpriseId'>;

export function withDefaults(options: WorkspaceOptions): Settings {
  return {
    port: 0,
    signingSecret: 'demo-signing-secret',
    botUserId: 'U0BOT',
    botName: 'archive',
    botId: 'B0BOT',
    appId: 'A0APP',
    teamId: 'T0TEAM',
    teamDomain: 'demo',
    scopes: [...DEFAULT_SCOPES],
    userGroups: [],
    commands: [],
    shortcuts: [],
    homeTab: true,
    events: ['app_home_opened'],
    now: Date.now,
    random: Math.random,
    ackTimeoutMs: 3_000,
    triggerLifeMs: 3_000,
    pingIntervalMs: 10_000,
    ...options,
  };
}
