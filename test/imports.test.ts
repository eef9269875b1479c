import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const src = join(__dirname, '..', 'src');

/** What each room may import besides itself and `errors`. The table in docs/architecture.md says the same in words. */
const MAY_IMPORT: Record<string, string[]> = {
  archive: [],
  toloka: [],
  journal: ['archive'],
  messages: ['archive'],
  handlers: ['archive', 'messages'],
  adapters: ['archive', 'messages', 'toloka'],
  runtime: ['config'],
  config: ['toloka', 'config-schema'],
  'config-schema': ['toloka', 'config-fields'],
  'config-fields': [],
  audit: ['archive', 'journal', 'config'],
  errors: [],
};
/** Only adapters, handlers and set-up know Slack; only toloka/ knows HTTP; only journal/ knows SQL. */
const PACKAGES: Record<string, RegExp> = {
  archive: /^node:crypto$/,
  toloka: /^(node:|undici$|zod$)/,
  journal: /^(node:|kysely$|libsql$|better-sqlite3$|pg$)/,
  messages: /^@slack\/types$/,
  handlers: /^@slack\//,
  adapters: /^@slack\//,
  runtime: /^(node:|@slack\/)/,
  audit: /^(node:|dotenv$)/,
  config: /^zod$/,
  'config-schema': /^zod$/,
  'config-fields': /^zod$/,
  errors: /^$/,
};

const roomOf = (path: string) => (path.split('/')[0] ?? '').replace(/\.ts$/, '');

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const imports = files
  .filter((path) => path !== 'app.ts')
  .flatMap((path) =>
    [
      ...readFileSync(join(src, path), 'utf8').matchAll(
        /(?:\bfrom |\bimport |\bimport\(|\brequire\()'([^'\n]+)'/g,
      ),
    ].map(([, target = '']) => ({
      path,
      room: roomOf(path),
      target: target.startsWith('.') ? roomOf(normalize(join(dirname(path), target))) : undefined,
      outside: target.startsWith('.') ? undefined : target,
    })),
  );

describe('the direction of imports', () => {
  it('has a rule for every room', () => {
    const rooms = new Set(files.filter((path) => path !== 'app.ts').map(roomOf));
    expect([...rooms].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
    expect(imports.length).toBeGreaterThan(100);
  });

  it('between rooms goes one way', () => {
    const wrong = imports.filter(({ room, target }) => {
      if (target === undefined || target === room || target === 'errors') return false;
      return !MAY_IMPORT[room]?.includes(target);
    });
    expect(wrong).toEqual([]);
  });

  it('of packages stays in the rooms that are theirs', () => {
    const wrong = imports.filter(
      ({ room, outside }) => outside !== undefined && !PACKAGES[room]?.test(outside),
    );
    expect(wrong).toEqual([]);
  });
});
