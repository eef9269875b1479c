import fc from 'fast-check';
import { readAllPages } from '../../src/toloka/reads';

test('brings every item once and in order, however the pages fall', async () => {
  const cases = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }));
  await fc.assert(
    fc.asyncProperty(cases, async ([total, size]) => {
      const all = Array.from({ length: total }, (_, index) => ({ id: String(1_000 + index) }));
      const items = await readAllPages(async (idGt = '') => {
        const rest = all.filter(({ id }) => id > idGt);
        return { items: rest.slice(0, size), has_more: rest.length > size };
      });
      expect(items).toEqual(all);
    }),
  );
});

const pages = (...answers: { ids: string[]; has_more: boolean }[]) => {
  const asked: (string | undefined)[] = [];
  const find = async (idGt: string | undefined) => {
    asked.push(idGt);
    const { ids, has_more } = answers[(asked.length - 1) % answers.length] ?? { ids: [], has_more: false };
    return { items: ids.map((id) => ({ id })), has_more };
  };
  return { asked, find };
};

test.each([
  ['more without items', [{ ids: [], has_more: true }], 1],
  ['the same page again', [{ ids: ['1', '2'], has_more: true }], 2],
  [
    'two pages in turn',
    [
      { ids: ['1'], has_more: true },
      { ids: ['2'], has_more: true },
    ],
    3,
  ],
  [
    'a new item, but the same last one',
    [
      { ids: ['2'], has_more: true },
      { ids: ['1', '2'], has_more: true },
    ],
    3,
  ],
])('%s: a part of the list is not taken for the whole', async (_name, answers, calls) => {
  const { asked, find } = pages(...answers);
  await expect(readAllPages(find)).rejects.toMatchObject({ kind: 'unreadable' });
  expect(asked).toHaveLength(calls);
});

test('an item on two pages is taken once', async () => {
  const { find } = pages({ ids: ['1', '2'], has_more: true }, { ids: ['2', '3'], has_more: false });
  expect(await readAllPages(find)).toEqual([{ id: '1' }, { id: '2' }, { id: '3' }]);
});
