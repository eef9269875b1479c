import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewClosedAction } from '@slack/bolt';
import type { ArchiveRequest } from '../archive/request';
import type { Actor } from '../archive/service';
import { readModalState } from '../messages/modal-state';
import { cancelledText, closedTooLateText } from '../messages/notices';
import { actorOf, deny, type HandlerDeps } from './deps';

type Args = Pick<SlackViewMiddlewareArgs<ViewClosedAction> & AllMiddlewareArgs, 'ack' | 'body' | 'view'>;

/** Cancel, or the modal's ✕. A modal that asked nothing needs no reply. */
export const closeViewHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, view }: Args): Promise<void> => {
    await ack();
    const state = readModalState(view.private_metadata);
    const actor = actorOf(body, state?.channel);
    const cancelled: string[] = [];
    let late: ArchiveRequest | undefined;
    for (const { trainingId, requestId } of state?.items ?? []) {
      if (requestId === undefined) continue;
      if ((await deps.service.cancel(actor, requestId)) === 'cancelled') cancelled.push(trainingId);
      else late ??= await denyLate(deps, actor, requestId);
    }
    if (cancelled.length > 0) await deps.notify(actor, cancelledText(state?.environment ?? '', cancelled));
    // The reply to their own Archive was lost, so the modal still offered to cancel.
    if (late) await deps.notify(actor, closedTooLateText(late));
  };

/** Records that closing came too late. Returns the request when it was confirmed, which the person is told then. */
async function denyLate(
  deps: HandlerDeps,
  actor: Actor,
  requestId: string,
): Promise<ArchiveRequest | undefined> {
  const request = await deps.service.requestOf(requestId);
  if (request === undefined) {
    await deny(deps, actor, 'request_unknown', { requestId });
    return undefined;
  }
  const about = { requestId, environment: request.environment, trainingId: request.trainingId };
  if (request.requester !== actor.user) {
    await deny(deps, actor, 'not_yours', about);
    return undefined;
  }
  await deps.service.deny(actor, 'already_decided', { ...about, detail: request.state });
  return request.confirmedAt === null ? undefined : request;
}
