import type { App, BlockAction, ButtonAction, ViewClosedAction, ViewSubmitAction } from '@slack/bolt';
import { ACTIONS, COMMAND, VIEWS } from '../messages/ids';
import { archiveCommandCallback } from './archive-command';
import { checkAgainCallback } from './check-again';
import { closeViewCallback } from './close-view';
import { confirmViewCallback } from './confirm-view';
import { withLastWord } from './last-word';
import type { HandlerParts } from './parts';
import { retryCallback } from './retry';
import { staleActionCallback, staleViewCallback } from './stale';

const ANY = /[\s\S]*/;

/** The routing table: the only place where Slack's ids meet functions. */
export function registerHandlers(app: App, parts: HandlerParts): void {
  const command = withLastWord(parts, archiveCommandCallback(parts));
  const confirm = withLastWord(parts, confirmViewCallback(parts));
  const close = withLastWord(parts, closeViewCallback(parts));
  app.command(COMMAND, command);
  app.view<ViewSubmitAction>(VIEWS.archive, confirm);
  app.view<ViewClosedAction>({ callback_id: VIEWS.archive, type: 'view_closed' }, close);
  app.action<BlockAction>(ACTIONS.checkAgain, withLastWord(parts, checkAgainCallback(parts)));
  app.action<BlockAction<ButtonAction>>(ACTIONS.retry, withLastWord(parts, retryCallback(parts)));
  app.action(ANY, staleActionCallback(parts));
  app.view({ callback_id: ANY, type: 'view_submission' }, staleViewCallback(parts));
  app.view({ callback_id: ANY, type: 'view_closed' }, staleViewCallback(parts));
}
