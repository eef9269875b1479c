import type { KnownBlock, ModalView } from '@slack/types';
import type { Plan } from '../archive/plan-types';
import { type ArchiveRequest, isOpen } from '../archive/request';
import { context, plain, section } from './card';
import { ACTIONS, INPUTS, VIEWS } from './ids';
import { planChanges, planFacts, planGaps } from './plan-blocks';
import { codeText, foreign, moment } from './text';
import { blockerLines, environmentWords, STATE_WORDS } from './words';

/** What a modal remembers: Slack hands it back with each click, so that no handler keeps state. */
export interface ModalMemory {
  environment: string;
  trainingId: string;
  channel: string;
  requestId?: string;
  /** The fingerprint of the plan that is shown. */
  shown?: string;
  retryOf?: string;
  /** A reason that was typed already, while the window asks for none. */
  draft?: string;
}

/** For a window that holds no question any more: closing it must not cancel what was confirmed. */
export const withoutRequest = ({ requestId: _over, shown: _old, ...rest }: ModalMemory): ModalMemory => rest;

/** For the log, which is not for what people typed. */
export const withoutDraft = ({ draft: _typed, ...rest }: ModalMemory): ModalMemory => rest;

export const REASON_LIMIT = 1000;
/** Slack takes 3,000 characters of `private_metadata`, and odd signs are written with six. */
const DRAFT_LIMIT = 2_000;

/** Keeps what was typed for when the window asks again. */
export const withDraft = (memory: ModalMemory, reason: string): ModalMemory =>
  reason === '' || JSON.stringify(reason).length > DRAFT_LIMIT ? memory : { ...memory, draft: reason };

const modal = (memory: ModalMemory, blocks: KnownBlock[], buttons: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  callback_id: VIEWS.archive,
  title: plain('Archive a training', 24),
  close: plain('Close', 24),
  notify_on_close: true,
  private_metadata: JSON.stringify(memory),
  blocks,
  ...buttons,
});

export const loadingModal = (memory: ModalMemory): ModalView =>
  modal(memory, [
    section(
      `:hourglass_flowing_sand: Checking training ${foreign(memory.trainingId, 40)} in ${environmentWords(memory.environment)}…`,
    ),
  ]);

/** While a confirmation is under way. It has no buttons: what was clicked is being done. */
export const sendingModal = (memory: ModalMemory): ModalView =>
  modal(withoutRequest(memory), [
    section(
      `:hourglass_flowing_sand: Checking training ${foreign(memory.trainingId, 40)} once more, recording your request and taking it to Toloka…`,
    ),
    context(
      'You may close this window: the card in the channel tells how it goes, or a private message if there is none.',
    ),
  ]);

/** A plan that nothing known stands against: the one modal with an Archive button. */
export function confirmModal(
  memory: ModalMemory,
  request: ArchiveRequest,
  typedId: boolean,
  changes: readonly string[] = [],
  reason = '',
): ModalView {
  const { plan } = request;
  const { draft, ...rest } = memory;
  const typed = reason || draft;
  return modal(
    { ...rest, requestId: request.id, shown: plan.fingerprint },
    [
      ...planChanges(changes, plan),
      ...planFacts(plan),
      ...(plan.unavailable === null
        ? [
            section(
              ':white_check_mark: It is closed, and no main pool linked to it is left to archive. Toloka checks again for itself.',
            ),
          ]
        : planGaps(plan)),
      section(
        ':warning: *Archiving cannot be undone.* There is no way back to this training; it can only be cloned.',
      ),
      input(INPUTS.reason, 'Reason', 'Why it is archived. It stands in the card and in the record.', {
        multiline: true,
        max_length: REASON_LIMIT,
        ...(typed && { initial_value: typed }),
      }),
      ...(typedId
        ? [
            input(
              INPUTS.typedId,
              'Type the training ID to confirm',
              `This is production: type ${plan.trainingId}.`,
              { max_length: 40 },
            ),
          ]
        : []),
      checkAgain('Check again'),
      context(`Read ${moment(plan.readAt)}`),
    ],
    { submit: plain('Archive', 24), close: plain('Cancel', 24) },
  );
}

/** Something known stands in the way: what, and the next step; no Archive button. */
export function blockedModal(memory: ModalMemory, plan: Plan, changes: readonly string[] = []): ModalView {
  const done = plan.blockers.some(({ code }) => code === 'already_archived');
  return modal(withoutRequest(memory), [
    ...planChanges(changes, plan),
    ...planFacts(plan),
    ...blockerLines(plan).map((line) => section(`${done ? ':white_check_mark:' : ':no_entry:'} ${line}`)),
    ...(plan.unavailable === null ? [] : planGaps(plan)),
    ...(done ? [] : [checkAgain('Check again')]),
    context(`${done ? 'Nothing was sent.' : 'Nothing was archived.'} Read ${moment(plan.readAt)}`),
  ]);
}

/** An answer that leaves nothing to do here: a refusal, or how a confirmed request stands. */
export const answerModal = (memory: ModalMemory, icon: string, text: string, code?: string): ModalView =>
  modal(withoutRequest(memory), [
    section(`${icon} ${text}`),
    ...(code ? [context(`Code: ${codeText(code)}`)] : []),
  ]);

export function standsModal(
  memory: ModalMemory,
  request: ArchiveRequest,
  lead: string,
  cardUrl: string | null,
): ModalView {
  const { icon, title } = STATE_WORDS[request.state];
  const why = request.outcome === null ? '' : `\n${foreign(request.outcome.message, 1500)}`;
  const where = cardUrl === null ? '' : `\n<${cardUrl}|Open the card>`;
  const stays = isOpen(request.state) ? '\nThis window stays as it is; the card in the channel goes on.' : '';
  return answerModal(memory, icon, `${lead}*${title}.*${why}${where}${stays}`, request.outcome?.code);
}

const checkAgain = (words: string): KnownBlock => ({
  type: 'actions',
  block_id: 'check',
  elements: [{ type: 'button', action_id: ACTIONS.checkAgain, text: plain(words, 75) }],
});

function input(
  ids: { block: string; action: string },
  label: string,
  hint: string,
  more: { multiline?: boolean; max_length: number; initial_value?: string },
): KnownBlock {
  return {
    type: 'input',
    block_id: ids.block,
    label: plain(label, 2000),
    hint: plain(hint, 2000),
    element: { type: 'plain_text_input', action_id: ids.action, ...more },
  };
}
