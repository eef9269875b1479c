import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOLD_MS } from '../src/archive/watch';
import { MOST_SKEW_MS } from '../src/journal/clock';
import { USAGE_LINES } from '../src/messages/usage';

const root = join(__dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`),
];
const readme = read('README.md');
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => read(`src/${path}`))
  .join('\n');

describe('the README', () => {
  it('lists the commands as the usage does', () => {
    const rows = [...readme.matchAll(/^\| `(\/toloka-archive[^`]*)` \| ([^|]*) \|$/gm)].map(
      ([, call, what]) => [call, what],
    );
    expect(rows).toEqual(USAGE_LINES.map((line) => [...line]));
  });

  it('quotes what the app really says', () => {
    const table = readme.slice(readme.indexOf('## When something is wrong'));
    const quotes = [...table.matchAll(/^\| \*([^*]+)\* \|/gm)].flatMap(([, quote = '']) => quote.split('…'));
    expect(quotes.length).toBeGreaterThan(5);
    expect(quotes.map((quote) => quote.trim()).filter((quote) => !sources.includes(quote))).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  const operations = read('docs/operations.md');

  it('quotes what the app really says', () => {
    const table = operations.slice(operations.indexOf('## What goes wrong'));
    const quotes = [...table.matchAll(/\*([A-Z][^*|]+)\*/g)].map(([, quote = '']) => quote);
    expect(quotes.length).toBeGreaterThan(1);
    expect(quotes.filter((quote) => !sources.includes(quote))).toEqual([]);
  });

  it('names the limit of the clocks and the time of the watch as the code has them', () => {
    expect(operations).toContain(`within ${MOST_SKEW_MS / 1000} s of the database's`);
    expect(operations).toContain(`a running operation after ${HOLD_MS / 1000} s`);
  });
});

describe.each(documents)('%s', (path) => {
  const text = read(path);

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('links only to files that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, target = '']) => target);
    expect(links.filter((target) => !existsSync(join(root, path, '..', target)))).toEqual([]);
  });
});
