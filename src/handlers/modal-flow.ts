import type { ModalView } from '@slack/types';
import { WebAPIPlatformError } from '@slack/web-api';
import type { Actor, Asked, Confirmed } from '../archive/results';
import {
  answerModal,
  blockedModal,
  confirmModal,
  loadingModal,
  type ModalMemory,
  standsModal,
  withDraft,
  withoutDraft,
} from '../messages/modal';
import { foreign } from '../messages/text';
import type { HandlerParts } from './parts';
import { type OpenView, update } from './update-view';

/**
 * Opens the modal within the trigger's three seconds, then fills it with the plan. `fallback` answers in private
 * when no modal can be opened.
 */
export async function askInModal(
  parts: HandlerParts,
  triggerId: string,
  actor: Actor,
  memory: ModalMemory,
  fallback: (text: string) => Promise<unknown>,
): Promise<void> {
  const view = await open(parts, triggerId, actor, loadingModal(memory), fallback);
  if (view !== undefined) await askInto(parts, view, actor, memory);
}

/** Asks anew and shows the answer in a modal that is open. */
export async function askInto(
  parts: HandlerParts,
  view: OpenView,
  actor: Actor,
  memory: ModalMemory,
): Promise<void> {
  const { service, logger } = parts;
  try {
    const asked = await service.ask(actor, memory, memory.retryOf);
    const shown = await update(parts, view, await answerView(parts, memory, asked));
    // Whoever closed the modal in the meantime has cancelled; a plan that nobody saw must not linger.
    if (shown === 'no' && asked.kind === 'planned') await service.cancel(actor, asked.request.id);
    if (shown === 'unanswered') await tellUnanswered(parts, actor, memory);
  } catch (error) {
    logger.error('ask failed', { ...actor, ...withoutDraft(memory), error });
    const shown = await update(parts, view, internalError(memory));
    if (shown === 'unanswered') await tellUnanswered(parts, actor, memory);
  }
}

/** True whether or not the window shows the answer after all. */
const tellUnanswered = ({ tell }: HandlerParts, { user, channel }: Actor, memory: ModalMemory) =>
  tell(
    user,
    channel,
    `Slack did not take the answer about training ${foreign(memory.trainingId, 40)}. If your window still says that it is checking, close it and type the command again. Nothing was archived.`,
  );

export async function answerView(
  { typesId, permalink }: HandlerParts,
  memory: ModalMemory,
  answer: Asked | Confirmed,
  reason = '',
): Promise<ModalView> {
  switch (answer.kind) {
    case 'refused':
      return answerModal(memory, ':no_entry:', answer.message, answer.code);
    case 'already_open': {
      const lead =
        'There is an open request for this training already; nothing new was started. It stands at: ';
      return standsModal(memory, answer.request, lead, await permalink(answer.request.card));
    }
    case 'blocked':
      return blockedModal(withDraft(memory, reason), answer.plan, answer.changes);
    case 'planned':
      return confirmModal(memory, answer.request, typesId(memory.environment), answer.changes, reason);
    case 'settled_before': {
      const lead = 'This request was settled before; this click changed nothing. It stands at: ';
      return standsModal(memory, answer.request, lead, await permalink(answer.request.card));
    }
    case 'confirmed':
      return standsModal(memory, answer.request, '', await permalink(answer.request.card));
  }
}

export const internalError = (memory: ModalMemory, words = 'Nothing was archived.'): ModalView =>
  answerModal(
    memory,
    ':warning:',
    `Something went wrong inside this app. ${words} Tell whoever runs this app if it happens twice.`,
    'internal_error',
  );

async function open(
  { client, service, logger }: HandlerParts,
  trigger_id: string,
  actor: Actor,
  view: ModalView,
  fallback: (text: string) => Promise<unknown>,
): Promise<OpenView | undefined> {
  try {
    const answer = await client.views.open({ trigger_id, view });
    return answer.view?.id ? { id: answer.view.id, hash: answer.view.hash } : undefined;
  } catch (error) {
    const reason = error instanceof WebAPIPlatformError ? error.data.error : 'slack_unreachable';
    logger.warn('modal not opened', { reason, ...actor, error });
    // Slack delivers some commands twice: the first delivery has used this trigger and answers for both.
    if (reason === 'exchanged_trigger_id') return undefined;
    const message = `Slack did not open the window (\`${reason}\`), so nothing was archived. Please try again.`;
    await service.refuse(actor, 'modal_not_opened', message);
    await fallback(message);
    return undefined;
  }
}
