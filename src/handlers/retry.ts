import type { AllMiddlewareArgs, BlockAction, ButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { withDraft } from '../messages/modal';
import { askInModal } from './modal-flow';
import { type HandlerParts, STALE_CLICK } from './parts';

/** The card's Try again: a new request with a fresh plan, by whoever clicks and may. */
export const retryCallback =
  (parts: HandlerParts) =>
  async ({
    ack,
    body,
    action,
  }: SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const user = body.user.id;
    const channel = body.channel?.id ?? user;
    const request = await parts.service.requestOf(action.value ?? '');
    if (request === undefined) {
      await parts.tell(user, channel, STALE_CLICK);
      return;
    }
    const { environment, trainingId, requester, reason } = request;
    const asked = { environment, trainingId, channel, retryOf: request.id };
    // Their own words; nobody gives another's reason.
    const memory = requester === user ? withDraft(asked, reason ?? '') : asked;
    await askInModal(parts, body.trigger_id, { user, channel }, memory, (text) =>
      parts.tell(user, channel, text),
    );
  };
