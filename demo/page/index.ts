/**
 * The demo as a page: a fake Slack workspace and a fake Toloka account in a browser. The page shows both and does what
 * people do in them. The real app runs beside it; the page does not know it.
 */
import type { Workspace } from '../../fakes/slack';
import type { TolokaAccount } from '../../fakes/toloka';
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
  /** Who the visitor can be. @default everybody */
  visitors?: readonly string[];
  /** If it is taken, a free one is used. @default 0, a free one */
  port?: number;
  /**
   * Called by "Reset the demo". It ends the app, calls `clear`, which resets both fakes, and starts the app with a new
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
  visitors,
  port: wanted = 0,
  restartApp = (clear) => clear(),
}: PageOptions): Promise<Page> {
  const switches = createSwitches(workspace, account);
  let resetting: Promise<ActReply> | undefined;
  const isResetting = () => resetting !== undefined;
  const sessions = createSessions({ workspace, account, switches, isResetting });
  // Everybody sees the same people.
  const people = workspace.snapshot('').people.filter(({ id }) => visitors?.includes(id) ?? true);
  const [first] = people;

  async function clear(): Promise<void> {
    for (const one of switches) await one.set(false);
    workspace.reset();
    account.reset();
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
    else if (one.kind === 'training') account.updateTraining(one.id, { status: one.status });
    else account.updatePool(one.id, { status: one.status });
    sessions.refresh();
    return {};
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
