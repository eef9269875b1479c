import { join } from 'node:path';
import { applyPatch } from './copy';
import { hasTest, loadMutations, parseMutation, patternOf } from './mutation';

const ROOT = join(__dirname, '..', '..');

describe('the mutations of npm run test:judge', () => {
  const mutations = loadMutations();

  it('are there', () => {
    expect(mutations.length).toBeGreaterThan(20);
  });

  it.each(mutations.map((one) => [one.name, one] as const))(
    '%s applies to the code as it is',
    async (_name, { path }) => {
      await expect(applyPatch(path, ROOT, { check: true })).resolves.toBeUndefined();
    },
  );

  it.each(
    mutations.flatMap(({ name, caughtBy }) => (caughtBy.kind === 'test' ? [[name, caughtBy] as const] : [])),
  )('%s names a test that exists', (_name, { file, title }) => {
    expect([file, title, hasTest(join(ROOT, file), title)]).toEqual([file, title, true]);
  });
});

describe('a header', () => {
  const head = 'mutation: a\npromise: b: c\n';

  it('names the fault suite or a test', () => {
    expect(parseMutation(`${head}caught by: the fault suite, scenario B\nrounds: 2\n--- a/x`, 'p')).toEqual({
      ...{ name: 'a', promise: 'b: c', path: 'p' },
      caughtBy: { kind: 'faults', scenario: 'B', jobs: expect.any(Number), rounds: 2 },
    });
    expect(parseMutation(`${head}caught by: test/x.test.ts\ntest: it does\n--- a/x`, 'p').caughtBy).toEqual({
      ...{ kind: 'test', file: 'test/x.test.ts', title: 'it does' },
    });
  });

  it('that is incomplete is an error', () => {
    expect(() => parseMutation(`${head}--- a/x`, 'p')).toThrow('"caught by: …"');
  });
});

it('a title with placeholders finds its tests, and no other', () => {
  const pattern = new RegExp(patternOf('is not sent when %s (once)'));
  expect(pattern.test('a request is not sent when it was renamed (once)')).toBe(true);
  expect(pattern.test('a request is not sent when it was renamed (once) more')).toBe(false);
});
