import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How a mutation is caught: by the judge of the fault suite, or by one unit test. */
export type CaughtBy =
  | { kind: 'faults'; scenario: string; jobs: number; rounds: number }
  | { kind: 'test'; file: string; title: string };

/** A change that breaks a promise on purpose. */
export interface Mutation {
  name: string;
  /** The promise that it breaks. */
  promise: string;
  caughtBy: CaughtBy;
  /** The unified diff. */
  path: string;
}

const MUTATIONS = join(__dirname, 'mutations');
/** The size of a round, and how many rounds the judge gets to see it, unless the header says otherwise. */
const JOBS = 120;
const ROUNDS = 4;

/** Every mutation, by name. @throws when a header is incomplete */
export function loadMutations(directory = MUTATIONS): Mutation[] {
  const files = readdirSync(directory).filter((file) => file.endsWith('.patch'));
  return files.sort().map((file) => {
    const path = join(directory, file);
    const mutation = parseMutation(readFileSync(path, 'utf8'), path);
    if (`${mutation.name}.patch` !== file) throw new Error(`${file} is named ${mutation.name} in its header`);
    return mutation;
  });
}

/** Reads the lines `key: value` before the diff. */
export function parseMutation(text: string, path: string): Mutation {
  const [head = ''] = text.split(/^--- /m);
  const header = new Map(
    [...head.matchAll(/^([a-z ]+): (.+)$/gm)].map(([, key = '', value = '']) => [key, value.trim()]),
  );
  const need = (key: string) => {
    const value = header.get(key);
    if (value === undefined) throw new Error(`${path} has no line "${key}: …" before its diff`);
    return value;
  };
  return { name: need('mutation'), promise: need('promise'), caughtBy: readCaughtBy(need, header), path };
}

function readCaughtBy(need: (key: string) => string, header: ReadonlyMap<string, string>): CaughtBy {
  const by = need('caught by');
  const scenario = /^the fault suite, scenario ([A-Z])$/.exec(by)?.[1];
  if (scenario === undefined) return { kind: 'test', file: by, title: need('test') };
  const number = (key: string, fallback: number) => Number(header.get(key) ?? fallback);
  return { kind: 'faults', scenario, jobs: number('jobs', JOBS), rounds: number('rounds', ROUNDS) };
}

/** For jest's `--testNamePattern`: the test of that title, in any `describe`, with any values in its placeholders. */
export const patternOf = (title: string): string =>
  `${title
    .split(/%[sdijp]|\$\w+/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')}$`;

/** Whether a test file, or another file of the tests that it imports, has a test of that title. */
export function hasTest(file: string, title: string, seen = new Set<string>()): boolean {
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  if (["'", '`', '"'].some((quote) => source.includes(`${quote}${title}${quote}`))) return true;
  const imports = [...source.matchAll(/from '(\.[^']+)'/g)].map(([, target]) => `${target}.ts`);
  return imports.some((target) => hasTest(join(dirname(file), target), title, seen));
}
