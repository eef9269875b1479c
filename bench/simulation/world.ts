import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as realSleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { createTolokaAccount } from '../../demo/toloka';
import { createTolokaClock } from '../../src/adapters/toloka-clock';
import { createTolokaGateway } from '../../src/adapters/toloka-gateway';
import { createPace } from '../../src/adapters/toloka-pace';
import type { Parts } from '../../src/archive/parts';
import type { CardPort } from '../../src/archive/ports';
import { createTracker } from '../../src/archive/tracker';
import { openJournal } from '../../src/journal/open-journal';
import { createTolokaClient } from '../../src/toloka';
import { memoryDirectory, startOperation, writeRunning } from '../running-requests';
import { CHANNEL, PROJECT } from '../stage';
import { slowJournal } from './slow-journal';
import { COSTS, slowNetwork } from './slow-network';
import { createVirtualTime } from './virtual-time';

const START = Date.UTC(2026, 0, 2, 12);
const TOKEN = 'bench';
const LIMITS = { leaseMs: 60_000, graceMs: 30_000, deadlineMs: 24 * 3_600_000 };
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
  /** GETs in all; the POSTs are the same for everybody. */
  requests: number;
  slackCalls: number;
}

/**
 * The real tracker with the real client, journal and account, in virtual time: watches these operations until the
 * last card shows the end. The tracker runs from before the first one starts.
 */
export async function watchAll(planned: readonly Planned[], random: () => number): Promise<Outcome> {
  const time = createVirtualTime(START);
  const account = await createTolokaAccount({ token: TOKEN, now: time.now, random, rateLimit: false });
  account.addProject({ id: PROJECT });
  const directory = memoryDirectory();
  const journal = await openJournal({ path: join(directory, 'journal.db') });
  const agent = new Agent();
  const outcome: Outcome = { lags: [], requests: 0, slackCalls: 0 };
  const ends = new Map<string, number>();
  const pace = createPace(100, time);
  const client = createTolokaClient({
    apiUrl: account.url,
    token: TOKEN,
    trainingPath: 'trainings',
    dispatcher: slowNetwork(agent, time, () => {
      outcome.requests += 1;
    }),
    timeouts: { readMs: LONG_MS },
    now: time.now,
    sleep: time.sleep,
    readTurn: pace.turn,
  });
  const toloka = createTolokaGateway(client, {
    ...{ platformUrl: 'https://platform.toloka.ai', readingMs: LONG_MS, pace, clock: time },
    tolokaClock: createTolokaClock(time, { warn: () => {} }),
  });
  const shown = (id: string) => {
    const end = ends.get(id);
    if (end !== undefined) outcome.lags.push(time.now() - end);
    ends.delete(id);
  };
  let ids = 0;
  const parts: Parts = {
    journal: slowJournal(journal, time),
    cards: watchedCards(async () => {
      outcome.slackCalls += 1;
      await time.sleep(COSTS.slack);
    }, shown),
    environments: new Map([['production', { name: 'production', kind: 'production', toloka }]]),
    clock: time,
    sleep: time.sleep,
    random,
    newId: () => `id-${++ids}`,
    logger: { info: () => {}, warn: () => {}, error: raise },
    limits: LIMITS,
  };
  const tracker = createTracker(parts);
  tracker.start();
  const begin = async ({ offset, length }: Planned) => {
    await time.sleep(offset);
    await time.real(async () => {
      const operation = await startOperation(account, TOKEN, length);
      ends.set(await writeRunning(journal, operation, CARD), operation.submittedAt + length);
    });
  };
  for (const one of planned) void begin(one);
  try {
    await time.run(() => outcome.lags.length === planned.length);
    return outcome;
  } finally {
    let stopped = false;
    void tracker.stop().then(() => {
      stopped = true;
    });
    await time.run(() => stopped);
    await realSleep(0);
    await Promise.all([journal.close(), client.close(), agent.close()]);
    await account.close();
    rmSync(directory, { recursive: true });
  }
}

function raise(message: string, fields?: Record<string, unknown>): void {
  throw new Error(message, { cause: fields?.['error'] });
}

/** Cards that take their time; `shown` hears of each that shows an end. */
function watchedCards(call: () => Promise<void>, shown: (id: string) => void): CardPort {
  return {
    post: async () => call().then(() => CARD),
    find: async () => call().then(() => CARD),
    update: async (request) => {
      await call();
      if (request.finishedAt !== null) shown(request.id);
    },
    addToThread: call,
    lastInThread: async () => call().then(() => 0),
    removeDoubles: call,
    tellEnd: call,
    tell: call,
  };
}
