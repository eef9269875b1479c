import type { Journal } from '../../src/archive/journal-port';
import { confirmed, move, NOON } from './builders';
import type { JournalPlace } from './contract';

/** What is asked of a journal by whoever watches the running operations of an account. */
export function journalWatch(place: () => JournalPlace): void {
  let journal: Journal;
  beforeEach(async () => {
    journal = await place().open();
  });

  async function running(id: string, submittedAt: number, environment = 'production'): Promise<void> {
    const request = await confirmed(journal, id, { environment }, { stepAt: null });
    const submitted = await move(journal, request, 'submitting', { patch: { submittedAt } });
    await move(journal, submitted, 'running', { patch: { operationId: `op-${id}`, progress: 7 } });
  }

  describe('the running requests', () => {
    it('are counted by environment, with the oldest and the newest', async () => {
      expect(await journal.countRunning('production')).toEqual({ count: 0, oldest: null, newest: null });
      await running('a', NOON + 5);
      await running('b', NOON + 9);
      await running('c', NOON + 1, 'sandbox');
      await confirmed(journal, 'd');
      expect(await journal.countRunning('production')).toEqual({
        count: 2,
        oldest: NOON + 5,
        newest: NOON + 9,
      });
    });

    it('are found by their operations, or all', async () => {
      for (const id of ['a', 'b', 'c']) await running(id, NOON);
      const ids = async (operations?: string[]) =>
        (await journal.running('production', operations)).map(({ id }) => id).sort();
      expect(await ids()).toEqual(['a', 'b', 'c']);
      expect(await ids(['op-c', 'op-a', 'op-x'])).toEqual(['a', 'c']);
      expect(await ids([])).toEqual([]);
      expect((await journal.running('production', ['op-a']))[0]).toEqual({
        id: 'a',
        operationId: 'op-a',
        progress: 7,
        submittedAt: NOON,
      });
    });

    it('can be claimed by id before anything of theirs is due', async () => {
      await running('a', NOON);
      const claim = (early: boolean) =>
        journal.claim({ now: NOON, until: NOON + 100, limit: 5, ids: ['a'], early });
      expect(await claim(false)).toEqual([]);
      expect(await claim(true)).toMatchObject([{ id: 'a' }]);
      expect(await claim(true)).toEqual([]);
    });
  });

  describe('the watch', () => {
    it('has one holder at a time, who renews it, and passes on when it ends', async () => {
      const other = await place().open();
      expect(await journal.holdWatch('production', 'me', NOON, NOON + 50)).toBe(true);
      expect(await other.holdWatch('production', 'you', NOON + 49, NOON + 99)).toBe(false);
      expect(await other.holdWatch('sandbox', 'you', NOON, NOON + 50)).toBe(true);
      expect(await journal.holdWatch('production', 'me', NOON + 40, NOON + 90)).toBe(true);
      expect(await other.holdWatch('production', 'you', NOON + 50, NOON + 99)).toBe(false);
      expect(await other.holdWatch('production', 'you', NOON + 90, NOON + 140)).toBe(true);
      expect(await journal.holdWatch('production', 'me', NOON + 91, NOON + 141)).toBe(false);
    });

    it('goes to one of many who ask at once', async () => {
      const others = await Promise.all([place().open(), place().open()]);
      const answers = await Promise.all(
        [journal, ...others].map((one, n) => one.holdWatch('production', `holder-${n}`, NOON, NOON + 50)),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
    });
  });
}
