import type { KnownBlock } from '@slack/types';
import { type ArchiveRequest, isOpen } from '../archive/request';
import { ACTIONS } from './ids';
import { clip, codeText, escapeText, foreign, moment, person, span } from './text';
import { environmentWords, nameAndId, STATE_WORDS, trainingName, trainingOf } from './words';

export interface Message {
  text: string;
  blocks: KnownBlock[];
}

/** The one message about a confirmed request: always the whole truth as the journal has it. */
export function card(request: ArchiveRequest): Message {
  const { icon, title } = STATE_WORDS[request.state];
  return {
    text: clip(`${title}: training ${escapeText(request.trainingId)} in ${request.environment}`, 300),
    blocks: [
      section(`${icon} *${title}*  ·  ${trainingOf(request)}`),
      { type: 'section', text: plain(trainingName(request.plan), 300) },
      fields([
        ['Environment', environmentWords(request.environment)],
        ['Asked and confirmed by', person(request.requester)],
        ['Project', projectOf(request)],
        ['Toloka operation', request.operationId === null ? '–' : foreign(request.operationId, 80)],
      ]),
      ...reasonBlocks(request),
      ...stateBlocks(request),
      context([`Request ${escapeText(request.id)}`, ...timesOf(request), receiptOf(request)].join('  ·  ')),
      ...buttons(request),
    ],
  };
}

function stateBlocks({ state, progress, outcome }: ArchiveRequest): KnownBlock[] {
  const blocks: KnownBlock[] = [];
  if (state === 'running') blocks.push(section(progressBar(progress)));
  if (outcome !== null) blocks.push(section(`${foreign(outcome.message, 1500)}\n${codeText(outcome.code)}`));
  if (state === 'succeeded')
    blocks.push(section('Archiving cannot be undone. The training can still be cloned in Toloka.'));
  return blocks;
}

/** Ten squares; Toloka names no progress at first, and then none is claimed. */
function progressBar(progress: number | null): string {
  if (progress === null) return 'Progress: not named by Toloka yet';
  const done = Math.min(10, Math.max(0, Math.floor(progress / 10)));
  return `${'█'.repeat(done)}${'░'.repeat(10 - done)} ${Math.round(progress)} %`;
}

const projectOf = ({ plan }: ArchiveRequest): string =>
  plan.training === null ? 'could not be read' : nameAndId(plan.projectName, plan.training.projectId);

function reasonBlocks({ reason, plan, requester, outcome }: ArchiveRequest): KnownBlock[] {
  const blocks: KnownBlock[] = [];
  // plain_text: people's own words may hold any sign and must format nothing and ping nobody.
  if (reason !== null) blocks.push({ type: 'section', text: plain(`Reason: ${reason}`, 2500) });
  if (plan.unavailable !== null) {
    // What stands above as the outcome is not said twice.
    const why = plan.unavailable === outcome?.message ? '.' : `: ${foreign(plan.unavailable, 400)}`;
    const who = person(requester);
    blocks.push(section(`:warning: Confirmed by ${who} although not everything could be checked${why}`));
  }
  return blocks;
}

function timesOf({ confirmedAt, finishedAt, state }: ArchiveRequest): string[] {
  if (confirmedAt === null) return [];
  const times = [`confirmed ${moment(confirmedAt)}`];
  if (finishedAt !== null && !isOpen(state))
    times.push(`ended ${moment(finishedAt)}`, `took ${span(finishedAt - confirmedAt)}`);
  return times;
}

/** Anchors the journal in the channel: whoever rewrites the history cannot rewrite this. See docs/audit.md. */
const receiptOf = ({ receipt }: ArchiveRequest): string => `Receipt ${receipt}`;

function buttons({ id, state }: ArchiveRequest): KnownBlock[] {
  if (state !== 'not_started' && state !== 'refused') return [];
  const button = {
    type: 'button',
    action_id: ACTIONS.retry,
    value: id,
    text: plain('Try again', 75),
  } as const;
  return [{ type: 'actions', block_id: 'card_actions', elements: [button] }];
}

export const plain = (text: string, limit: number) =>
  ({ type: 'plain_text', text: clip(text, limit), emoji: false }) as const;

export const section = (text: string): KnownBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: clip(text, 3000) },
});

export const context = (text: string): KnownBlock => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: clip(text, 3000) }],
});

export const fields = (pairs: [string, string][]): KnownBlock => ({
  type: 'section',
  fields: pairs.map(([name, value]) => ({ type: 'mrkdwn', text: clip(`*${name}*\n${value}`, 2000) })),
});
