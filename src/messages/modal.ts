import type { Button, KnownBlock, ModalView, PlainTextInput } from '@slack/types';
import type { Asked } from '../archive/answers';
import type { Drift } from '../archive/plan';
import { type ArchiveRequest, isOpen } from '../archive/request';
import { count } from './approval';
import { type DenialContext, type DenialReason, denialText } from './denials';
import { ACTIONS, INPUTS, REASON_LIMIT, VIEWS } from './ids';
import { type ModalState, withoutRequests, writeModalState } from './modal-state';
import { faultText } from './notices';
import { NOT_IN_CHANNEL, stateWords, statusLines } from './outcomes';
import {
  blockedIcon,
  blockerWords,
  environmentWords,
  type LastRequest,
  lastRequest,
  planChanges,
  planFacts,
  planGaps,
} from './plan';
import { clip, codeText, context, exactMoment, idText, link, plain, section } from './text';
import { notifyButtons, watchedBlock } from './watch-button';

export const modal = (
  state: ModalState,
  blocks: KnownBlock[],
  buttons: Partial<ModalView> = {},
): ModalView => ({
  type: 'modal',
  callback_id: VIEWS.archive,
  title: plain(state.items.length === 1 ? 'Archive a training' : 'Archive trainings'),
  close: plain('Close'),
  notify_on_close: true,
  private_metadata: writeModalState(state),
  blocks,
  ...buttons,
});

/** While the plan is read. */
export function loadingModal(state: ModalState): ModalView {
  const where = environmentWords(state.environment);
  return modal(state, [section(`:hourglass_flowing_sand: Checking ${trainingsOf(state)} in ${where}…`)]);
}

const trainingsOf = ({ items }: ModalState): string =>
  items.length === 1 ? `training ${idText(items[0]?.trainingId ?? '')}` : count(items.length, 'training');

/** While a confirmation takes longer. It is not updated any more. */
export const workingModal = (state: ModalState): ModalView =>
  modal(withoutRequests(state), [
    section(`:hourglass_flowing_sand: This takes longer than usual. You can close this window.`),
    context('A card appears in the channel. If none does, you get a private message that says why.'),
  ]);

/** What a plan is shown with. */
interface Context {
  changes?: readonly Drift[];
  last?: LastRequest | undefined;
  /** Until when (epoch ms) the person waits for the training already. */
  watchedUntil?: number | null;
}

export const reasonInput = (draft: string | undefined, why = 'Why it is archived.'): KnownBlock =>
  input(INPUTS.reason, 'Reason', {
    hint: `${why} Shown on the card and kept in the audit log.`,
    multiline: true,
    focus_on_load: true,
    max_length: REASON_LIMIT,
    ...(draft && { initial_value: clip(draft, REASON_LIMIT) }),
  });

export const typedInput = (label: string, hint: string): KnownBlock =>
  input(INPUTS.typed, label, { hint, max_length: 40 });

/** Before a confirmation that other people must approve; nothing when nobody must. */
export const approvalsAhead = (needed: number): KnownBlock[] =>
  needed === 0
    ? []
    : [
        section(
          `:raised_hand: *Needs ${count(needed, 'approval')}.* After you confirm, ${needed === 1 ? 'another person' : `${needed} other people`} must approve before anything is sent to Toloka.`,
        ),
      ];

/** Under each plan that can be confirmed. */
export const CLOSING_CANCELS = 'Closing the window cancels the request.';

/**
 * A plan that nothing blocks.
 * @param options.typedId whether the training ID has to be typed
 * @param options.changes how the plan differs from the one that was confirmed
 * @param options.last the request before
 * @param options.approvals how many other people must approve it
 */
export function confirmModal(
  state: ModalState,
  { id, plan }: ArchiveRequest,
  { typedId, changes = [], last, approvals = 0 }: Context & { typedId: boolean; approvals?: number },
): ModalView {
  const { draft } = state;
  const [item = { trainingId: plan.trainingId }] = state.items;
  const ready =
    ':white_check_mark: Ready: the training is closed and all linked pools are archived. Toloka checks this again.';
  const unsure =
    'You can go on: Toloka checks again and refuses what is not allowed. Or check again in a moment.';
  return modal(
    { ...state, items: [{ ...item, requestId: id, shown: plan.fingerprint }], draft: undefined },
    [
      ...planChanges(changes),
      ...planFacts(plan),
      ...planGaps(plan),
      ...lastRequest(last),
      section(plan.unread.length === 0 ? ready : unsure),
      section(':warning: *Archiving cannot be undone.* You can only clone the training afterwards.'),
      ...approvalsAhead(approvals),
      reasonInput(draft),
      ...(typedId
        ? [
            typedInput(
              'Type the training ID to confirm',
              `This is ${plan.environment}: type ${plan.trainingId}.`,
            ),
          ]
        : []),
      checkAgain(),
      context(`As of ${exactMoment(plan.readAt)}. ${CLOSING_CANCELS}`),
    ],
    { submit: approvals > 0 ? plain('Ask for approval') : plain('Archive'), close: plain('Cancel') },
  );
}

type Blocked = Omit<Extract<Asked, { kind: 'blocked' }>, 'kind'> & Pick<Context, 'last' | 'watchedUntil'>;

/** What blocks archiving and the next step. It has no Archive button. */
export function blockedModal(
  state: ModalState,
  { plan, changes, notInChannel = false, last, watchedUntil = null }: Blocked,
): ModalView {
  const offered = notifyButtons([plan]);
  const isWatched = watchedUntil !== null && offered.length > 0;
  const done = plan.blockers.includes('already_archived');
  return modal(withoutRequests(state), [
    ...planChanges(changes),
    ...planFacts(plan),
    ...blockerWords(plan).map((words) => section(`${blockedIcon(plan)} ${words}`)),
    ...(notInChannel && !done ? [section(`:no_entry: ${NOT_IN_CHANNEL}`)] : []),
    ...planGaps(plan),
    ...lastRequest(last),
    ...(isWatched ? [watchedBlock(watchedUntil)] : []),
    ...(done ? [] : [checkAgain(isWatched ? [] : offered)]),
    context(`As of ${exactMoment(plan.readAt)}. Nothing was changed in Toloka.`),
  ]);
}

/** A reply that leaves nothing to do in the modal. */
const answerModal = (state: ModalState, text: string, code: string | undefined): ModalView =>
  modal(withoutRequests(state), [section(text), ...(code ? [context(`Code: ${codeText(code)}`)] : [])]);

export const deniedModal = (state: ModalState, code: DenialReason, denial: DenialContext = {}): ModalView =>
  answerModal(
    state,
    `:no_entry: ${denialText(code, { environment: state.environment, trainingId: state.items[0]?.trainingId ?? '', ...denial })}`,
    code,
  );

/** Something failed inside the app. `after` says what that means for the request. */
export const faultModal = (state: ModalState, after = 'Nothing was archived.'): ModalView =>
  answerModal(state, `:warning: ${faultText(after)}`, 'internal_error');

/** How far a request has got. `why` says why that is the reply. */
export function statusModal(
  state: ModalState,
  request: ArchiveRequest,
  why: 'confirmed' | 'already_open' | 'already_decided',
  cardUrl: string | null,
): ModalView {
  const { icon } = stateWords(request);
  const lead = why === 'confirmed' ? icon : `${icon} ${denialText(why)}`;
  const lines = [
    `${lead} ${statusLines(request).join('\n')}`,
    ...(cardUrl === null ? [] : [link(cardUrl, 'Open the card')]),
    ...(isOpen(request.state)
      ? ['This window is no longer updated. The card in the channel shows the progress.']
      : []),
  ];
  return answerModal(state, lines.join('\n'), request.outcome?.code);
}

export const CHECK_BLOCK = 'check';

export const checkAgain = (more: Button[] = []): KnownBlock => ({
  type: 'actions',
  block_id: CHECK_BLOCK,
  elements: [{ type: 'button', action_id: ACTIONS.checkAgain, text: plain('Check again') }, ...more],
});

type InputOptions = Omit<PlainTextInput, 'type' | 'action_id'> & { hint: string };

function input(
  ids: { block: string; action: string },
  label: string,
  { hint, ...element }: InputOptions,
): KnownBlock {
  return {
    type: 'input',
    block_id: ids.block,
    label: plain(label),
    hint: plain(hint),
    element: { type: 'plain_text_input', action_id: ids.action, ...element },
  };
}
