import type { AllMiddlewareArgs, BlockAction, ButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { z } from 'zod';
import { denialText } from '../messages/denials';
import { deniedModal } from '../messages/modal';
import { readModalState } from '../messages/modal-state';
import { notWatchedText, watchingModal, watchingText, watchStoppedText, withReply } from '../messages/watch';
import { readWatched } from '../messages/watch-button';
import { updateView } from '../slack/views';
import { actorOf, deny, type HandlerDeps, readRequestId } from './deps';
import { askInNewModal } from './plan-modal';

type Args = Pick<
  SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs,
  'ack' | 'body' | 'action'
>;

/** The modal's Notify me, for all of its trainings that may be archived later. */
export const watchHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, action }: Args): Promise<void> => {
    await ack();
    const { view } = body;
    const state = view && readModalState(view.private_metadata);
    const watched = readWatched(action.value);
    if (!view || !state || !watched) return deny(deps, actorOf(body, body.channel?.id), 'stale_click');
    const actor = actorOf(body, state.channel);
    const { environment, items } = state;
    const { watches, again, denied } = await deps.service.watch(actor, environment, watched);
    const code = denied?.code;
    const [first, ...others] = watches;
    // Also for those that they wait for since before, a message comes.
    const waits = await deps.service.watches(actor);
    const left = items.filter(
      ({ trainingId, requestId }) =>
        requestId === undefined &&
        !waits.some((one) => one.environment === environment && one.trainingId === trainingId),
    );
    const texts = [
      first ? watchingText([first, ...others], again) : '',
      code ? denialText(code, { environment, ...deps.denialContext }) : '',
      first ? notWatchedText(left.map(({ trainingId }) => trainingId)) : '',
    ].filter(Boolean);
    // The window of several trainings keeps what was typed, and shows what blocks the others.
    const content =
      items.length > 1
        ? withReply(view, texts)
        : code && !first
          ? deniedModal(state, code, deps.denialContext)
          : watchingModal(state, texts);
    const update = await updateView(deps, { id: view.id, hash: view.hash }, content);
    if (update === 'unanswered' || update === 'gone') await deps.notify(actor, texts.join('\n'));
  };

/** Environment, training and channel. */
const valueSchema = z.tuple([z.string().max(40), z.string().regex(/^\d{1,19}$/), z.string().max(40)]);

/** See the plan, in the message that a training can be archived: the plan as it is now. */
export const seePlanHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, action }: Args): Promise<void> => {
    await ack();
    const value = readValue(action.value);
    if (value === undefined) return deny(deps, actorOf(body, body.channel?.id), 'stale_click');
    const [environment, trainingId, channel] = value;
    const actor = actorOf(body, channel);
    await askInNewModal(deps, {
      triggerId: body.trigger_id,
      actor,
      state: { environment, channel, items: [{ trainingId }] },
    });
  };

/** The list's Stop: no message when the training can be archived. */
export const stopWatchHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, action }: Args): Promise<void> => {
    await ack();
    const actor = actorOf(body, body.channel?.id);
    const id = readRequestId(action.value);
    if (id === undefined) return deny(deps, actor, 'stale_click');
    const answer = await deps.service.cancelWatch(actor, id);
    await deps.notify(
      actor,
      answer.kind === 'cancelled' ? watchStoppedText(answer.watch) : denialText(answer.code),
    );
  };

function readValue(value: string | undefined): z.output<typeof valueSchema> | undefined {
  try {
    return valueSchema.parse(JSON.parse(value ?? ''));
  } catch {
    return undefined;
  }
}
