import type {
  AllMiddlewareArgs,
  BlockAction,
  GlobalShortcut,
  OptionsSource,
  SlackActionMiddlewareArgs,
  SlackOptionsMiddlewareArgs,
  SlackShortcutMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewSubmitAction,
} from '@slack/bolt';
import { z } from 'zod';
import type { Actor } from '../archive/service';
import { denialText } from '../messages/denials';
import { INPUTS } from '../messages/ids';
import { loadingModal } from '../messages/modal';
import { type ModalState, readModalState } from '../messages/modal-state';
import { choiceOptions, MOST_OPTIONS, pickModal, unansweredOptions } from '../messages/picker';
import { toCardError } from '../slack/errors';
import { openView, updateView } from '../slack/views';
import { MOST_TRAININGS } from './command-text';
import { actorOf, type ClickBody, deny, type HandlerDeps } from './deps';
import { inTime } from './in-time';
import { askInModal, viewOf } from './plan-modal';
import { denyStaleView } from './reply';

/** Opens the modal in which trainings are chosen. `channel` is '' where there is none, and the modal asks for one. */
export async function openPicker(
  deps: HandlerDeps,
  options: {
    triggerId: string;
    actor: Actor;
    channel: string;
    environment: string;
  },
): Promise<void> {
  const { service, client, environments, logger } = deps;
  const { triggerId, actor, channel, environment } = options;
  const state = { channel, environment, items: [] };
  const allowed = service.mayArchive(actor).then((denied) => {
    // Ahead of the first search, and not for people who may not see the trainings.
    if (denied === null) service.catalog.warmUp(environment);
    return denied;
  });
  // It may fail while the modal is being opened, and an unhandled rejection ends the process.
  allowed.catch(() => {});
  try {
    const view = await openView(client, triggerId, pickModal(state, environments));
    const denied = await allowed;
    if (denied === null) return;
    await updateView(deps, view, await viewOf(deps, { actor, state, answer: denied }));
  } catch (error) {
    const { reason } = toCardError(error);
    await allowed.catch(() => {});
    if (reason === 'exchanged_trigger_id') return;
    logger.warn('picker not opened', { reason, ...actor, error });
    await service.deny(actor, 'modal_not_opened', { environment, detail: reason });
    await deps.notify(actor, denialText('modal_not_opened', { slackCode: reason }));
  }
}

/** The global shortcut. It has no channel. */
export const pickShortcutHandler =
  (deps: HandlerDeps) =>
  async ({
    ack,
    body,
  }: Pick<
    SlackShortcutMiddlewareArgs<GlobalShortcut> & AllMiddlewareArgs,
    'ack' | 'body'
  >): Promise<void> => {
    await ack();
    await openWithoutChannel(deps, body, body.trigger_id);
  };

/** The Home tab's Archive trainings. */
export const pickButtonHandler =
  (deps: HandlerDeps) =>
  async ({
    ack,
    body,
  }: Pick<SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs, 'ack' | 'body'>): Promise<void> => {
    await ack();
    await openWithoutChannel(deps, body, body.trigger_id);
  };

function openWithoutChannel(deps: HandlerDeps, body: ClickBody, triggerId: string): Promise<void> {
  const actor = actorOf(body);
  const environment = deps.resolveEnvironment(null);
  return openPicker(deps, { triggerId, actor, channel: '', environment });
}

/** Slack waits three seconds for options. */
const OPTIONS_MS = 2_000;

type OptionsArgs = Pick<SlackOptionsMiddlewareArgs<OptionsSource> & AllMiddlewareArgs, 'ack' | 'body'>;

/** What the search of trainings shows. Asked for on each key, so a denial is recorded but not sent as a message. */
export const trainingOptionsHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body }: OptionsArgs): Promise<void> => {
    const { service, sleep } = deps;
    const search = body as unknown as ClickBody & {
      view?: { type: string; private_metadata: string };
      value?: string;
    };
    const { view, value } = search;
    const state = view && readModalState(view.private_metadata);
    const denied = await service.mayArchive(actorOf(search));
    if (denied !== null || !state) {
      await ack({ options: [] });
      return;
    }
    const finding = service.catalog.find(state.environment, (value ?? '').slice(0, 200), MOST_OPTIONS);
    const found = await inTime(sleep, finding, OPTIONS_MS);
    // Bolt's type demands the options of old dialogs as well.
    await ack((found === undefined ? unansweredOptions() : choiceOptions(found)) as never);
  };

/** Another environment was chosen: its trainings instead. */
export const pickEnvironmentHandler =
  (deps: HandlerDeps) =>
  async ({
    ack,
    body,
  }: Pick<SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs, 'ack' | 'body'>): Promise<void> => {
    await ack();
    const { view, actions } = body;
    const state = view && readModalState(view.private_metadata);
    const [action] = actions as { selected_option?: { value?: string } }[];
    const environment = action?.selected_option?.value ?? '';
    const actor = actorOf(body, state?.channel || undefined);
    if (!view || !state || !deps.environments.includes(environment)) return deny(deps, actor, 'stale_click');
    const denied = await deps.service.mayArchive(actor);
    if (denied === null) deps.service.catalog.warmUp(environment);
    const chosen = { ...state, environment };
    const content =
      denied === null
        ? pickModal(chosen, deps.environments)
        : await viewOf(deps, { actor, state: chosen, answer: denied });
    await updateView(deps, { id: view.id, hash: view.hash }, content);
  };

const chosenSchema = z
  .array(z.object({ value: z.string().regex(/^[1-9]\d{0,18}$/) }))
  .min(1)
  .max(MOST_TRAININGS);

type SubmitArgs = Pick<
  SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs,
  'ack' | 'body' | 'view'
>;

/** The picker's Continue: shows the plan of what was chosen in the same modal. */
export const pickViewHandler =
  (deps: HandlerDeps) =>
  async ({ ack, body, view }: SubmitArgs): Promise<void> => {
    const state = readModalState(view.private_metadata);
    const { values } = view.state;
    const block = `${INPUTS.trainings.block}_${state?.environment}`;
    const chosen = chosenSchema.safeParse(values[block]?.[INPUTS.trainings.action]?.selected_options);
    const typed = values[INPUTS.channel.block]?.[INPUTS.channel.action]?.selected_conversation;
    const channel = state?.channel || typed || '';
    const actor = actorOf(body, channel || undefined);
    if (!state || channel === '' || !deps.environments.includes(state.environment))
      return denyStaleView(deps, actor, ack);
    if (!chosen.success) {
      await ack({ response_action: 'errors', errors: { [block]: denialText('choice_wrong') } });
      return deps.service.deny(actor, 'choice_wrong', { environment: state.environment });
    }
    const ids = [...new Set(chosen.data.map(({ value }) => value))];
    const asked: ModalState = { ...state, channel, items: ids.map((trainingId) => ({ trainingId })) };
    await ack({ response_action: 'update', view: loadingModal(asked) });
    await askInModal(deps, { view: { id: view.id }, actor, state: asked });
  };
