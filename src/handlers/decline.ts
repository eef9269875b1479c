import type {
  AllMiddlewareArgs,
  BlockAction,
  ButtonAction,
  SlackActionMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewSubmitAction,
} from '@slack/bolt';
import { approvalReply } from '../messages/approval-replies';
import { answerView, declineModal, readDeclineState } from '../messages/decline-modal';
import { denialText } from '../messages/denials';
import { INPUTS, REASON_LIMIT } from '../messages/ids';
import { faultText } from '../messages/notices';
import { openView } from '../slack/views';
import { actorOf, deny, type HandlerDeps, readInput, readRequestId } from './deps';
import { inTime } from './in-time';
import { denyStaleView } from './reply';
import { whyNotOpened } from './unopened';

type ClickArgs = Pick<
  SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs,
  'ack' | 'body' | 'action'
>;
type ViewArgs = Pick<SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs, 'ack' | 'body' | 'view'>;

/** A trigger is valid for three seconds, and opening the modal takes its part of them. */
const CHECK_MS = 1_500;
/** Slack waits three seconds for an answer to a submit. */
const ACK_MS = 2_000;

/** The card's Decline: asks for a reason, unless the person may not decline anyway. */
export const declineHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, action }: ClickArgs): Promise<void> => {
    await ack();
    const { service, client, notify, sleep, denialContext } = deps;
    const actor = actorOf(body, body.channel?.id);
    const requestId = readRequestId(action.value);
    if (requestId === undefined) return deny(deps, actor, 'stale_click');
    const checking = service.checkDecline(actor, requestId);
    // What takes longer is checked again when the reason comes.
    const denied = await inTime(sleep, checking, CHECK_MS);
    if (denied) {
      const reply = approvalReply([denied], { ...denialContext, wanted: 'decline' });
      return void (await notify(actor, reply ?? denialText(denied.code)));
    }
    const requests = await service.onCardOf(requestId);
    try {
      await openView(client, body.trigger_id, declineModal({ requestId, channel: actor.channel }, requests));
    } catch (error) {
      const why = await whyNotOpened(deps, { actor, error, target: requests[0] });
      if (why !== null) await notify(actor, why);
    }
  };

/** The reason for declining. The modal closes, and the card shows it. */
export const declineViewHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, view }: ViewArgs): Promise<void> => {
    const { service, notify, sleep, denialContext, logger } = deps;
    const state = readDeclineState(view.private_metadata);
    const actor = actorOf(body, state?.channel);
    if (state === undefined) return denyStaleView(deps, actor, ack);
    const { requestId } = state;
    const reason = readInput(view, INPUTS.reason);
    if (reason === '' || reason.length > REASON_LIMIT) {
      const words = denialText('reason_wrong', { reasonLength: reason.length });
      await ack({ response_action: 'errors', errors: { [INPUTS.reason.block]: words } });
      return service.deny(actor, 'reason_wrong', { requestId });
    }
    const replying = service.decline(actor, requestId, reason).then(
      (results) => approvalReply(results, { ...denialContext, wanted: 'decline' }),
      (error: unknown) => {
        logger.error('decline failed', { ...actor, requestId, error });
        return faultText();
      },
    );
    const answer = await inTime(sleep, replying, ACK_MS);
    await ack(
      answer ? { response_action: 'update', view: answerView(answer) } : { response_action: 'clear' },
    );
    const late = answer === undefined ? await replying : null;
    if (late !== null) await notify(actor, late);
  };
