import type { KnownBlock, ModalView, OptionGroup, PlainTextOption } from '@slack/types';
import type { Found } from '../archive/catalog';
import { INPUTS, VIEWS } from './ids';
import { type ModalState, writeModalState } from './modal-state';
import { plain, plainName } from './text';

/** How many trainings can be chosen at once, and how many options Slack takes. */
const MOST_CHOSEN = 20;
export const MOST_OPTIONS = 100;
const TEXT = 75;

/**
 * The modal in which trainings are chosen.
 * @param state its channel is empty when the modal has to ask for one
 * @param environments those that the app can use
 */
export function pickModal(state: ModalState, environments: readonly string[]): ModalView {
  return {
    type: 'modal',
    callback_id: VIEWS.pick,
    title: plain('Archive trainings'),
    submit: plain('Continue'),
    close: plain('Cancel'),
    private_metadata: writeModalState(state),
    blocks: [
      ...(environments.length > 1 ? [environmentInput(state.environment, environments)] : []),
      {
        type: 'input',
        block_id: `${INPUTS.trainings.block}_${state.environment}`,
        label: plain(`Closed trainings in ${state.environment}`),
        hint: plain('Search by name or ID. Only closed trainings can be archived. You see the plan next.'),
        element: {
          type: 'multi_external_select',
          action_id: INPUTS.trainings.action,
          placeholder: plain('Search by name or ID'),
          min_query_length: 0,
          max_selected_items: MOST_CHOSEN,
          focus_on_load: true,
        },
      },
      ...(state.channel === '' ? [channelInput()] : []),
    ],
  };
}

/** Choosing another one shows its trainings. */
const environmentInput = (chosen: string, environments: readonly string[]): KnownBlock => ({
  type: 'input',
  block_id: INPUTS.environment.block,
  label: plain('Environment'),
  dispatch_action: true,
  element: {
    type: 'static_select',
    action_id: INPUTS.environment.action,
    options: environments.map(optionOf),
    initial_option: optionOf(chosen),
  },
});

const optionOf = (name: string) => ({ text: plain(name), value: name });

const channelInput = (): KnownBlock => ({
  type: 'input',
  block_id: INPUTS.channel.block,
  label: plain('Channel'),
  hint: plain('The card about your request is posted there. The app must be in the channel.'),
  element: {
    type: 'conversations_select',
    action_id: INPUTS.channel.action,
    default_to_current_conversation: true,
    filter: { include: ['public', 'private'], exclude_bot_users: true },
  },
});

/** The options of a search. A heading says when there are more. */
export function choiceOptions({
  choices,
  matches,
}: Found): { option_groups: OptionGroup[] } | { options: [] } {
  if (choices.length === 0) return { options: [] };
  const shown = choices.length;
  const more = matches === null || matches > shown;
  const label = more
    ? `Newest ${shown}${matches === null ? '' : ` of ${matches}`}. Type more to find others.`
    : `${shown} closed ${shown === 1 ? 'training' : 'trainings'}, newest first`;
  const options = choices.map(({ trainingId, name, project }): PlainTextOption => {
    const ending = ` (${trainingId})`;
    return {
      text: plain(`${plainName(name, TEXT - ending.length)}${ending}`),
      value: trainingId,
      description: plain(`Project ${plainName(project, TEXT - 'Project '.length)}`),
    };
  });
  return { option_groups: [{ label: plain(label), options }] };
}

/** Instead of options while Toloka cannot be searched. It cannot be submitted. */
export const unansweredOptions = () => ({
  options: [{ text: plain('Toloka did not answer. Type again in a moment.'), value: '-' }],
});
