import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { METADATA } from '../messages/ids';

const PAGE = 200;
const MOST_PAGES = 20;

/** The app's own messages, as they are read back. Others may write messages that look alike, so nothing is assumed. */
export const cardSchema = z.object({
  ts: z.string(),
  metadata: z.object({
    event_type: z.literal(METADATA.card),
    event_payload: z.object({ request_id: z.string() }),
  }),
});
const seq = z.number().int().nonnegative();
export const lineSchema = z.object({
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

/** The app's messages about a request, in the order in which Slack gives them. */
export async function search<T extends OwnMessage>(
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
export interface Line {
  ts: string;
  from: number;
  seq: number;
  sum: number;
  call: number;
}

export const NOTHING = { from: 0, seq: 0, sum: 0, call: 0 };

/** The messages whose events another one shows as well. Of two equal ones, the later. */
export const duplicates = (lines: readonly Line[]): Line[] =>
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
