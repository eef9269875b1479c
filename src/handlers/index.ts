import type {
  AllMiddlewareArgs,
  App,
  BlockAction,
  ButtonAction,
  GlobalShortcut,
  SlackActionMiddlewareArgs,
  ViewClosedAction,
  ViewSubmitAction,
} from '@slack/bolt';
import { ACTIONS, COMMAND, INPUTS, SHORTCUTS, VIEWS } from '../messages/ids';
import { approveHandler, withdrawHandler } from './approval';
import { archiveCommandHandler } from './archive-command';
import { checkAgainHandler } from './check-again';
import { closeViewHandler } from './close-view';
import { confirmViewHandler } from './confirm-view';
import { declineHandler, declineViewHandler } from './decline';
import type { HandlerDeps } from './deps';
import { type Homes, homeOpenedHandler } from './home';
import {
  pickButtonHandler,
  pickEnvironmentHandler,
  pickShortcutHandler,
  pickViewHandler,
  trainingOptionsHandler,
} from './pick';
import { withReply, withRespond } from './reply';
import { retryHandler } from './retry';
import { seePlanHandler, stopWatchHandler, watchHandler } from './watch';

export type { HandlerDeps } from './deps';
export { createGiveWay } from './give-way';
export { createHomes } from './home';

type Click = SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs;

/** The routing table: which handler answers which of Slack's IDs. */
export function registerHandlers(app: App, deps: HandlerDeps & { homes: Homes }): void {
  /** With replies that go to the address of the click first. */
  const clicked =
    (handler: (its: HandlerDeps & { homes: Homes }) => (args: Click) => Promise<void>) => (args: Click) =>
      handler({ ...withRespond(deps, args.respond), homes: deps.homes })(args);
  app.use(withReply(deps));
  app.command(COMMAND, (args) => archiveCommandHandler(withRespond(deps, args.respond))(args));
  app.event('app_home_opened', homeOpenedHandler(deps));
  app.view<ViewSubmitAction>(VIEWS.archive, confirmViewHandler(deps));
  app.view<ViewClosedAction>({ callback_id: VIEWS.archive, type: 'view_closed' }, closeViewHandler(deps));
  app.view<ViewSubmitAction>(VIEWS.pick, pickViewHandler(deps));
  app.shortcut<GlobalShortcut>({ callback_id: SHORTCUTS.pick, type: 'shortcut' }, pickShortcutHandler(deps));
  app.options(INPUTS.trainings.action, trainingOptionsHandler(deps));
  app.action<BlockAction>(ACTIONS.pick, pickButtonHandler(deps));
  app.action<BlockAction>(ACTIONS.pickEnvironment, pickEnvironmentHandler(deps));
  app.action<BlockAction>(ACTIONS.checkAgain, checkAgainHandler(deps));
  app.action<BlockAction<ButtonAction>>(ACTIONS.retry, clicked(retryHandler));
  app.action<BlockAction<ButtonAction>>(ACTIONS.approve, clicked(approveHandler));
  app.action<BlockAction<ButtonAction>>(ACTIONS.decline, clicked(declineHandler));
  app.action<BlockAction<ButtonAction>>(ACTIONS.withdraw, clicked(withdrawHandler));
  app.action<BlockAction<ButtonAction>>(ACTIONS.seePlan, clicked(seePlanHandler));
  app.action<BlockAction<ButtonAction>>(ACTIONS.stopWatch, clicked(stopWatchHandler));
  app.action<BlockAction<ButtonAction>>(ACTIONS.watch, watchHandler(deps));
  app.view<ViewSubmitAction>(VIEWS.decline, declineViewHandler(deps));
}
