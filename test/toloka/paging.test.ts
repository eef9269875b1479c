import fc from 'fast-check';
import { readAllPages } from '../../src/toloka/paging';

const stuck = () => new Error('stuck');

test('brings every item once and in order, however the pages fall', async () => {
  const cases = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }));
  await fc.assert(
    fc.asyncProperty(cases, async ([total, size]) => {
      const all = Array.from({ length: total }, (_, index) => ({ id: String(1_000 + index) }));
      const items = await readAllPages(async (idGt = '') => {
        const rest = all.filter(({ id }) => id > idGt);
        return { items: rest.slice(0, size), hasMore: rest.length > size };
      }, stuck);
      expect(items).toEqual(all);
    }),
  );
});

const pages = (...answers: { ids: string[]; hasMore: boolean }[]) => {
  const asked: (string | undefined)[] = [];
  const find = async (idGt: string | undefined) => {
    asked.push(idGt);
    const { ids, hasMore } = answers[(asked.length - 1) % answers.length] ?? { ids: [], hasMore: false };
    return { items: ids.map((id) => ({ id })), hasMore };
  };
  return { asked, find };
};

test.each([
  ['more without items', [{ ids: [], hasMore: true }], 1],
  ['the same page again', [{ ids: ['1', '2'], hasMore: true }], 2],
  [
    'two pages in turn',
    [
      { ids: ['1'], hasMore: true },
      { ids: ['2'], hasMore: true },
    ],
    3,
  ],
  [
    'a new item, but the same last one',
    [
      { ids: ['2'], hasMore: true },
      { ids: ['1', '2'], hasMore: true },
    ],
    2,
  ],
])('%s: the list is not passed off as whole', async (_name, answers, calls) => {
  const { asked, find } = pages(...answers);
  await expect(readAllPages(find, stuck)).rejects.toThrow('stuck');
  expect(asked).toHaveLength(calls);
});

test('an endless list of new items ends too', async () => {
  let next = 0;
  const find = async () => ({ items: [{ id: String(next++) }], hasMore: true });
  await expect(readAllPages(find, stuck)).rejects.toThrow('stuck');
  expect(next).toBe(1_000);
});

test('an item on two pages is taken once', async () => {
  const { find } = pages({ ids: ['1', '2'], hasMore: true }, { ids: ['2', '3'], hasMore: false });
  expect(await readAllPages(find, stuck)).toEqual([{ id: '1' }, { id: '2' }, { id: '3' }]);
});
