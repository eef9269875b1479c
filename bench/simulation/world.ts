import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as realSleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { createTolokaAccount } from '../../fakes/toloka';
import { createApp } from '../../src/app';
import type { Cards, Deps } from '../../src/archive/ports';
import { loadConfig } from '../../src/config';
import { CHANNEL, PROJECT } from '../fakes';
import { memoryDirectory, startOperation, writeRunning } from '../running-requests';
import { slowJournal } from './slow-journal';
import { COSTS, slowNetwork } from './slow-network';
import { createVirtualTime } from './virtual-time';

const START = Date.UTC(2026, 0, 2, 12);
const TOKEN = 'bench';
const CARD = { channel: CHANNEL, ts: '1.000001' };
/** In real time, which hardly passes here. */
const LONG_MS = 600_000;

/** One operation to come: when it starts after the beginning, and how long it takes, in ms. */
export interface Planned {
  offset: number;
  length: number;
}

export interface Outcome {
  lags: number[];
  /** GETs in all. The POSTs are the same for every way of following. */
  requests: number;
  slackCalls: number;
}

/**
 * Runs the real worker, client and journal and the demo's account in virtual time, from before the first operation
 * starts until the last card shows its end.
 */
export async function followAll(planned: readonly Planned[], random: () => number): Promise<Outcome> {
  const time = createVirtualTime(START);
  const account = await createTolokaAccount({ token: TOKEN, now: time.now, random, rateLimit: false });
  account.addProject({ id: PROJECT });
  const directory = memoryDirectory();
  const agent = new Agent();
  const outcome: Outcome = { lags: [], requests: 0, slackCalls: 0 };
  const ends = new Map<string, number>();
  const cards = slowCards(
    async () => {
      outcome.slackCalls += 1;
      await time.sleep(COSTS.slack);
    },
    (id) => {
      const end = ends.get(id);
      if (end !== undefined) outcome.lags.push(time.now() - end);
      ends.delete(id);
    },
  );
  let real: Deps | undefined;
  let ids = 0;
  const app = await createApp(settings(account.url, join(directory, 'journal.db')), {
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: raise },
    ...{ clock: time, sleep: time.sleep, random, readMs: LONG_MS },
    newId: () => `id-${++ids}`,
    dispatcher: slowNetwork(agent, time, () => {
      outcome.requests += 1;
    }),
    deps: (wired) => {
      real = wired;
      return { ...wired, journal: slowJournal(wired.journal, time), cards };
    },
  });
  app.worker.start();
  const begin = async ({ offset, length }: Planned) => {
    await time.sleep(offset);
    await time.real(async () => {
      const operation = await startOperation(account, TOKEN, length);
      const { journal } = real ?? app.deps;
      ends.set(await writeRunning(journal, operation, CARD), operation.submittedAt + length);
    });
  };
  for (const one of planned) void begin(one);
  try {
    await time.run(() => outcome.lags.length === planned.length);
    return outcome;
  } finally {
    let stopped = false;
    void app.worker.stop().then(() => {
      stopped = true;
    });
    await time.run(() => stopped);
    await realSleep(0);
    await app.close();
    await agent.close();
    await account.close();
    rmSync(directory, { recursive: true });
  }
}

const settings = (tolokaUrl: string, journalPath: string) =>
  loadConfig({
    SLACK_BOT_TOKEN: 'xoxb-1-bench',
    SLACK_APP_TOKEN: 'xapp-1-bench',
    TOLOKA_TOKEN: TOKEN,
    TOLOKA_API_URL: tolokaUrl,
    ARCHIVE_ALLOW: '*',
    JOURNAL_PATH: journalPath,
  });

function raise(message: string, fields?: Record<string, unknown>): void {
  throw new Error(message, { cause: fields?.['error'] });
}

/** Cards that take virtual time. `ended` is called with the ID of each request whose card shows its end. */
function slowCards(call: () => Promise<void>, ended: (id: string) => void): Cards {
  return {
    reach: async () => 'yes',
    link: async () => null,
    post: async () => call().then(() => CARD),
    find: async () => call().then(() => CARD),
    update: async ([request]) => {
      await call();
      if (request.finishedAt !== null) ended(request.id);
    },
    addToThread: call,
    closeThread: call,
    callApprovers: call,
    lastInThread: async () => call().then(() => ({ seq: 0, sum: 0, call: 0 })),
    removeDuplicates: call,
    notifyRequester: call,
  };
}
