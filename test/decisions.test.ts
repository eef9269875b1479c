import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const files = readdirSync(join(root, 'docs/decisions')).sort();

describe('docs/decisions', () => {
  it('are numbered without gaps', () => {
    expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, i) => i + 1));
  });

  it.each(files)('%s has its number, a status and the four sections', (file) => {
    const text = read(`docs/decisions/${file}`);
    expect(text).toMatch(new RegExp(`^# ${Number(file.slice(0, 4))}\\. `));
    expect(text).toMatch(/^Status: (accepted|superseded)/m);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    const expected = ['Context', 'Decision', 'Alternatives', 'Consequences'];
    expect(headings.filter((heading) => expected.includes(heading ?? ''))).toEqual(expected);
  });

  it('show a diff that fits the code', () => {
    const text = read('docs/decisions/0013-a-stored-fact-touches-two-places.md');
    const [, diff = ''] = /```diff\n([\s\S]*?)```/.exec(text) ?? [];
    const hunks = diff.split(/^--- a\//m).slice(1);
    const changed = hunks.map((hunk) => {
      const [path = '', , , ...lines] = hunk.split('\n');
      // What a patch replaces: its context and the lines that it removes.
      const before = lines.filter((line) => /^[ -]/.test(line)).map((line) => line.slice(1));
      return { path, fits: read(path).includes(before.join('\n')) };
    });
    expect(changed).toEqual([
      { path: 'src/archive/request.ts', fits: true },
      { path: 'src/archive/transitions.ts', fits: true },
    ]);
  });
});
