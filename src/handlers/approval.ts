import type { AllMiddlewareArgs, BlockAction, ButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { readApproveValue } from '../messages/approval';
import { approvalReply } from '../messages/approval-replies';
import { actorOf, deny, type HandlerDeps, readRequestId } from './deps';
import type { Homes } from './home';

type Args = Pick<
  SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs,
  'ack' | 'body' | 'action'
>;

/** Approve. The card or the Home tab shows an approval; everything else, such as a pause, is in a private reply. */
export const approveHandler =
  (deps: HandlerDeps & { homes: Homes }) =>
  async ({ ack, body, action }: Args): Promise<void> => {
    await ack();
    const actor = actorOf(body, body.channel?.id);
    const clicked = readApproveValue(action.value);
    if (clicked === undefined) return deny(deps, actor, 'stale_click');
    const results = await deps.service.approve(actor, clicked.requestId, clicked.shown);
    const reply = approvalReply(results, { ...deps.denialContext, wanted: 'approve' });
    if (reply !== null) await deps.notify(actor, reply);
    if (body.view?.type === 'home') await deps.homes.opened({ ...actor, channel: actor.user });
  };

/** The card's Withdraw, for the person who asked. */
export const withdrawHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, action }: Args): Promise<void> => {
    await ack();
    const actor = actorOf(body, body.channel?.id);
    const requestId = readRequestId(action.value);
    if (requestId === undefined) return deny(deps, actor, 'stale_click');
    const results = await deps.service.withdraw(actor, requestId);
    const reply = approvalReply(results, { ...deps.denialContext, wanted: 'withdraw' });
    if (reply !== null) await deps.notify(actor, reply);
  };
