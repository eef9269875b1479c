import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import type { Actor } from '../archive/service';
import { badCommandText } from '../messages/notices';
import { isDirectMessage } from '../slack/conversations';
import { type ParsedCommand, parseCommand } from './command-text';
import type { HandlerDeps } from './deps';
import { answerQuery } from './lists';
import { pauseDenialText, runPauseCommand } from './pause-command';
import { openPicker } from './pick';
import { askInNewModal } from './plan-modal';

type Args = Pick<SlackCommandMiddlewareArgs & AllMiddlewareArgs, 'ack' | 'command'>;

/** `/toloka-archive …`: a modal with the plan, the picker, or a private reply. */
export const archiveCommandHandler =
  (deps: HandlerDeps) =>
  async ({ ack, command }: Args): Promise<void> => {
    const { text = '', user_id: user, channel_id: channel, team_id: team } = command;
    const actor = { user, channel, team, enterprise: command.enterprise_id ?? null };
    const parsed = parseCommand(text);
    deps.countCommand(parsed.kind);
    await ack();
    if (parsed.kind === 'wrong') return deps.notify(actor, await denyWrong(deps, actor, parsed, text));
    if (parsed.kind === 'pause' || parsed.kind === 'resume')
      return deps.notify(actor, await runPauseCommand(deps, actor, parsed));
    if (parsed.kind !== 'ask' && parsed.kind !== 'pick')
      return deps.notify(actor, await answerQuery(deps, actor, parsed));
    const environment = deps.resolveEnvironment(parsed.environment);
    const triggerId = command.trigger_id;
    if (parsed.kind === 'pick') {
      // A direct message has no channel for the card, so the modal asks for one.
      const where = isDirectMessage(channel, command.channel_name) ? '' : channel;
      return openPicker(deps, { triggerId, actor, channel: where, environment });
    }
    await askInNewModal(deps, {
      triggerId,
      channelName: command.channel_name,
      actor,
      state: { environment, channel, items: parsed.trainingIds.map((trainingId) => ({ trainingId })) },
    });
  };

/** Records why a command cannot be run. Returns the reply, with what the person can type instead. */
async function denyWrong(
  deps: HandlerDeps,
  actor: Actor,
  { code, about }: Extract<ParsedCommand, { kind: 'wrong' }>,
  text: string,
): Promise<string> {
  // Nobody is taught to pause and resume who may not.
  const isPause = code === 'no_reason' || code === 'resume_is_for_all';
  const denied = isPause ? await pauseDenialText(deps, actor) : null;
  if (denied !== null) return denied;
  await deps.service.deny(actor, code);
  return badCommandText(code, text, { rights: await deps.service.lists.rightsOf(actor, 'here'), about });
}
