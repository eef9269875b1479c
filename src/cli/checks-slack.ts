import type { CardError } from '../archive/errors';
import type { Settings } from '../config';
import { isTokenError } from '../messages/token';
import type { PortState } from '../process/port';
import type { createSlackInspection } from '../slack/inspection';
import { OPTIONAL_SCOPES, REQUIRED_SCOPES } from '../slack/scopes';
import { deniesAppToken } from '../slack/socket';
import { clockAhead } from '../toloka';
import { clock, type Result, rootOf } from './checks';

type Slack = ReturnType<typeof createSlackInspection>;
type Bot = Awaited<ReturnType<Slack['bot']>>;
type Groups = Awaited<ReturnType<Slack['groups']>>;

const NETWORK = 'Check the network, a proxy, and SLACK_API_URL if it is set.';
const REINSTALL = 'Reinstall the app from manifest.yml.';

/** What it means that Slack did not do what it was asked for. */
export function slackFailure(error: CardError): Result {
  const { reason } = error;
  if (isTokenError(reason)) {
    const fix = 'Copy the Bot User OAuth Token again.';
    return ['broken', 'slack_token_denied', `Slack does not accept SLACK_BOT_TOKEN (${reason})`, fix];
  }
  if (reason === 'slack_unreachable')
    return ['broken', 'slack_unreachable', `Slack can’t be reached (${rootOf(error)})`, NETWORK];
  if (error.failure !== 'refused')
    return ['unchecked', 'slack_trouble', `Slack has trouble (${reason})`, `Try again later. ${NETWORK}`];
  const fix = reason === 'missing_scope' ? REINSTALL : undefined;
  return ['broken', 'slack_denied', `Slack denies it (${reason})`, fix];
}

export const bot = ({ team, teamId, user }: Bot): Result => [
  'ok',
  'slack_token_ok',
  `@${user} in the workspace ${team} (${teamId})`,
];

export function scopes({ scopes: granted }: Bot): Result[] {
  if (granted === null)
    return [['unchecked', 'scopes_unknown', 'Slack’s answer does not name them', NETWORK]];
  const isMissing = (scope: string) => !granted.includes(scope);
  const missing = REQUIRED_SCOPES.filter(isMissing);
  const known = [...REQUIRED_SCOPES, ...Object.keys(OPTIONAL_SCOPES)];
  const extra = granted.filter((scope) => !known.includes(scope));
  const results: Result[] = [];
  if (missing.length > 0)
    results.push(['broken', 'scopes_missing', `missing: ${missing.join(', ')}`, REINSTALL]);
  else if (known.every((scope) => granted.includes(scope)))
    results.push(['ok', 'scopes_ok', 'all that manifest.yml asks for']);
  else results.push(['ok', 'scopes_ok', 'all that the app cannot work without']);
  for (const [scope, without] of Object.entries(OPTIONAL_SCOPES))
    if (isMissing(scope)) results.push(['warning', 'scope_not_granted', `without ${scope}, ${without}`]);
  if (extra.length > 0)
    results.push(['warning', 'scopes_extra', `more than manifest.yml asks for: ${extra.join(', ')}`]);
  return results;
}

/** Whether Slack can deliver commands. Beside a running app no second connection is made: it could get a command. */
export async function events(
  slack: Slack,
  transport: Settings['slack']['transport'],
  at: PortState,
): Promise<Result> {
  if (transport.mode === 'http')
    return [
      'ok',
      'signing_secret_set',
      'SLACK_SIGNING_SECRET is set; whether it is right shows at the first command',
    ];
  const { appToken } = transport;
  try {
    await slack.appToken(appToken);
  } catch (error) {
    const { reason } = error as CardError;
    if (!deniesAppToken(reason)) throw error;
    const fix = 'Create an app-level token (xapp-…) with the scope connections:write.';
    return ['broken', 'app_token_denied', `Slack does not accept SLACK_APP_TOKEN (${reason})`, fix];
  }
  if (at.kind === 'app')
    return ['ok', 'app_token_ok', 'Slack accepts SLACK_APP_TOKEN; the connection is left to the running app'];
  const problem = await slack.greeting(appToken);
  if (problem === null) return ['ok', 'socket_ok', 'Socket Mode connects'];
  const fix = 'Let this machine and the proxy reach wss-primary.slack.com and wss-backup.slack.com.';
  return ['broken', 'socket_failed', problem, fix];
}

/** Whether people can archive in a channel. */
export async function channel(slack: Slack, id: string, { channels }: Settings['rules']): Promise<Result> {
  const invite = `Type /invite and the app’s name in the channel, or correct the ID.`;
  try {
    const { name, isMember, isArchived, isDirectMessage } = await slack.channel(id);
    if (isDirectMessage) return ['broken', 'channel_direct_message', 'is a direct message', 'Use a channel.'];
    if (isArchived) return ['broken', 'channel_archived', `#${name} is archived`, 'Use another channel.'];
    if (!isMember) return ['broken', 'channel_not_joined', `the app is not in #${name}`, invite];
    if (channels.length === 0 || channels.includes(id)) return ['ok', 'channel_ok', `the app is in #${name}`];
    return [
      'warning',
      'channel_not_allowed',
      `#${name} is not in ARCHIVE_CHANNELS`,
      'Add it if people are to archive there.',
    ];
  } catch (error) {
    if ((error as CardError).reason !== 'channel_not_found') throw error;
    return ['broken', 'channel_not_found', 'does not exist, or is private and the app is not in it', invite];
  }
}

export function group(groups: Groups | undefined, id: string): Result {
  const found = groups?.get(id);
  const fix = 'Correct ARCHIVE_ALLOW, or the group in Slack.';
  if (found === undefined) return ['broken', 'group_not_found', 'the workspace has no such group', fix];
  const { handle, isDisabled, members } = found;
  if (isDisabled) return ['broken', 'group_disabled', `@${handle} is disabled`, fix];
  if (members === 0) return ['broken', 'group_empty', `nobody is in @${handle}`, fix];
  return ['ok', 'group_ok', `@${handle} has ${members} ${members === 1 ? 'member' : 'members'}`];
}

export const slackClock = ({ headers, sentAt, receivedAt }: Bot): Result =>
  clock(clockAhead(headers, sentAt, receivedAt));
