import { setTimeout as wait } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import type { Reach } from '../archive/ports';
import { toCardError } from './errors';

/** Somebody is waiting for the plan, which can be shown without the answer. */
const LIMIT_MS = 3_000;

/**
 * Whether a conversation is a direct message, as far as a command or click says. A user ID means one too. Slack names a
 * group's after its people; `readReach` knows one without its name.
 */
export const isDirectMessage = (channel: string, name = ''): boolean =>
  /^[DUW]/.test(channel) || /^mpdm-.+-\d+$/.test(name);

/**
 * Whether the app can post in a channel. It does not see private channels that it is not in.
 * @throws what the Web API client throws
 * @see https://docs.slack.dev/reference/methods/conversations.info
 */
export const readReach = (client: WebClient, channel: string): Promise<Reach> =>
  Promise.race([look(client, channel), wait(LIMIT_MS, 'unknown' as const, { ref: false })]);

async function look(client: WebClient, channel: string): Promise<Reach> {
  try {
    const { channel: found } = await client.conversations.info({ channel });
    if (found?.is_im || found?.is_mpim) return 'direct_message';
    if (found?.is_member === undefined) return 'unknown';
    return found.is_member ? 'yes' : 'not_in_channel';
  } catch (error) {
    if (toCardError(error).reason === 'channel_not_found') return 'not_in_channel';
    throw error;
  }
}
