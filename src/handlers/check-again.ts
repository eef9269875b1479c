import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { INPUTS } from '../messages/ids';
import { withDraft, withoutRequest } from '../messages/modal';
import { askInto } from './modal-flow';
import { type HandlerParts, readMemory, STALE_CLICK } from './parts';

/** The modal's Check again: a fresh plan in place of the one shown. */
export const checkAgainCallback =
  (parts: HandlerParts) =>
  async ({ ack, body }: SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const { view } = body;
    const memory = view && readMemory(view.private_metadata);
    if (!view || !memory) {
      await parts.tell(body.user.id, body.channel?.id ?? body.user.id, STALE_CLICK);
      return;
    }
    const actor = { user: body.user.id, channel: memory.channel };
    if (memory.requestId !== undefined) await parts.service.cancel(actor, memory.requestId);
    const { block, action } = INPUTS.reason;
    const typed = view.state?.values[block]?.[action]?.value ?? '';
    await askInto(parts, { id: view.id, hash: view.hash }, actor, withDraft(withoutRequest(memory), typed));
  };
