import type { WebClient } from '@slack/web-api';
import { CardError } from '../archive/errors';
import type { CardPort } from '../archive/ports';
import type { ArchiveRequest, CardAddress } from '../archive/request';
import { card } from '../messages/card';
import { METADATA } from '../messages/ids';
import { endText, threadText } from '../messages/thread';
import { toCardError } from './slack-errors';

/** Room for the difference between Slack's clock and ours when the channel is searched, in seconds. */
const CLOCK_SKEW_S = 120;
const PAGE = 200;
const MOST_PAGES = 20;

interface Found {
  ts?: string | undefined;
  metadata?: { event_type?: string | undefined; event_payload?: unknown } | undefined;
}

/** One message of a thread: the events that it tells of. */
interface Line {
  ts: string | undefined;
  from: number;
  seq: number;
}

/** Of two messages of which one says all that the other says, the lesser one; of two equal ones, the later. */
const doubled = (lines: readonly Line[]): Line[] =>
  lines.filter((line, i) =>
    lines.some((other, j) => {
      if (i === j || other.from > line.from || other.seq < line.seq) return false;
      const equal = other.from === line.from && other.seq === line.seq;
      return !equal || j < i;
    }),
  );

/** The card and its thread in Slack. Posts are never retried here: a lost answer is looked up by its metadata. */
export function createSlackCards(client: WebClient): CardPort {
  async function call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toCardError(error);
    }
  }

  async function search(
    eventType: string,
    requestId: string,
    page: (cursor: string | undefined) => Promise<{ messages?: Found[]; cursor: string | undefined }>,
  ): Promise<Found[]> {
    const found: Found[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const answer = await page(cursor);
      found.push(
        ...(answer.messages ?? []).filter(
          (message) => payloadOf(message, eventType)?.['request_id'] === requestId,
        ),
      );
      cursor = answer.cursor;
      if (!cursor) break;
    }
    return found;
  }

  const cardsOf = (request: ArchiveRequest) => {
    const oldest = String(Math.floor((request.confirmedAt ?? request.createdAt) / 1000) - CLOCK_SKEW_S);
    return search(METADATA.card, request.id, async (cursor) => {
      const answer = await client.conversations.history({
        channel: request.channel,
        include_all_metadata: true,
        oldest,
        limit: PAGE,
        ...(cursor && { cursor }),
      });
      return { messages: answer.messages ?? [], cursor: answer.response_metadata?.next_cursor };
    });
  };

  const linesOf = async (request: ArchiveRequest, { channel, ts }: CardAddress): Promise<Line[]> => {
    const found = await search(METADATA.thread, request.id, async (cursor) => {
      const answer = await client.conversations.replies({
        channel,
        ts,
        include_all_metadata: true,
        limit: PAGE,
        ...(cursor && { cursor }),
      });
      return { messages: answer.messages ?? [], cursor: answer.response_metadata?.next_cursor };
    });
    return found.map((message) => {
      const said = payloadOf(message, METADATA.thread);
      const seq = Number(said?.['seq'] ?? 0);
      return { ts: message.ts, from: Number(said?.['from'] ?? seq), seq };
    });
  };

  return {
    post: (request) =>
      call(async () => {
        const metadata = { event_type: METADATA.card, event_payload: { request_id: request.id } };
        const { channel, ts } = await client.chat.postMessage({
          channel: request.channel,
          ...card(request),
          ...QUIET,
          metadata,
        });
        if (!channel || !ts) throw new CardError('maybe', 'slack_unreadable', 'Slack’s answer has no `ts`.');
        return { channel, ts };
      }),

    find: (request) =>
      call(async () => {
        const [message] = await cardsOf(request);
        return message?.ts ? { channel: request.channel, ts: message.ts } : null;
      }),

    update: (request, { channel, ts }) =>
      call(async () => {
        const metadata = { event_type: METADATA.card, event_payload: { request_id: request.id } };
        await client.chat.update({ channel, ts, ...card(request), metadata });
      }),

    addToThread: (request, { channel, ts }, events) =>
      call(async () => {
        const [first, last] = [events.at(0)?.seq ?? 0, events.at(-1)?.seq ?? 0];
        const event_payload = { request_id: request.id, from: first, seq: last };
        await client.chat.postMessage({
          channel,
          thread_ts: ts,
          text: threadText(request, events),
          ...QUIET,
          metadata: { event_type: METADATA.thread, event_payload },
        });
      }),

    lastInThread: (request, card) =>
      call(async () => Math.max(0, ...(await linesOf(request, card)).map(({ seq }) => seq))),

    removeDoubles: (request, card) =>
      call(async () => {
        const others = (await cardsOf(request)).filter(({ ts }) => ts !== card.ts);
        const lines = doubled(await linesOf(request, card));
        for (const { ts } of [...others, ...lines])
          if (ts !== undefined) await remove(client, card.channel, ts);
      }),

    tellEnd: (request) => call(() => tell(client, request.requester, request.channel, endText(request))),

    tell: (user, channel, text) => call(() => tell(client, user, channel, text)),
  };
}

const QUIET = { unfurl_links: false, unfurl_media: false } as const;

/** Somebody else may have taken it away in the meantime. */
async function remove(client: WebClient, channel: string, ts: string): Promise<void> {
  try {
    await client.chat.delete({ channel, ts });
  } catch (error) {
    if (toCardError(error).reason !== 'message_not_found') throw error;
  }
}

async function tell(client: WebClient, user: string, channel: string, text: string): Promise<void> {
  try {
    await client.chat.postEphemeral({ channel, user, text });
  } catch (error) {
    if (toCardError(error).failure !== 'refused') throw error;
    // Not a member of the channel: the app's own conversation with the person always works.
    await client.chat.postMessage({ channel: user, text, ...QUIET });
  }
}

function payloadOf({ metadata }: Found, eventType: string): Record<string, unknown> | undefined {
  if (metadata?.event_type !== eventType || typeof metadata.event_payload !== 'object') return undefined;
  return metadata.event_payload as Record<string, unknown>;
}

/** Where a card is, for people. */
export async function permalink(client: WebClient, card: CardAddress | null): Promise<string | null> {
  if (card === null) return null;
  try {
    const answer = await client.chat.getPermalink({ channel: card.channel, message_ts: card.ts });
    return answer.permalink ?? null;
  } catch {
    // A link is a comfort; its absence must not hide the answer that it would adorn.
    return null;
  }
}
