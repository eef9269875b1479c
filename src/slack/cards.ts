import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { CardError } from '../archive/errors';
import type { Cards, Clock, Reach } from '../archive/ports';
import type { ArchiveRequest, Location } from '../archive/request';
import { card } from '../messages/card';
import { METADATA } from '../messages/ids';
import { outcomeText } from '../messages/notices';
import { callText, closingText, threadText } from '../messages/thread';
import { createRateLimiter, type RateLimiter } from '../rate-limiter';
import { isDirectMessage, readReach } from './conversations';
import { rateLimited, toCardError } from './errors';
import { sendPrivately } from './notify';

/** Room for the difference between Slack's clock and ours when the channel is searched, in seconds. */
const CLOCK_SKEW_S = 120;
const PAGE = 200;
const MOST_PAGES = 20;
const QUIET = { unfurl_links: false, unfurl_media: false } as const;

/** The app's own messages, as they are read back. Others may write messages that look alike, so nothing is assumed. */
const cardSchema = z.object({
  ts: z.string(),
  metadata: z.object({
    event_type: z.literal(METADATA.card),
    event_payload: z.object({ request_id: z.string() }),
  }),
});
const seq = z.number().int().nonnegative();
const lineSchema = z.object({
  ts: z.string(),
  metadata: z.object({
    event_type: z.literal(METADATA.thread),
    event_payload: z.object({
      request_id: z.string(),
      ...{ from: seq, seq, sum: seq.default(0), call: seq.default(0) },
    }),
  }),
});
type OwnMessage = z.output<typeof cardSchema> | z.output<typeof lineSchema>;

/**
 * The cards and their threads in Slack. Posts are never retried here: a post whose answer was lost is looked up by its
 * metadata. When Slack asks to slow down, nothing of the same kind is tried until the time has passed: posts to that
 * channel, or edits in the workspace.
 * @see https://docs.slack.dev/apis/web-api/rate-limits
 */
export function createCards({ client, clock }: { client: WebClient; clock: Clock }): Cards {
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
      call('find', async () => {
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
      call('thread', async () => {
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

/** The app's messages about a request, in the order in which Slack gives them. */
async function search<T extends OwnMessage>(
  client: WebClient,
  method: 'conversations.history' | 'conversations.replies',
  args: Record<string, string>,
  schema: z.ZodType<T>,
  requestId: string,
): Promise<T[]> {
  const found: T[] = [];
  let pages = 0;
  for await (const page of client.paginate(method, { ...args, include_all_metadata: true, limit: PAGE })) {
    const { messages } = page as { messages?: unknown };
    for (const message of Array.isArray(messages) ? messages : []) {
      const { data } = schema.safeParse(message);
      if (data?.metadata.event_payload.request_id === requestId) found.push(data);
    }
    pages += 1;
    if (pages === MOST_PAGES) break;
  }
  return found;
}

/**
 * One message of a thread, and the events that it shows: from `from` to `seq`; or the sum that it closes a batch with; or
 * the time of a call for approvals (epoch ms).
 */
interface Line {
  ts: string;
  from: number;
  seq: number;
  sum: number;
  call: number;
}

const NOTHING = { from: 0, seq: 0, sum: 0, call: 0 };

/** The messages whose events another one shows as well. Of two equal ones, the later. */
const duplicates = (lines: readonly Line[]): Line[] =>
  lines.filter((line, i) =>
    lines.some((other, j) => {
      if (
        i === j ||
        other.sum !== line.sum ||
        other.call !== line.call ||
        other.from > line.from ||
        other.seq < line.seq
      )
        return false;
      const equal = other.from === line.from && other.seq === line.seq;
      return !equal || j < i;
    }),
  );

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
