import type { ModalView } from '@slack/types';
import type { Actor, Asked, Confirmed } from '../archive/service';
import { denialText } from '../messages/denials';
import {
  blockedModal,
  confirmModal,
  deniedModal,
  faultModal,
  loadingModal,
  type ModalState,
  statusModal,
  withoutDraft,
} from '../messages/modal';
import { notShownText } from '../messages/notices';
import { isDirectMessage } from '../slack/conversations';
import { toCardError } from '../slack/errors';
import { type OpenView, openView, updateView } from '../slack/views';
import type { HandlerDeps } from './deps';

/** Opens a modal while its trigger is valid (three seconds), then fills it with the plan. */
export async function askInNewModal(
  deps: HandlerDeps,
  options: {
    triggerId: string;
    actor: Actor;
    state: ModalState;
    /** The name of the channel, where Slack gives it. */
    channelName?: string | undefined;
    /** Replies in private when no modal can be opened. */
    reply: (text: string) => Promise<unknown>;
  },
): Promise<void> {
  const { client, service, logger } = deps;
  const { triggerId, actor, state, channelName, reply } = options;
  if (isDirectMessage(actor.channel, channelName)) {
    const { environment, trainingId } = state;
    await service.deny(actor, 'direct_message', { environment, trainingId });
    await reply(denialText('direct_message'));
    return;
  }
  let view: OpenView;
  try {
    view = await openView(client, triggerId, loadingModal(state));
  } catch (error) {
    const { failure, reason } = toCardError(error);
    // After a lost answer the modal may be open.
    const [code, message] =
      failure === 'maybe'
        ? (['modal_unconfirmed', 'modal perhaps not opened'] as const)
        : (['modal_not_opened', 'modal not opened'] as const);
    logger.warn(message, { reason, ...actor, error });
    // Slack delivers some commands twice. The first delivery used the trigger and replies for both.
    if (reason === 'exchanged_trigger_id') return;
    const { environment, trainingId } = state;
    await service.deny(actor, code, { environment, trainingId, detail: reason });
    await reply(denialText(code, { trainingId, slackCode: reason }));
    return;
  }
  await ask(deps, { view, actor, state });
}

/** Reads the plan and shows it in an open modal. */
export async function ask(
  deps: HandlerDeps,
  { view, actor, state }: { view: OpenView; actor: Actor; state: ModalState },
): Promise<void> {
  const { service, notify, logger } = deps;
  const show = async (content: ModalView) => {
    const update = await updateView(deps, view, content);
    if (update === 'unanswered') await notify(actor, notShownText(state));
    return update;
  };
  try {
    const asked = await service.ask(actor, state, state.retryOf);
    const update = await show(await viewOf(deps, { state, answer: asked }));
    // Closing the modal cancels the request.
    if (update === 'gone' && asked.kind === 'planned') await service.cancel(actor, asked.request.id);
  } catch (error) {
    logger.error('ask failed', { ...actor, ...withoutDraft(state), error });
    await show(faultModal(state));
  }
}

/** What a modal shows for an answer of the service. */
export async function viewOf(
  { service, requiresTypedId, permalink, denialContext }: HandlerDeps,
  { state, answer }: { state: ModalState; answer: Asked | Confirmed },
): Promise<ModalView> {
  const readLast = async () => {
    const request = await service.lastEnded(state);
    return request && { request, cardUrl: await permalink(request.card) };
  };
  switch (answer.kind) {
    case 'denied':
      return deniedModal(state, answer.code, denialContext);
    case 'blocked':
      return blockedModal(state, { ...answer, last: await readLast() });
    case 'planned':
      return confirmModal(state, answer.request, {
        typedId: requiresTypedId(state.environment),
        changes: answer.changes,
        last: await readLast(),
      });
    case 'already_open':
    case 'already_decided':
    case 'confirmed':
      return statusModal(state, answer.request, answer.kind, await permalink(answer.request.card));
  }
}
