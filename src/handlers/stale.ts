import type { AllMiddlewareArgs, SlackActionMiddlewareArgs, SlackViewMiddlewareArgs } from '@slack/bolt';
import { ACTIONS, VIEWS } from '../messages/ids';
import { answerModal } from '../messages/modal';
import { type HandlerParts, STALE_CLICK } from './parts';

const isKnown = (ids: Record<string, string>, id: string) => Object.values(ids).includes(id);
const NOWHERE = { environment: '', trainingId: '', channel: '' };

/** Buttons that no version of the routing table knows: an old message outlives the code that wrote it. */
export const staleActionCallback =
  (parts: HandlerParts) =>
  async ({ ack, action, body }: SlackActionMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    if ('action_id' in action && isKnown(ACTIONS, action.action_id)) return;
    await ack();
    const channel = 'channel' in body ? body.channel?.id : undefined;
    await parts.tell(body.user.id, channel ?? body.user.id, STALE_CLICK);
  };

export const staleViewCallback =
  (_parts: HandlerParts) =>
  async ({ ack, view, body }: SlackViewMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    if (isKnown(VIEWS, view.callback_id)) return;
    if (body.type === 'view_closed') await (ack as () => Promise<void>)();
    else
      await ack({
        response_action: 'update',
        view: answerModal(NOWHERE, ':no_entry:', STALE_CLICK, 'stale_click'),
      });
  };
