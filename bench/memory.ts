import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { type BenchFakes, CHANNEL, createBenchFakes } from './fakes';
import { residentKiB, startNode } from './processes';
import { APP } from './programs';
import { alone, type Part } from './row';
import { type Operation, startOperation, writeJournal } from './running-requests';
import { interleave, median } from './stats';

/** The largest page of operations that Toloka gives. */
const PAGE = 500;
const AT_ONCE = 50;
const SAMPLES = 5;

async function fill(fakes: BenchFakes, count: number): Promise<Operation[]> {
  const operations: Operation[] = [];
  while (operations.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - operations.length) }, () =>
      startOperation(fakes.account, fakes.token, Number.POSITIVE_INFINITY),
    );
    operations.push(...(await Promise.all(some)));
  }
  return operations;
}

async function postCard({ workspace, env }: BenchFakes) {
  const client = new WebClient(env()['SLACK_BOT_TOKEN'], { slackApiUrl: workspace.url });
  const { ts } = await client.chat.postMessage({ channel: CHANNEL, text: 'A card for all of them' });
  return { channel: CHANNEL, ts: ts ?? '' };
}

/** Starts the app on a copy of a journal. Returns its memory after a while, and how long all operations took to be read. */
async function runOn(fakes: BenchFakes, journal: string | null, count: number, settleMs: number) {
  const path = join(fakes.directory, `run-${performance.now()}.db`);
  if (journal !== null) copyFileSync(journal, path);
  const reads = countReads(fakes, count);
  const app = startNode([APP], fakes.env({ JOURNAL_PATH: path }));
  try {
    await app.said('"ready"');
    const resumedAt = journal === null ? app.startedAt : await reads.all();
    await sleep(settleMs);
    const samples: number[] = [];
    for (let n = 0; n < SAMPLES; n++) {
      samples.push(residentKiB(app));
      await sleep(settleMs / SAMPLES);
    }
    return { kiB: median(samples), resumedMs: resumedAt - app.startedAt };
  } finally {
    reads.stop();
    await app.kill();
  }
}

/** Waits until every operation was read, by itself or on a page of the open ones. */
function countReads({ account }: BenchFakes, count: number) {
  let seen = 0;
  let done: (at: number) => void = () => {};
  const all = new Promise<number>((resolve) => {
    done = resolve;
  });
  const stop = account.on('exchange', ({ method, path, query, status }) => {
    if (method !== 'GET' || status !== 200 || !path.includes('/operations')) return;
    if (!path.endsWith('/operations')) seen += 1;
    else if (query.includes('status=RUNNING') && query.includes('submitted_gte')) seen += PAGE;
    if (seen >= count) done(performance.now());
  });
  return { all: () => all, stop };
}

export const memory: Part = {
  title: 'Memory for each open request, and time to resume all of them after a start',
  how: 'The built app on a SQLite journal with 10,000 running requests, and on an empty one, in turn. Resident memory (`VmRSS`) is the median of five readings, from 10 s after all requests are resumed. They are resumed when Toloka has answered about each operation, by itself or on a page of open ones; that time counts from `spawn`.',
  async run({ quick }) {
    const count = quick ? 600 : 10_000;
    const fakes = await createBenchFakes();
    try {
      const journal = join(fakes.directory, 'prepared.db');
      await writeJournal(journal, await fill(fakes, count), await postCard(fakes));
      const resumed: number[] = [];
      const settleMs = quick ? 500 : 10_000;
      const runs = await interleave(
        quick ? 1 : 5,
        async () => {
          const { kiB, resumedMs } = await runOn(fakes, journal, count, settleMs);
          resumed.push(resumedMs);
          return [kiB];
        },
        async () => [(await runOn(fakes, null, count, settleMs)).kiB],
      );
      const each = runs.ours.map((kiB, round) => (median(kiB) - median(runs.theirs[round] ?? [])) / count);
      return {
        rows: [
          alone('memory for each open request', 'KiB', median(each), 4),
          alone('start to all of them resumed', 's', median(resumed) / 1000, 2),
        ],
        notes: [
          `${count.toLocaleString('en-US')} running requests: ${Math.round(median(runs.ours.flat()) / 1024)} MiB resident; none: ${Math.round(median(runs.theirs.flat()) / 1024)} MiB. From round to round ${each.map((one) => one.toFixed(2)).join(', ')} KiB each.`,
        ],
      };
    } finally {
      await fakes.close();
    }
  },
};
