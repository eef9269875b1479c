import type { KnownBlock } from '@slack/types';
import type { ArchiveRequest } from '../archive/request';
import { ACTIONS } from './ids';
import { outcomeWords, STATE_WORDS, unreadWords } from './outcomes';
import { environmentWords, trainingLink, trainingWords } from './plan';
import { clip, codeText, context, escapeUntrusted, idText, link, person, plain, section } from './text';

/** The one message about a confirmed request. It always shows the newest state in the journal. */
export function card(request: ArchiveRequest): { text: string; blocks: KnownBlock[] } {
  const { state, environment, requester, reason, plan } = request;
  const { icon, title } = STATE_WORDS[state];
  return {
    text: fallbackText(request),
    blocks: [
      section(`${icon} *${title}*  ·  ${trainingLink(plan)}`),
      section(`${environmentWords(environment)}  ·  Requested by ${person(requester)}`),
      ...(reason === null ? [] : [{ type: 'section', text: plain(`Reason: ${reason}`) } as const]),
      ...uncheckedBlocks(request),
      ...stateBlocks(request),
      context(idsOf(request)),
      ...wayOn(request),
    ],
  };
}

/** For notifications and screen readers. */
function fallbackText({ state, environment, requester, reason, plan }: ArchiveRequest): string {
  const why = reason === null ? '' : ` Reason: ${escapeUntrusted(reason, 300)}`;
  const what = `${STATE_WORDS[state].title}: ${trainingWords(plan)} in ${idText(environment)}.`;
  return clip(`${what} Requested by ${person(requester)}.${why}`, 1000);
}

function uncheckedBlocks({ plan: { unread }, requester }: ArchiveRequest): KnownBlock[] {
  if (unread.length === 0) return [];
  const lead = `:warning: Confirmed by ${person(requester)} although not everything could be checked.`;
  return [section([lead, ...unreadWords(unread)].join(' '))];
}

function stateBlocks({ state, progress, outcome, successor }: ArchiveRequest): KnownBlock[] {
  const blocks: KnownBlock[] = [];
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

/** Nothing was archived and nobody has tried again: a button for it. */
function wayOn({ id, state, successor }: ArchiveRequest): KnownBlock[] {
  if (successor !== null) {
    const { url } = successor;
    const newer = 'the new card';
    return [section(`:arrow_right: Tried again: see ${url === null ? newer : link(url, newer)}.`)];
  }
  if (state !== 'not_started' && state !== 'refused' && state !== 'failed') return [];
  const button = { type: 'button', action_id: ACTIONS.retry, value: id, text: plain('Try again') } as const;
  return [{ type: 'actions', block_id: 'card_actions', elements: [button] }];
}
