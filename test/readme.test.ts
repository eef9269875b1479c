import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { USAGE_LINES } from '../src/messages/notices';

const root = join(__dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const filesIn = (directory: string, ending: string) =>
  readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => `${directory}/${path}`);

const documents = [
  ...readdirSync(root).filter((path) => path.endsWith('.md')),
  ...filesIn('docs', '.md'),
  ...filesIn('.github', '.md'),
];
const readme = read('README.md');
const sources = filesIn('src', '.ts');
const code = sources.map(read).join('\n');

/** The value of a constant such as `const NAME = 5_000;`, from the text of the source. */
function constant(path: string, name: string): number {
  const [, digits] = new RegExp(`const ${name} = ([\\d_]+);`).exec(read(path)) ?? [];
  if (digits === undefined) throw new Error(`${path} has no constant ${name}`);
  return Number(digits.replaceAll('_', ''));
}

/** The texts in the first column of a table that are quoted in italics. A quote with `…` has two parts. */
const quotesIn = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].flatMap(([, quote = '']) => quote.split('…')).map((quote) => quote.trim());

describe('the README', () => {
  it('lists the commands as the help does', () => {
    const rows = [...readme.matchAll(/^\| `(\/toloka-archive[^`]*)` \| ([^|]*) \|$/gm)].map(
      ([, call, what]) => [call, what],
    );
    expect(rows).toEqual(USAGE_LINES.map((line) => [...line]));
  });

  it('quotes what the app really says', () => {
    const table = readme.slice(readme.indexOf('## When something is wrong'));
    const quotes = quotesIn(table, /^\| \*([^*]+)\* \|/gm);
    expect(quotes.length).toBeGreaterThan(10);
    expect(quotes.filter((quote) => !code.includes(quote))).toEqual([]);
  });

  it.each([
    'Check again',
    'Cancel',
    'Archive',
    'Ask for approval',
    'Try again',
    'Approve',
    'Decline',
    'Withdraw',
  ])('calls the button %s as the app does', (label) => {
    expect(readme).toContain(`**${label}**`);
    expect(code).toMatch(new RegExp(`(plain|button)\\('${label}'`));
  });

  it('shows the picture, the promise and the two commands on the first screen', () => {
    const [first = ''] = readme.split('\n## ');
    for (const part of ['docs/images/overview.png', 'cannot be undone', 'npm ci', 'npm run demo'])
      expect(first).toContain(part);
    expect(first.split('\n').length).toBeLessThan(40);
  });
});

describe('docs/operations.md', () => {
  const operations = read('docs/operations.md').replaceAll(/\s+/g, ' ');

  it('quotes what the app really says', () => {
    const table = operations.slice(operations.indexOf('## When something fails'));
    const quotes = quotesIn(table, /\*([A-Z][^*|]+)\*/g);
    expect(quotes.length).toBeGreaterThan(3);
    expect(quotes.filter((quote) => !code.includes(quote))).toEqual([]);
  });

  it('has the limits that the code has', () => {
    const skew = constant('src/journal/connect.ts', 'MOST_SKEW_MS') / 1000;
    expect(operations).toContain(`within ${skew} s of the database server's`);
    const schema = constant('src/journal/schema.ts', 'FIRST');
    expect(operations).toContain(`before schema ${schema}`);
  });
});

describe.each(documents)('%s', (path) => {
  const text = read(path);

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('links only to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, target = '']) => target);
    expect(links.filter((target) => !existsSync(join(root, path, '..', target)))).toEqual([]);
  });

  it('names only files that exist', () => {
    const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|md|yml|json|mjs))`/g)].map(
      ([, target = '']) => target,
    );
    const places = [root, join(root, 'src')];
    expect(named.filter((target) => !places.some((place) => existsSync(join(place, target))))).toEqual([]);
  });

  it('is written in plain words', () => {
    expect(text).not.toMatch(/\b(anew|mends?|deeds?|whoever|such that|comes about)\b/i);
  });

  it('calls a training a training', () => {
    // The 2021 document and its codes keep their own names.
    const own = text.replaceAll('Archive a training pool', '').replaceAll('TRAINING_ARCHIVE_CONFLICT', '');
    expect(own).not.toMatch(/training pool/i);
  });
});

describe('the sources', () => {
  it('refer only to documents, and to headings in them, that exist', () => {
    const named = sources.flatMap((path) =>
      [...read(path).matchAll(/(docs\/[\w/-]+\.md)(?:, "([^"]+)")?/g)].map(([, file = '', heading]) => ({
        path,
        file,
        heading,
      })),
    );
    // Toloka's own documents are named with their repository.
    expect(named.length).toBeGreaterThan(4);
    const wrong = named.filter(
      ({ file, heading }) =>
        !existsSync(join(root, file)) || (heading !== undefined && !read(file).includes(`## ${heading}\n`)),
    );
    expect(wrong).toEqual([]);
  });
});
