import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PREFLIGHT_MS } from '../src/archive/plan';
import { isOpen, REQUEST_STATES } from '../src/archive/request';
import {
  BATCH_EVERY_MS,
  CALLS_IN_A_LEASE,
  CLOCK_SKEW_MS,
  PLAN_LIFE_MS,
  PROGRESS_EVERY_MS,
  pastDeadlineDelay,
  pollDelay,
} from '../src/archive/timing';
import { TRANSITIONS } from '../src/archive/transitions';

const root = join(__dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const architecture = read('docs/architecture.md');

/** The text between a heading and the next one. */
function section(heading: string): string {
  const [, text] = architecture.split(`## ${heading}\n`);
  if (text === undefined) throw new Error(`docs/architecture.md has no section ${heading}`);
  return text.split('\n## ')[0] ?? '';
}

/** What each room may import, as test/imports.test.ts has it. */
const rules = (() => {
  const [, table = ''] = /MAY_IMPORT[^{]*{\n([\s\S]*?)\n};/.exec(read('test/imports.test.ts')) ?? [];
  const lines = [...table.matchAll(/^\s+'?([\w-]+)'?: \[(.*)\],$/gm)];
  return new Map(lines.map(([, room = '', targets = '']) => [room, (targets.match(/[\w-]+/g) ?? []).sort()]));
})();

describe('the rooms in docs/architecture.md', () => {
  const rooms = section('Rooms');

  it('are those of the import test, in the table', () => {
    expect(rules.size).toBeGreaterThan(5);
    const rows = [...rooms.matchAll(/^\| `([\w-]+)` \| .* \| (.*) \|$/gm)];
    const table = rows.map(([, room = '', may = '']) => [
      room,
      [...may.matchAll(/`([\w-]+)`/g)].map(([, target = '']) => target).sort(),
    ]);
    expect(new Map(table as [string, string[]][])).toEqual(rules);
  });

  it('are those of the import test, in the diagram', () => {
    const arrows = [...rooms.matchAll(/^ {2}([\w-]+) --> ([\w &-]+)$/gm)].map(
      ([, room = '', targets = '']) => [room, targets.split(' & ').sort()] as const,
    );
    const wanted = [...rules].filter(([, targets]) => targets.length > 0);
    expect(new Map(arrows)).toEqual(new Map(wanted));
  });
});

describe('the life of a request in docs/architecture.md', () => {
  const life = section('Life of a request');

  it('has exactly the transitions of the code', () => {
    const drawn = [...life.matchAll(/^ {2}(\w+) --> (\w+): (\w+)$/gm)].map(
      ([, from, to, kind]) => `${from} ${kind} ${to}`,
    );
    const real = Object.entries(TRANSITIONS).flatMap(([kind, { from, to }]) =>
      from.map((state: string) => `${state} ${kind} ${to}`),
    );
    expect(drawn.sort()).toEqual(real.sort());
    expect(life).toContain('[*] --> planned: asked');
  });

  it('names the open states', () => {
    const [, names = ''] = /^In (.*) a request is \*open\*/m.exec(life) ?? [];
    const named = [...names.matchAll(/`(\w+)`/g)].map(([, state]) => state);
    expect(named.sort()).toEqual(REQUEST_STATES.filter(isOpen).sort());
  });
});

describe('the steps in docs/architecture.md', () => {
  const rows = [
    ...section('One request, step by step').matchAll(/^\| (?!step|case|---)([^|]+) \| .* \| (.*) \|$/gm),
  ];
  const places = rows.flatMap(([, step = '', where = '']) =>
    where.split('; ').map((place) => {
      const [file = '', ...functions] = [...place.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      return { step, file, functions };
    }),
  );

  it('are found', () => {
    expect(rows.length).toBeGreaterThan(15);
    expect(places.filter(({ functions }) => functions.length === 0)).toEqual([]);
  });

  it.each(places)('$step: $file has $functions', ({ file, functions }) => {
    expect(existsSync(join(root, 'src', file))).toBe(true);
    const source = read(`src/${file}`);
    const isDeclared = (name: string) =>
      new RegExp(
        `(?:function\\*? |const )${name}\\b|^\\s+(?:async )?${name}(?:\\(|: (?:async )?\\()`,
        'm',
      ).test(source);
    expect(functions.filter((name) => !isDeclared(name))).toEqual([]);
  });
});

describe('the times in docs/architecture.md', () => {
  const middle = () => 0.5;
  it.each([
    ['The plan', `within ${PREFLIGHT_MS / 1000} seconds`],
    ['The poll', `every ${pollDelay(0, middle) / 1000} s`],
    ['The poll', `every ${pollDelay(3_600_000, middle) / 1000} s later`],
    ['Times', `up to ${CALLS_IN_A_LEASE} calls`],
    ['Times', `${CLOCK_SKEW_MS / 60_000} minutes apart`],
    ['Times', `at most every ${PROGRESS_EVERY_MS / 1000} s`],
    ['Times', `every ${pastDeadlineDelay(middle) / 60_000} minutes`],
    ['Times', `confirmed for ${PLAN_LIFE_MS / 3_600_000} hours`],
    ['Times', 'looks again after 2 s, later once a minute'],
    ['Times', `card is written at most every ${BATCH_EVERY_MS / 1000} s`],
  ])('%s: %s', (heading, words) => {
    expect(section(heading).replaceAll(/\s+/g, ' ')).toContain(words);
  });
});
