/**
 * `npm run test:judge`: breaks the safety code on purpose, one mutation at a time, and sees that the fault suite or a
 * unit test notices. Names as arguments run only those; `--list` shows them. It works in copies and changes nothing
 * in the working tree. Repeat a run's decisions with `FAULTS_SEED`.
 */
import { randomInt } from 'node:crypto';
import { type Copy, createCopy } from './copy';
import { type CaughtBy, loadMutations, type Mutation } from './mutation';
import { endAll } from './program';
import { type Found, tryFaults, tryTests } from './try';

interface Outcome {
  mutation: Mutation;
  found: Found;
  seconds: number;
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(args: readonly string[]): Promise<boolean> {
  const all = loadMutations();
  if (args.includes('--list')) {
    say(table(all.map((one) => [one.name, one.promise, inWords(one)])));
    return true;
  }
  const unknown = args.filter((name) => !all.some((one) => one.name === name));
  if (unknown.length > 0)
    throw new Error(`No mutation is named ${unknown.join(', ')}. See npm run test:judge -- --list`);
  const mutations = args.length === 0 ? all : all.filter(({ name }) => args.includes(name));
  const seed = process.env['FAULTS_SEED'] ?? String(randomInt(1_000_000));
  const began = performance.now();
  say(`Seed ${seed}. The same decisions again: FAULTS_SEED=${seed} npm run test:judge`);
  const unchanged = await tryUnchanged(mutations, seed);
  const outcomes: Outcome[] = [];
  for (const mutation of mutations) {
    const outcome = await tryMutation(mutation, seed, unchanged);
    outcomes.push(outcome);
    say(`${outcome.found.kind === 'caught' ? 'caught' : 'FAIL  '}  ${mutation.name}: ${result(outcome)}`);
  }
  const missed = outcomes.filter(({ found }) => found.kind !== 'caught').length;
  const rows = outcomes.map((one) => [
    one.mutation.name,
    one.mutation.promise,
    result(one),
    `${one.seconds} s`,
  ]);
  say(`\n${table([['Mutation', 'Breaks', 'Caught by', 'After'], ...rows])}`);
  say(`\n${outcomes.length - missed} caught, ${missed} not, in ${secondsSince(began)} s`);
  if (!unchanged.green) say('The unchanged code is not green: see above');
  return missed === 0 && unchanged.green;
}

/** What fails on the unchanged code, and so says nothing about a mutation. */
interface Unchanged {
  green: boolean;
  rules: ReadonlySet<string>;
  tests: ReadonlySet<CaughtBy>;
}

/** The same rounds and tests on the code as it is. */
async function tryUnchanged(mutations: readonly Mutation[], seed: string): Promise<Unchanged> {
  const began = performance.now();
  const copy = await createCopy();
  const rules = new Set<string>();
  const red = new Set<CaughtBy>();
  const wrong: Found[] = [];
  try {
    const tests = mutations.flatMap(({ caughtBy: by }) => (by.kind === 'test' ? [by] : []));
    const found: [CaughtBy, Found][] = tests.length === 0 ? [] : [...(await tryTests(copy, tests))];
    for (const by of roundsOf(mutations)) found.push([by, await tryFaults(copy, by, seed)]);
    for (const [by, one] of found) {
      if (one.kind === 'nothing') continue;
      wrong.push(one);
      if (one.kind === 'caught') for (const rule of one.rules) rules.add(rule);
      red.add(by);
    }
  } finally {
    copy.remove();
  }
  for (const one of wrong) {
    say(`FAIL    the unchanged code: ${describe(one)}`);
    if (one.kind === 'caught') for (const line of one.details.slice(0, 5)) say(`        ${line}`);
  }
  if (wrong.length === 0) say(`green   the unchanged code, after ${secondsSince(began)} s`);
  return { green: wrong.length === 0, rules, tests: red };
}

/** Each scenario and size once, with the most rounds that a mutation asks for. */
function roundsOf(mutations: readonly Mutation[]) {
  const rounds = mutations.flatMap(({ caughtBy: by }) => (by.kind === 'faults' ? [by] : []));
  const same = (one: (typeof rounds)[number]) => `${one.scenario} ${one.jobs}`;
  const most = [...rounds].sort((a, b) => b.rounds - a.rounds);
  return most.filter((one, i) => most.findIndex((other) => same(other) === same(one)) === i);
}

async function tryMutation(mutation: Mutation, seed: string, unchanged: Unchanged): Promise<Outcome> {
  const began = performance.now();
  const { caughtBy: by } = mutation;
  let copy: Copy | undefined;
  let found: Found | undefined;
  try {
    copy = await createCopy(mutation.path);
    if (by.kind === 'faults') found = await tryFaults(copy, by, seed, unchanged.rules);
    else if (unchanged.tests.has(by)) found = { kind: 'no_evidence', why: 'its test fails without it too' };
    else found = (await tryTests(copy, [by])).get(by);
  } catch (error) {
    found = { kind: 'no_evidence', why: error instanceof Error ? error.message : String(error) };
  } finally {
    copy?.remove();
  }
  return { mutation, found: found ?? { kind: 'nothing' }, seconds: secondsSince(began) };
}

const secondsSince = (began: number): number => Math.round((performance.now() - began) / 1000);

const result = ({ mutation, found }: Outcome): string =>
  found.kind === 'nothing' ? `not caught by ${inWords(mutation)}` : describe(found);

function describe(found: Found): string {
  if (found.kind === 'nothing') return 'nothing';
  return found.kind === 'caught' ? found.by : found.why;
}

const inWords = ({ caughtBy: by }: Mutation): string =>
  by.kind === 'test'
    ? `${by.file}: "${by.title}"`
    : `the fault suite, scenario ${by.scenario}, up to ${by.rounds} rounds of ${by.jobs} jobs`;

function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.split('\n')[0] ?? ''));
  const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endAll();
    process.exit(1);
  });

main(process.argv.slice(2)).then(
  (passed) => process.exit(passed ? 0 : 1),
  (error: unknown) => {
    say(error instanceof Error ? String(error.stack) : String(error));
    process.exit(1);
  },
);
