import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresPlace } from '../journal/postgres-place';
import { PASSWORD, type PostgresServer, postgresPrograms, startPostgres } from '../journal/postgres-server';
import type { Evidence } from './evidence';
import { judge, type Violation } from './judge';
import { leaseFor } from './machine';
import { createRandom } from './random';
import { table } from './report';
import { type Played, play, type Scenario } from './scenario';

/*
 * Settings, all optional:
 * FAULTS_SEED: the decisions of an earlier run again
 * FAULTS_ONLY: the letters of the scenarios to run, such as B or AC
 * FAULTS_JOBS: so many jobs in each scenario; the checks that need a whole run are left out
 * FAULTS_LEASE_SECONDS: the lease, instead of one that fits this machine
 * FAULTS_KEEP: keep the evidence even when nothing is wrong
 * FAULTS_RESULT: a file for the result as JSON: { seed, passed, scenarios: [{ name, violations, … }] }
 * The exit code is 1 when a check failed.
 */

const SCENARIOS: (Omit<Scenario, 'leaseS'> & { on: 'postgres' | 'sqlite' })[] = [
  {
    ...{ name: 'A: three processes, PostgreSQL, Socket Mode', on: 'postgres', mode: 'socket', replicas: 3 },
    ...{ jobs: 820, people: 26, approvals: 2, pause: [2_000, 4_500] },
  },
  {
    ...{ name: 'B: one process, SQLite, Socket Mode', on: 'sqlite', mode: 'socket', replicas: 1 },
    ...{ jobs: 300, people: 22, approvals: 1, pause: [5_000, 9_000] },
  },
  {
    ...{ name: 'C: two processes, PostgreSQL, HTTP', on: 'postgres', mode: 'http', replicas: 2 },
    ...{ jobs: 220, people: 14, approvals: 2, pause: [3_000, 6_000] },
  },
];
/** How many broken promises are spelled out; the rest are in what is kept. */
const SHOWN = 20;
/**
 * The largest share of acts that may be excused. Measured on two busy cores in four whole runs with three seeds: 8 to
 * 13 % in A, 1 to 17 % in B, 2 to 7 % in C. It is the share of time in which no process can answer, so B, which has only
 * one, varies most: it reached 27 % when it was disturbed every 4 to 8 s.
 */
const MOST_EXCUSED = 0.35;

const say = (line: string) => void process.stdout.write(`${line}\n`);
const results: boolean[] = [];
/** What FAULTS_RESULT gets: for a program that runs this suite and wants to know what it found. */
const scenarios: {
  name: string;
  violations: Violation[];
  unquiet: number;
  acts: number;
  excusedShare: number;
}[] = [];
function check(name: string, problem: string | null): void {
  results.push(problem === null);
  say(`${problem === null ? 'pass' : 'FAIL'}  ${name}${problem === null ? '' : `: ${problem}`}`);
}

async function one(scenario: Scenario, seed: string): Promise<Played> {
  const played = await play(scenario, createRandom(`${seed} ${scenario.name}`));
  const verdict = judge(played.evidence);
  const { violations } = verdict;
  scenarios.push({
    ...{ name: scenario.name, violations, unquiet: played.unquiet, acts: played.evidence.acts.length },
    excusedShare: verdict.excusedShare,
  });
  say(table(scenario, played, verdict));
  for (const { rule, about, what } of violations.slice(0, SHOWN)) say(`  ${rule}  ${about}  ${what}`);
  if (violations.length > SHOWN) say(`  and ${violations.length - SHOWN} more`);
  // A short run has too few acts for a share.
  const tooMany = verdict.excusedShare > MOST_EXCUSED && !process.env['FAULTS_JOBS'];
  if (violations.length > 0 || played.unquiet > 0 || tooMany || process.env['FAULTS_KEEP']) {
    const directory = join(tmpdir(), `faults-${seed}-${scenario.name.charAt(0)}-${process.pid}`);
    played.keep(directory);
    say(`  All that there is to study: ${directory}`);
  }
  const { unquiet } = played;
  check(`${scenario.name}: every request came to its end`, unquiet === 0 ? null : `${unquiet} did not`);
  check(
    `${scenario.name}: every promise was kept`,
    violations.length === 0 ? null : `${violations.length} not`,
  );
  const share = `${(verdict.excusedShare * 100).toFixed(1)} %`;
  if (!process.env['FAULTS_JOBS'])
    check(
      `${scenario.name}: at most ${MOST_EXCUSED * 100} % of the acts were excused`,
      tooMany ? share : null,
    );
  return played;
}

/** A rule judges nothing if the load never leads to what it is about. */
function whatNeverCame(runs: readonly Evidence[]): string[] {
  const some = (holds: (run: Evidence) => boolean) => runs.some(holds);
  const denied = (code: string) => some(({ denials }) => denials.some((one) => one.code === code));
  const answered = (how: string) => some(({ acts }) => acts.some(({ saw }) => saw?.how === how));
  const came: Record<string, boolean> = {
    ...Object.fromEntries(
      [
        ...['not_allowed', 'channel_not_allowed', 'plan_drifted', 'already_open'],
        ...['own_request', 'already_approved', 'approve_not_allowed'],
      ].map((code) => [`a denial ${code}`, denied(code)]),
    ),
    ...Object.fromEntries(
      ['card', 'private', 'question', 'picker', 'options'].map((how) => [`an answer: ${how}`, answered(how)]),
    ),
    'a modal that closed with a card': some(({ acts }) => acts.some(({ response }) => response === 'clear')),
    'a card that a modal had promised': some(({ acts }) =>
      acts.some(({ response, saw }) => response === 'update' && saw?.how === 'card'),
    ),
    'a modal that was closed before its answer': some(({ acts }) =>
      acts.some(({ closedMeanwhile }) => closedMeanwhile),
    ),
    'a batch in which some failed and others did not': some(({ requests }) => hasMixedBatch(requests)),
    'a training of a batch that was tried again': some(({ requests }) =>
      requests.some(({ retryOf }) => requests.some(({ id, batch }) => id === retryOf && batch !== null)),
    ),
    'a hostile name': some(({ hostile }) => hostile.length > 0),
    ...Object.fromEntries(
      ['approvals_voided', 'fully_approved', 'declined', 'withdrawn', 'approval_expired', 'reminded'].map(
        (kind) => [
          `an event ${kind}`,
          some(({ requests }) => requests.some(({ events }) => events.some((event) => event.kind === kind))),
        ],
      ),
    ),
    'a request withdrawn in a pause': some(({ requests }) => requests.some(isWithdrawnInPause)),
    'a failed operation': some(({ requests }) => requests.some(({ state }) => state === 'failed')),
  };
  return Object.entries(came).flatMap(([what, did]) => (did ? [] : [what]));
}

const isWithdrawnInPause = ({ events }: Evidence['requests'][number]): boolean =>
  events.some(({ kind, from }) => kind === 'withdrawn' && from === 'confirmed');

const hasMixedBatch = (requests: Evidence['requests']): boolean =>
  requests.some(
    ({ batch, state }) =>
      batch !== null &&
      state === 'succeeded' &&
      requests.some((one) => one.batch === batch && (one.state === 'failed' || one.state === 'refused')),
  );

/** Each scenario on PostgreSQL has a journal of its own. */
async function withJournal(
  server: PostgresServer | undefined,
  scenario: Scenario,
  seed: string,
): Promise<Played> {
  if (server === undefined) return one(scenario, seed);
  const place = await postgresPlace(server);
  const secrets = {
    'database address': place.url,
    'database password': PASSWORD,
    'database password, as written': encodeURIComponent(PASSWORD),
  };
  return one({ ...scenario, database: { url: place.url, secrets } }, seed);
}

/** A server for this run. Where there is none, the scenarios that need it are skipped, which in CI is a failure. */
async function startDatabase(): Promise<PostgresServer | undefined> {
  const programs = postgresPrograms();
  return programs === undefined ? undefined : startPostgres(programs);
}

async function main(): Promise<void> {
  const seed = process.env['FAULTS_SEED'] ?? String(randomInt(1_000_000));
  const only = process.env['FAULTS_ONLY'];
  say(`Seed ${seed}. The same decisions again: FAULTS_SEED=${seed} npm run test:faults`);
  say('What is decided comes from the seed; what meets what depends on the machine, and differs each time.');
  const began = Date.now();
  const leaseS = leaseFor();
  say(`Leases of ${leaseS} s; stops are longer than that.`);
  const jobs = process.env['FAULTS_JOBS'];
  const server = await startDatabase();
  const played: Played[] = [];
  try {
    for (const { on, ...planned } of SCENARIOS) {
      const scenario = { ...planned, leaseS, ...(jobs && { jobs: Number(jobs) }) };
      if (only !== undefined && !only.includes(scenario.name.charAt(0))) continue;
      if (on === 'sqlite') played.push(await one(scenario, seed));
      else if (server !== undefined) played.push(await withJournal(server, scenario, seed));
      else if (process.env['CI'] === 'true') check(scenario.name, 'there is no PostgreSQL on this machine');
      else say(`\nSKIPPED  ${scenario.name}: there is no PostgreSQL on this machine; install it`);
    }
  } finally {
    await server?.remove();
  }
  say('');
  const requests = played.reduce((sum, { evidence }) => sum + evidence.requests.length, 0);
  if (played.length === SCENARIOS.length && !jobs) {
    check('at least 1,000 requests', requests >= 1_000 ? null : `only ${requests}; is this machine busy?`);
    const kinds = Object.keys(played[0]?.hits ?? {});
    const missed = kinds.filter((kind) => played.every(({ hits }) => !hits[kind]));
    check('every kind of fault struck', missed.length === 0 ? null : missed.join(', '));
    const unmet = whatNeverCame(played.map(({ evidence }) => evidence));
    check('everything that is judged came up', unmet.length === 0 ? null : unmet.join(', '));
  }
  const failed = results.filter((passed) => !passed).length;
  const path = process.env['FAULTS_RESULT'];
  if (path) writeFileSync(path, `${JSON.stringify({ seed, passed: failed === 0, scenarios }, null, 1)}\n`);
  say(`\nSeed ${seed}: ${requests} requests in ${Math.round((Date.now() - began) / 1000)} s`);
  say(`${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  say(error instanceof Error ? String(error.stack) : String(error));
  say(`${results.filter(Boolean).length} passed, ${results.filter((passed) => !passed).length + 1} failed`);
  process.exit(1);
});
