import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const src = join(__dirname, '..', 'src');

/** Small files that every room may import. */
const SHARED = ['errors', 'logger', 'rate-limiter', 'redact', 'tls-errors'];
/** What each room may import besides itself and the shared files. docs/architecture.md has the same in words. */
const MAY_IMPORT: Record<string, string[]> = {
  archive: [],
  toloka: [],
  journal: ['archive'],
  messages: ['archive'],
  process: [],
  slack: ['archive', 'messages', 'process'],
  handlers: ['archive', 'messages', 'slack'],
  config: ['archive', 'toloka'],
  metrics: ['archive', 'messages', 'slack', 'toloka'],
  cli: ['archive', 'journal', 'config', 'messages', 'process', 'slack', 'toloka'],
};
/** Only slack/ and handlers/ know Slack; only toloka/ and process/ know HTTP; only journal/ knows SQL. */
const PACKAGES: Record<string, RegExp> = {
  archive: /^(node:crypto|zod)$/,
  toloka: /^(node:|undici$|zod$)/,
  journal: /^(node:|kysely$|libsql$|pg$|zod$)/,
  messages: /^(@slack\/types|zod)$/,
  process: /^(node:|undici$)/,
  slack: /^(node:|@slack\/|zod$)/,
  handlers: /^(@slack\/|zod$)/,
  config: /^(node:|zod$)/,
  metrics: /^(node:timers\/promises|prom-client)$/,
  cli: /^(node:|dotenv$)/,
  errors: /^$/,
  logger: /^node:util$/,
  'rate-limiter': /^$/,
  redact: /^$/,
  'tls-errors': /^$/,
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
    expect([...rooms].filter((room) => !(room in MAY_IMPORT || SHARED.includes(room)))).toEqual([]);
    expect(imports.length).toBeGreaterThan(100);
  });

  it('between rooms goes one way', () => {
    const wrong = imports.filter(({ room, target }) => {
      if (target === undefined || target === room || SHARED.includes(target)) return false;
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
