import type { ArchiveRequest } from '../../src/archive/request';
import type { OpenJournal } from '../../src/journal/store';
import { advance, confirmed, held, NOON, noted, planned } from './builders';
import type { JournalPlace } from './contract';

/** claim, release, and what a lease lets its holder write. */
export function journalClaims(place: () => JournalPlace): void {
  let journal: OpenJournal;
  beforeEach(async () => {
    journal = await place().open();
  });

  const ids = (requests: ArchiveRequest[]) => requests.map(({ id }) => id);
  const claim = (now: number, more: { limit?: number; ids?: string[]; token?: string } = {}) =>
    journal.claim({ now, until: now + 100, limit: 10, ...more });
  /** A confirmed request whose step and card are due at these times. */
  async function due(id: string, stepAt: number | null, publishAt: number | null = null): Promise<void> {
    await confirmed(journal, id);
    await noted(journal, id, { stepAt, publishAt });
  }

  describe('claim', () => {
    it('takes what is due, by its step or its card, the longest due first', async () => {
      await due('step', NOON - 5, NOON + 500);
      await due('publish', NOON + 500, NOON - 9);
      await due('only-publish', null, NOON - 7);
      await due('now', NOON);
      await due('later', NOON + 1, NOON + 1);
      await due('never', null);
      await planned(journal, 'planned');

      const claimed = await claim(NOON);
      expect(ids(claimed)).toEqual(['publish', 'only-publish', 'step', 'now']);
      expect(new Set(claimed.map(({ lease }) => lease?.until))).toEqual(new Set([NOON + 100]));
      for (const request of claimed) expect(await journal.get(request.id)).toEqual(request);
    });

    it('takes those that are due at the same moment in the order of their IDs', async () => {
      for (const id of ['b', 'c', 'a']) await due(id, NOON);
      expect(ids(await claim(NOON))).toEqual(['a', 'b', 'c']);
    });

    it('follows the times that note and advance write', async () => {
      await due('a', null);
      expect(await claim(NOON)).toEqual([]);
      const request = (await journal.get('a')) as ArchiveRequest;
      await advance(journal, request, 'not_started', { at: NOON + 3 });
      expect(await claim(NOON + 2)).toEqual([]);
      expect(ids(await claim(NOON + 3))).toEqual(['a']);
    });

    it('takes no more than the limit, and then the ones that waited', async () => {
      for (const [i, id] of ['c', 'a', 'b', 'd'].entries()) await due(id, NOON - 10 + i);
      expect(ids(await claim(NOON, { limit: 2 }))).toEqual(['c', 'a']);
      expect(ids(await claim(NOON, { limit: 2 }))).toEqual(['b', 'd']);
      expect(await claim(NOON)).toEqual([]);
    });

    it('takes only the IDs it is given, due or not, and none that is held', async () => {
      for (const id of ['a', 'b', 'c', 'd']) await confirmed(journal, id);
      await due('e', NOON + 5_000);
      await due('f', null);
      expect(await claim(NOON, { ids: [] })).toEqual([]);
      const taken = await claim(NOON, { ids: ['e', 'nobody', 'f', 'a', 'd'] });
      expect(ids(taken).sort()).toEqual(['a', 'd', 'e', 'f']);
      expect(await claim(NOON, { ids: ['e', 'f'] })).toEqual([]);
      expect(ids(await claim(NOON))).toEqual(['b', 'c']);
    });

    it('takes over at the very moment a lease ends, with another token', async () => {
      await confirmed(journal, 'a');
      const first = await held(journal, 'a');
      expect(await claim(NOON + 99)).toEqual([]);
      const [second] = await claim(NOON + 100);
      expect(second?.lease).toEqual({ token: expect.any(String), until: NOON + 200 });
      expect(second?.lease?.token).not.toBe(first.lease.token);
      expect(second?.version).toBe(first.version);
    });

    it('gives each request to one of many workers', async () => {
      const other = await place().open();
      for (let i = 0; i < 30; i++) await confirmed(journal, `r${i}`);
      const batches = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 ? journal : other).claim({ now: NOON, until: NOON + 100, limit: 2 }),
        ),
      );
      const taken = ids(batches.flat());
      expect(taken).toHaveLength(30);
      expect(new Set(taken).size).toBe(30);
      const tokens = batches.filter((batch) => batch.length > 0).map(([first]) => first?.lease?.token);
      expect(new Set(tokens).size).toBe(tokens.length);
    });

    it('passes over a row that cannot be read, and takes the others', async () => {
      await due('a', NOON - 9);
      await due('b', NOON);
      await place().execute(`update requests set facts = '{' where id = 'a'`);
      expect(ids(await claim(NOON))).toEqual(['b']);
      await expect(journal.get('a')).rejects.toMatchObject({
        code: 'journal_unreadable',
        message: expect.stringMatching(/^Request a cannot be read.*audit -- verify/),
      });
    });
  });

  describe('releaseAll', () => {
    it('gives back the leases that it is told to, and no other', async () => {
      await due('a', NOON);
      await due('b', NOON + 1);
      await claim(NOON, { ids: ['a'], token: 'gone 1' });
      await claim(NOON, { ids: ['b'], token: 'here 2' });
      expect(await journal.releaseAll((token) => token.startsWith('gone'))).toBe(1);
      expect([(await journal.get('a'))?.lease, (await journal.get('b'))?.lease?.token]).toEqual([
        null,
        'here 2',
      ]);
      expect(ids(await claim(NOON + 1))).toEqual(['a']);
    });
  });

  describe('release', () => {
    it('gives the lease back, once, and only by its holder', async () => {
      await confirmed(journal, 'a');
      const { lease } = await held(journal, 'a');
      await journal.release('a', { token: 'stranger', until: NOON + 100 });
      expect((await journal.get('a'))?.lease).toEqual(lease);
      await journal.release('a', lease);
      await journal.release('a', lease);
      await journal.release('nobody', lease);
      expect((await journal.get('a'))?.lease).toBeNull();
      expect(ids(await claim(NOON))).toEqual(['a']);
    });
  });

  describe('a lease', () => {
    const lost = { code: 'lease_lost' };

    it('stays after a change under it, and counts until its last millisecond', async () => {
      await confirmed(journal, 'a');
      const request = await held(journal, 'a');
      const { lease } = request;
      await expect(advance(journal, request, 'submitting', { lease, at: NOON + 100 })).rejects.toMatchObject(
        lost,
      );
      await expect(journal.note('a', lease, NOON + 100, { progress: 1 })).rejects.toMatchObject(lost);
      expect(await journal.get('a')).toEqual(request);
      const after = await advance(journal, request, 'submitting', { lease, at: NOON + 99 });
      expect(after.lease).toEqual(lease);
    });

    it('does not count once another worker has it, or nobody', async () => {
      await confirmed(journal, 'a');
      const stalled = await held(journal, 'a');
      const second = await held(journal, 'a', NOON + 100);
      // The stalled worker believes that its lease still runs.
      const { lease } = stalled;
      await expect(advance(journal, stalled, 'submitting', { lease })).rejects.toMatchObject(lost);
      await expect(journal.note('a', lease, NOON, { progress: 1 })).rejects.toMatchObject(lost);
      await journal.release('a', lease);
      expect(await journal.get('a')).toEqual(second);

      await journal.release('a', second.lease);
      await expect(advance(journal, second, 'submitting', { lease: second.lease })).rejects.toMatchObject(
        lost,
      );
      await expect(journal.note('nobody', lease, NOON, {})).rejects.toMatchObject(lost);
      expect(await journal.events('a')).toHaveLength(2);
    });

    it('can be taken with a change when nobody holds one', async () => {
      const take = { token: 'mine', until: NOON + 50 };
      const first = await advance(journal, await planned(journal, 'a'), 'confirmed', { take });
      expect(first.lease).toEqual(take);
      expect(await claim(NOON + 49)).toEqual([]);
      const after = await advance(journal, first, 'submitting', { lease: take });
      expect(after.lease).toEqual(take);
    });

    it('cannot be taken from its holder before it ends, except by the holder', async () => {
      await confirmed(journal, 'a');
      const request = await held(journal, 'a');
      const take = { token: 'mine', until: NOON + 500 };
      await expect(advance(journal, request, 'submitting', { take })).rejects.toMatchObject(lost);
      expect(await journal.get('a')).toEqual(request);

      const renewed = await advance(journal, request, 'submitting', { lease: request.lease, take });
      expect(renewed.lease).toEqual(take);
      const next = { token: 'next', until: NOON + 900 };
      const after = await advance(journal, renewed, 'accepted', { take: next, at: NOON + 500 });
      expect(after.lease).toEqual(next);
    });
  });
}
