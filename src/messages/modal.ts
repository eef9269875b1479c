import type { KnownBlock, ModalView, PlainTextInput } from '@slack/types';
import type { Drift } from '../archive/plan';
import { type ArchiveRequest, isOpen } from '../archive/request';
import type { Asked, Target } from '../archive/service';
import { type DenialContext, type DenialReason, denialText } from './denials';
import { ACTIONS, INPUTS, REASON_LIMIT, VIEWS } from './ids';
import { faultText } from './notices';
import { NOT_IN_CHANNEL, STATE_WORDS, statusLines } from './outcomes';
import {
  blockerWords,
  environmentWords,
  type LastRequest,
  lastRequest,
  planChanges,
  planFacts,
  planGaps,
} from './plan';
import { clip, codeText, context, idText, link, moment, plain, section } from './text';

/** What a modal remembers. Slack hands it back with each click, so that handlers keep no state. */
export interface ModalState extends Target {
  channel: string;
  /** The request that the modal asks to confirm. */
  requestId?: string;
  /** The fingerprint of the plan that is shown. */
  shown?: string;
  retryOf?: string;
  /** A reason that was typed before, while the modal has no input for it. */
  draft?: string;
}

/** For a modal that no longer asks: closing it must not cancel what was confirmed. */
export const withoutRequest = ({ requestId: _over, shown: _old, ...rest }: ModalState): ModalState => rest;

/** For the log, which does not keep what people typed. */
export const withoutDraft = ({ draft: _typed, ...rest }: ModalState): ModalState => rest;

/** Slack takes 3,000 characters of `private_metadata`, and JSON writes some characters with six. */
const DRAFT_LIMIT = 2_000;

/** Keeps a typed reason for when the modal asks again. */
export const withDraft = (state: ModalState, reason: string): ModalState =>
  reason === '' || JSON.stringify(reason).length > DRAFT_LIMIT ? state : { ...state, draft: reason };

const modal = (state: ModalState, blocks: KnownBlock[], buttons: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  callback_id: VIEWS.archive,
  title: plain('Archive a training'),
  close: plain('Close'),
  notify_on_close: true,
  private_metadata: JSON.stringify(state),
  blocks,
  ...buttons,
});

/** While the plan is read. */
export function loadingModal(state: ModalState): ModalView {
  const where = environmentWords(state.environment);
  return modal(state, [
    section(`:hourglass_flowing_sand: Checking training ${idText(state.trainingId)} in ${where}…`),
  ]);
}

/** While a confirmation is being processed. It has no buttons. */
export const workingModal = (state: ModalState): ModalView =>
  modal(withoutRequest(state), [
    section(
      `:hourglass_flowing_sand: Checking training ${idText(state.trainingId)} again, recording your request and sending it to Toloka…`,
    ),
    context(
      'You can close this window. The card in the channel shows the progress. If there is no card, you get a private message.',
    ),
  ]);

/** What a plan is shown with. */
interface Context {
  changes?: readonly Drift[];
  last?: LastRequest | undefined;
}

/**
 * A plan that nothing blocks: the only modal with an Archive button.
 * @param options.typedId whether the training ID has to be typed
 * @param options.changes how the plan differs from the one that was confirmed
 * @param options.last the request before
 */
export function confirmModal(
  state: ModalState,
  { id, plan }: ArchiveRequest,
  { typedId, changes = [], last }: Context & { typedId: boolean },
): ModalView {
  const { draft, ...rest } = state;
  const ready =
    ':white_check_mark: Ready: the training is closed and all linked pools are archived. Toloka checks this again.';
  const unsure =
    'You can go on: Toloka checks again and refuses what is not allowed. Or check again in a moment.';
  const typedIdInput = input(INPUTS.typedId, 'Type the training ID to confirm', {
    hint: `This is ${plan.environment}: type ${plan.trainingId}.`,
    max_length: 40,
  });
  return modal(
    { ...rest, requestId: id, shown: plan.fingerprint },
    [
      ...planChanges(changes),
      ...planFacts(plan),
      ...planGaps(plan),
      ...lastRequest(last),
      section(plan.unread.length === 0 ? ready : unsure),
      section(':warning: *Archiving cannot be undone.* You can only clone the training afterwards.'),
      input(INPUTS.reason, 'Reason', {
        hint: 'Why the training is archived. Shown on the card and kept in the audit log.',
        multiline: true,
        focus_on_load: true,
        max_length: REASON_LIMIT,
        ...(draft && { initial_value: clip(draft, REASON_LIMIT) }),
      }),
      ...(typedId ? [typedIdInput] : []),
      checkAgain(),
      context(`As of ${moment(plan.readAt)}. Closing the window cancels the request.`),
    ],
    { submit: plain('Archive'), close: plain('Cancel') },
  );
}

type Blocked = Omit<Extract<Asked, { kind: 'blocked' }>, 'kind'> & Pick<Context, 'last'>;

/** What blocks archiving and the next step. It has no Archive button. */
export function blockedModal(
  state: ModalState,
  { plan, changes, notInChannel = false, last }: Blocked,
): ModalView {
  const done = plan.blockers.includes('already_archived');
  return modal(withoutRequest(state), [
    ...planChanges(changes),
    ...planFacts(plan),
    ...blockerWords(plan).map((words) => section(`${done ? ':white_check_mark:' : ':no_entry:'} ${words}`)),
    ...(notInChannel && !done ? [section(`:no_entry: ${NOT_IN_CHANNEL}`)] : []),
    ...planGaps(plan),
    ...lastRequest(last),
    ...(done ? [] : [checkAgain()]),
    context(`As of ${moment(plan.readAt)}. Nothing was changed in Toloka.`),
  ]);
}

/** A reply that leaves nothing to do in the modal. */
const answerModal = (state: ModalState, text: string, code: string | undefined): ModalView =>
  modal(withoutRequest(state), [section(text), ...(code ? [context(`Code: ${codeText(code)}`)] : [])]);

export const deniedModal = (state: ModalState, code: DenialReason, denial: DenialContext = {}): ModalView =>
  answerModal(state, `:no_entry: ${denialText(code, { ...state, ...denial })}`, code);

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
  const { icon } = STATE_WORDS[request.state];
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

const checkAgain = (): KnownBlock => ({
  type: 'actions',
  block_id: 'check',
  elements: [{ type: 'button', action_id: ACTIONS.checkAgain, text: plain('Check again') }],
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
