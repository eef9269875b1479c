import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewClosedAction } from '@slack/bolt';
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
    const user = body.user.id;
    if ((await parts.service.cancel({ user, channel }, requestId)) === 'cancelled')
      await parts.tell(
        user,
        channel,
        `Cancelled. Training ${trainingId} in ${environment} was not archived.`,
      );
  };
