import type {
  AckFn,
  AllMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewOutput,
  ViewResponseAction,
  ViewSubmitAction,
} from '@slack/bolt';
import type { Confirmation } from '../archive/answers';
import type { Actor } from '../archive/service';
import { type DenialReason, denialText } from '../messages/denials';
import { INPUTS, REASON_LIMIT } from '../messages/ids';
import { faultModal, workingModal } from '../messages/modal';
import { type ModalState, readModalState, withDraft, withoutDraft } from '../messages/modal-state';
import { afterFaultWords, answerText, confirmFaultText } from '../messages/notices';
import { actorOf, type HandlerDeps, readInput } from './deps';
import { inTime } from './in-time';
import { viewOf } from './plan-modal';
import { denyStaleView } from './reply';

type Args = Pick<SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs, 'ack' | 'body' | 'view'>;
type Ack = AckFn<ViewResponseAction>;

/** Slack waits three seconds for an answer to a submit. */
const ACK_MS = 2_000;

/** The modal's Archive button. When all is well, the modal closes and the card is in the channel. */
export const confirmViewHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, view }: Args): Promise<void> => {
    const state = readModalState(view.private_metadata);
    const actor = actorOf(body, state?.channel);
    const asked = state?.items.filter(({ requestId }) => requestId !== undefined) ?? [];
    if (state === undefined || asked.length === 0) return denyStaleView(deps, actor, ack);
    const reason = readInput(view, INPUTS.reason);
    const expected = state.items.length === 1 ? (asked[0]?.trainingId ?? '') : asked.length;
    const { codes, context } = wrongInputs(deps, state, { reason, expected, view });
    const [code] = Object.values(codes);
    if (code !== undefined) {
      const errors = Object.entries(codes).map(([block, wrong]) => [block, denialText(wrong, context)]);
      await ack({ response_action: 'errors', errors: Object.fromEntries(errors) });
      const [{ trainingId = '', requestId = '' } = {}] = asked;
      await deps.service.deny(actor, code, { environment: state.environment, trainingId, requestId });
      return;
    }
    await confirm(deps, { ack, actor, state: { ...state, items: asked }, reason });
  };

/** `expected`: what must be typed, the training ID or the number of trainings. */
function wrongInputs(
  { requiresTyping }: HandlerDeps,
  { environment }: ModalState,
  { reason, expected, view }: { reason: string; expected: string | number; view: ViewOutput },
) {
  const codes: Record<string, DenialReason> = {};
  const isWrong = requiresTyping(environment) && readInput(view, INPUTS.typed) !== String(expected);
  if (isWrong)
    codes[INPUTS.typed.block] = typeof expected === 'string' ? 'typed_id_wrong' : 'typed_number_wrong';
  if (reason === '' || reason.length > REASON_LIMIT) codes[INPUTS.reason.block] = 'reason_wrong';
  const context = {
    reasonLength: reason.length,
    ...(typeof expected === 'string' ? { trainingId: expected } : { trainings: expected }),
  };
  return { codes, context };
}

interface Submit {
  ack: Ack;
  actor: Actor;
  state: ModalState;
  reason: string;
}

async function confirm(deps: HandlerDeps, { ack, actor, state, reason }: Submit): Promise<void> {
  const shown = state.items.map(({ requestId = '', shown: fingerprint = '' }) => ({
    requestId,
    fingerprint,
  }));
  const confirming = deps.service.confirm(actor, shown, reason);
  const drafted = withDraft(state, reason);
  const answering: Promise<ViewResponseAction> = confirming.then(
    async (answer) =>
      isOnCards(answer)
        ? { response_action: 'clear' }
        : { response_action: 'update', view: await viewOf(deps, { actor, state: drafted, answer }) },
    async () => ({ response_action: 'update', view: faultModal(state, await afterFault(deps, state)) }),
  );
  const answer = await inTime(deps.sleep, answering, ACK_MS);
  try {
    await ack(answer ?? { response_action: 'update', view: workingModal(state) });
  } finally {
    // It goes on although Slack may not have heard the acknowledgement.
    await finish(deps, { confirming, actor, state, promised: answer === undefined });
  }
}

/** Waits for the end of a confirmation. `promised`: the modal promised a card or a message. Never throws. */
async function finish(
  deps: HandlerDeps,
  {
    confirming,
    actor,
    state,
    promised,
  }: { confirming: Promise<Confirmation>; actor: Actor; state: ModalState; promised: boolean },
): Promise<void> {
  const { notify, denialContext, logger } = deps;
  try {
    const answer = await confirming;
    // A newer plan stays as it is: another delivery of this click may have shown it.
    if (promised && !isConfirmed(answer)) await notify(actor, answerText(state, answer, denialContext));
    await answer.done;
  } catch (error) {
    logger.error('confirmation failed', { ...actor, ...withoutDraft(state), error });
    if (promised) await notify(actor, confirmFaultText(state, await afterFault(deps, state)));
  }
}

/** What a fault means for the first request: it may have been recorded all the same. */
async function afterFault({ service }: HandlerDeps, { items }: ModalState): Promise<string> {
  const request = await service.requestOf(items[0]?.requestId ?? '').catch(() => undefined);
  return afterFaultWords(request);
}

/** Of what was confirmed, the card shows the end; without a card, a private message does. */
const isConfirmed = (answer: Confirmation): boolean =>
  answer.kind === 'answers' && answer.each.every(({ kind }) => kind === 'confirmed');

const isOnCards = (answer: Confirmation): boolean =>
  answer.kind === 'answers' &&
  answer.each.every((one) => one.kind === 'confirmed' && one.request.card !== null);
