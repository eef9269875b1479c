import type { Page } from './types';

/** A bound against a server that never ends; at 300 items a page, far more than any account has. */
const MAX_PAGES = 1_000;

/**
 * Reads a list to its end, each page after the last id of the one before. Items that come twice are taken once.
 *
 * @param find one page, sorted by id, of items after the given id
 * @param stuck the error for a list that says that it goes on and brings nothing new. Stopping there instead would
 *   pass a part off as the whole, and a pool that is still in use could be missing from it.
 * @see toloka-kit src/client/__init__.py at e5e0450d, lines 409-418
 */
export async function readAllPages<T extends { id: string }>(
  find: (idGt: string | undefined) => Promise<Page<T>>,
  stuck: () => Error,
): Promise<T[]> {
  const byId = new Map<string, T>();
  let idGt: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const { items, hasMore } = await find(idGt);
    const known = byId.size;
    for (const item of items) {
      byId.set(item.id, item);
    }
    if (!hasMore) {
      return [...byId.values()];
    }
    const last = items.at(-1)?.id;
    if (byId.size === known || last === idGt) {
      throw stuck();
    }
    idGt = last;
  }
  throw stuck();
}
