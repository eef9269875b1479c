import type { KnownBlock, ModalView } from '@slack/types';
import type { Plan } from '../archive/plan';
import { WATCH_LIFE_MS, type Watch, type WatchEnd, watchEndsAt } from '../archive/watch';
import { denialText } from './denials';
import { ACTIONS, COMMAND } from './ids';
import { CHECK_BLOCK, checkAgain, modal } from './modal';
import { type ModalState, withoutRequests } from './modal-state';
import { unreadWords } from './outcomes';
import { blockerWords, environmentWords, shortName, trainingLink, watchedWords } from './plan';
import { clip, context, idText, moment, plain, section } from './text';

const DAYS = WATCH_LIFE_MS / (24 * 3_600_000);

/**
 * What the person is notified about from now on: one training, or several of an environment.
 * @param again how many of them they were waiting for already
 */
export function watchingText(watches: readonly [Watch, ...Watch[]], again = 0): string {
  const [first, ...others] = watches;
  const names = watches.map(({ name, trainingId }) => shortName(name, trainingId));
  const lead =
    others.length === 0
      ? `*You’ll get a private message when training ${watchedWords(first)} can be archived.*`
      : `*You’ll get a private message for each of these ${watches.length} trainings in ${idText(first.environment)} when it can be archived:* ${names.join(', ')}.`;
  const cancel = `To cancel${others.length === 0 ? '' : ' one'}, type \`${COMMAND} list\` and click Stop.`;
  return `:bell: ${lead} The app checks within 10 minutes, then less often, but at least about once an hour, until ${moment(watchEndsAt(first))}.${againWords(watches.length, again)} ${cancel}`;
}

function againWords(all: number, again: number): string {
  if (again === 0) return '';
  const them = all === 1 ? 'it' : again === all ? 'all of them' : `${again} of them`;
  return ` You were already waiting for ${them}. The ${DAYS} days start again now.`;
}

/** Trainings of the same window that the person is not notified about; '' when there are none. */
export const notWatchedText = (trainingIds: readonly string[]): string =>
  trainingIds.length === 0 ? '' : `You won’t get a message about ${trainingIds.map(idText).join(', ')}.`;

export const watchStoppedText = (watch: Watch): string =>
  `Stopped. You won’t get a message about training ${watchedWords(watch)}.`;

/** The reply to Notify me. `texts`: what the person is notified about, and why not about more. */
export const watchingModal = (state: ModalState, texts: readonly string[]): ModalView =>
  modal(withoutRequests(state), [...texts.map(section), context('Nothing was changed in Toloka.')]);

/** The same window with that reply instead of the button. For a window of several trainings. */
export function withReply(view: Shown, texts: readonly string[]): ModalView {
  const { title, submit, close, callback_id, private_metadata, notify_on_close } = view;
  const blocks = (view.blocks as KnownBlock[]).flatMap((block) =>
    block.block_id === CHECK_BLOCK ? [checkAgain(), ...texts.map(section)] : [block],
  );
  return {
    type: 'modal',
    title,
    ...(submit && { submit }),
    ...(close && { close }),
    callback_id,
    private_metadata,
    notify_on_close,
    blocks,
  };
}

/** As much of an open window as Slack sends along with a click. */
interface Shown
  extends Required<Pick<ModalView, 'title' | 'callback_id' | 'private_metadata' | 'notify_on_close'>> {
  blocks: readonly unknown[];
  submit: ModalView['submit'] | null;
  close: ModalView['close'] | null;
}

/** The private message at the end of a watch. */
export function watchMessage(watch: Watch, end: WatchEnd): { text: string; blocks: KnownBlock[] } {
  const lead = LEADS[end.why];
  const details = 'plan' in end ? planBlocks(end.why, end.plan) : [];
  const where = `${environmentWords(watch.environment)}  ·  You asked for this message in <#${watch.channel}>, ${moment(watch.createdAt)}.`;
  return {
    text: clip(`${lead} Training ${watchedWords(watch)}.`, 1000),
    blocks: [
      section(`:bell: *${lead.replace(/\.$/, '')}*  ·  ${subject(watch, end)}`),
      ...details,
      ...(end.why === 'environment_not_set' ? [section(denialText(end.why, watch))] : []),
      ...(end.why === 'ready' || end.why === 'over' ? [seePlan(watch)] : []),
      context(where),
    ],
  };
}

const LEADS: Record<WatchEnd['why'], string> = {
  ready: 'You can archive it now.',
  over: `Still blocked after ${DAYS} days, so the app stopped checking.`,
  already_archived: 'It is archived already.',
  not_found: 'Toloka does not know it any more, so the app stopped checking.',
  no_access: 'Toloka denies the app access to it, so the app stopped checking.',
  environment_not_set: 'The app has no token for it any more, so it stopped checking.',
};

const subject = (watch: Watch, end: WatchEnd): string =>
  'plan' in end && end.plan.training !== null
    ? `${trainingLink(end.plan)} (${idText(watch.trainingId)})`
    : `Training ${watchedWords(watch)}`;

function planBlocks(why: WatchEnd['why'], plan: Plan): KnownBlock[] {
  if (why === 'ready') return [section('The training is closed and all linked pools are archived.')];
  const words = plan.blockers.length > 0 ? blockerWords(plan) : unreadWords(plan.unread);
  return words.map(section);
}

/** Opens the modal with the plan of this moment. The message is not in the channel where the card belongs. */
const seePlan = ({ environment, trainingId, channel }: Watch): KnownBlock => ({
  type: 'actions',
  block_id: 'watch',
  elements: [
    {
      type: 'button',
      action_id: ACTIONS.seePlan,
      style: 'primary',
      text: plain('See the plan'),
      value: JSON.stringify([environment, trainingId, channel]),
    },
  ],
});
