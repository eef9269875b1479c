import type { Actor } from '../archive/service';
import { denialText } from '../messages/denials';
import { REASON_LIMIT } from '../messages/ids';
import { pauseAnswerText } from '../messages/pause';
import type { ParsedCommand } from './command-text';
import type { HandlerDeps } from './deps';

type PauseCommand = Extract<ParsedCommand, { kind: 'pause' | 'resume' }>;

/** `pause <reason>` and `resume`. Returns the reply. */
export async function runPauseCommand(
  { service, denialContext }: HandlerDeps,
  actor: Actor,
  command: PauseCommand,
): Promise<string> {
  if (command.kind === 'resume') return pauseAnswerText(await service.resume(actor), denialContext);
  const { reason } = command;
  if (reason.length > REASON_LIMIT) {
    await service.deny(actor, 'reason_wrong');
    return `:no_entry: ${denialText('reason_wrong', { reasonLength: reason.length })}`;
  }
  return pauseAnswerText(await service.pause(actor, reason), denialContext);
}
