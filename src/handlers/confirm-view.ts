import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { isOpen } from '../archive/request';
import type { Actor, Confirmed } from '../archive/results';
import { INPUTS } from '../messages/ids';
import { answerModal, type ModalMemory, REASON_LIMIT, sendingModal, withoutDraft } from '../messages/modal';
import { foreign } from '../messages/text';
import { STATE_WORDS } from '../messages/words';
import { answerView, internalError } from './modal-flow';
import { type HandlerParts, readMemory, STALE_CLICK } from './parts';
import { update } from './update-view';

/** The modal's Archive button. */
export const confirmViewCallback =
  (parts: HandlerParts) =>
  async ({
    ack,
    body,
    view,
  }: SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs): Promise<void> => {
    const memory = readMemory(view.private_metadata);
    if (memory?.requestId === undefined) {
      const blank = memory ?? { environment: '', trainingId: '', channel: '' };
      await ack({
        response_action: 'update',
        view: answerModal(blank, ':no_entry:', STALE_CLICK, 'stale_click'),
      });
      return;
    }
    const actor = { user: body.user.id, channel: memory.channel };
    const { requestId } = memory;
    const values = readInputs(view.state.values);
    const errors = findErrors(values, memory, parts.typesId(memory.environment));
    if (Object.keys(errors).length > 0) {
      await ack({ response_action: 'errors', errors });
      const code = INPUTS.typedId.block in errors ? 'typed_id_wrong' : 'reason_wrong';
      await parts.service.refuse(actor, code, Object.values(errors).join(' '), { ...memory, requestId });
      return;
    }
    await ack({ response_action: 'update', view: sendingModal(memory) });
    await confirm(parts, actor, { ...memory, requestId }, values.reason, view.id);
  };

interface Values {
  reason: string;
  typedId: string;
}

function readInputs(values: ViewSubmitAction['view']['state']['values']): Values {
  const read = ({ block, action }: { block: string; action: string }) =>
    values[block]?.[action]?.value?.trim() ?? '';
  return { reason: read(INPUTS.reason), typedId: read(INPUTS.typedId) };
}

function findErrors({ reason, typedId }: Values, { trainingId }: ModalMemory, typesId: boolean) {
  const errors: Record<string, string> = {};
  if (reason === '') errors[INPUTS.reason.block] = 'Give a reason: it stands in the record.';
  if (reason.length > REASON_LIMIT)
    errors[INPUTS.reason.block] = `At most ${REASON_LIMIT} characters, please; these are ${reason.length}.`;
  if (typesId && typedId !== trainingId)
    errors[INPUTS.typedId.block] = `That is not the training’s id. Type ${trainingId} to confirm, or cancel.`;
  return errors;
}

async function confirm(
  parts: HandlerParts,
  actor: Actor,
  memory: ModalMemory & { requestId: string },
  reason: string,
  viewId: string,
): Promise<void> {
  try {
    const { requestId, shown: fingerprint = '' } = memory;
    const answer = await parts.service.confirm(actor, { requestId, fingerprint }, reason);
    const view = await answerView(parts, memory, answer, reason);
    const shown = await update(parts, { id: viewId }, view, () => isStillAsked(parts, answer));
    // A newer plan that nobody has seen must not linger. One that somebody may have seen, they may be confirming now.
    const unseen = shown === 'no' && answer.kind === 'planned' && !answer.repeated;
    if (unseen) await parts.service.cancel(actor, answer.request.id);
    // Whoever has answered the newer plan already is told how that went, and not that there is one.
    const answered = shown === 'seen' && !(await isStillAsked(parts, answer));
    if (shown !== 'yes' && !answered) await tellInstead(parts, actor, memory, answer);
  } catch (error) {
    parts.logger.error('confirmation failed', { ...actor, ...withoutDraft(memory), error });
    const words = await afterFault(parts, memory.requestId);
    const shown = await update(parts, { id: viewId }, internalError(memory, words));
    if (shown !== 'yes')
      await parts.tell(
        actor.user,
        actor.channel,
        `The archive request for training ${foreign(memory.trainingId, 40)} ran into a fault of this app. ${words}`,
      );
  }
}

/** A newer plan stays a question until somebody confirms or cancels it; all else that is answered stays as it is. */
async function isStillAsked({ service }: HandlerParts, answer: Confirmed): Promise<boolean> {
  if (answer.kind !== 'planned') return true;
  const { id, plan } = answer.request;
  const now = await service.requestOf(id).catch(() => answer.request);
  return now?.state === 'planned' && now.plan.fingerprint === plan.fingerprint;
}

/** What a person must know who clicked Archive and met a fault: it may have been recorded all the same. */
async function afterFault({ service }: HandlerParts, requestId: string): Promise<string> {
  const request = await service.requestOf(requestId).catch(() => undefined);
  if (request === undefined)
    return 'It is not known whether your request was recorded. If it was, it goes on by itself and a card appears in the channel: look there before you try again.';
  return isOpen(request.state)
    ? 'Your request is recorded and goes on by itself: the card in the channel tells how.'
    : `Your request stands at: ${STATE_WORDS[request.state].title}. Nothing more will be done about it.`;
}

/** The modal was closed: what it would have said is said in private, except where a card says it already. */
async function tellInstead(
  parts: HandlerParts,
  actor: Actor,
  memory: ModalMemory,
  answer: Confirmed,
): Promise<void> {
  // A card says it, or its absence is told with the end.
  if (answer.kind === 'confirmed' && (answer.request.card ?? answer.request.publishAt) !== null) return;
  const about = `Training ${memory.trainingId} in ${memory.environment}: `;
  await parts.tell(actor.user, actor.channel, about + inWords(answer));
}

function inWords(answer: Confirmed): string {
  switch (answer.kind) {
    case 'refused':
      return `${answer.message} Nothing was archived.`;
    case 'blocked':
      return 'something stands in the way now, so nothing was archived. Type the command again to see what.';
    case 'planned':
      return `the plan is not the one that you looked at (${foreign(answer.changes.join('; '), 600)}), so this click archived nothing. Type the command again to see the new plan.`;
    case 'already_open':
    case 'settled_before':
      return `this request changed nothing; another click was first. It stands at: ${STATE_WORDS[answer.request.state].title}.`;
    case 'confirmed':
      return `${STATE_WORDS[answer.request.state].title}. ${foreign(answer.request.outcome?.message ?? '', 1500)}`;
  }
}
