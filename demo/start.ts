/**
 * Everything that the demo runs: a Slack workspace and a Toloka account on loopback, and the real app between them.
 * Nothing leaves this machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkspace, type Workspace } from '../fakes/slack';
import {
  createTolokaAccount,
  seedDemo,
  type TolokaAccount,
  type TolokaAccountOptions,
} from '../fakes/toloka';
import { type DemoApp, startDemoApp } from './app';
import { readManifest } from './manifest';
import { APP_NAME } from './page/people';

/** Who the visitor can be. Alice may archive; Bob may not, but approves what others archive in the sandbox. */
export const PEOPLE = { alice: 'U01ALICE', bob: 'U02BOB' } as const;
/** Plays the story, and may archive. Not for the visitor, who could close the story's window. */
export const DANA = 'U03DANA';
/** The app was invited to the first channel only. */
export const CHANNELS = { operations: 'C01OPS', random: 'C02RANDOM' } as const;
/** They work in this demo only. */
const TOKENS = {
  bot: 'xoxb-1-demo-bot',
  app: 'xapp-1-demo-app',
  toloka: 'demo-toloka-token',
  sandbox: 'demo-sandbox-token',
};

export interface DemoOptions {
  /** How long an archive takes in Toloka, unless its training says otherwise. @default 5000, long enough to see the card change */
  operationMs?: number;
  /** @default free ones */
  ports?: { slack?: number; toloka?: number; app?: number };
  /** Added to the app's settings. */
  env?: Record<string, string>;
  account?: Partial<TolokaAccountOptions>;
  /** Called with each line of the app's output. */
  onAppLine?: (line: string) => void;
}

export interface Demo {
  readonly workspace: Workspace;
  readonly account: TolokaAccount;
  /** Toloka's sandbox, with trainings of the same IDs. */
  readonly sandbox: TolokaAccount;
  readonly app: DemoApp;
  /** The journal of the running app. */
  readonly journalPath: string;
  /** Restarts the app with an empty journal. `clear` runs after the old process has ended. */
  renew(clear: () => Promise<void>): Promise<void>;
  /** Stops the app, then both fakes. Safe to call twice. */
  close(): Promise<void>;
}

export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { operationMs = 5_000, ports = {}, env = {} } = options;
  const directory = mkdtempSync(join(tmpdir(), 'toloka-archive-demo-'));
  const toloka = { operationMs, seed: seedDemo, ...options.account };
  const account = await createTolokaAccount({ token: TOKENS.toloka, port: ports.toloka ?? 0, ...toloka });
  const sandbox = await createTolokaAccount({ token: TOKENS.sandbox, ...toloka });
  const workspace = await createWorkspace({
    port: ports.slack ?? 0,
    botToken: TOKENS.bot,
    appToken: TOKENS.app,
    botName: APP_NAME,
    ...readManifest(),
    people: [
      { id: PEOPLE.alice, name: 'alice', realName: 'Alice' },
      { id: PEOPLE.bob, name: 'bob', realName: 'Bob' },
      { id: DANA, name: 'dana', realName: 'Dana' },
    ],
    channels: [
      { id: CHANNELS.operations, name: 'training-ops', members: [...Object.values(PEOPLE), DANA], bot: true },
      { id: CHANNELS.random, name: 'random', members: Object.values(PEOPLE), bot: false },
    ],
  });
  const closeRest = async () => {
    await Promise.all([workspace.close(), account.close(), sandbox.close()]);
    rmSync(directory, { recursive: true, force: true });
  };
  let runs = 0;
  const journalPath = () => join(directory, `journal-${runs}.db`);
  try {
    const app = await startDemoApp({
      directory,
      onLine: options.onAppLine,
      env: () => ({
        SLACK_BOT_TOKEN: TOKENS.bot,
        SLACK_APP_TOKEN: TOKENS.app,
        SLACK_API_URL: workspace.url,
        TOLOKA_TOKEN: TOKENS.toloka,
        TOLOKA_API_URL: account.url,
        TOLOKA_SANDBOX_TOKEN: TOKENS.sandbox,
        TOLOKA_OTHER_API_URL: sandbox.url,
        ARCHIVE_ALLOW: [PEOPLE.alice, DANA].join(),
        ADMIN_ALLOW: PEOPLE.alice,
        // The sandbox shows approvals. Production stays as simple as the story.
        APPROVALS_SANDBOX: '1',
        APPROVE_ALLOW: Object.values(PEOPLE).join(),
        JOURNAL_PATH: journalPath(),
        HOST: '127.0.0.1',
        PORT: String(ports.app ?? 0),
        // Shorter than the defaults, so that nobody waits a minute for what the app does after it was killed.
        LEASE_SECONDS: '6',
        UNKNOWN_GRACE_SECONDS: '4',
        ...env,
      }),
    });
    let closing: Promise<void> | undefined;
    const close = () => {
      closing ??= app.stop().then(closeRest);
      return closing;
    };
    const renew = async (clear: () => Promise<void>) => {
      runs += 1;
      await app.restart(clear);
    };
    return {
      ...{ workspace, account, sandbox, app, renew, close },
      get journalPath() {
        return journalPath();
      },
    };
  } catch (error) {
    await closeRest();
    throw error;
  }
}
