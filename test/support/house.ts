import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { createManualClock, type ManualClock } from '../../demo/toloka';
import { createSlackCards } from '../../src/adapters/slack-cards';
import { withHolds } from '../../src/adapters/slack-holds';
import { createTolokaClock } from '../../src/adapters/toloka-clock';
import { createTolokaGateway } from '../../src/adapters/toloka-gateway';
import { createPace } from '../../src/adapters/toloka-pace';
import { createArchiveService } from '../../src/archive/archive-service';
import type { Journal } from '../../src/archive/journal-port';
import type { Limits, Parts } from '../../src/archive/parts';
import { type ArchiveRequest, isOpen } from '../../src/archive/request';
import type { Actor, Shown } from '../../src/archive/results';
import type { TolokaPort } from '../../src/archive/toloka-port';
import { createTracker } from '../../src/archive/tracker';
import { openJournal } from '../../src/journal/open-journal';
import { createTolokaClient } from '../../src/toloka';
import { ALICE, createStage, GENERAL, type Stage, TOKENS } from './stage';

export const LIMITS: Limits = { leaseMs: 60_000, graceMs: 30_000, deadlineMs: 24 * 3_600_000 };

/** The use case on real things (journal file, HTTP to both pretend services), with time in the test's hand. */
export interface House {
  stage: Stage;
  clock: ManualClock;
  parts: Parts;
  journal: Journal;
  actor: Actor;
  /** Asks and confirms as Alice; throws unless it comes to a confirmation. */
  archive(trainingId: string): Promise<ArchiveRequest>;
  /** Lets time pass and the tracker work until the request has ended and its card tells so. */
  settle(id: string, workers?: Parts): Promise<ArchiveRequest>;
  close(): Promise<void>;
}

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export async function createHouse(options: Parameters<typeof createStage>[0] = {}): Promise<House> {
  const clock = createManualClock(Date.now());
  const stage = await createStage({
    account: { now: clock.now, ...options.account },
    workspace: { now: clock.now, ...options.workspace },
  });
  const journal = await openJournal({ path: join(stage.directory, 'journal.db') });
  const tolokaClock = createTolokaClock(clock, QUIET);
  const pace = createPace(100, clock);
  const client = createTolokaClient({
    apiUrl: stage.account.url,
    token: TOKENS.toloka,
    trainingPath: 'trainings',
    timeouts: { archiveMs: 500, readMs: 2_000 },
    sleep: async (ms) => clock.advance(ms),
    now: clock.now,
    readTurn: pace.turn,
    onRequest: tolokaClock.heard,
  });
  const toloka = createTolokaGateway(client, {
    tolokaClock,
    platformUrl: 'https://platform.toloka.ai',
    readingMs: 2_000,
    clock,
    pace,
  });
  const slack = new WebClient(TOKENS.bot, {
    slackApiUrl: stage.workspace.url,
    timeout: 500,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: { ...QUIET, setLevel: () => {}, getLevel: () => 'error' as never, setName: () => {} },
  });
  let ids = 0;
  const parts: Parts = {
    journal,
    cards: withHolds(createSlackCards(slack), clock),
    environments: new Map([['production', { name: 'production', kind: 'production', toloka }]]),
    clock,
    sleep: async (ms) => clock.advance(ms),
    random: () => 0.5,
    newId: () => `id-${++ids}`,
    logger: QUIET,
    limits: LIMITS,
  };
  const service = createArchiveService(parts, async () => ({ allowed: true }));
  const actor = { user: ALICE, channel: GENERAL };

  return {
    stage,
    clock,
    parts,
    journal,
    actor,
    async archive(trainingId) {
      const asked = await service.ask(actor, { environment: 'production', trainingId });
      if (asked.kind !== 'planned') throw new Error(`Not planned: ${JSON.stringify(asked)}`);
      const confirmed = await service.confirm(actor, shownOf(asked.request), 'no longer used');
      if (confirmed.kind !== 'confirmed') throw new Error(`Not confirmed: ${JSON.stringify(confirmed)}`);
      return confirmed.request;
    },
    async settle(id, workers = parts) {
      const tracker = createTracker(workers);
      for (let ticks = 0; ticks < 400; ticks++) {
        await tracker.tick();
        const request = await journal.get(id);
        if (request && !isOpen(request.state) && request.publishAt === null) return request;
        clock.advance(500);
      }
      throw new Error(`Not settled: ${JSON.stringify(await journal.get(id))}\n${stage.workspace.dump()}`);
    },
    async close() {
      await journal.close();
      await client.close();
      await stage.close();
    },
  };
}

/** The cards of requests in a channel, as people see them. */
export const cardsIn = ({ workspace }: Stage, channel = GENERAL) =>
  workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === 'archive_card');

export const textOf = (message: object | undefined): string => JSON.stringify(message ?? null);

/** What somebody saw who looked at this request's plan. */
export const shownOf = ({ id, plan }: ArchiveRequest): Shown => ({
  requestId: id,
  fingerprint: plan.fingerprint,
});

/** The same parts, with some of what Toloka answers in production replaced. */
export function withToloka(parts: Parts, change: (toloka: TolokaPort) => Partial<TolokaPort>): Parts {
  const production = parts.environments.get('production');
  if (production === undefined) throw new Error('There is no production here');
  const toloka = { ...production.toloka, ...change(production.toloka) };
  return { ...parts, environments: new Map([['production', { ...production, toloka }]]) };
}
