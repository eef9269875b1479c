import type { Actor } from '../archive/service';
import { denialText } from '../messages/denials';
import { REASON_LIMIT } from '../messages/ids';
import { pauseAnswerText } from '../messages/pause';
import type { ParsedCommand } from './command-text';
import type { HandlerDeps } from './deps';

type PauseCommand = Extract<ParsedCommand, { kind: 'pause' | 'resume' }>;

/** `pause <reason>` and `resume`. Returns the reply. */
export async function runPauseCommand(
  deps: HandlerDeps,
  actor: Actor,
  command: PauseCommand,
): Promise<string> {
  const { service, denialContext } = deps;
  if (command.kind === 'resume') return pauseAnswerText(await service.resume(actor), denialContext);
  const { reason } = command;
  if (reason.length > REASON_LIMIT) {
    const denied = await pauseDenialText(deps, actor);
    if (denied !== null) return denied;
    await service.deny(actor, 'reason_wrong');
    return `:no_entry: ${denialText('reason_wrong', { reasonLength: reason.length })}`;
  }
  return pauseAnswerText(await service.pause(actor, reason), denialContext);
}

/** The reply to somebody who may not pause and resume, which is recorded; null for those who may. */
export async function pauseDenialText(
  { service, denialContext }: HandlerDeps,
  actor: Actor,
): Promise<string | null> {
  const denied = await service.mayPause(actor);
  return denied && pauseAnswerText(denied, denialContext);
}
