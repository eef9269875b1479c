/**
 * The demo as a page: a fake Slack workspace and fake Toloka accounts in a browser. The page shows both and does what
 * people do in them. The real app runs beside it; the page does not know it.
 */
import type { Workspace } from '../../fakes/slack';
import type { TolokaAccount } from '../../fakes/toloka';
import type { Shown } from './accounts';
import type { Act } from './act';
import { PageRefusal } from './errors';
import { type ActReply, doAct } from './person-acts';
import { startServer } from './server';
import { createSessions } from './sessions';
import { shell } from './shell';
import { createSwitches } from './switches';

export interface PageOptions {
  workspace: Workspace;
  account: TolokaAccount;
  /** Toloka's sandbox, if the app has it too. */
  sandbox?: TolokaAccount;
  /** Who the visitor can be. @default everybody */
  visitors?: readonly string[];
  /** If it is taken, a free one is used. @default 0, a free one */
  port?: number;
  /**
   * Called by "Reset the demo". It ends the app, calls `clear`, which resets the fakes, and starts the app with a new
   * journal. @default only `clear`, while the app keeps running
   */
  restartApp?: (clear: () => Promise<void>) => Promise<void>;
}

export interface Page {
  /** `http://127.0.0.1:PORT/`, which only this machine can reach. */
  readonly url: string;
  close(): Promise<void>;
}

export async function startPage({
  workspace,
  account,
  sandbox,
  visitors,
  port: wanted = 0,
  restartApp = (clear) => clear(),
}: PageOptions): Promise<Page> {
  const accounts: readonly [Shown, ...Shown[]] = [
    { environment: 'production', account },
    ...(sandbox ? [{ environment: 'sandbox' as const, account: sandbox }] : []),
  ];
  const switches = createSwitches(
    workspace,
    accounts.map((one) => one.account),
  );
  let resetting: Promise<ActReply> | undefined;
  const isResetting = () => resetting !== undefined;
  const sessions = createSessions({ workspace, accounts, switches, isResetting });
  // Everybody sees the same people.
  const people = workspace.snapshot('').people.filter(({ id }) => visitors?.includes(id) ?? true);
  const [first] = people;

  async function clear(): Promise<void> {
    for (const one of switches) await one.set(false);
    workspace.reset();
    for (const one of accounts) one.account.reset();
  }

  async function reset(): Promise<ActReply> {
    await restartApp(clear);
    return { notice: 'The demo is back at its start.' };
  }

  function resetOnce(): Promise<ActReply> {
    resetting ??= reset().finally(() => {
      resetting = undefined;
      sessions.refresh();
    });
    sessions.refresh();
    return resetting;
  }

  async function act(one: Act): Promise<ActReply> {
    if (one.act === 'reset') return resetOnce();
    // During a reset no app could answer, and the change would be cleared.
    await resetting?.catch(() => undefined);
    if ('user' in one) {
      if (!people.some(({ id }) => id === one.user)) throw new PageRefusal(404, 'There is no such person.');
      return doAct(workspace, one);
    }
    if (one.act === 'switch') await switches.find(({ id }) => id === one.id)?.set(one.on);
    else setStatus(one);
    sessions.refresh();
    return {};
  }

  function setStatus({ environment, kind, id, status }: Extract<Act, { act: 'status' }>): void {
    const shown = accounts.find((one) => one.environment === environment);
    if (kind === 'training') shown?.account.updateTraining(id, { status });
    else shown?.account.updatePool(id, { status });
  }

  const firstChannel = first ? (workspace.snapshot(first.id).channels[0]?.id ?? '') : '';
  const parts = {
    sessions,
    act,
    page: () => shell({ people, firstChannel, comesBack: port === wanted }),
    isPerson: (id: string) => people.some((one) => one.id === id),
  };
  const { server, port } = await startServer(parts, wanted);
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      sessions.close();
      server.closeAllConnections();
      await new Promise<void>((done) => void server.close(() => done()));
    },
  };
}
