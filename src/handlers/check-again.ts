import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { denialText } from '../messages/denials';
import { INPUTS } from '../messages/ids';
import { readModalState, withDraft, withoutRequests } from '../messages/modal-state';
import { actorOf, deny, type HandlerDeps, readInput } from './deps';
import { askInModal } from './plan-modal';

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
    const slackCode = await deps.tokenProblem();
    if (slackCode !== null) {
      // Nothing can be shown. The modal stays as it is, and its Archive button can still say why.
      await deps.service.deny(actor, 'token_invalid', { detail: slackCode });
      return deps.notify(actor, denialText('token_invalid', { slackCode }));
    }
    for (const { requestId } of state.items)
      if (requestId !== undefined) await deps.service.cancel(actor, requestId);
    await askInModal(deps, {
      view: { id: view.id, hash: view.hash },
      actor,
      state: withDraft(withoutRequests(state), readInput(view, INPUTS.reason) || (state.draft ?? '')),
    });
  };
