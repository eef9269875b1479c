/** Everything that one person sees, as HTML by region of the page. Pure looking: nothing is changed here. */
import type { Workspace } from '../slack';
import type { TolokaAccount } from '../toloka';
import { BOT, lookOf } from './people';
import { botChannels, composer, heading, messages } from './regions/conversation';
import { home, modal } from './regions/modal';
import { sidebar } from './regions/sidebar';
import { thread } from './regions/thread';
import { operations, trainings } from './regions/toloka';
import { switches, wire } from './regions/wire';
import type { Spot } from './spot';
import type { Switch } from './switches';

export interface Stage {
  workspace: Workspace;
  account: TolokaAccount;
  switches: readonly Switch[];
  isResetting: () => boolean;
}

/** The names of the regions are the ids of the page's elements. */
export function screenOf(stage: Stage, spot: Spot): Record<string, string> {
  const { workspace, account } = stage;
  const isResetting = stage.isResetting();
  const snapshot = workspace.snapshot(spot.user);
  const look = lookOf(snapshot, spot.user, account.now());
  const shown = {
    sidebar: sidebar(snapshot, spot),
    heading: heading(snapshot, spot, botChannels(workspace.snapshot(BOT))),
    messages: spot.at === 'home' ? home(look, snapshot) : messages(look, snapshot, spot),
    composer: composer(snapshot, spot, isResetting),
    thread: thread(look, snapshot, spot),
    modal: modal(look, snapshot),
    trainings: trainings(account),
    operations: operations(account),
    wire: wire(account),
    switches: switches(stage.switches, isResetting),
  };
  return Object.fromEntries(Object.entries(shown).map(([name, { html }]) => [name, html]));
}
