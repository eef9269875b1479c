import type { App, BlockAction, ButtonAction, ViewClosedAction, ViewSubmitAction } from '@slack/bolt';
import { ACTIONS, COMMAND, VIEWS } from '../messages/ids';
import { archiveCommandCallback } from './archive-command';
import { checkAgainCallback } from './check-again';
import { closeViewCallback } from './close-view';
import { confirmViewCallback } from './confirm-view';
import type { HandlerParts } from './parts';
import { retryCallback } from './retry';
import { staleActionCallback, staleViewCallback } from './stale';

const ANY = /[\s\S]*/;

/** The routing table: the only place where Slack's ids meet functions. */
export function registerHandlers(app: App, parts: HandlerParts): void {
  app.command(COMMAND, archiveCommandCallback(parts));
  app.view<ViewSubmitAction>(VIEWS.archive, confirmViewCallback(parts));
  app.view<ViewClosedAction>({ callback_id: VIEWS.archive, type: 'view_closed' }, closeViewCallback(parts));
  app.action<BlockAction>(ACTIONS.checkAgain, checkAgainCallback(parts));
  app.action<BlockAction<ButtonAction>>(ACTIONS.retry, retryCallback(parts));
  app.action(ANY, staleActionCallback(parts));
  app.view({ callback_id: ANY, type: 'view_submission' }, staleViewCallback(parts));
  app.view({ callback_id: ANY, type: 'view_closed' }, staleViewCallback(parts));
}
