import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import type { Actor, Confirmed } from '../archive/service';
import { type DenialReason, denialText } from '../messages/denials';
import { INPUTS, REASON_LIMIT } from '../messages/ids';
import { faultModal, type ModalState, withDraft, withoutDraft, workingModal } from '../messages/modal';
import { afterFaultWords, answerText, confirmFaultText } from '../messages/notices';
import { updateView } from '../slack/views';
import { actorOf, type HandlerDeps, readInput, readModalState } from './deps';
import { viewOf } from './plan-modal';
import { denyStaleView } from './reply';

type Args = Pick<SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs, 'ack' | 'body' | 'view'>;

type AskedState = ModalState & { requestId: string };

/** The modal's Archive button. */
export const confirmViewHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, view }: Args): Promise<void> => {
    const state = readModalState(view.private_metadata);
    const actor = actorOf(body, state?.channel);
    if (state?.requestId === undefined) return denyStaleView(deps, actor, ack);
    const { environment, trainingId, requestId } = state;
    const reason = readInput(view, INPUTS.reason);
    const typedId = deps.requiresTypedId(environment) ? readInput(view, INPUTS.typedId) : trainingId;
    const codes: Record<string, DenialReason> = {};
    if (typedId !== trainingId) codes[INPUTS.typedId.block] = 'typed_id_wrong';
    if (reason === '' || reason.length > REASON_LIMIT) codes[INPUTS.reason.block] = 'reason_wrong';
    const [code] = Object.values(codes);
    if (code !== undefined) {
      const context = { trainingId, reasonLength: reason.length };
      const errors = Object.entries(codes).map(([block, wrong]) => [block, denialText(wrong, context)]);
      await ack({ response_action: 'errors', errors: Object.fromEntries(errors) });
      await deps.service.deny(actor, code, { environment, trainingId, requestId });
      return;
    }
    await ack({ response_action: 'update', view: workingModal(state) });
    await confirm(deps, { viewId: view.id, actor, state: { ...state, requestId }, reason });
  };

async function confirm(
  deps: HandlerDeps,
  { viewId, actor, state, reason }: { viewId: string; actor: Actor; state: AskedState; reason: string },
): Promise<void> {
  const { service, notify, denialContext, logger } = deps;
  const { requestId, shown: fingerprint = '' } = state;
  const view = { id: viewId };
  try {
    const answer = await service.confirm(actor, { requestId, fingerprint }, reason);
    const stillAsked = () => isStillAsked(deps, answer);
    const content = await viewOf(deps, { state: withDraft(state, reason), answer });
    const update = await updateView(deps, view, content, stillAsked);
    // Nobody has seen the newer plan. One that somebody may have seen, they may be confirming now.
    const isUnseen = update === 'gone' && answer.kind === 'planned' && !answer.repeated;
    if (isUnseen) await service.cancel(actor, answer.request.id);
    // Somebody who has answered the newer plan already gets the reply to that.
    const isAnswered = update === 'seen' && !(await stillAsked());
    if (update === 'shown' || isAnswered || isOnCard(answer)) return;
    await notify(actor, answerText(state, answer, denialContext));
  } catch (error) {
    logger.error('confirmation failed', { ...actor, ...withoutDraft(state), error });
    // It may have been recorded all the same.
    const request = await service.requestOf(requestId).catch(() => undefined);
    const after = afterFaultWords(request);
    const update = await updateView(deps, view, faultModal(state, after));
    if (update !== 'shown') await notify(actor, confirmFaultText(state, after));
  }
}

/** A newer plan is a question until somebody confirms or cancels it. Other answers stay as they are. */
async function isStillAsked({ service }: HandlerDeps, answer: Confirmed): Promise<boolean> {
  if (answer.kind !== 'planned') return true;
  const { id, plan } = answer.request;
  const now = await service.requestOf(id).catch(() => answer.request);
  return now?.state === 'planned' && now.plan.fingerprint === plan.fingerprint;
}

/** Whether the card shows it, or its outcome will be sent because there is no card. */
const isOnCard = (answer: Confirmed): boolean =>
  answer.kind === 'confirmed' && (answer.request.card ?? answer.request.publishAt) !== null;
