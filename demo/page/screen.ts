/** Everything that one person sees, as HTML for each region of the page. Nothing is changed here. */
import type { Workspace } from '../../fakes/slack';
import type { Shown } from './accounts';
import { BOT, lookOf } from './people';
import { botChannels, composer, heading, messages } from './regions/conversation';
import { home, modal } from './regions/modal';
import { sidebar } from './regions/sidebar';
import { thread } from './regions/thread';
import { operations, trainings } from './regions/toloka';
import { switches, wire } from './regions/wire';
import type { Spot } from './spot';
import type { Switch } from './switches';

export interface ScreenSources {
  workspace: Workspace;
  /** The first one is the default. */
  accounts: readonly [Shown, ...Shown[]];
  switches: readonly Switch[];
  isResetting: () => boolean;
}

/** The names of the regions are the IDs of the page's elements. */
export function screenOf(sources: ScreenSources, spot: Spot): Record<string, string> {
  const { workspace, accounts } = sources;
  const isResetting = sources.isResetting();
  const snapshot = workspace.snapshot(spot.user);
  const look = lookOf(snapshot, spot.user, accounts[0].account.now());
  const shown = {
    sidebar: sidebar(snapshot, spot),
    heading: heading(snapshot, spot, botChannels(workspace.snapshot(BOT))),
    messages: spot.at === 'home' ? home(look, snapshot) : messages(look, snapshot, spot),
    composer: composer(snapshot, spot, isResetting),
    thread: thread(look, snapshot, spot),
    modal: modal(look, snapshot),
    trainings: trainings(accounts),
    operations: operations(accounts),
    wire: wire(accounts),
    switches: switches(sources.switches, isResetting),
  };
  return Object.fromEntries(Object.entries(shown).map(([name, { html }]) => [name, html]));
}
