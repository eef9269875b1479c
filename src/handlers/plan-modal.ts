import type { ModalView } from '@slack/types';
import type { Answers, Asked, Confirmed, Target } from '../archive/answers';
import type { Actor } from '../archive/service';
import { batchModal } from '../messages/batch-modal';
import { denialText } from '../messages/denials';
import {
  blockedModal,
  confirmModal,
  deniedModal,
  faultModal,
  loadingModal,
  statusModal,
} from '../messages/modal';
import { type ModalState, targetsOf, withoutDraft } from '../messages/modal-state';
import { notShownText } from '../messages/notices';
import type { LastRequest } from '../messages/plan';
import { isDirectMessage } from '../slack/conversations';
import { type OpenView, openView, updateView } from '../slack/views';
import type { HandlerDeps } from './deps';
import { whyNotOpened } from './unopened';

/** Opens a modal while its trigger is valid (three seconds), and reads the plan meanwhile. */
export async function askInNewModal(
  deps: HandlerDeps,
  options: {
    triggerId: string;
    actor: Actor;
    state: ModalState;
    /** The name of the channel, where Slack gives it. */
    channelName?: string | undefined;
  },
): Promise<void> {
  const { client, service, notify } = deps;
  const { triggerId, actor, state, channelName } = options;
  const [target = { environment: state.environment, trainingId: '' }] = targetsOf(state);
  if (isDirectMessage(actor.channel, channelName)) {
    await service.deny(actor, 'direct_message', target);
    await notify(actor, denialText('direct_message'));
    return;
  }
  // Slack is asked first: the modal is what the person waits for.
  const opening = openView(client, triggerId, loadingModal(state));
  const asking = deps.giveWay(opening).then(() => startAsking(deps, actor, state));
  let view: OpenView;
  try {
    view = await opening;
  } catch (error) {
    const why = await whyNotOpened(deps, { actor, error, target });
    if (why !== null) await notify(actor, why);
    return cancelAll(deps, actor, (await asking).answer);
  }
  await show(deps, { view, actor, state }, asking);
}

/** Reads the plan again and shows it in an open modal. */
export const askInModal = (deps: HandlerDeps, where: { view: OpenView; actor: Actor; state: ModalState }) =>
  show(deps, where, startAsking(deps, where.actor, where.state));

interface Shown {
  content: ModalView;
  /** Undefined when asking failed. */
  answer?: Answers<Asked>;
}

async function show(
  deps: HandlerDeps,
  { view, actor, state }: { view: OpenView; actor: Actor; state: ModalState },
  asking: Promise<Shown>,
): Promise<void> {
  const { content, answer } = await asking;
  const update = await updateView(deps, view, content);
  if (update === 'unanswered') {
    const slackCode = await deps.tokenProblem();
    const why = slackCode === null ? notShownText(state) : denialText('token_invalid', { slackCode });
    await deps.notify(actor, why);
  }
  // Closing the modal cancels the requests.
  if (update === 'gone') await cancelAll(deps, actor, answer);
}

/** Never rejects, since it runs while the modal is being opened. */
async function startAsking(deps: HandlerDeps, actor: Actor, state: ModalState): Promise<Shown> {
  try {
    const context = readContext(deps, actor, state);
    const answer = await deps.service.ask(actor, targetsOf(state));
    return { content: await viewOf(deps, { actor, state, answer, context }), answer };
  } catch (error) {
    deps.logger.error('ask failed', { ...actor, ...withoutDraft(state), error });
    return { content: faultModal(state) };
  }
}

async function cancelAll({ service }: HandlerDeps, actor: Actor, answer?: Answers<Confirmed>): Promise<void> {
  if (answer?.kind !== 'answers') return;
  for (const one of answer.each)
    if (one.kind === 'planned') await service.cancel(actor, one.request.id).catch(() => {});
}

/** What the plan of one training is shown with: the request before, and until when this person waits for it. */
interface Context {
  last: LastRequest | undefined;
  watchedUntil: number | null;
}

/** Never rejects. */
async function readContext(deps: HandlerDeps, actor: Actor, state: ModalState): Promise<Context> {
  const [target, ...more] = targetsOf(state);
  if (target === undefined || more.length > 0) return { last: undefined, watchedUntil: null };
  const [last, watchedUntil] = await Promise.all([
    readLast(deps, target),
    deps.service.watchedUntil(actor, target),
  ]);
  return { last, watchedUntil };
}

async function readLast(
  { service, permalink }: HandlerDeps,
  target: Target,
): Promise<LastRequest | undefined> {
  const request = await service.lastEnded(target);
  return request && { request, cardUrl: await permalink(request.card) };
}

interface Answered {
  actor: Actor;
  state: ModalState;
  answer: Answers<Confirmed>;
  /** Where it is being read already. */
  context?: Promise<Context>;
}

/** What a modal shows for an answer of the service. */
export async function viewOf(
  deps: HandlerDeps,
  { actor, state, answer, context }: Answered,
): Promise<ModalView> {
  const { denialContext } = deps;
  if (answer.kind === 'denied')
    return deniedModal(state, answer.code, {
      ...denialContext,
      ...(answer.pause && { pause: answer.pause }),
    });
  const [one, ...others] = answer.each;
  if (one === undefined) return faultModal(state);
  const asks = {
    typed: deps.requiresTyping(state.environment),
    approvals: deps.service.approvalsNeeded(state.environment),
  };
  return others.length === 0
    ? viewOfOne(deps, { actor, state, answer: one, context, asks })
    : batchModal(state, answer.each, asks);
}

async function viewOfOne(
  deps: HandlerDeps,
  {
    actor,
    state,
    answer,
    context,
    asks: { typed, approvals },
  }: Pick<Answered, 'actor' | 'state'> & {
    answer: Confirmed;
    context: Promise<Context> | undefined;
    asks: { typed: boolean; approvals: number };
  },
): Promise<ModalView> {
  const read = () => context ?? readContext(deps, actor, state);
  switch (answer.kind) {
    case 'denied':
      return deniedModal(state, answer.code, deps.denialContext);
    case 'blocked':
      return blockedModal(state, { ...answer, ...(await read()) });
    case 'planned':
      return confirmModal(state, answer.request, {
        ...{ typedId: typed, changes: answer.changes, last: (await read()).last, approvals },
      });
    case 'already_open':
    case 'already_decided':
    case 'confirmed':
      return statusModal(state, answer.request, answer.kind, await deps.permalink(answer.request.card));
  }
}
