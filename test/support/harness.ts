import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkspace, type Workspace, type WorkspaceOptions } from '../../fakes/slack';
import {
  createManualClock,
  createTolokaAccount,
  type ManualClock,
  seedDemo,
  type TolokaAccount,
  type TolokaAccountOptions,
} from '../../fakes/toloka';
import { createApp } from '../../src/app';
import type { Asked, Confirmed, Shown, Target } from '../../src/archive/answers';
import type { Deps, Limits, Toloka } from '../../src/archive/ports';
import type { Denial } from '../../src/archive/request';
import { type ArchiveRequest, isOpen } from '../../src/archive/request';
import type { Actor, ArchiveService } from '../../src/archive/service';
import { createWorker } from '../../src/archive/worker';
import { loadConfig } from '../../src/config';
import { openAudit } from '../../src/journal/audit';
import { createLogger } from '../../src/logger';
import { readModalState } from '../../src/messages/modal-state';

export const ALICE = 'U01ALICE';
export const BOB = 'U02BOB';
export const GENERAL = 'C01GENERAL';
export const ELSEWHERE = 'C02ELSEWHERE';
export const GROUP = 'S01TEAM';
export const TOKENS = {
  bot: 'xoxb-1-stage-bot',
  app: 'xapp-1-stage-app',
  signing: 'stage-signing-secret',
  toloka: 'stage-toloka-token',
};
/** What the harness runs with. */
export const LIMITS: Limits = { leaseMs: 60_000, graceMs: 30_000, deadlineMs: 24 * 3_600_000 };

/** A Slack workspace and a Toloka account on loopback, with a directory for the journal. */
export interface Fakes {
  workspace: Workspace;
  account: TolokaAccount;
  /** Deleted with the fakes. */
  directory: string;
  /** The environment that points the app at these fakes. */
  env(more?: Record<string, string>): Record<string, string>;
  close(): Promise<void>;
}

interface FakesOptions {
  account?: Partial<TolokaAccountOptions>;
  workspace?: Partial<WorkspaceOptions>;
}

/** Starts the fakes with the trainings of the demo. An archive takes 300 ms. */
export async function createFakes({ account: a, workspace: w }: FakesOptions = {}): Promise<Fakes> {
  const account = await createTolokaAccount({
    token: TOKENS.toloka,
    operationMs: 300,
    rateLimit: false,
    seed: seedDemo,
    ...a,
  });
  const workspace = await createWorkspace({
    botToken: TOKENS.bot,
    appToken: TOKENS.app,
    signingSecret: TOKENS.signing,
    people: [
      { id: ALICE, name: 'alice' },
      { id: BOB, name: 'bob' },
    ],
    channels: [
      { id: GENERAL, name: 'general', members: [ALICE, BOB], bot: true },
      { id: ELSEWHERE, name: 'elsewhere', members: [ALICE], bot: false },
    ],
    userGroups: [{ id: GROUP, handle: 'archivists', users: [ALICE] }],
    commands: [{ command: '/toloka-archive' }],
    shortcuts: [{ callbackId: 'archive_pick', name: 'Archive trainings' }],
    ...w,
  });
  const directory = mkdtempSync(join(tmpdir(), 'archive-test-'));
  return {
    workspace,
    account,
    directory,
    env: (more = {}) => ({
      SLACK_BOT_TOKEN: TOKENS.bot,
      SLACK_APP_TOKEN: TOKENS.app,
      SLACK_API_URL: workspace.url,
      TOLOKA_TOKEN: TOKENS.toloka,
      TOLOKA_API_URL: account.url,
      ARCHIVE_ALLOW: '*',
      JOURNAL_PATH: join(directory, 'journal.db'),
      PORT: '0',
      LOG_LEVEL: 'debug',
      LEASE_SECONDS: '30',
      UNKNOWN_GRACE_SECONDS: '1',
      ...more,
    }),
    async close() {
      await Promise.all([workspace.close(), account.close()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The app, composed as in production, on a real journal file and the fakes, with a clock that the test moves. */
export interface Harness extends Omit<Fakes, 'close'> {
  clock: ManualClock;
  app: Awaited<ReturnType<typeof createApp>>;
  deps: Deps;
  journal: Deps['journal'];
  service: Awaited<ReturnType<typeof createApp>>['service'];
  /** Alice in #general. */
  actor: Actor;
  /** The lines of the log. */
  log: string[];
  /** Asks and confirms as Alice through the service. Throws unless it is confirmed. */
  archive(trainingId: string): Promise<ArchiveRequest>;
  /** Lets time pass and a worker run until the request has ended and its card is up to date. */
  settle(id: string, deps?: Deps): Promise<ArchiveRequest>;
  /** What was denied, newest first. */
  denials(): Promise<Denial[]>;
  close(): Promise<void>;
}

interface HarnessOptions extends FakesOptions {
  /** The time limit of the POST, in ms. */
  archiveMs?: number;
  env?: Record<string, string>;
  deps?: (deps: Deps) => Deps;
}

export async function createHarness(options: HarnessOptions = {}): Promise<Harness> {
  const clock = createManualClock(Date.now());
  const { close, ...fakes } = await createFakes({
    account: { now: clock.now, ...options.account },
    workspace: { now: clock.now, ...options.workspace },
  });
  const env = {
    LEASE_SECONDS: String(LIMITS.leaseMs / 1000),
    UNKNOWN_GRACE_SECONDS: String(LIMITS.graceMs / 1000),
    ...options.env,
  };
  const log: string[] = [];
  let ids = 0;
  const app = await createApp(loadConfig(fakes.env(env)), {
    logger: createLogger({
      level: 'debug',
      redact: (text) => text,
      write: (line) => log.push(line),
      now: Date.now,
    }),
    clock,
    sleep: async (ms) => clock.advance(ms),
    random: () => 0.5,
    newId: () => `id-${++ids}`,
    callMs: 1_000,
    readMs: 2_000,
    archiveMs: options.archiveMs ?? 500,
    ...(options.deps && { deps: options.deps }),
  });
  const { deps, service } = app;
  const { journal } = deps;
  const actor = { user: ALICE, channel: GENERAL, team: 'T0TEAM' };
  return {
    ...{ ...fakes, clock, app, deps, journal, service, actor, log },
    async archive(trainingId) {
      const asked = await askOne(service, actor, { environment: 'production', trainingId });
      if (asked.kind !== 'planned') throw new Error(`Not planned: ${JSON.stringify(asked)}`);
      const confirmed = await confirmOne(service, actor, shownOf(asked.request), 'no longer used');
      if (confirmed.kind !== 'confirmed') throw new Error(`Not confirmed: ${JSON.stringify(confirmed)}`);
      return confirmed.request;
    },
    async settle(id, settling = deps) {
      const worker = createWorker(settling);
      for (let ticks = 0; ticks < 400; ticks++) {
        await worker.tick();
        const request = await journal.get(id);
        if (request && !isOpen(request.state) && request.publishAt === null) return request;
        clock.advance(500);
      }
      throw new Error(`Not settled: ${JSON.stringify(await journal.get(id))}\n${fakes.workspace.dump()}`);
    },
    async denials() {
      const audit = await openAudit({ path: join(fakes.directory, 'journal.db') });
      const denials = await audit.denials({});
      await audit.close();
      return denials;
    },
    async close() {
      await app.worker.stop();
      await app.close();
      await close();
    },
  };
}

/** Asks for one training. */
export async function askOne(
  service: ArchiveService,
  actor: Actor,
  target: Target & { retryOf?: string },
): Promise<Asked> {
  const asked = await service.ask(actor, [target]);
  if (asked.kind === 'denied') return asked;
  const [one] = asked.each;
  if (one === undefined) throw new Error('No answer');
  return one;
}

/** Confirms one plan, and waits for what that began. */
export async function confirmOne(
  service: ArchiveService,
  actor: Actor,
  shown: Shown,
  reason: string,
): Promise<Confirmed> {
  const confirmed = await service.confirm(actor, [shown], reason);
  await confirmed.done;
  if (confirmed.kind === 'denied') return confirmed;
  const [one] = confirmed.each;
  if (one === undefined) throw new Error('No answer');
  if (one.kind !== 'confirmed') return one;
  return { ...one, request: (await service.requestOf(one.request.id)) ?? one.request };
}

/** A harness that is connected to Slack by Socket Mode, with Alice in front of it. */
export interface ConnectedHarness extends Harness {
  alice: ReturnType<Workspace['person']>;
  /** Types a command as Alice. Returns the screen when it is answered. */
  ask(text: string, channel?: string): Promise<string>;
  /** What is on Alice's screen: her modal, or her newest private message. */
  screen(): string;
  /** Fills in the modal as it asks, and submits it. Returns the screen when it is answered. */
  confirm(values?: { reason?: string; typedId?: string }): Promise<string>;
  /** Resolves with the screen when no click or command is in progress. */
  settled(): Promise<string>;
  /** The newest card, as people see it. Empty when there is none. */
  card(channel?: string): string;
}

export async function connectHarness(options: HarnessOptions = {}): Promise<ConnectedHarness> {
  const harness = await createHarness({
    ...options,
    env: { ARCHIVE_ALLOW: `${ALICE},${GROUP}`, ...options.env },
  });
  const { app, workspace } = harness;
  await app.slack.start();
  const alice = workspace.person(ALICE);
  const screen = () => workspace.renderText(alice.modal() ?? workspace.ephemerals(ALICE).at(-1) ?? {});
  const settled = async () => {
    await app.inFlight.drained();
    return screen();
  };
  return {
    ...harness,
    alice,
    screen,
    settled,
    async ask(text, channel = GENERAL) {
      await alice.command(text, { channel });
      return settled();
    },
    async confirm({ reason = 'not used any more', typedId } = {}) {
      const items = readModalState(alice.modal()?.private_metadata ?? '')?.items ?? [];
      const [first] = items;
      const ready = items.filter(({ requestId }) => requestId !== undefined).length;
      await alice.fill('Reason', reason);
      if (items.length > 1) await alice.fill('Type the number of trainings to confirm', `${ready}`);
      else await alice.fill('Type the training ID to confirm', typedId ?? first?.trainingId ?? '');
      await alice.submit({ force: true });
      return settled();
    },
    card: (channel = GENERAL) => workspace.renderText(cardsIn(harness, channel).at(-1) ?? {}),
    async close() {
      await app.slack.stop();
      await app.inFlight.drained();
      await harness.close();
    },
  };
}

/** The cards of requests in a channel, as people see them. */
export const cardsIn = ({ workspace }: Pick<Fakes, 'workspace'>, channel = GENERAL) =>
  workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === 'archive_card');

export const textOf = (message: object | undefined): string => JSON.stringify(message ?? null);

/** What a person saw who looked at this request's plan. */
export const shownOf = ({ id, plan }: ArchiveRequest): Shown => ({
  requestId: id,
  fingerprint: plan.fingerprint,
});

/** The same dependencies, with some of what Toloka answers in production replaced. */
export function withToloka(deps: Deps, change: (toloka: Toloka) => Partial<Toloka>): Deps {
  const production = deps.environments.get('production');
  if (production === undefined) throw new Error('There is no production here');
  const toloka = { ...production.toloka, ...change(production.toloka) };
  return { ...deps, environments: new Map([['production', { ...production, toloka }]]) };
}
