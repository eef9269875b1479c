import type { KnownBlock, ModalView } from '@slack/types';
import type { Plan } from '../archive/plan';
import { WATCH_LIFE_MS, type Watch, type WatchEnd } from '../archive/watch';
import { denialText } from './denials';
import { ACTIONS, COMMAND } from './ids';
import { modal } from './modal';
import { type ModalState, withoutRequests } from './modal-state';
import { unreadWords } from './outcomes';
import { blockerWords, environmentWords, trainingLink, watchedWords } from './plan';
import { clip, context, idText, moment, plain, section } from './text';

const DAYS = WATCH_LIFE_MS / (24 * 3_600_000);

export const watchingText = (watch: Watch): string =>
  `:bell: *You get a private message when training ${watchedWords(watch)} can be archived.* The app first checks within 10 minutes, then less and less often, at least about once an hour, until ${moment(watch.createdAt + WATCH_LIFE_MS)}.`;

export const watchStoppedText = (watch: Watch): string =>
  `Stopped. You get no message about training ${watchedWords(watch)}.`;

/** The reply to Notify me when it can be archived. */
export const watchingModal = (state: ModalState, watch: Watch): ModalView =>
  modal(withoutRequests(state), [
    section(watchingText(watch)),
    context(`To see or cancel it, type \`${COMMAND} list\`. Nothing was changed in Toloka.`),
  ]);

/** The private message at the end of a watch. */
export function watchMessage(watch: Watch, end: WatchEnd): { text: string; blocks: KnownBlock[] } {
  const lead = LEADS[end.why];
  const details = 'plan' in end ? planBlocks(end.why, end.plan) : [];
  const where = `${environmentWords(watch.environment)}  ·  You asked for this message in <#${watch.channel}>, ${moment(watch.createdAt)}.`;
  return {
    text: clip(`${lead} Training ${watchedWords(watch)}.`, 1000),
    blocks: [
      section(`:bell: *${lead}*  ·  ${subject(watch, end)}`),
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
