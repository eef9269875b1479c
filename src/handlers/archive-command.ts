import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { badCommandText } from '../messages/notices';
import { isDirectMessage } from '../slack/conversations';
import { parseCommand } from './command-text';
import type { HandlerDeps } from './deps';
import { answerQuery } from './lists';
import { runPauseCommand } from './pause-command';
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
    if (parsed.kind === 'wrong') {
      await ack({ response_type: 'ephemeral', text: badCommandText(parsed.code, text, parsed.about) });
      await deps.service.deny(actor, parsed.code);
      return;
    }
    await ack();
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
