import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { INPUTS } from '../messages/ids';
import { withDraft, withoutRequest } from '../messages/modal';
import { actorOf, deny, type HandlerDeps, readInput, readModalState } from './deps';
import { ask } from './plan-modal';

type Args = Pick<SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs, 'ack' | 'body'>;

/** The modal's Check again: reads a new plan and shows it instead. */
export const checkAgainHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body }: Args): Promise<void> => {
    await ack();
    const { view } = body;
    const state = view && readModalState(view.private_metadata);
    if (!view || !state) return deny(deps, actorOf(body, body.channel?.id), 'stale_click');
    const actor = actorOf(body, state.channel);
    if (state.requestId !== undefined) await deps.service.cancel(actor, state.requestId);
    await ask(deps, {
      view: { id: view.id, hash: view.hash },
      actor,
      state: withDraft(withoutRequest(state), readInput(view, INPUTS.reason)),
    });
  };
