import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createWorkspace, type Workspace } from './slack';
import { createTolokaAccount, seedDemo, type TolokaAccount } from './toloka';

const APP = join(__dirname, '..', 'dist', 'app.js');
const TOKENS = { bot: 'xoxb-demo-bot', app: 'xapp-demo-app', toloka: 'demo-toloka-token' };
const LINES_KEPT = 20;

export const ALICE = 'U01ALICE';
export const BOB = 'U02BOB';
export const GENERAL = 'C01GENERAL';

export interface Demo {
  workspace: Workspace;
  account: TolokaAccount;
  app: DemoApp;
  close(): Promise<void>;
}

export interface DemoApp {
  /** The newest lines of its log. */
  lastLines(): string[];
  /** Resolves when the process has ended, whatever the cause. */
  ended: Promise<void>;
}

export interface DemoOptions {
  /** How long an archive takes in the pretend Toloka, in ms. */
  operationMs?: number;
  /** More environment for the app. */
  env?: Record<string, string>;
}

/**
 * A Slack workspace and a Toloka account on loopback, and the built app between them, unchanged: all that it knows of
 * the demo are addresses and tokens in its environment.
 * @throws Error with the app's last lines when it does not get ready
 */
export async function startDemo({ operationMs = 4_000, env = {} }: DemoOptions = {}): Promise<Demo> {
  const account = await createTolokaAccount({ token: TOKENS.toloka, operationMs, seed: seedDemo });
  const workspace = await createWorkspace({
    botToken: TOKENS.bot,
    appToken: TOKENS.app,
    people: [
      { id: ALICE, name: 'alice', realName: 'Alice' },
      { id: BOB, name: 'bob', realName: 'Bob' },
    ],
    channels: [
      { id: GENERAL, name: 'general', members: [ALICE, BOB], bot: true },
      { id: 'C02ELSEWHERE', name: 'elsewhere', members: [ALICE, BOB], bot: false },
    ],
    commands: [
      {
        command: '/toloka-archive',
        usageHint: '<training id | Toloka link> [sandbox|production], or help',
        description: 'Archive a Toloka training pool',
      },
    ],
  });
  const directory = mkdtempSync(join(tmpdir(), 'toloka-archive-demo-'));
  const child = spawn(process.execPath, [APP], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      SLACK_BOT_TOKEN: TOKENS.bot,
      SLACK_APP_TOKEN: TOKENS.app,
      SLACK_API_URL: workspace.url,
      TOLOKA_TOKEN: TOKENS.toloka,
      TOLOKA_API_URL: account.url,
      ARCHIVE_ALLOW: '*',
      JOURNAL_PATH: join(directory, 'journal.db'),
      PORT: '0',
      // Shorter than in earnest, so that nobody has to wait a minute for a lost answer to be looked up.
      LEASE_SECONDS: '12',
      UNKNOWN_GRACE_SECONDS: '5',
      ...env,
    },
  });
  const app = follow(child);
  async function close(): Promise<void> {
    child.kill('SIGTERM');
    await app.ended;
    await Promise.all([workspace.close(), account.close()]);
    rmSync(directory, { recursive: true, force: true });
  }
  try {
    await app.ready;
  } catch (error) {
    await close();
    throw error;
  }
  return { workspace, account, app, close };
}

function follow(child: ChildProcess): DemoApp & { ready: Promise<void> } {
  const lines: string[] = [];
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > LINES_KEPT) lines.shift();
        if (line.includes('"message":"ready"')) resolve();
      });
    }
    void ended.then(() =>
      reject(new Error(`The app did not get ready. Its last lines:\n${lines.join('\n')}`)),
    );
  });
  return { ended, ready, lastLines: () => [...lines] };
}
