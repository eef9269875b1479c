import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const ROWS = read('docs/threat-model.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| what they try'));

describe('docs/threat-model.md', () => {
  it.each(ROWS)('names a test that exists: %s', (row) => {
    const [, file = '', title = ''] = /`(test\/[^`]+)`: "([^"]+)" \|$/.exec(row) ?? [];
    expect(file).not.toBe('');
    expect(read(file)).toContain(`'${title}'`);
  });

  it('has rows', () => {
    expect(ROWS.length).toBeGreaterThan(10);
  });
});
