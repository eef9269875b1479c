import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Workspace } from '../fakes/slack';
import { connectReadOnly } from '../src/journal/connect';
import { untilQuiet } from '../test/faults/quiet';
import { startWeather } from '../test/faults/weather';
import { TOKENS } from '../test/support/harness';
import { type BenchFakes, createBenchFakes } from './fakes';
import { machine } from './machine';
import { startNode } from './processes';
import { APP, soakSampler } from './programs';
import { number } from './report';
import { alone, compared, type Part, type Row } from './row';
import { startCrowd } from './soak-people';

const MINUTES = 30;
const SAMPLE_MS = 10_000;
const CHANNELS = Array.from({ length: 8 }, (_, n) => `C0${n + 1}SOAK`);
/** One connection to Slack is cut so often on average, in ms: dropped, or replaced as Slack asks for. */
const CUT_EVERY_MS = 20_000;
/** Long enough for what waits for approval to expire. */
const QUIET_MS = 10 * 60_000;
const APPROVAL_HOURS = 3 / 60;
/** Of what must not grow. */
const AIM = 1.1;
const MIB = 2 ** 20;

interface Sample {
  at: number;
  rss: number;
  heapUsed: number;
  external: number;
  files: number;
  resources: Record<string, number>;
  loop: { p50: number; p99: number; max: number };
}

/** A value at a time (epoch ms). */
type Series = [at: number, value: number][];

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The last quarter of the run against the second one: the first one is the warm-up. */
function quarters(series: Series, from: number, until: number) {
  const at = (share: number) => from + share * (until - from);
  const between = (low: number, high: number) =>
    mean(series.flatMap(([when, value]) => (when >= at(low) && when < at(high) ? [value] : [])));
  const [theirs, ours] = [between(0.25, 0.5), between(0.75, 1)];
  return { ours, theirs, ratio: ours === theirs ? 1 : ours / theirs };
}

function readSamples(path: string): { samples: Sample[]; warnings: string[] } {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const read = lines.map((line) => JSON.parse(line) as Sample | { warning: string });
  return {
    samples: read.flatMap((one) => ('warning' in one ? [] : [one])),
    warnings: read.flatMap((one) => ('warning' in one ? [one.warning] : [])),
  };
}

function seriesOf(
  samples: readonly Sample[],
  wal: Series,
): [what: string, unit: string, Series, aim?: number][] {
  const of = (value: (sample: Sample) => number): Series =>
    samples.map((sample) => [sample.at, value(sample)]);
  const kinds = [...new Set(samples.flatMap(({ resources }) => Object.keys(resources)))].sort();
  return [
    ['resident memory', 'MiB', of(({ rss }) => rss / MIB), AIM],
    ['heap in use', 'MiB', of(({ heapUsed }) => heapUsed / MIB), AIM],
    ['memory outside the heap', 'MiB', of(({ external }) => external / MIB), AIM],
    ['open files', '', of(({ files }) => files), AIM],
    ...kinds.map((kind): [string, string, Series] => [
      `active \`${kind}\``,
      '',
      of(({ resources }) => resources[kind] ?? 0),
    ]),
    ['event loop delay, median', 'ms', of(({ loop }) => loop.p50)],
    ['event loop delay, p99', 'ms', of(({ loop }) => loop.p99)],
    ['event loop delay, worst in 10 s', 'ms', of(({ loop }) => loop.max)],
    ['write-ahead log', 'KiB', wal, AIM],
  ];
}

/** Cuts connections to Slack until it is ended. Returns how many in the end. */
function startCuts({ socket }: Workspace): { end(): number } {
  let cuts = 0;
  const timer = setInterval(() => {
    const [one] = socket.connections();
    if (one === undefined) return;
    if (cuts % 2 === 0) socket.drop(one.id);
    else socket.disconnect('refresh_requested', one.id);
    cuts += 1;
  }, CUT_EVERY_MS);
  return {
    end() {
      clearInterval(timer);
      return cuts;
    },
  };
}

/** What the journal and Toloka have in the end. */
async function outcome({ account }: BenchFakes, path: string) {
  const { db } = await connectReadOnly({ path });
  try {
    const count = db.fn.countAll<number>().as('count');
    const states = await db.selectFrom('requests').select(['state', count]).groupBy('state').execute();
    const intents = await db
      .selectFrom('events')
      .innerJoin('requests', 'requests.id', 'events.request_id')
      .where('to_state', '=', 'submitting')
      .where('from_state', '!=', 'submitting')
      .select(['training_id', count])
      .groupBy('training_id')
      .execute();
    const meant = new Map(intents.map((one) => [one.training_id, one.count]));
    const surplus = account
      .trainings()
      .filter(({ id }) => account.posts(id).arrived > (meant.get(id) ?? 0)).length;
    return { states: new Map(states.map((one) => [one.state, one.count])), surplus };
  } finally {
    await db.destroy();
  }
}

/** The commit of the app that was measured. */
const commit = (): string =>
  execFileSync('git', ['log', '-1', '--format=%h', '--', '../src'], {
    cwd: __dirname,
    encoding: 'utf8',
  }).trim();

const counted = (counts: Iterable<[string, number]>): string =>
  [...counts].map(([name, n]) => `${n.toLocaleString('en-US')} ${name}`).join(', ');

async function keepUsing(minutes: number): Promise<{ rows: Row[]; notes: string[] }> {
  const fakes = await createBenchFakes({}, CHANNELS);
  const { workspace, account } = fakes;
  const journal = join(fakes.directory, 'journal.db');
  const samplesFile = join(fakes.directory, 'samples.jsonl');
  const env = fakes.env({
    ...{ TOLOKA_SANDBOX_TOKEN: TOKENS.toloka, TOLOKA_OTHER_API_URL: account.url },
    ...{ APPROVALS_SANDBOX: '1', APPROVAL_HOURS: String(APPROVAL_HOURS) },
    ...{ SOAK_SAMPLES: samplesFile, SOAK_EVERY_MS: String(Math.min(SAMPLE_MS, minutes * 1_000)) },
  });
  const app = startNode(['--expose-gc', '--require', soakSampler(), APP], env);
  try {
    await app.said('"ready"');
    const began = Date.now();
    const wal: Series = [];
    const looking = setInterval(() => wal.push([Date.now(), statSync(`${journal}-wal`).size / 1024]), 1_000);
    const weather = startWeather(workspace, account);
    const cuts = startCuts(workspace);
    const crowd = startCrowd(fakes, CHANNELS, 1);
    await sleep(minutes * 60_000);
    const ended = Date.now();
    clearInterval(looking);
    await crowd.end();
    const cut = cuts.end();
    const hits = Object.values(weather.hits());
    weather.clear();
    const unquiet = await untilQuiet({ path: journal }, QUIET_MS);
    const { states, surplus } = await outcome(fakes, journal);
    const { samples, warnings } = readSamples(samplesFile);
    const series = seriesOf(samples, wal);
    const struck = hits.reduce((sum, n) => sum + n, 0);
    const calls = workspace.calls.length + (account.exchanges.at(-1)?.n ?? 0);
    const done = states.get('succeeded') ?? 0;
    const max = (values: Series) =>
      number(Math.max(...values.flatMap(([at, value]) => (at < ended ? [value] : []))));
    return {
      rows: [
        ...series.map(([what, unit, values, aim]) =>
          compared(what, unit, quarters(values, began, ended), aim),
        ),
        alone('requests without an end, or with a card that is behind', '', unquiet, 0),
        alone('trainings with more POSTs than requests that recorded one', '', surplus, 0),
      ],
      notes: [
        `${minutes} minutes, app at commit ${commit()}, ${machine()}`,
        `${done.toLocaleString('en-US')} archives, ${((done / (ended - began)) * 1000).toFixed(2)} a second. Requests by end: ${counted(states)}.`,
        `Turns of people: ${counted(Object.entries(crowd.turns))}; in ${crowd.missed()} of them a fault left nothing to go on with.`,
        `Faults: ${struck.toLocaleString('en-US')} of ${calls.toLocaleString('en-US')} calls (${((100 * struck) / calls).toFixed(1)} %), ${hits.filter(Boolean).length} of ${hits.length} kinds; ${cut} connections to Slack cut.`,
        `The largest values: ${series.map(([what, unit, values]) => `${what} ${max(values)} ${unit}`.trim()).join(', ')}.`,
        `Warnings of Node: ${[...new Set(warnings)].join('; ') || 'none'}.`,
      ],
    };
  } finally {
    await app.kill();
    await fakes.close();
  }
}

export const soak: Part = {
  title: 'Constant use, with faults',
  how: `The built app in Socket Mode on SQLite for as long as the first note says, sampled every 10 s from inside. About one archive a second, so that it is mostly idle: people ask, confirm, cancel, approve, decline, watch, list, ask for several at once, use the picker and the Home tab. Meanwhile answers of Slack and Toloka are lost, late, refused and broken as in the fault suite, and connections to Slack are cut. "Ours" is the mean of the last quarter of the run, "peer" that of the second one, in the same process: a ratio near 1 means that nothing grows. Memory is read after a garbage collection (resident memory before it). The event loop delay is how late a timer of 10 ms is; on a busy machine other programs are most of it. Not part of \`npm run bench\` without a name. \`SOAK_MINUTES\` sets another length.`,
  byNameOnly: true,
  run: ({ quick }) => keepUsing(Number(process.env['SOAK_MINUTES'] ?? (quick ? 1 : MINUTES))),
};
