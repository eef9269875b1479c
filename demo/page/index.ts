/**
 * The demo as a page: a browser's view of a pretend Slack workspace and a pretend Toloka account. It only looks at
 * both and does what people do in them; the app beside it is the real one and is not known here.
 */
import type { Workspace } from '../slack';
import type { TolokaAccount } from '../toloka';
import type { Act } from './act';
import { PageRefusal } from './errors';
import { doAct, type Told } from './person-acts';
import { startServer } from './server';
import { createSessions } from './sessions';
import { shell } from './shell';
import { createSwitches } from './switches';

export interface PageOptions {
  workspace: Workspace;
  account: TolokaAccount;
  /** When somebody else has it, any free one. @default 0, any free one */
  port?: number;
  /**
   * Called by "Reset the demo". It is to end the app, call `clear`, which makes both sides new, and start the app with
   * a new journal. Without it both sides are cleared under the app as it is.
   */
  restartApp?: (clear: () => Promise<void>) => Promise<void>;
}

export interface Page {
  /** `http://127.0.0.1:PORT/`; nobody outside this machine can reach it. */
  readonly url: string;
  close(): Promise<void>;
}

export async function startPage({
  workspace,
  account,
  port: wanted = 0,
  restartApp = (clear) => clear(),
}: PageOptions): Promise<Page> {
  const switches = createSwitches(workspace, account);
  let resetting: Promise<Told> | undefined;
  const isResetting = () => resetting !== undefined;
  const sessions = createSessions({ workspace, account, switches, isResetting });
  const people = peopleIn(workspace);
  const [first] = people;

  async function clear(): Promise<void> {
    for (const one of switches) await one.set(false);
    workspace.reset();
    account.reset();
  }

  async function reset(): Promise<Told> {
    await restartApp(clear);
    return { notice: 'Everything is as it was at the start.' };
  }

  function resetOnce(): Promise<Told> {
    resetting ??= reset().finally(() => {
      resetting = undefined;
      sessions.refresh();
    });
    sessions.refresh();
    return resetting;
  }

  async function act(one: Act): Promise<Told> {
    if (one.act === 'reset') return resetOnce();
    // There is no app to take it, and what it would change is about to be cleared.
    await resetting?.catch(() => undefined);
    if ('user' in one) {
      if (!people.some(({ id }) => id === one.user)) throw new PageRefusal(404, 'Nobody here has that name.');
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

/** Whoever looks, the people are the same. */
const peopleIn = (workspace: Workspace) => workspace.snapshot('').people;
