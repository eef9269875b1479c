import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Copy } from './copy';
import { type CaughtBy, patternOf } from './mutation';
import { runNode } from './program';

type ByFaults = Extract<CaughtBy, { kind: 'faults' }>;
type ByTest = Extract<CaughtBy, { kind: 'test' }>;

/** What one try found: the rules or the test that saw it, nothing, or something that is no evidence at all. */
export type Found =
  | { kind: 'caught'; by: string; rules: readonly string[]; details: readonly string[] }
  | { kind: 'nothing' }
  | { kind: 'no_evidence'; why: string };

const ROUND_MS = 8 * 60_000;
const TEST_MS = 5 * 60_000;
/** An error of the program is not what the test asserts. */
const NOT_ASSERTED = /^(?:\w+: )?(?:SyntaxError|ReferenceError|TypeError)\b/;

interface Violation {
  rule: string;
  about: string;
  what: string;
}

/** Rounds of the fault suite, until the judge sees a rule broken that is not one of `passedOver`. */
export async function tryFaults(
  copy: Copy,
  by: ByFaults,
  seed: string,
  passedOver: ReadonlySet<string> = new Set(),
): Promise<Found> {
  for (let round = 1; round <= by.rounds; round++) {
    const result = join(copy.root, `round-${round}.json`);
    const env = {
      ...copy.env,
      FAULTS_ONLY: by.scenario,
      FAULTS_JOBS: String(by.jobs),
      FAULTS_SEED: `${seed}-${round}`,
      FAULTS_RESULT: result,
    };
    const options = { cwd: copy.root, env, timeoutMs: ROUND_MS };
    const output = await runNode(['--import', 'tsx', 'test/faults/run.ts'], options);
    if (!existsSync(result))
      return { kind: 'no_evidence', why: `the fault suite did not end:\n${tail(output)}` };
    const { scenarios } = JSON.parse(readFileSync(result, 'utf8')) as {
      scenarios: { violations: Violation[] }[];
    };
    if (scenarios.length === 0)
      return { kind: 'no_evidence', why: `scenario ${by.scenario} was skipped: is PostgreSQL installed?` };
    const broken = scenarios
      .flatMap(({ violations }) => violations)
      .filter(({ rule }) => !passedOver.has(rule));
    if (broken.length > 0) return byRules(broken, round);
  }
  return { kind: 'nothing' };
}

function byRules(broken: readonly Violation[], round: number): Found {
  const rules = [...new Set(broken.map(({ rule }) => rule))];
  const counts = rules.map((one) => `${broken.filter(({ rule }) => rule === one).length} ${one}`);
  const details = broken.map(({ rule, about, what }) => `${rule}  ${about}  ${what}`);
  return { kind: 'caught', by: `${counts.join(', ')} (round ${round})`, rules, details };
}

interface JestResults {
  testResults: {
    name: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

/** The named unit test: red, by what it asserts, or green. */
export async function tryTests(copy: Copy, tests: readonly ByTest[]): Promise<Map<ByTest, Found>> {
  const result = join(copy.root, 'jest.json');
  const files = [...new Set(tests.map(({ file }) => file))];
  const pattern = [...new Set(tests.map(({ title }) => patternOf(title)))].join('|');
  const jest = join(copy.root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [jest, '--json', `--outputFile=${result}`, '-t', pattern, '--runTestsByPath', ...files];
  const output = await runNode(args, { cwd: copy.root, env: copy.env, timeoutMs: TEST_MS });
  const read: JestResults = existsSync(result)
    ? JSON.parse(readFileSync(result, 'utf8'))
    : { testResults: [] };
  return new Map(tests.map((test) => [test, foundBy(test, read, output)]));
}

function foundBy({ file, title }: ByTest, { testResults }: JestResults, output: string): Found {
  const suite = testResults.find(({ name }) => name.endsWith(file));
  const named = new RegExp(patternOf(title));
  const ran = (suite?.assertionResults ?? []).filter(
    ({ fullName, status }) => named.test(fullName) && ['passed', 'failed'].includes(status),
  );
  if (ran.length === 0)
    return { kind: 'no_evidence', why: `"${title}" did not run:\n${tail(suite?.message || output)}` };
  const failed = ran.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return { kind: 'nothing' };
  const asserted = failed.find(
    ({ failureMessages }) => !failureMessages.some((text) => NOT_ASSERTED.test(text)),
  );
  return asserted
    ? { kind: 'caught', by: `"${title}"`, rules: [], details: asserted.failureMessages }
    : {
        kind: 'no_evidence',
        why: `"${title}" did not fail by what it asserts:\n${failed[0]?.failureMessages[0]}`,
      };
}

const tail = (text: string): string => text.trim().split('\n').slice(-15).join('\n');
