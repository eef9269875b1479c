import { createCatalog } from '../../src/archive/catalog';
import type { Training } from '../../src/archive/plan';
import type { Reading, Toloka } from '../../src/archive/ports';
import { DOWN, TRAINING, useSteps } from '../support/steps';

const { harness, steps } = useSteps();
beforeEach(() => {
  steps.calls.length = 0;
});

const found = <T>(value: T): Reading<T> => ({ kind: 'found', value });
const training = (id: string, name: string, over: Partial<Training> = {}) => ({
  ...TRAINING,
  id,
  name,
  ...over,
});
const SIGNS = training('123', 'Street Signs');
const CALLS = training('456', 'Phone calls 123', { projectId: '2' });

/** The catalog of an account with these trainings. */
function catalog({
  trainings = [SIGNS, CALLS],
  more = false,
  ...toloka
}: Partial<Toloka> & Partial<Listed> = {}) {
  const deps = steps.world({ listClosed: async () => found({ trainings, more }), ...toloka });
  return createCatalog(deps);
}
interface Listed {
  trainings: Training[];
  more: boolean;
}
const ids = async (given: ReturnType<typeof catalog>, query: string, most = 10) =>
  (await given.find('production', query, most))?.choices.map(({ trainingId }) => trainingId);
const count = (call: string) => steps.calls.filter((one) => one === call).length;

describe('a search', () => {
  it.each([
    ['', ['123', '456']],
    ['  street ', ['123']],
    ['SIGNS', ['123']],
    ['12', ['123', '456']],
    ['23', ['456']],
    ['456', ['456']],
    ['nothing', []],
  ])('for %j', async (query, expected) => {
    expect(await ids(catalog(), query)).toEqual(expected);
  });

  it('shows as many as fit, with the names of their projects, and says how many there are', async () => {
    expect(await catalog().find('production', '', 1)).toEqual({
      ...{ matches: 2, choices: [{ trainingId: '123', name: 'Street Signs', project: 'P' }] },
    });
    expect(count('readProject')).toBe(1);
    expect(await catalog({ more: true }).find('production', '', 1)).toMatchObject({ matches: null });
  });

  it('shows the ID of a project whose name is not known', async () => {
    const projects = catalog({ readProject: async () => DOWN });
    expect((await projects.find('production', '', 9))?.choices.map(({ project }) => project)).toEqual([
      '1',
      '2',
    ]);
  });

  it('reads names of projects once in ten minutes, and twenty at most for one search', async () => {
    const trainings = Array.from({ length: 25 }, (_, i) =>
      training(`${i + 1}`, 'T', { projectId: `${i % 23}` }),
    );
    const one = catalog({ trainings });
    await one.find('production', '', 99);
    expect(count('readProject')).toBe(20);
    await one.find('production', '', 99);
    expect(count('readProject')).toBe(23);
    harness.clock.advance(10 * 60_000 - 1);
    await one.find('production', '', 99);
    expect(count('readProject')).toBe(23);
    harness.clock.advance(1);
    await one.find('production', '', 2);
    expect(count('readProject')).toBe(25);
  });

  it.each<[string, string, boolean, Reading<Training>, string[]]>([
    ['an older one', '789', true, found(training('789', 'Old')), ['789']],
    ['one whose ID begins another', '12', true, found(training('12', 'Old')), ['12', '123', '456']],
    ['an older one that is open', '789', true, found(training('789', 'Old', { status: 'OPEN' })), []],
    ['one that is not there', '789', true, { kind: 'not_found' }, []],
    ['one that the listing has', '123', true, found(training('123', 'Again')), ['123', '456']],
    ['an older one when all were listed', '789', false, found(training('789', 'Old')), []],
    ['what is no ID', '0789', true, found(training('0789', 'Old')), []],
    ['what is too long for an ID', '1234567890'.repeat(2), true, found(training('7', 'Old')), []],
  ])('by ID finds %s', async (_what, query, more, reading, expected) => {
    expect(await ids(catalog({ more, readTraining: async () => reading }), query)).toEqual(expected);
  });

  it('brings nothing when Toloka does not answer, or the account is gone', async () => {
    expect(await catalog({ listClosed: async () => DOWN }).find('production', '', 9)).toBeUndefined();
    expect(await catalog().find('elsewhere', '', 9)).toBeUndefined();
  });
});

describe('a listing', () => {
  it('is kept for half a minute, and renewed in the background from the middle on', async () => {
    const one = catalog();
    const search = async (ms: number) => {
      harness.clock.advance(ms);
      await one.find('production', '', 1);
      return count('listClosed');
    };
    expect(await search(0)).toBe(1);
    expect(await search(15_000)).toBe(1);
    expect(await search(1)).toBe(2);
    await new Promise(setImmediate);
    expect(await search(15_000)).toBe(2);
    expect(await search(15_000)).toBe(3);
    // The clock was set back.
    expect(await search(-1)).toBe(4);
  });

  it('is read once for all who wait for it, and ahead of the first search', async () => {
    let answer: (listing: Reading<Listed>) => void = () => {};
    const listed = new Promise<Reading<Listed>>((resolve) => {
      answer = resolve;
    });
    const one = catalog({ listClosed: () => listed });
    one.warmUp('elsewhere');
    expect(count('listClosed')).toBe(0);
    one.warmUp('production');
    expect(count('listClosed')).toBe(1);
    const searches = [one.find('production', '', 1), one.find('production', 'x', 1)];
    answer(found({ trainings: [SIGNS], more: false }));
    expect((await Promise.all(searches)).map((result) => result?.matches)).toEqual([1, 0]);
    expect(count('listClosed')).toBe(1);
  });

  it('of more than half a minute ago is not shown', async () => {
    let trainings = [SIGNS];
    const one = catalog({ listClosed: async () => found({ trainings, more: false }) });
    await ids(one, '');
    trainings = [CALLS];
    harness.clock.advance(29_999);
    expect(await ids(one, '')).toEqual(['123']);
    const other = catalog({ listClosed: async () => found({ trainings, more: false }) });
    trainings = [SIGNS];
    await ids(other, '');
    trainings = [CALLS];
    harness.clock.advance(30_000);
    expect(await ids(other, '')).toEqual(['456']);
  });

  it('that failed is read again', async () => {
    let fails = true;
    const one = catalog({
      listClosed: async () => (fails ? DOWN : found({ trainings: [SIGNS], more: false })),
    });
    expect(await ids(one, '')).toBeUndefined();
    fails = false;
    expect(await ids(one, '')).toEqual(['123']);
  });
});
