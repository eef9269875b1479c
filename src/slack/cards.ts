import type { WebClient } from '@slack/web-api';
import { CardError } from '../archive/errors';
import type { Cards, Clock, Reach } from '../archive/ports';
import type { ArchiveRequest, Location } from '../archive/request';
import type { Logger } from '../logger';
import { card } from '../messages/card';
import { METADATA } from '../messages/ids';
import { outcomeText } from '../messages/notices';
import { callText, closingText, threadText } from '../messages/thread';
import { createRateLimiter, type RateLimiter } from '../rate-limiter';
import { isDirectMessage, readReach } from './conversations';
import { rateLimited, toCardError } from './errors';
import { sendPrivately } from './notify';
import { cardSchema, duplicates, type Line, lineSchema, NOTHING, search } from './own-messages';

/** Room for the difference between Slack's clock and ours when the channel is searched, in seconds. */
const CLOCK_SKEW_S = 120;
const QUIET = { unfurl_links: false, unfurl_media: false } as const;

interface Options {
  client: WebClient;
  clock: Clock;
  logger: Pick<Logger, 'info'>;
}

/**
 * The cards and their threads in Slack. Posts are never retried here: a post whose answer was lost is looked up by its
 * metadata. When Slack asks to slow down, nothing of the same kind is tried until the time has passed: posts to that
 * channel, or edits in the workspace.
 * @see https://docs.slack.dev/apis/web-api/rate-limits
 */
export function createCards({ client, clock, logger }: Options): Cards {
  const limiters = new Map<string, RateLimiter>();

  async function call<T>(kind: string, work: () => Promise<T>): Promise<T> {
    const limiter = limiters.get(kind) ?? createRateLimiter({ clock });
    limiters.set(kind, limiter);
    const wait = limiter.held();
    if (wait > 0) throw rateLimited(wait);
    try {
      return await work();
    } catch (error) {
      const failure = toCardError(error);
      if (failure.retryAfterMs !== null) limiter.hold(failure.retryAfterMs);
      throw failure;
    }
  }

  /** Without the scope to look around, nothing is found: after an interruption, a card or a line may be there twice. */
  const looking = <T>(kind: string, none: T, look: () => Promise<T>): Promise<T> =>
    call(kind, look).catch((error: CardError) => {
      if (error.reason !== 'missing_scope') throw error;
      logger.info('the app may not look for its own messages', { kind, error });
      return none;
    });

  const cardsOf = ({ id, channel, confirmedAt, createdAt }: ArchiveRequest) => {
    const oldest = String(Math.floor((confirmedAt ?? createdAt) / 1000) - CLOCK_SKEW_S);
    return search(client, 'conversations.history', { channel, oldest }, cardSchema, id);
  };
  const linesOf = async ({ id }: ArchiveRequest, { channel, ts }: Location) => {
    const lines = await search(client, 'conversations.replies', { channel, ts }, lineSchema, id);
    return lines.map((line) => ({ ts: line.ts, ...line.metadata.event_payload }));
  };

  const postLine = (
    { id }: ArchiveRequest,
    { channel, ts }: Location,
    text: string,
    shows: Omit<Line, 'ts'>,
  ): Promise<void> =>
    call(`post ${channel}`, async () => {
      const event_payload = { request_id: id, ...shows };
      const metadata = { event_type: METADATA.thread, event_payload };
      await client.chat.postMessage({ channel, thread_ts: ts, text, ...QUIET, metadata });
    });

  return {
    reach: (channel) =>
      isDirectMessage(channel)
        ? Promise.resolve<Reach>('direct_message')
        : call('info', () => readReach(client, channel)).catch((): Reach => 'unknown'),

    post: (requests) =>
      call(`post ${requests[0].channel}`, async () => {
        const { channel, ts } = await client.chat.postMessage({
          channel: requests[0].channel,
          ...card(...requests),
          ...QUIET,
          metadata: cardMetadata(requests[0]),
        });
        if (!channel || !ts) throw new CardError('maybe', 'slack_unreadable', 'Slack’s answer has no `ts`.');
        return { channel, ts };
      }),

    link: ({ channel, ts }) =>
      call('link', async () => {
        const { permalink: url } = await client.chat.getPermalink({ channel, message_ts: ts });
        return url ?? null;
      }).catch((error: CardError) => {
        if (error.failure !== 'refused') throw error;
        return null;
      }),

    find: (request) =>
      looking('find', null, async () => {
        const [message] = await cardsOf(request);
        return message === undefined ? null : { channel: request.channel, ts: message.ts };
      }),

    update: (requests, { channel, ts }) =>
      call('update', async () => {
        await client.chat.update({
          channel,
          ts,
          ...card(...requests),
          metadata: cardMetadata(requests[0]),
        });
      }),

    addToThread: (requests, card, events) => {
      const [from, seq] = [events.at(0)?.seq ?? 0, events.at(-1)?.seq ?? 0];
      const [request, ...others] = requests;
      return postLine(request, card, threadText(request, events, others), { ...NOTHING, from, seq });
    },

    closeThread: (requests, card, sum) =>
      postLine(requests[0], card, closingText(requests), { ...NOTHING, sum }),

    callApprovers: (requests, card, at) =>
      postLine(requests[0], card, callText(requests, at), { ...NOTHING, call: at }),

    lastInThread: (request, card) =>
      looking('thread', { seq: 0, sum: 0, call: 0 }, async () => {
        const lines = await linesOf(request, card);
        const last = (key: 'seq' | 'sum' | 'call') => Math.max(0, ...lines.map((line) => line[key]));
        return { seq: last('seq'), sum: last('sum'), call: last('call') };
      }),

    removeDuplicates: (request, card) =>
      call('thread', async () => {
        const others = (await cardsOf(request)).filter(({ ts }) => ts !== card.ts);
        const lines = duplicates(await linesOf(request, card));
        for (const { ts } of [...others, ...lines]) await remove(client, { channel: card.channel, ts });
      }),

    notifyRequester: (requests) =>
      call('notify', () => {
        const [{ requester: user, channel }] = requests;
        return sendPrivately(client, { user, channel }, outcomeText(...requests));
      }),
  };
}

const cardMetadata = ({ id }: ArchiveRequest) => ({
  event_type: METADATA.card,
  event_payload: { request_id: id },
});

/** Somebody else may have deleted it already. */
async function remove(client: WebClient, { channel, ts }: Location): Promise<void> {
  try {
    await client.chat.delete({ channel, ts });
  } catch (error) {
    if (toCardError(error).reason !== 'message_not_found') throw error;
  }
}

/** The link to a card. Null when there is none: an answer without its link is better than no answer. */
export async function permalink(client: WebClient, card: Location | null): Promise<string | null> {
  if (card === null) return null;
  // Kept since it was asked for.
  if (card.url !== undefined) return card.url;
  try {
    const { permalink: url } = await client.chat.getPermalink({ channel: card.channel, message_ts: card.ts });
    return url ?? null;
  } catch {
    return null;
  }
}
