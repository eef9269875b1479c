import { BATCH_EVERY_MS } from '../../src/archive/timing';
import type { OpenJournal } from '../../src/journal/store';
import { advance, confirmed, held, NOON, noted, planned } from './builders';
import type { JournalPlace } from './contract';

/** batch, what its requests pass on to the first one, and pauses. */
export function journalTeam(place: () => JournalPlace): void {
  let journal: OpenJournal;
  beforeEach(async () => {
    journal = await place().open();
  });

  /** Requests that were confirmed together. Nothing of them is due. */
  async function confirmTogether(...ids: [string, ...string[]]): Promise<void> {
    const [batch] = ids;
    for (const [i, id] of ids.entries()) {
      await advance(journal, await planned(journal, id), 'confirmed', { with: { batch, place: i } });
      await noted(journal, id, { stepAt: null });
    }
  }
  const get = async (id: string) => {
    const request = await journal.get(id);
    if (!request) throw new Error(`${id} is not there`);
    return request;
  };
  const dueAt = async (now: number) => {
    const due = await journal.claim({ now, until: now + 1, limit: 10 });
    for (const { id, lease } of due) if (lease) await journal.release(id, lease);
    return due.map(({ id }) => id);
  };

  describe('batch', () => {
    it('gives the requests of a card in the order of the card', async () => {
      await advance(journal, await planned(journal, 'a'), 'confirmed', { with: { batch: 'a', place: 0 } });
      for (const [id, at] of [
        ['b', 2],
        ['c', 1],
      ] as const)
        await advance(journal, await planned(journal, id), 'confirmed', { with: { batch: 'a', place: at } });
      await confirmed(journal, 'alone');
      const ids = async (id: string) => (await journal.batch(id)).map((one) => one.id);
      expect(await ids('a')).toEqual(['a', 'c', 'b']);
      expect(await ids('alone')).toEqual(['alone']);
      expect(await ids('nobody')).toEqual([]);
      expect(await journal.batch('a')).toEqual([await get('a'), await get('c'), await get('b')]);
    });
  });

  describe('what another request of a batch would publish', () => {
    it('is passed on to the first one, a little later, and is due there until its card shows it', async () => {
      await confirmTogether('a', 'b');
      const after = await advance(journal, await get('b'), 'submitting');
      expect(after).toMatchObject({ publishAt: null, publishTries: 0, stepAt: NOON });
      await noted(journal, 'b', { stepAt: null });
      expect(await get('a')).toMatchObject({ touched: 1, shown: 0, publishAt: null, version: 2 });
      expect(await dueAt(NOON + BATCH_EVERY_MS - 1)).toEqual([]);
      expect(await dueAt(NOON + BATCH_EVERY_MS)).toEqual(['a']);
      await noted(journal, 'a', { shown: 1 });
      expect(await dueAt(NOON + 1e9)).toEqual([]);
    });

    it('comes together with what the others pass on', async () => {
      await confirmTogether('a', 'b', 'c');
      await advance(journal, await get('c'), 'not_started', { at: NOON + 700 });
      await advance(journal, await get('b'), 'not_started', { at: NOON });
      expect(await get('a')).toMatchObject({ touched: 2 });
      expect(await dueAt(NOON + BATCH_EVERY_MS - 1)).toEqual([]);
      expect(await dueAt(NOON + BATCH_EVERY_MS)).toEqual(['a']);
    });

    it('is passed on by a note too, when it is for later then', async () => {
      await confirmTogether('a', 'b');
      expect(await noted(journal, 'b', { progress: 5, publishAt: NOON + 9_000 })).toMatchObject({
        ...{ progress: 5, publishAt: null },
      });
      expect(await dueAt(NOON + 8_999)).toEqual([]);
      expect(await dueAt(NOON + 9_000)).toEqual(['a']);
      await noted(journal, 'b', { progress: 6 });
      expect((await get('a')).touched).toBe(1);
    });

    it('stays with a request that is alone, and with the first one', async () => {
      await confirmTogether('a', 'b');
      expect(await advance(journal, await get('a'), 'submitting')).toMatchObject({
        publishAt: NOON,
        touched: 0,
      });
      expect(await advance(journal, await confirmed(journal, 'alone'), 'submitting')).toMatchObject({
        ...{ publishAt: NOON, touched: 0 },
      });
    });

    it('is not lost when the first one is being published at that moment', async () => {
      await confirmTogether('a', 'b', 'c');
      await advance(journal, await get('b'), 'not_started');
      const publishing = await held(journal, 'a', NOON + BATCH_EVERY_MS);
      await advance(journal, await get('c'), 'not_started', { at: NOON + BATCH_EVERY_MS + 1 });
      // It has written what it knew of.
      const { lease, touched } = publishing;
      const after = await journal.note(
        'a',
        lease,
        NOON + BATCH_EVERY_MS + 2,
        { shown: touched },
        { release: true },
      );
      expect(after).toMatchObject({ touched: 2, shown: 1 });
      expect(await dueAt(NOON + 2 * BATCH_EVERY_MS + 1)).toEqual(['a']);
    });

    it('is not lost when the first one is changed or noted for something else', async () => {
      await confirmTogether('a', 'b');
      await advance(journal, await get('b'), 'not_started');
      await advance(journal, await get('a'), 'submitting');
      await noted(journal, 'a', { progress: 5, stepAt: null, publishAt: null });
      expect(await get('a')).toMatchObject({ touched: 1, shown: 0 });
      expect(await dueAt(NOON + BATCH_EVERY_MS)).toEqual(['a']);
    });

    it('is not lost when many change at once, in several processes, while the card is being written', async () => {
      const other = await place().open();
      const others = Array.from({ length: 12 }, (_, n) => `b${n}`);
      await confirmTogether('a', ...others);
      const requests = await Promise.all(others.map(get));
      let changing = true;
      const publishing = (async () => {
        for (let now = NOON + BATCH_EVERY_MS; ; now += 200) {
          const last = !changing;
          for (const one of await journal.claim({ now, until: now + 100, limit: 1, ids: ['a'] }))
            if (one.lease) await journal.note('a', one.lease, now, { shown: one.touched }, { release: true });
          if (last) return;
        }
      })();
      await Promise.all(
        requests.map((request, i) => advance(i % 2 ? journal : other, request, 'not_started')),
      );
      changing = false;
      await publishing;
      expect(await get('a')).toMatchObject({ touched: 12, shown: 12 });
      expect(await dueAt(NOON + 1e9)).toEqual([]);
    });
  });
}
