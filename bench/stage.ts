import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkspace, type Workspace } from '../demo/slack';
import { createTolokaAccount, requires, type TolokaAccount, type TolokaAccountOptions } from '../demo/toloka';

export const CHANNEL = 'C01BENCH';
export const PROJECT = '74175';
const TOKENS = { bot: 'xoxb-1-bench', app: 'xapp-1-bench', toloka: 'bench-toloka-token' };
/** Archived pools around the trainings, as a project has that was used for a while. */
const POOLS = 30;

/** Epoch milliseconds with their fractions: at 50 a second, whole ones would be too coarse. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();

export interface Stage {
  workspace: Workspace;
  account: TolokaAccount;
  people: string[];
  /** A directory of its own, on the disk that holds temporary files. */
  directory: string;
  token: string;
  /** A training that was never seen before and is ready to be archived. */
  newTraining(): string;
  env(more?: Record<string, string>): Record<string, string>;
  close(): Promise<void>;
}

/** A Slack workspace with some people and a Toloka account, both in this process. */
export async function createStage(account: Partial<TolokaAccountOptions> = {}, persons = 50): Promise<Stage> {
  const people = Array.from({ length: persons }, (_, n) => `U${String(n + 1).padStart(3, '0')}BENCH`);
  const toloka = await createTolokaAccount({
    token: TOKENS.toloka,
    operationMs: 0,
    rateLimit: false,
    now: preciseNow,
    ...account,
  });
  const workspace = await createWorkspace({
    botToken: TOKENS.bot,
    appToken: TOKENS.app,
    people: people.map((id) => ({ id, name: id.toLowerCase() })),
    channels: [{ id: CHANNEL, name: 'bench', members: people, bot: true }],
    commands: [{ command: '/toloka-archive' }],
    now: preciseNow,
    // The peers share two cores with what they measure; a person would be told only after 3 s.
    triggerLifeMs: 60_000,
    ackTimeoutMs: 60_000,
  });
  toloka.addProject({ id: PROJECT, public_name: 'Read the street sign' });
  const newTraining = () => toloka.addTraining({ project_id: PROJECT, status: 'CLOSED' }).id;
  const first = newTraining();
  for (let n = 0; n < POOLS; n++)
    toloka.addPool({ project_id: PROJECT, status: 'ARCHIVED', quality_control: requires(first) });
  const directory = mkdtempSync(join(tmpdir(), 'archive-bench-'));
  return {
    workspace,
    account: toloka,
    people,
    directory,
    token: TOKENS.toloka,
    newTraining,
    env: (more = {}) => ({
      SLACK_BOT_TOKEN: TOKENS.bot,
      SLACK_APP_TOKEN: TOKENS.app,
      SLACK_API_URL: workspace.url,
      TOLOKA_TOKEN: TOKENS.toloka,
      TOLOKA_API_URL: toloka.url,
      ARCHIVE_ALLOW: '*',
      JOURNAL_PATH: join(directory, 'journal.db'),
      PORT: '0',
      ...more,
    }),
    async close() {
      await Promise.all([workspace.close(), toloka.close()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
