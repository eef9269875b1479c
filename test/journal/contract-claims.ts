import type { Journal } from '../../src/archive/journal-port';
import type { ArchiveRequest, Lease } from '../../src/archive/request';
import { confirmed, event, move, NOON, planned } from './builders';
import type { JournalPlace } from './contract';

/** claim, release, and what a lease lets its holder write. */
export function journalClaims(place: () => JournalPlace): void {
  let journal: Journal;
  beforeEach(async () => {
    journal = await place().open();
  });

  const ids = (requests: ArchiveRequest[]) => requests.map(({ id }) => id);
  const claim = (now: number, more: { limit?: number; ids?: string[]; until?: number } = {}) =>
    journal.claim({ now, until: now + 100, limit: 10, ...more });
  async function held(id: string, now = NOON): Promise<ArchiveRequest & { lease: Lease }> {
    const [request] = await claim(now, { ids: [id] });
    if (!request?.lease) throw new Error(`${id} could not be claimed`);
    return { ...request, lease: request.lease };
  }

  describe('claim', () => {
    it('takes what is due, by its step or its publishing, the longest due first', async () => {
      await confirmed(journal, 'step', {}, { stepAt: NOON - 5, publishAt: NOON + 500 });
      await confirmed(journal, 'publish', {}, { stepAt: NOON + 500, publishAt: NOON - 9 });
      await confirmed(journal, 'only-publish', {}, { stepAt: null, publishAt: NOON - 7 });
      await confirmed(journal, 'now', {}, { stepAt: NOON });
      await confirmed(journal, 'later', {}, { stepAt: NOON + 1, publishAt: NOON + 1 });
      await confirmed(journal, 'never', {}, { stepAt: null });
      await planned(journal, 'planned');

      const claimed = await claim(NOON);
      expect(ids(claimed)).toEqual(['publish', 'only-publish', 'step', 'now']);
      expect(new Set(claimed.map(({ lease }) => lease?.until))).toEqual(new Set([NOON + 100]));
      for (const request of claimed) expect(await journal.get(request.id)).toEqual(request);
    });

    it('follows the times that note and advance write', async () => {
      await confirmed(journal, 'a');
      const { lease } = await held('a');
      await journal.note('a', lease, NOON, { stepAt: null });
      await journal.release('a', lease);
      expect(await claim(NOON)).toEqual([]);

      const request = (await journal.get('a')) as ArchiveRequest;
      await move(journal, request, 'not_started', { patch: { publishAt: NOON + 3 } });
      expect(await claim(NOON + 2)).toEqual([]);
      expect(ids(await claim(NOON + 3))).toEqual(['a']);
    });

    it('takes no more than the limit, and then the ones that waited', async () => {
      for (const [i, id] of ['c', 'a', 'b', 'd'].entries()) {
        await confirmed(journal, id, {}, { stepAt: NOON - 10 + i });
      }
      expect(ids(await claim(NOON, { limit: 2 }))).toEqual(['c', 'a']);
      expect(ids(await claim(NOON, { limit: 2 }))).toEqual(['b', 'd']);
      expect(await claim(NOON)).toEqual([]);
    });

    it('takes none but the ids it is given', async () => {
      for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await confirmed(journal, id);
      expect(await claim(NOON, { ids: [] })).toEqual([]);
      expect(ids(await claim(NOON, { ids: ['e', 'nobody', 'b', 'a', 'd'] }))).toEqual(['a', 'b', 'd', 'e']);
      expect(ids(await claim(NOON))).toEqual(['c', 'f']);
    });

    it('takes over at the very moment a lease ends, with another token', async () => {
      await confirmed(journal, 'a');
      const first = await held('a');
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
  });

  describe('release', () => {
    it('gives the lease back, once, and only by its holder', async () => {
      await confirmed(journal, 'a');
      const { lease } = await held('a');
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

    it('stays after a move under it, and counts until its last millisecond', async () => {
      await confirmed(journal, 'a');
      const request = await held('a');
      const late = event('submitting', { at: NOON + 100 });
      await expect(
        move(journal, request, 'submitting', { lease: request.lease, event: late }),
      ).rejects.toMatchObject(lost);
      await expect(journal.note('a', request.lease, NOON + 100, { progress: 1 })).rejects.toMatchObject(lost);
      expect(await journal.get('a')).toEqual(request);

      const inTime = event('submitting', { at: NOON + 99 });
      const after = await move(journal, request, 'submitting', { lease: request.lease, event: inTime });
      expect(after.lease).toEqual(request.lease);
    });

    it('does not count once another worker has it, or nobody', async () => {
      await confirmed(journal, 'a');
      const stalled = await held('a');
      const second = await held('a', NOON + 100);
      // The stalled worker believes that its lease still runs.
      const { lease } = stalled;
      await expect(move(journal, stalled, 'submitting', { lease })).rejects.toMatchObject(lost);
      await expect(journal.note('a', lease, NOON, { progress: 1 })).rejects.toMatchObject(lost);
      await journal.release('a', lease);
      expect(await journal.get('a')).toEqual(second);

      await journal.release('a', second.lease);
      await expect(move(journal, second, 'submitting', { lease: second.lease })).rejects.toMatchObject(lost);
      await expect(journal.note('nobody', lease, NOON, {})).rejects.toMatchObject(lost);
      expect(await journal.events('a')).toHaveLength(2);
    });

    it('can be taken with a move when nobody holds one', async () => {
      const take = { token: 'mine', until: NOON + 50 };
      const first = await move(journal, await planned(journal, 'a'), 'confirmed', {
        take,
        patch: { stepAt: NOON },
      });
      expect(first.lease).toEqual(take);
      expect(await claim(NOON + 49)).toEqual([]);
      await expect(move(journal, first, 'submitting', { lease: take })).resolves.toMatchObject({
        lease: take,
      });
    });

    it('cannot be taken from its holder before it ends, except by the holder', async () => {
      await confirmed(journal, 'a');
      const request = await held('a');
      const take = { token: 'mine', until: NOON + 500 };
      await expect(move(journal, request, 'submitting', { take })).rejects.toMatchObject(lost);
      expect(await journal.get('a')).toEqual(request);

      const renewed = await move(journal, request, 'submitting', { lease: request.lease, take });
      expect(renewed.lease).toEqual(take);
      const at = event('accepted', { at: NOON + 500 });
      const next = { token: 'next', until: NOON + 900 };
      const after = await move(journal, renewed, 'running', { take: next, event: at });
      expect(after.lease).toEqual(next);
    });
  });
}
