import type { z } from 'zod';
import type { Redact } from '../redact';
import { ANOTHER, ARCHIVE, readBody, unreadable } from './answer';
import { type Call, encodeId, type Query } from './call';
import { TolokaError } from './errors';
import { formatTolokaDate, type Operation, operationSchema, pageSchema, toOperation } from './schemas';

/** The states of a pool or training that is not archived. */
const UNARCHIVED = ['OPEN', 'CLOSED', 'LOCKED'];

interface Page<T> {
  items: T[];
  has_more: boolean;
}

/** Which archive operations. Times are epoch milliseconds. */
export interface OperationFilter {
  submittedSince?: number;
  finishedSince?: number;
  /** Only those in one of these states. */
  statuses?: readonly string[];
  /** One page of the newest, instead of all. */
  newest?: boolean;
}

/** Without this, a training that was only closed could be taken for one that was archived. */
const archiveSchema = operationSchema.refine(({ type }) => type === null || type === ARCHIVE, {
  path: ['type'],
  message: `expected ${ARCHIVE}`,
});

/** The kinds of reads that the API has. All throw TolokaError. */
export function createReads(call: Call, redact: Redact) {
  // Each is made smaller as its page is read: of thousands, whole ones would stay in memory for long.
  const operationPage = pageSchema(archiveSchema.transform((operation) => toOperation(operation, redact)));

  const get = <T>(path: string, schema: z.ZodType<T>, query: Query, signal: AbortSignal): Promise<T> =>
    call({ method: 'GET', path, query, signal, read: (answer) => readBody(answer, [200], schema, redact) });

  const all = <T extends { id: string }>(
    path: string,
    schema: z.ZodType<Page<T>>,
    query: Query,
    signal: AbortSignal,
  ): Promise<T[]> => readAllPages((idGt) => get(path, schema, { ...query, sort: 'id', id_gt: idGt }, signal));

  return {
    /** Reads one thing, whose answer must have the ID that was asked for. */
    one: <T extends { id: string }>(
      collection: string,
      schema: z.ZodType<T>,
      id: string,
      signal: AbortSignal,
    ): Promise<T> =>
      call({
        method: 'GET',
        path: `${collection}/${encodeId(id)}`,
        signal,
        read(answer) {
          const value = readBody(answer, [200], schema, redact);
          if (value.id !== id) throw unreadable(answer, ANOTHER);
          return value;
        },
      }),

    /** Reads what has no ID, such as one page of a list. */
    get,

    /** Reads the newest of a list, in up to `pages` pages. Toloka gives newer things higher IDs. */
    newest: async <T extends { id: string }>(
      path: string,
      schema: z.ZodType<Page<T>>,
      query: Query,
      { pages, signal }: { pages: number; signal: AbortSignal },
    ): Promise<{ items: T[]; more: boolean }> => {
      const items: T[] = [];
      let more = true;
      for (let n = 0; more && n < pages; n++) {
        const next = await get(path, schema, { ...query, sort: '-id', id_lt: items.at(-1)?.id }, signal);
        items.push(...next.items);
        more = next.has_more && next.items.length > 0;
      }
      return { items, more };
    },

    /** Reads what is not archived, which can be much less than all: a list for each state. */
    async unarchived<T extends { id: string }>(
      path: string,
      schema: z.ZodType<Page<T>>,
      query: Query,
      signal: AbortSignal,
    ): Promise<T[]> {
      const lists = UNARCHIVED.map((status) => all(path, schema, { ...query, status, limit: 300 }, signal));
      return merge(await Promise.all(lists));
    },

    /** Reads archive operations, in no order: a list for each status. */
    async operations(
      { submittedSince, finishedSince, statuses, newest }: OperationFilter,
      signal: AbortSignal,
    ): Promise<Operation[]> {
      const query = {
        type: ARCHIVE,
        submitted_gte: formatTolokaDate(submittedSince),
        finished_gte: formatTolokaDate(finishedSince),
        limit: 500,
      };
      const lists = (statuses ?? [undefined]).map(async (status) => {
        if (!newest) return all('operations', operationPage, { ...query, status }, signal);
        const sorted = { ...query, status, sort: '-submitted' };
        return (await get('operations', operationPage, sorted, signal)).items;
      });
      return merge(await Promise.all(lists));
    },
  };
}

/** Lists that were read at the same time. What changed its status between two of them may be in both. */
function merge<T extends { id: string }>(lists: readonly T[][]): T[] {
  return [...new Map(lists.flat().map((item) => [item.id, item])).values()];
}

/**
 * Reads a list to its end, each page after the last ID of the one before. Items that come twice are taken once.
 *
 * @param find reads one page, sorted by ID, of items after the given ID. Its time limit ends a list without end
 * @throws TolokaError (`unreadable`) when a page says that the list goes on and brings nothing new. A part of a list
 *   must not be taken for the whole: a pool that is still in use could be missing from it
 * @see toloka-kit src/client/__init__.py at e5e0450d, lines 409-418
 */
export async function readAllPages<T extends { id: string }>(
  find: (idGt: string | undefined) => Promise<Page<T>>,
): Promise<T[]> {
  const byId = new Map<string, T>();
  let idGt: string | undefined;
  for (;;) {
    const { items, has_more: more } = await find(idGt);
    const known = byId.size;
    for (const item of items) byId.set(item.id, item);
    if (!more) return [...byId.values()];
    if (byId.size === known) {
      const detail = 'The list goes on without anything new, so it cannot be read as a whole.';
      throw new TolokaError('unreadable', { sent: 'answered', detail });
    }
    idGt = items.at(-1)?.id;
  }
}
