import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewClosedAction } from '@slack/bolt';
import { isOpen } from '../archive/request';
import { foreign } from '../messages/text';
import { STATE_WORDS } from '../messages/words';
import { type HandlerParts, readMemory } from './parts';

/** Cancel, or the modal's ✕. A window that held no question needs no answer. */
export const closeViewCallback =
  (parts: HandlerParts) =>
  async ({
    ack,
    body,
    view,
  }: SlackViewMiddlewareArgs<ViewClosedAction> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const memory = readMemory(view.private_metadata);
    if (memory?.requestId === undefined) return;
    const { trainingId, environment, channel, requestId } = memory;
    const actor = { user: body.user.id, channel };
    const training = `Training ${foreign(trainingId, 40)} in ${foreign(environment, 40)}`;
    if ((await parts.service.cancel(actor, requestId)) === 'cancelled')
      return parts.tell(actor.user, channel, `Cancelled. ${training} was not archived.`);
    const request = await parts.service.requestOf(requestId);
    if (request === undefined || NOTHING_BEGAN.has(request.state)) return;
    // The answer to their own Archive was lost, so that the window still offered to cancel.
    const { title } = STATE_WORDS[request.state];
    const more = isOpen(request.state) ? ' The card in the channel tells how it goes on.' : '';
    const about = { requestId, environment, trainingId };
    await parts.service.refuse(actor, 'settled_before', `The request is ${request.state}.`, about);
    await parts.tell(
      actor.user,
      channel,
      `${training}: this request had been confirmed before the window was closed, so closing it changed nothing. It stands at: ${title}.${more}`,
    );
  };

/** Whoever closes the window of such a request has lost nothing, or has been told. */
const NOTHING_BEGAN: ReadonlySet<string> = new Set(['planned', 'cancelled', 'expired']);
