import type { AllMiddlewareArgs, BlockAction, ButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { z } from 'zod';
import { withDraft } from '../messages/modal';
import { actorOf, deny, type HandlerDeps } from './deps';
import { askInNewModal } from './plan-modal';

type Args = Pick<
  SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs,
  'ack' | 'body' | 'action'
>;

const valueSchema = z.string().min(1).max(100);

/** The card's Try again: a new request with a new plan, for anybody who may archive. */
export const retryHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, action }: Args): Promise<void> => {
    await ack();
    const actor = actorOf(body, body.channel?.id);
    const { data: requestId } = valueSchema.safeParse(action.value);
    if (requestId === undefined) return deny(deps, actor, 'stale_click');
    const request = await deps.service.requestOf(requestId);
    // For example because the journal was restored from a backup, or is another one.
    if (request === undefined) return deny(deps, actor, 'request_unknown', { requestId });
    const { environment, trainingId, requester, reason } = request;
    const state = { environment, trainingId, channel: actor.channel, retryOf: request.id };
    await askInNewModal(deps, {
      triggerId: body.trigger_id,
      channelName: body.channel?.name,
      actor,
      // Nobody is given another person's reason.
      state: requester === actor.user ? withDraft(state, reason ?? '') : state,
      reply: (text) => deps.notify(actor, text),
    });
  };
