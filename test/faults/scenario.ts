import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sent } from '../../fakes/slack';
import { freePort } from '../support/free-port';
import { createFakes, type Fakes, GROUP, TOKENS } from '../support/harness';
import { startAdmin } from './admin';
import { startApproving } from './approvers';
import { startChaos } from './chaos';
import type { Evidence } from './evidence';
import { ran } from './excuses';
import { callerOf, connectionsOf, createDeliveryOf, gather, watchTrainings } from './gather';
import { dealJobs } from './jobs';
import { ANSWER_ENOUGH_LEASES } from './judge-acts';
import { type RawAct, work } from './people';
import { untilQuiet } from './quiet';
import type { Random } from './random';
import { type Replicas, startReplicas } from './replicas';
import { createRights } from './rights';
import { startWeather } from './weather';

export interface Scenario {
  name: string;
  replicas: number;
  mode: 'socket' | 'http';
  jobs: number;
  people: number;
  /** How many other people must approve what is for the guarded environment. */
  approvals: number;
  /** PostgreSQL instead of a SQLite file, and what of its address must never be seen. */
  database?: { url: string; secrets: Record<string, string> };
  /** From one disturbance of the processes to the next, in ms, with leases of 3 s. */
  pause: [number, number];
  leaseS: number;
}

export interface Played {
  evidence: Evidence;
  hits: Record<string, number>;
  /** Requests without an end, or with a card that is behind, when the time for it was over. */
  unquiet: number;
  loadMs: number;
  quietMs: number;
  /** Writes everything that there is into a directory. */
  keep(directory: string): void;
}

const ALLOWED = ['C10A', 'C11B', 'C12C', 'C13D', 'C14E', 'C15F'];
/** The app is in it, but it may not be used for archiving. */
const ELSEWHERE = 'C16G';
/** May pause and resume, and asks for nothing. */
const ADMIN = 'U99';
const CHANNELS = [...ALLOWED, ELSEWHERE];
const APPROVERS = 'S02APPROVERS';
/** They only approve. Those who ask may approve too. */
const APPROVING = Array.from({ length: 6 }, (_, i) => `U${200 + i}`);
/** Long enough for those who look at cards, and over before the time for it to be quiet is, in s. */
const APPROVAL_S = 50;
/** A slow machine gets less done; nothing new begins after this. */
const LOAD_LIMIT_MS = 200_000;
const QUIET_LIMIT_MS = 90_000;

/** One run of the load under faults, until all is quiet. */
export async function play(scenario: Scenario, random: Random): Promise<Played> {
  const users = Array.from({ length: scenario.people }, (_, i) => `U${100 + i}`);
  const everybody = [...users, ...APPROVING];
  const fakes = await createFakes({
    account: { seed: () => {}, random: random.stream('toloka').next, exchangeLimit: 1_000_000 },
    workspace: {
      random: random.stream('slack').next,
      people: [...everybody, ADMIN].map((id) => ({ id, name: `person-${id}` })),
      userGroups: [
        { id: GROUP, handle: 'archivists', users },
        { id: APPROVERS, handle: 'approvers', users: everybody },
      ],
      channels: CHANNELS.map((id) => ({
        id,
        name: id.toLowerCase(),
        members: [...everybody, ADMIN],
        bot: true,
      })),
    },
  });
  const { replicas, addresses } = await launch(scenario, fakes);
  const { workspace, account } = fakes;
  const rights = createRights(workspace, GROUP, users);
  const approverRights = createRights(workspace, APPROVERS, everybody);
  const trainingHistory = watchTrainings(account);
  const acts: RawAct[] = [];
  try {
    await replicas.ready();
    const began = Date.now();
    const dealt = dealJobs(account, random.stream('jobs'), {
      jobs: scenario.jobs,
      people: users,
      channels: ALLOWED,
      elsewhere: ELSEWHERE,
    });
    const weather = startWeather(workspace, account);
    workspace.redeliverEach(0.05);
    const chaos = startChaos({
      workspace,
      account,
      replicas,
      random: random.stream('chaos'),
      leaseMs: scenario.leaseS * 1000,
      pause: scenario.pause.map((ms) => (ms * scenario.leaseS) / 3) as [number, number],
      sockets: scenario.mode === 'socket',
    });
    const patienceMs = (ANSWER_ENOUGH_LEASES + 0.5) * scenario.leaseS * 1000;
    const mayAnswer = (sent: readonly Sent[]) => {
      const deliveryOf = createDeliveryOf(connectionsOf(workspace), replicas.lives, addresses);
      return sent.map(deliveryOf).some(({ process, at }) => {
        const life = replicas.lives.find((one) => one.process === process);
        return life !== undefined && life.killedAt === null && ran(life, at, Date.now()) < patienceMs;
      });
    };
    const until = began + LOAD_LIMIT_MS;
    const crowd = { workspace, account, rights, acts, mayAnswer, until, paused: false };
    const admin = startAdmin(crowd, {
      ...{ user: ADMIN, channel: ALLOWED[0] as string },
      ...{ random: random.stream('admin'), leaseMs: scenario.leaseS * 1000 },
    });
    const people = [...dealt].map(([user, jobs]) => work(crowd, user, jobs, random.stream(user)));
    const approving = startApproving({
      ...{ crowd, people: APPROVING, rights: approverRights, channels: ALLOWED },
      random: random.stream('approvers'),
    });
    await Promise.all(people);
    await approving.end();
    await chaos.end();
    const hits = weather.hits();
    weather.clear();
    workspace.redeliverEach(0);
    await replicas.ready();
    await admin.end();
    const loaded = Date.now();
    const journal = {
      path: join(fakes.directory, 'journal.db'),
      databaseUrl: scenario.database?.url,
    };
    const unquiet = await untilQuiet(journal, QUIET_LIMIT_MS);
    const quiet = Date.now();
    await replicas.end();
    const secrets = { ...TOKENS, ...scenario.database?.secrets };
    const evidence = await gather({
      ...{ workspace, account, replicas, journal, addresses, acts, secrets, trainingHistory },
      channels: { all: CHANNELS, allowed: ALLOWED },
      leaseMs: scenario.leaseS * 1000,
      absences: rights.absences(),
      approvals: {
        ...{ environment: 'sandbox', needed: scenario.approvals, absences: approverRights.absences() },
      },
    });
    return {
      evidence,
      hits,
      unquiet,
      loadMs: loaded - began,
      quietMs: quiet - loaded,
      keep: (directory) => keep(directory, fakes, replicas, evidence),
    };
  } finally {
    replicas.abandon();
    await fakes.close();
  }
}

async function launch(
  scenario: Scenario,
  fakes: Fakes,
): Promise<{ replicas: Replicas; addresses: string[] }> {
  const { workspace, account } = fakes;
  const ports = await Promise.all(Array.from({ length: scenario.replicas }, freePort));
  const addresses = ports.map((port) => `http://127.0.0.1:${port}/slack/events`);
  if (scenario.mode === 'http') workspace.setRequestUrl(addresses);
  const envFor = (replica: number, process: number) => {
    const env = fakes.env({
      SLACK_API_URL: workspace.urlFor(callerOf(process)),
      TOLOKA_API_URL: account.urlFor(callerOf(process)),
      ARCHIVE_ALLOW: GROUP,
      // The same account by another name: what is guarded and what is not are different trainings.
      TOLOKA_SANDBOX_TOKEN: TOKENS.toloka,
      TOLOKA_OTHER_API_URL: account.urlFor(callerOf(process)),
      APPROVALS_SANDBOX: String(scenario.approvals),
      APPROVE_ALLOW: APPROVERS,
      APPROVAL_HOURS: String(APPROVAL_S / 3_600),
      ARCHIVE_CHANNELS: ALLOWED.join(','),
      ADMIN_ALLOW: ADMIN,
      PORT: String(ports[replica]),
      LEASE_SECONDS: String(scenario.leaseS),
      UNKNOWN_GRACE_SECONDS: '3',
      // A read may take a sixth of the lease, which is short here; a queue for the budget would use that up.
      TOLOKA_REQUESTS_PER_SECOND: '1000',
      // One of them says all it knows, so that secrets are looked for there too; all of them would be slow.
      LOG_LEVEL: replica === 0 ? 'debug' : 'info',
      ...(scenario.database && { DATABASE_URL: scenario.database.url }),
    });
    if (scenario.mode === 'socket') return env;
    const { SLACK_APP_TOKEN: _, ...rest } = env;
    return { ...rest, SLACK_SIGNING_SECRET: TOKENS.signing };
  };
  return { replicas: startReplicas(scenario.replicas, envFor), addresses };
}

function keep(
  directory: string,
  { workspace, account }: Fakes,
  replicas: Replicas,
  evidence: Evidence,
): void {
  mkdirSync(directory, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  const lines = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).join('\n');
  write('evidence.json', JSON.stringify(evidence, null, 1));
  write('slack-calls.jsonl', lines(workspace.calls));
  write('toloka-exchanges.jsonl', lines(account.exchanges));
  replicas.outputs().forEach((output, i) => void write(`process-${i}.log`, output));
}
