import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkspace, type Workspace, type WorkspaceOptions } from '../../demo/slack';
import {
  createTolokaAccount,
  seedDemo,
  type TolokaAccount,
  type TolokaAccountOptions,
} from '../../demo/toloka';

export const ALICE = 'U01ALICE';
export const BOB = 'U02BOB';
export const GENERAL = 'C01GENERAL';
export const ELSEWHERE = 'C02ELSEWHERE';
export const TEAM = 'S01TEAM';
export const TOKENS = {
  bot: 'xoxb-1-stage-bot',
  app: 'xapp-1-stage-app',
  signing: 'stage-signing-secret',
  toloka: 'stage-toloka-token',
};

export interface Stage {
  workspace: Workspace;
  account: TolokaAccount;
  /** A directory of its own, gone with the stage. */
  directory: string;
  /** The environment that points the app at this stage. */
  env(more?: Record<string, string>): Record<string, string>;
  close(): Promise<void>;
}

interface StageOptions {
  account?: Partial<TolokaAccountOptions>;
  workspace?: Partial<WorkspaceOptions>;
}

/** A Slack workspace and a Toloka account on loopback, with the demo's trainings; archives take 300 ms. */
export async function createStage({ account: a, workspace: w }: StageOptions = {}): Promise<Stage> {
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
    userGroups: [{ id: TEAM, handle: 'archivists', users: [ALICE] }],
    commands: [{ command: '/toloka-archive' }],
    ...w,
  });
  const directory = mkdtempSync(join(tmpdir(), 'archive-stage-'));
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
      LEASE_SECONDS: '3',
      UNKNOWN_GRACE_SECONDS: '1',
      ...more,
    }),
    async close() {
      await Promise.all([workspace.close(), account.close()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
