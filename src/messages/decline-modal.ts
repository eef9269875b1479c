import type { ModalView } from '@slack/types';
import { type ArchiveRequest, isWaiting } from '../archive/request';
import { count } from './approval';
import { VIEWS } from './ids';
import { reasonInput } from './modal';
import { environmentWords, trainingLink } from './plan';
import { idText, person, plain, section } from './text';

/** What the modal remembers. */
export interface DeclineState {
  requestId: string;
  /** Where to reply. */
  channel: string;
}

/** Asks why a request is declined. */
export function declineModal(state: DeclineState, requests: readonly ArchiveRequest[]): ModalView {
  const [first] = requests;
  const waiting = requests.filter(isWaiting);
  const what =
    first && requests.length === 1
      ? `*${trainingLink(first.plan)}* (${idText(first.trainingId)})`
      : `*${count(waiting.length, 'training')}*`;
  const where = first
    ? ` in ${environmentWords(first.environment)}, requested by ${person(first.requester)}`
    : '';
  return {
    ...answerView(''),
    submit: plain('Decline'),
    close: plain('Cancel'),
    private_metadata: [state.channel, state.requestId].join(' '),
    blocks: [section(`${what}${where}`), reasonInput(undefined, 'Why it is not archived.')],
  };
}

/** A reply that leaves nothing to do in the modal. */
export const answerView = (text: string): ModalView => ({
  type: 'modal',
  callback_id: VIEWS.decline,
  title: plain('Decline'),
  close: plain('Close'),
  blocks: [section(text)],
});

/** Reads the `private_metadata` of the modal. Undefined when it is not ours. */
export function readDeclineState(privateMetadata: string): DeclineState | undefined {
  const [, channel, requestId] = /^(\S{1,100}) (\S{1,100})$/.exec(privateMetadata) ?? [];
  return channel && requestId ? { channel, requestId } : undefined;
}
