import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewClosedAction } from '@slack/bolt';
import { cancelledText, closedTooLateText } from '../messages/notices';
import { actorOf, deny, type HandlerDeps, readModalState } from './deps';

type Args = Pick<SlackViewMiddlewareArgs<ViewClosedAction> & AllMiddlewareArgs, 'ack' | 'body' | 'view'>;

/** Cancel, or the modal's ✕. A modal that asked nothing needs no reply. */
export const closeViewHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, view }: Args): Promise<void> => {
    await ack();
    const { service, notify } = deps;
    const state = readModalState(view.private_metadata);
    if (state?.requestId === undefined) return;
    const { environment, trainingId, requestId } = state;
    const actor = actorOf(body, state.channel);
    if ((await service.cancel(actor, requestId)) === 'cancelled') return notify(actor, cancelledText(state));
    const about = { requestId, environment, trainingId };
    const request = await service.requestOf(requestId);
    if (request === undefined) return deny(deps, actor, 'request_unknown', about);
    if (request.requester !== actor.user) return deny(deps, actor, 'not_yours', about);
    await service.deny(actor, 'already_decided', { ...about, detail: request.state });
    // The reply to their own Archive was lost, so the modal still offered to cancel.
    if (request.confirmedAt !== null) await notify(actor, closedTooLateText(request));
  };
