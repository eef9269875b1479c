import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { badCommandText, helpText } from '../messages/notices';
import { isDirectMessage } from '../slack/conversations';
import { type ParsedCommand, parseCommand } from './command-text';
import type { HandlerDeps } from './deps';
import { openPicker } from './pick';
import { askInNewModal } from './plan-modal';

type Args = Pick<SlackCommandMiddlewareArgs & AllMiddlewareArgs, 'ack' | 'command' | 'respond'>;

/** Bolt sets no time limit for `respond`, and somebody is waiting for the reply. */
const RESPOND_MS = 3_000;

/** `/toloka-archive …`: the help, or a modal with the plan. */
export const archiveCommandHandler =
  (deps: HandlerDeps) =>
  async ({ ack, command, respond }: Args): Promise<void> => {
    const { text = '', user_id: user, channel_id: channel, team_id: team } = command;
    const actor = { user, channel, team, enterprise: command.enterprise_id ?? null };
    const read = parseCommand(text);
    if (read.kind === 'help') {
      await ack({ response_type: 'ephemeral', text: helpText() });
      return;
    }
    const parsed: ParsedCommand =
      read.kind === 'ask' || read.kind === 'pick' || read.kind === 'wrong'
        ? read
        : { kind: 'wrong', code: 'no_id' };
    if (parsed.kind === 'wrong') {
      await ack({ response_type: 'ephemeral', text: badCommandText(parsed.code, text, parsed.about) });
      await deps.service.deny(actor, parsed.code);
      return;
    }
    await ack();
    const environment = deps.resolveEnvironment(parsed.environment);
    const reply = async (words: string) => {
      const late = deps.sleep(RESPOND_MS).then(() => Promise.reject(new Error('no answer in time')));
      const answered = Promise.race([respond({ response_type: 'ephemeral', text: words }), late]);
      await answered.catch(() => deps.notify(actor, words));
    };
    const triggerId = command.trigger_id;
    if (parsed.kind === 'pick') {
      // A direct message has no channel for the card, so the modal asks for one.
      const where = isDirectMessage(channel, command.channel_name) ? '' : channel;
      return openPicker(deps, { triggerId, actor, channel: where, environment, reply });
    }
    await askInNewModal(deps, {
      triggerId,
      channelName: command.channel_name,
      actor,
      state: { environment, channel, items: parsed.trainingIds.map((trainingId) => ({ trainingId })) },
      reply,
    });
  };
