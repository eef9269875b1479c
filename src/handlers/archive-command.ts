import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { foreign } from '../messages/text';
import { usage } from '../messages/usage';
import { askInModal } from './modal-flow';
import { parseCommand } from './parse-command';
import type { HandlerParts } from './parts';

/** `/toloka-archive …`: the usage, or the modal with the plan. */
export const archiveCommandCallback =
  (parts: HandlerParts) =>
  async ({ ack, command, respond }: SlackCommandMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    const parsed = parseCommand(command.text ?? '');
    const actor = { user: command.user_id, channel: command.channel_id };
    if (parsed.kind === 'help') {
      await ack({ response_type: 'ephemeral', text: usage() });
      return;
    }
    if (parsed.kind === 'wrong') {
      const said = command.text ? `\nYou wrote: ${foreign(command.text, 200)}` : '';
      await ack({ response_type: 'ephemeral', text: `:no_entry: ${parsed.message}${said}\n\n${usage()}` });
      await parts.service.refuse(actor, parsed.code, parsed.message);
      return;
    }
    await ack();
    const environment = parts.environmentOf(parsed.environment);
    const memory = { environment, trainingId: parsed.trainingId, channel: actor.channel };
    const instead = async (text: string) => {
      // Bolt asks without a time limit, and somebody waits for this.
      const late = parts.sleep(RESPOND_MS).then(() => Promise.reject(new Error('not taken in time')));
      const answered = Promise.race([respond({ response_type: 'ephemeral', text }), late]);
      await answered.catch(() => parts.tell(actor.user, actor.channel, text));
    };
    await askInModal(parts, command.trigger_id, actor, memory, instead);
  };

const RESPOND_MS = 3_000;
