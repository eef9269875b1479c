import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver, webApi } from '@slack/bolt';
import { createWorkspace, type Workspace, type WorkspaceOptions } from '.';

export const BOT_TOKEN = 'xoxb-demo';
export const APP_TOKEN = 'xapp-demo';
export const SECRET = 'a-signing-secret';
export const ALICE = 'U01ALICE';
export const BOB = 'U02BOB';

/** Bolt and web-api log every refusal; the tests make many on purpose. */
const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

const closers: (() => Promise<unknown>)[] = [];

/** For afterEach: closes everything in the reverse order of its start, so apps before workspaces. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export async function openWorkspace(options: Partial<WorkspaceOptions> = {}): Promise<Workspace> {
  const workspace = await createWorkspace({
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    signingSecret: SECRET,
    people: [
      { id: ALICE, name: 'alice', realName: 'Alice A.' },
      { id: BOB, name: 'bob' },
    ],
    channels: [
      { id: 'C01', name: 'pools', members: [ALICE, BOB], bot: true },
      { id: 'C02', name: 'elsewhere', members: [ALICE], bot: false },
      { id: 'C03', name: 'secret', private: true, members: [ALICE], bot: false },
      { id: 'C04', name: 'private-with-bot', private: true, members: [ALICE], bot: true },
    ],
    userGroups: [{ id: 'S01', handle: 'archivists', users: [ALICE] }],
    commands: [{ command: '/toloka-archive', usageHint: '<id>' }],
    ...options,
  });
  closers.push(() => workspace.close());
  return workspace;
}

export function clientOf(
  workspace: Workspace,
  token = BOT_TOKEN,
  options: webApi.WebClientOptions = {},
): webApi.WebClient {
  return new webApi.WebClient(token, {
    slackApiUrl: workspace.url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 2_000,
    logger: silent,
    ...options,
  });
}

/** The code with which a call was refused, or `ok`. */
export const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: { data?: { error?: string }; code?: string }) => error.data?.error ?? error.code ?? 'unknown',
  );

const clientOptions = (workspace: Workspace) => ({
  slackApiUrl: workspace.url,
  timeout: 2_000,
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
});

/** A Bolt app that is ready to start. */
async function boltApp(
  workspace: Workspace,
  receiver: SocketModeReceiver | HTTPReceiver,
  register: (app: App) => void,
): Promise<App> {
  const app = new App({
    token: BOT_TOKEN,
    receiver,
    logger: silent,
    logLevel: LogLevel.ERROR,
    deferInitialization: true,
    clientOptions: clientOptions(workspace),
  });
  app.error(async () => undefined);
  register(app);
  await app.init();
  return app;
}

/** A real Bolt app in Socket Mode, connected. */
export async function socketApp(
  workspace: Workspace,
  register: (app: App) => void = () => undefined,
  pingTimeout = 5_000,
): Promise<App> {
  const receiver = new SocketModeReceiver({
    appToken: APP_TOKEN,
    logger: silent,
    // Also how long the client waits before it reconnects. If it is too short, a busy machine looks like a dead peer.
    clientPingTimeout: pingTimeout,
    installerOptions: {
      clientOptions: { slackApiUrl: workspace.url, retryConfig: { retries: 5, minTimeout: 20 } },
    },
  });
  const app = await boltApp(workspace, receiver, register);
  await app.start();
  closers.push(async () => app.stop());
  return app;
}

/** A real Bolt app behind Bolt's HTTPReceiver; returns its request URL. */
export async function httpApp(workspace: Workspace, register: (app: App) => void): Promise<string> {
  const receiver = new HTTPReceiver({ signingSecret: SECRET, logger: silent });
  const app = await boltApp(workspace, receiver, register);
  const server = (await app.start({ port: 0, host: '127.0.0.1' })) as Server;
  closers.push(async () => {
    server.closeAllConnections();
    await app.stop();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
}

export const plain = (text: string) => ({ type: 'plain_text' as const, text });
export const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text });
export const section = (text: string) => ({ type: 'section' as const, text: mrkdwn(text) });
export const button = (text: string, action_id: string, more: object = {}) => ({
  type: 'button' as const,
  text: plain(text),
  action_id,
  ...more,
});
export const actions = (...elements: ReturnType<typeof button>[]) => ({ type: 'actions' as const, elements });
export const input = (block_id: string, label: string, element: object = {}, more: object = {}) => ({
  type: 'input' as const,
  block_id,
  label: plain(label),
  element: { type: 'plain_text_input' as const, action_id: 'value', ...element },
  ...more,
});
export const modal = (title: string, blocks: object[], more: object = {}) =>
  ({
    type: 'modal',
    title: plain(title),
    submit: plain('Archive'),
    close: plain('Cancel'),
    callback_id: 'archive',
    blocks,
    ...more,
  }) as never;
