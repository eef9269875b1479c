import type { KnownBlock } from '@slack/types';
import { type ArchiveRequest, isOpen, isWaiting } from '../archive/request';
import { approvalBlocks, approvalButtons, count, givenUpWords, withdrawButton } from './approval';
import { batchLines, batchTitle } from './batch';
import { pauseWords } from './denials';
import { ACTIONS } from './ids';
import { isPaused, outcomeWords, stateWords, unreadWords } from './outcomes';
import { environmentWords, trainingLink, trainingWords } from './plan';
import {
  actions,
  button,
  clip,
  codeText,
  context,
  escapeUntrusted,
  fitsMessage,
  idText,
  link,
  person,
  plain,
  section,
  shortened,
} from './text';

/**
 * The one message about a confirmed request, or about a batch of them. It always shows the newest state in the journal.
 * @param request the only one, or the first of its batch
 */
export function card(
  request: ArchiveRequest,
  ...others: ArchiveRequest[]
): { text: string; blocks: KnownBlock[] } {
  const requests = [request, ...others] as const;
  const blocks = blocksOf(requests, false);
  return { text: fallbackText(requests), blocks: fitsMessage(blocks) ? blocks : blocksOf(requests, true) };
}

/** Enough to show what each section is about. */
const SHORT = 900;

function blocksOf(requests: Requests, isShort: boolean): KnownBlock[] {
  const [request, ...others] = requests;
  const { environment, requester, reason } = request;
  const isBatch = others.length > 0;
  const details = [...uncheckedBlocks(requests), ...approvalBlocks(requests), ...pauseBlocks(requests)];
  return [
    section(isBatch ? batchTitle(requests) : titleOf(request)),
    section(`${environmentWords(environment)}  ·  Requested by ${person(requester)}`),
    ...(reason === null ? [] : [{ type: 'section', text: plain(`Reason: ${reason}`) } as const]),
    ...(isShort ? shortened(details, SHORT) : details),
    ...(isBatch ? batchLines(requests, isShort) : stateBlocks(request)),
    context(isBatch ? `First request ${idText(request.id)}` : idsOf(request)),
    ...wayOn(requests),
  ];
}

type Requests = readonly [ArchiveRequest, ...ArchiveRequest[]];

function titleOf(request: ArchiveRequest): string {
  const { icon, title } = stateWords(request);
  return `${icon} *${title}*  ·  ${trainingLink(request.plan)}`;
}

/** For notifications and screen readers. */
function fallbackText(requests: Requests): string {
  const [first] = requests;
  const { environment, requester, reason, plan } = first;
  const why = reason === null ? '' : ` Reason: ${escapeUntrusted(reason, 300)}`;
  const what =
    requests.length === 1
      ? `${stateWords(first).title}: ${trainingWords(plan)} in ${idText(environment)}.`
      : `${batchTitle(requests)} in ${idText(environment)}.`;
  const needs = requests.find(isWaiting)?.approval?.needed ?? 0;
  const asks = needs === 0 ? '' : ` Needs ${count(needs, 'approval')}.`;
  return clip(`${what} Requested by ${person(requester)}.${asks}${why}`, 1000);
}

function uncheckedBlocks(requests: Requests): KnownBlock[] {
  const [{ requester }] = requests;
  const unchecked = requests.filter(({ plan }) => plan.unread.length > 0);
  const lead = `:warning: Confirmed by ${person(requester)} although not everything could be checked.`;
  const lines = unchecked.map(({ plan, trainingId }) => {
    const words = unreadWords(plan.unread).join(' ');
    return requests.length === 1 ? `${lead} ${words}` : `• ${idText(trainingId)}: ${words}`;
  });
  if (lines.length === 0) return [];
  return [section(requests.length === 1 ? lines.join('') : [lead, ...lines].join('\n'))];
}

function pauseBlocks(requests: Requests): KnownBlock[] {
  const [first, ...others] = requests.filter(isPaused);
  if (!first?.pause) return [];
  const goOn = others.length === 0 ? 'The request continues' : 'The requests continue';
  return [
    section(
      `:double_vertical_bar: *Archiving is paused*${pauseWords(first.pause)}. ${goOn} when archiving is resumed, however long that takes, if the plan is still the same.`,
    ),
  ];
}

function stateBlocks(request: ArchiveRequest): KnownBlock[] {
  const { state, progress, outcome, successor, approval, requester } = request;
  const blocks: KnownBlock[] = [];
  // Who declined it is shown with the approvals.
  if (state === 'expired' && approval !== null) blocks.push(section(givenUpWords(request)));
  if (state === 'cancelled') blocks.push(section(`Withdrawn by ${person(requester)}`));
  if (state === 'running') blocks.push(section(progressBar(progress)));
  if (outcome !== null) {
    const { why, next } = outcomeWords(outcome, state);
    blocks.push(section(`${why} ${codeText(outcome.code)}`));
    if (next && successor === null) blocks.push(section(`*Next step:* ${next}`));
  }
  if (state === 'succeeded')
    blocks.push(section('Archiving cannot be undone. You can still clone the training in Toloka.'));
  return blocks;
}

/** Ten squares. Toloka gives no progress at first, and then none is claimed. */
function progressBar(progress: number | null): string {
  if (progress === null) return 'Progress: not known yet';
  const percent = Math.min(100, Math.max(0, Math.floor(progress)));
  const done = Math.floor(percent / 10);
  return `${'█'.repeat(done)}${'░'.repeat(10 - done)} ${percent} %`;
}

/** The receipt anchors the audit log in the channel, where a changed log cannot change it. See docs/audit.md. */
const idsOf = ({ trainingId, id, receipt }: ArchiveRequest): string =>
  `Training ${idText(trainingId)}  ·  Request ${idText(id)}  ·  Receipt ${receipt}`;

/** Whether nothing was archived and nobody has tried again. */
export const canTryAgain = ({ state, successor }: ArchiveRequest): boolean =>
  successor === null && ['not_started', 'refused', 'failed', 'expired'].includes(state);

/** What a person can do next. */
function wayOn(requests: Requests): KnownBlock[] {
  const [{ id, successor }] = requests;
  if (requests.some(isWaiting)) return approvalButtons(requests);
  if (requests.some(isPaused)) return [actions(withdrawButton(id))];
  if (requests.length === 1 && successor !== null) {
    const { url } = successor;
    const newer = 'the new card';
    return [section(`:arrow_right: Tried again: see ${url ? link(url, newer) : newer}.`)];
  }
  const isOver = !requests.some(({ state }) => isOpen(state));
  return isOver && requests.some(canTryAgain) ? [actions(button('Try again', ACTIONS.retry, id))] : [];
}
