import { setTimeout as wait } from 'node:timers/promises';
import type { RespondFn } from '@slack/bolt';
import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Notices } from '../archive/watch';
import type { Logger } from '../logger';
import { watchMessage } from '../messages/watch';
import { toCardError } from './errors';
import { retry } from './retry';

/** Whom to notify, and the channel in which they acted. */
export interface Recipient {
  user: string;
  channel: string;
}

/** Sends a private message to a person. Never throws. */
export type Notify = (to: Recipient, message: string | Message) => Promise<void>;

/** `text` is for notifications and screen readers when there are blocks. */
export interface Message {
  text: string;
  blocks?: KnownBlock[];
}

const PAUSES_MS = [1_000, 3_000, 9_000, 20_000];
const LONGEST_PAUSE_MS = 60_000;
/** Bolt sets no time limit for `respond`, and somebody is waiting for the reply. */
const RESPOND_MS = 3_000;

/** A private message is the last way to reply to a click, so it is tried for half a minute and then logged. */
export function createNotify({
  client,
  sleep,
  logger,
}: {
  client: WebClient;
  sleep: (ms: number) => Promise<unknown>;
  logger: Pick<Logger, 'error'>;
}): Notify {
  const options = { pausesMs: PAUSES_MS, longestMs: LONGEST_PAUSE_MS, sleep };
  return async ({ user, channel }, message) => {
    try {
      await retry(() => sendPrivately(client, { user, channel }, message), options);
    } catch (error) {
      logger.error('not notified', { user, channel, error });
    }
  };
}

/**
 * Replies to a command or a click by its own address, which needs no token and works where the app is not in the channel.
 * When Slack does not take that in time, the reply is sent as a private message.
 */
export const respondFirst =
  (respond: RespondFn, notify: Notify): Notify =>
  async (to, given) => {
    const message = typeof given === 'string' ? { text: given } : given;
    const late = wait(RESPOND_MS, undefined, { ref: false }).then(() =>
      Promise.reject(new Error('too late')),
    );
    const reply = respond({ response_type: 'ephemeral', replace_original: false, ...message });
    await Promise.race([reply, late]).catch(() => notify(to, message));
  };
/** Messages that come when nobody looks: direct messages, since what is shown in the channel is gone after a while. */
export const createNotices = (client: WebClient): Notices => ({
  async watchEnded(watch, end) {
    const message = { channel: watch.user, ...watchMessage(watch, end) };
    try {
      await client.chat.postMessage({ ...message, unfurl_links: false, unfurl_media: false });
    } catch (error) {
      throw toCardError(error);
    }
  },
});

/** Shows a message to one person in the channel, or sends it as a direct message when that is refused. */
export async function sendPrivately(
  client: WebClient,
  { user, channel }: Recipient,
  given: string | Message,
): Promise<void> {
  const message = typeof given === 'string' ? { text: given } : given;
  try {
    await client.chat.postEphemeral({ channel, user, ...message });
  } catch (error) {
    if (toCardError(error).failure !== 'refused') throw error;
    // The app or the person is not in the channel. Direct messages do not depend on it.
    await client.chat.postMessage({ channel: user, ...message, unfurl_links: false, unfurl_media: false });
  }
}
