import type { Watch } from '../../src/archive/watch';
import type { OpenJournal } from '../../src/journal/store';
import { NOON } from './builders';
import type { JournalPlace } from './contract';

const watchOf = (id: string, over: Partial<Watch> = {}): Watch => ({
  ...{ id, environment: 'production', trainingId: `t-${id}` },
  ...{ user: 'U1', team: 'T1', enterprise: null, channel: 'C1', name: null },
  ...{ createdAt: NOON, tries: 0, dueAt: NOON + 10, claimedUntil: null },
  ...over,
});

export function journalWatches(place: () => JournalPlace): void {
  let journal: OpenJournal;
  beforeEach(async () => {
    journal = await place().open();
  });
  const claim = (now = NOON + 10, until = now + 100, limit = 10) =>
    journal.claimWatches({ now, until, limit });
  const claimed = async () => (await claim()) as [Watch, ...Watch[]];
  const idsOf = (watches: readonly Watch[]) => watches.map(({ id }) => id).sort();

  it('are kept as they were, for each person, oldest first', async () => {
    const other = await place().open();
    const nasty = watchOf('b', {
      createdAt: NOON + 1,
      enterprise: 'E1',
      channel: `'; drop table watches; --`,
      name: 'Straße '.repeat(50),
    });
    await journal.watch(nasty, 20);
    // Neither database keeps these characters.
    await journal.watch(watchOf('d', { user: 'U4', name: 'a\0b\ud800' }), 20);
    expect(await other.watches('U4')).toMatchObject([{ name: 'a\ufffdb\ufffd' }]);
    await journal.watch(watchOf('a'), 20);
    await journal.watch(watchOf('c', { user: 'U2' }), 20);
    expect(await other.watches('U1')).toEqual([watchOf('a'), nasty]);
    expect(await other.watches('U3')).toEqual([]);
  });

  it('of the same person for the same training begin again', async () => {
    await journal.watch(watchOf('a', { tries: 5 }), 20);
    await claim();
    const again = watchOf('b', { trainingId: 't-a', createdAt: NOON + 5, dueAt: NOON + 99, channel: 'C2' });
    expect(await journal.watch(again, 1)).toEqual({ ...again, id: 'a' });
    expect(await journal.watches('U1')).toEqual([{ ...again, id: 'a' }]);
    const sandbox = watchOf('c', { trainingId: 't-a', environment: 'sandbox' });
    expect((await journal.watch(sandbox, 20))?.id).toBe('c');
  });

  it('of one person are limited, whichever process writes them', async () => {
    const handles = await Promise.all([place().open(), place().open(), place().open()]);
    await journal.watch(watchOf('first'), 3);
    const written = await Promise.all(handles.map((handle, i) => handle.watch(watchOf(`w${i}`), 3)));
    expect(written.filter((one) => one === null)).toHaveLength(1);
    expect(await journal.watches('U1')).toHaveLength(3);
    expect(await journal.watch(watchOf('x', { user: 'U2' }), 3)).not.toBeNull();
  });

  it('are cancelled by their person only', async () => {
    await journal.watch(watchOf('a'), 20);
    expect(await journal.cancelWatch('a', 'U2')).toBeUndefined();
    expect(await journal.cancelWatch('a', 'U1')).toEqual(watchOf('a'));
    expect(await journal.cancelWatch('a', 'U1')).toBeUndefined();
  });

  it('are claimed when due, the first due first, and by one process at a time', async () => {
    const handles = await Promise.all([place().open(), place().open()]);
    for (let i = 0; i < 6; i++) await journal.watch(watchOf(`w${i}`, { dueAt: NOON + i }), 20);
    expect(await claim(NOON - 1)).toEqual([]);
    expect(idsOf(await claim(NOON + 3, NOON + 100, 2))).toEqual(['w0', 'w1']);
    const both = await Promise.all(
      handles.map((handle) => handle.claimWatches({ now: NOON + 4, until: NOON + 100, limit: 10 })),
    );
    expect(idsOf(both.flat())).toEqual(['w2', 'w3', 'w4']);
    // Those of a process that is gone.
    expect(idsOf(await claim(NOON + 100, NOON + 200))).toEqual(['w0', 'w1', 'w2', 'w3', 'w4', 'w5']);
  });

  it('are changed and removed only by the process that has them', async () => {
    await journal.watch(watchOf('a'), 20);
    const [first] = await claimed();
    expect(await journal.updateWatch(first, { claimedUntil: NOON + 300 })).toBe(true);
    // Its earlier claim is over.
    expect(await journal.updateWatch(first, { tries: 9 })).toBe(false);
    await journal.removeWatch(first);
    const held = { ...first, claimedUntil: NOON + 300 };
    expect(await journal.updateWatch(held, { tries: 1, dueAt: NOON + 50, claimedUntil: null })).toBe(true);
    expect(await journal.watches('U1')).toEqual([watchOf('a', { tries: 1, dueAt: NOON + 50 })]);
    const [again] = (await claim(NOON + 50)) as [Watch];
    await journal.removeWatch(again);
    expect(await journal.watches('U1')).toEqual([]);
  });

  it('that were cancelled or began again meanwhile are left alone', async () => {
    await journal.watch(watchOf('a'), 20);
    await journal.watch(watchOf('b'), 20);
    const [a, b] = (await claim()).sort((x, y) => (x.id < y.id ? -1 : 1)) as [Watch, Watch];
    await journal.cancelWatch('a', 'U1');
    await journal.watch(watchOf('x', { trainingId: 't-b' }), 20);
    expect(await journal.updateWatch(a, { claimedUntil: NOON + 300 })).toBe(false);
    expect(await journal.updateWatch(b, { claimedUntil: NOON + 300 })).toBe(false);
    await journal.removeWatch(b);
    expect(idsOf(await journal.watches('U1'))).toEqual(['b']);
  });
}
