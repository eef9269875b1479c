import type { KnownBlock, ModalView } from '@slack/types';
import type { Confirmed } from '../archive/answers';
import type { Plan } from '../archive/plan';
import { count } from './approval';
import { inOrder, type Placed, totalWords, wasConfirmed } from './batch';
import { denialText } from './denials';
import { approvalsAhead, CLOSING_CANCELS, checkAgain, modal, reasonInput, typedInput } from './modal';
import { type ModalState, withoutRequests } from './modal-state';
import { NOT_IN_CHANNEL, STATE_WORDS, statusLines } from './outcomes';
import {
  blockedIcon,
  blockerWords,
  environmentWords,
  nameAndId,
  planChanges,
  planGaps,
  trainingTitle,
} from './plan';
import { clip, context, exactMoment, idText, link, plain, section } from './text';
import { notifyButtons } from './watch-button';

/** What blocks a training, with the names of as many pools, leaves room for what it is. */
const WORDS = 2_000;
const POOLS_SHOWN = 5;

const DIVIDER: KnownBlock = { type: 'divider' };
const HEADINGS = { blocked: '*Can’t be archived now*', done: '*Nothing left to do*' };

/**
 * Several trainings, each with whether it can be archived, or what the confirmation brought for it. Has an Archive button
 * when at least one can be archived.
 */
export function batchModal(
  state: ModalState,
  each: readonly Confirmed[],
  { typed, approvals = 0 }: { typed: boolean; approvals?: number },
): ModalView {
  const n = each.filter(({ kind }) => kind === 'planned').length;
  const placed = inOrder(each);
  const linesOf = (wanted: Placed['group']): KnownBlock[] =>
    placed.flatMap(({ answer, group, place }) =>
      group === wanted ? answerBlocks(answer, state.items[place]?.trainingId ?? '') : [],
    );
  const isMixed = new Set(placed.map(({ group }) => group)).size > 1;
  const rest = (['blocked', 'done'] as const).flatMap((group) => {
    const lines = linesOf(group);
    return isMixed && lines.length > 0 ? [DIVIDER, section(HEADINGS[group]), ...lines] : lines;
  });
  const where = environmentWords(state.environment);
  const all = each.length;
  const begun = each.flatMap((one) => (wasConfirmed(one) ? [one.request] : []));
  const confirmed = `*${begun.length} of ${count(all, 'training')} in ${where} confirmed: ${totalWords(begun)}.*`;
  const lead = begun.length === 0 ? [] : [section(confirmed), ...linesOf('confirmed')];
  const plans = each.flatMap(planOf);
  const asOf =
    plans.length === 0 ? '' : `As of ${exactMoment(Math.min(...plans.map(({ readAt }) => readAt)))}. `;
  const buttons = checkAgain(notifyButtons(plans, 'Notify me when the blocked ones can be archived'));
  if (n === 0 && begun.length > 0)
    return modal(withoutRequests(state), [
      ...lead,
      ...rest,
      ...(begun.some(({ card }) => card !== null)
        ? [context('This window is no longer updated. The card in the channel shows the progress.')]
        : []),
    ]);
  if (n === 0)
    return modal(withoutRequests(state), [
      section(`*None of the ${count(all, 'training')} in ${where} can be archived now.*`),
      ...rest,
      buttons,
      context(`${asOf}Nothing was changed in Toloka.`),
    ]);
  // Those that are not ready stay in the list, for when all are checked again.
  const items = withoutRequests(state).items.map((item, i) => {
    const one = each[i];
    if (one?.kind !== 'planned') return item;
    return { ...item, requestId: one.request.id, shown: one.request.plan.fingerprint };
  });
  const others = all - n - begun.length;
  const left = others === 1 ? ' The other one is left alone.' : ` The other ${others} are left alone.`;
  const only =
    n === all ? '' : ` Only ${n === 1 ? 'this one is' : 'these are'} archived.${others === 0 ? '' : left}`;
  return modal(
    { ...state, items, draft: undefined },
    [
      ...lead,
      section(`*${n} of ${count(all, 'training')} in ${where} can be archived.*${only}`),
      ...linesOf('ready'),
      ...rest,
      ...(rest.length > 0 ? [DIVIDER] : []),
      section(
        `:warning: *Archiving cannot be undone.* You can only clone the ${n === 1 ? 'training' : 'trainings'} afterwards.`,
      ),
      ...approvalsAhead(approvals),
      reasonInput(state.draft),
      ...(typed
        ? [typedInput('Type the number of trainings to confirm', `This is ${state.environment}: type ${n}.`)]
        : []),
      buttons,
      context(`${asOf}${CLOSING_CANCELS}`),
    ],
    { submit: plain(`${approvals > 0 ? 'Ask for approval of' : 'Archive'} ${n}`), close: plain('Cancel') },
  );
}

/** What is known about one training of several. */
function answerBlocks(answer: Confirmed, trainingId: string): KnownBlock[] {
  switch (answer.kind) {
    case 'planned':
      return [
        section(
          `:white_check_mark: ${trainingTitle(answer.request.plan, trainingId)}: ready${projectLine(answer.request.plan)}`,
        ),
        ...planChanges(answer.changes),
        ...planGaps(answer.request.plan),
      ];
    case 'blocked': {
      const { plan, changes, notInChannel } = answer;
      const done = plan.blockers.includes('already_archived');
      const why = [...blockerWords(plan, POOLS_SHOWN), ...(notInChannel && !done ? [NOT_IN_CHANNEL] : [])];
      const what = `${blockedIcon(plan)} ${trainingTitle(plan, trainingId)}`;
      return [
        section(`${what}: ${clip(why.join('\n'), WORDS)}${projectLine(plan)}`),
        ...planChanges(changes),
        ...planGaps(plan),
      ];
    }
    case 'denied':
      return [section(`:no_entry: Training ${idText(trainingId)}: ${denialText(answer.code)}`)];
    default: {
      const { request, kind } = answer;
      const lead = kind === 'confirmed' ? [] : [denialText(kind)];
      const words = [...lead, ...statusLines(request)].join(' ');
      const url = request.card?.url;
      const card = url ? ` ${link(url, 'Open the card')}` : '';
      const { icon } = STATE_WORDS[request.state];
      return [section(`${icon} ${trainingTitle(request.plan, trainingId)}: ${words}${card}`)];
    }
  }
}

const projectLine = ({ training, projectName }: Plan): string =>
  training === null ? '' : `\nProject: ${nameAndId(projectName, training.projectId)}`;

/** The plan that is shown of a training, if any. */
function planOf(answer: Confirmed): Plan[] {
  if (answer.kind === 'planned') return [answer.request.plan];
  return answer.kind === 'blocked' ? [answer.plan] : [];
}
