import type { AllMiddlewareArgs, BlockAction, ButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { canTryAgain } from '../messages/card';
import { denialText } from '../messages/denials';
import { withDraft } from '../messages/modal-state';
import { actorOf, deny, type HandlerDeps, readRequestId } from './deps';
import { askInNewModal } from './plan-modal';

type Args = Pick<
  SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs,
  'ack' | 'body' | 'action'
>;

/** The card's Try again: new requests with new plans for what was not archived, for anybody who may archive. */
export const retryHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, action }: Args): Promise<void> => {
    await ack();
    const actor = actorOf(body, body.channel?.id);
    const requestId = readRequestId(action.value);
    if (requestId === undefined) return deny(deps, actor, 'stale_click');
    const requests = await deps.service.onCardOf(requestId);
    const [first] = requests;
    // For example because the journal was restored from a backup, or is another one.
    if (first === undefined) return deny(deps, actor, 'request_unknown', { requestId });
    const { environment, requester, reason } = first;
    const again = requests.filter((request) => requests.length === 1 || canTryAgain(request));
    if (again.length === 0) {
      const denied = await deps.service.mayArchive(actor);
      if (denied !== null)
        return deps.notify(actor, denialText(denied.code, { ...deps.denialContext, ...denied }));
      const { id, trainingId } = requests.find(({ successor }) => successor !== null) ?? first;
      return deny(deps, actor, 'nothing_to_retry', { requestId: id, environment, trainingId });
    }
    const items = again.map(({ id, trainingId }) => ({ trainingId, retryOf: id }));
    const state = { environment, items, channel: actor.channel };
    await askInNewModal(deps, {
      triggerId: body.trigger_id,
      channelName: body.channel?.name,
      actor,
      // Nobody is given another person's reason.
      state: requester === actor.user ? withDraft(state, reason ?? '') : state,
    });
  };
