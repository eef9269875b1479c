import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasTest } from './judge/mutation';

const root = join(__dirname, '..');
const document = readFileSync(join(root, 'docs', 'threat-model.md'), 'utf8');
const text = document.replaceAll(/\s+/g, ' ');
const named = [...text.matchAll(/`(test\/[^`]+\.ts)` “([^”]+)”/g)].map(([, file = '', title = '']) => ({
  file,
  title,
}));

describe('docs/threat-model.md', () => {
  it('names tests that exist', () => {
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter(({ file, title }) => !hasTest(join(root, file), title))).toEqual([]);
    // A file without a title, or a title in other quotes, would not be checked.
    const files = [...text.matchAll(/`(test\/[^`]+)`/g)].filter(
      ([, file]) => file !== 'test/threat-model.test.ts',
    );
    expect(files).toHaveLength(named.length);
  });

  it('says for each actor what stops them or what limits the harm, and what does not', () => {
    const [, , ...actors] = document.split(/^## /m);
    expect(actors.length).toBeGreaterThan(9);
    const silent = actors.filter((section) => !/\*\*Not stopped:\*\*|what limits/i.test(section));
    expect(silent.map((section) => section.split('\n')[0])).toEqual([]);
  });

  it('is linked from where people look', () => {
    for (const path of ['README.md', 'SECURITY.md'])
      expect(readFileSync(join(root, path), 'utf8')).toContain('docs/threat-model.md');
    expect(existsSync(join(root, 'SECURITY.md'))).toBe(true);
  });
});
