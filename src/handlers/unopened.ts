import type { Target } from '../archive/answers';
import type { Actor } from '../archive/service';
import { denialText } from '../messages/denials';
import { toCardError } from '../slack/errors';
import type { HandlerDeps } from './deps';

interface Unopened {
  actor: Actor;
  error: unknown;
  /** What the modal is about. */
  target: Target | undefined;
}

/**
 * Records that a modal could not be opened, and says why. Null when the person has one: Slack delivers some clicks and
 * commands twice, and the first delivery used the trigger and replies for both.
 */
export async function whyNotOpened(
  { service, logger }: HandlerDeps,
  { actor, error, target }: Unopened,
): Promise<string | null> {
  const { environment = '', trainingId = '' } = target ?? {};
  const { failure, reason } = toCardError(error);
  // After a lost answer the modal may be open.
  const [code, message] =
    failure === 'maybe'
      ? (['modal_unconfirmed', 'modal perhaps not opened'] as const)
      : (['modal_not_opened', 'modal not opened'] as const);
  logger.warn(message, { reason, ...actor, error });
  if (reason === 'exchanged_trigger_id') return null;
  await service.deny(actor, code, { environment, trainingId, detail: reason });
  return denialText(code, { trainingId, slackCode: reason });
}
