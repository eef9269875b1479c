import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { createApp } from '../src/app';
import { readPlan } from '../src/archive/plan';
import { loadConfig } from '../src/config';
import { PLAN } from './account-child';
import { startNode } from './processes';
import { compared, type Part } from './row';
import { memoryDirectory } from './running-requests';
import { compareMedians, compareTails, interleave } from './stats';

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** Longer than the app's own request budget needs to fill up again, in ms. */
const PAUSE_MS = 50;

/** The app as composed for production, on this account. It is never started. */
async function createReader(apiUrl: string) {
  const directory = memoryDirectory();
  const settings = loadConfig({
    SLACK_BOT_TOKEN: 'xoxb-1-bench',
    SLACK_APP_TOKEN: 'xapp-1-bench',
    TOLOKA_TOKEN: PLAN.token,
    TOLOKA_API_URL: apiUrl,
    JOURNAL_PATH: join(directory, 'journal.db'),
  });
  const app = await createApp(settings, { logger: QUIET });
  const environment = app.deps.environments.get(settings.defaultEnvironment);
  if (environment === undefined) throw new Error('The app has no default environment');
  const close = async () => {
    await app.close();
    rmSync(directory, { recursive: true });
  };
  return { environment, close };
}

export const plan: Part = {
  title: 'The plan of a training whose project has 10,000 pools',
  how: '`readPlan` through the real client, for a project with 9,997 archived pools and 3 closed ones that block, compared with one bare GET of 300 pools (undici, JSON parsed, connection kept open) from the same account, which runs in its own process.',
  async run({ quick }) {
    const pools = quick ? 1_000 : 10_000;
    const child = startNode(['--require', 'tsx/cjs', join(__dirname, 'account-child.ts'), String(pools)], {});
    const agent = new Agent();
    let close = async () => {};
    try {
      const apiUrl = await child.words('account ready ');
      const reader = await createReader(apiUrl);
      close = reader.close;
      const ours = () =>
        timed(async () => {
          const { pools: blocking } = await readPlan(reader.environment, PLAN.training, Date.now());
          if (blocking.length !== 3) throw new Error(`${blocking.length} pools block, not 3`);
        });
      const theirs = () =>
        timed(async () => {
          const url = `${apiUrl}/v1/pools?project_id=${PLAN.page}&limit=300&sort=id`;
          const headers = { authorization: `OAuth ${PLAN.token}` };
          const { body } = await request(url, { headers, dispatcher: agent });
          const { items } = (await body.json()) as { items: unknown[] };
          if (items.length !== 300) throw new Error(`${items.length} pools on the page, not 300`);
        });
      // The first ones open connections and warm up the compiler.
      await interleave(10, ours, theirs);
      const rounds = await interleave(quick ? 10 : 100, ours, theirs);
      return {
        rows: [
          compared('plan read, median', 'ms', compareMedians(rounds), 2),
          compared('plan read, p99', 'ms', compareTails(rounds)),
        ],
        notes: [],
      };
    } finally {
      await close();
      await agent.close();
      await child.kill();
    }
  },
};

async function timed(work: () => Promise<void>): Promise<number[]> {
  await sleep(PAUSE_MS);
  const began = performance.now();
  await work();
  return [performance.now() - began];
}
