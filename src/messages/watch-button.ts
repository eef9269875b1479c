import type { Button, KnownBlock } from '@slack/types';
import type { Plan } from '../archive/plan';
import { canBecomeReady } from '../archive/watch';
import { ACTIONS, COMMAND } from './ids';
import { clip, moment, plain, section } from './text';

/** A training that the button is about, with its name where that is known. */
export interface Watched {
  trainingId: string;
  name: string | null;
}

/** Slack takes 2,000 characters as the value of a button. */
const VALUE = 1_900;
const ID = 20;
const NAME = 200;
const MOST = 20;

/** The button that waits for those of the trainings that may be archived later; none when there are none. */
export function notifyButtons(plans: readonly Plan[], text = 'Notify me when it can be archived'): Button[] {
  const blocked = plans.filter(canBecomeReady);
  if (blocked.length === 0) return [];
  // Names that are cut all alike, so that all fit.
  const room = Math.min(NAME, Math.floor(VALUE / blocked.length) - ID - 1);
  const lines = blocked.map(({ trainingId, training }) => {
    const name = training?.name.replaceAll(/\s+/g, ' ').trim() ?? '';
    return name === '' ? trainingId : `${trainingId} ${clip(name, room)}`;
  });
  return [{ type: 'button', action_id: ACTIONS.watch, text: plain(text), value: lines.join('\n') }];
}

/** Shown instead of the button to a person who already waits for the training. `until`: epoch ms. */
export const watchedBlock = (until: number): KnownBlock =>
  section(
    `:bell: *You’ll get a private message when it can be archived.* The app checks until ${moment(until)}. To cancel, type \`${COMMAND} list\` and click Stop.`,
  );

/** Reads the value of that button. Undefined when it is none of ours. */
export function readWatched(value = ''): Watched[] | undefined {
  const lines = value.split('\n').map((line) => /^(\d{1,19})(?: (.+))?$/.exec(line));
  const read = lines.flatMap((line) => (line?.[1] ? [{ trainingId: line[1], name: line[2] ?? null }] : []));
  return read.length === lines.length && read.length <= MOST ? read : undefined;
}
