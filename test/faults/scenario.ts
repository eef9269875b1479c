import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/app-process';
import { createStage, type Stage, TOKENS } from '../support/stage';
import { startChaos } from './chaos';
import type { Act, Evidence } from './evidence';
import { gather } from './gather';
import { dealJobs } from './jobs';
import { work } from './people';
import { untilQuiet } from './quiet';
import type { Random } from './random';
import { type Replicas, startReplicas } from './replicas';
import { startWeather } from './weather';

export interface Scenario {
  name: string;
  replicas: number;
  mode: 'socket' | 'http';
  jobs: number;
  people: number;
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

const CHANNELS = ['C10A', 'C11B', 'C12C', 'C13D', 'C14E', 'C15F'];
/** A slow machine gets less done; nothing new begins after this. */
const LOAD_LIMIT_MS = 200_000;
const QUIET_LIMIT_MS = 90_000;

/** One run of the load under faults, until all is quiet. */
export async function play(scenario: Scenario, random: Random): Promise<Played> {
  const users = Array.from({ length: scenario.people }, (_, i) => `U${100 + i}`);
  const stage = await createStage({
    account: { seed: () => {}, random: random.stream('toloka').next, exchangeLimit: 1_000_000 },
    workspace: {
      random: random.stream('slack').next,
      people: users.map((id) => ({ id, name: `person-${id}` })),
      channels: CHANNELS.map((id) => ({ id, name: id.toLowerCase(), members: users, bot: true })),
    },
  });
  const replicas = await launch(scenario, stage);
  const { workspace, account } = stage;
  const acts: Act[] = [];
  try {
    await replicas.ready();
    const began = Date.now();
    const dealt = dealJobs(account, random.stream('jobs'), {
      jobs: scenario.jobs,
      people: users,
      channels: CHANNELS,
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
    const crowd = { workspace, account, acts, until: began + LOAD_LIMIT_MS };
    const people = [...dealt].map(([user, jobs]) => work(crowd, user, jobs, random.stream(user)));
    await Promise.all(people);
    await chaos.end();
    const hits = weather.hits();
    weather.clear();
    workspace.redeliverEach(0);
    await replicas.ready();
    const loaded = Date.now();
    const place = {
      path: join(stage.directory, 'journal.db'),
      databaseUrl: scenario.database?.url,
    };
    const unquiet = await untilQuiet(place, QUIET_LIMIT_MS);
    const quiet = Date.now();
    await replicas.end();
    const secrets = { ...TOKENS, ...scenario.database?.secrets };
    const evidence = await gather({ workspace, account, replicas, place, channels: CHANNELS, acts, secrets });
    return {
      evidence,
      hits,
      unquiet,
      loadMs: loaded - began,
      quietMs: quiet - loaded,
      keep: (directory) => keep(directory, stage, replicas, evidence),
    };
  } finally {
    replicas.abandon();
    await stage.close();
  }
}

async function launch(scenario: Scenario, stage: Stage): Promise<Replicas> {
  const ports = await Promise.all(Array.from({ length: scenario.replicas }, freePort));
  if (scenario.mode === 'http')
    stage.workspace.setRequestUrl(ports.map((port) => `http://127.0.0.1:${port}/slack/events`));
  const envs = ports.map((port, i) => {
    const env = stage.env({
      PORT: String(port),
      LEASE_SECONDS: String(scenario.leaseS),
      UNKNOWN_GRACE_SECONDS: '2',
      // A read may take a sixth of the lease, which is short here; a queue for the budget would use that up.
      TOLOKA_REQUESTS_PER_SECOND: '1000',
      // One of them says all it knows, so that secrets are looked for there too; all of them would be slow.
      LOG_LEVEL: i === 0 ? 'debug' : 'info',
      ...(scenario.database && { DATABASE_URL: scenario.database.url }),
    });
    if (scenario.mode === 'socket') return env;
    const { SLACK_APP_TOKEN: _, ...rest } = env;
    return { ...rest, SLACK_SIGNING_SECRET: TOKENS.signing };
  });
  return startReplicas(envs);
}

function keep(
  directory: string,
  { workspace, account }: Stage,
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
