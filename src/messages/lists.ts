import type { KnownBlock } from '@slack/types';
import type { Checked, Overview, Rights } from '../archive/lists';
import { type ArchiveRequest, isOpen, type Pause } from '../archive/request';
import { type Watch, watchEndsAt } from '../archive/watch';
import { pauseWords } from './denials';
import { ACTIONS } from './ids';
import { outcomeWords, stateWords } from './outcomes';
import {
  blockedIcon,
  blockerWords,
  environmentWords,
  planFacts,
  planGaps,
  targetWords,
  trainingLink,
  watchedWords,
} from './plan';
import {
  button,
  clip,
  context,
  escapeUntrusted,
  fitsMessage,
  idText,
  link,
  moment,
  person,
  section,
} from './text';

const LINES = 15;
const TEXT = 2_900;

/** A private message: `text` is for notifications and screen readers. */
export interface Reply {
  text: string;
  blocks: KnownBlock[];
}

const cardLink = ({ card }: ArchiveRequest): string =>
  card?.url ? `  ·  ${link(card.url, 'Open the card')}` : '';

/** One request in one line. */
export function requestLine(request: ArchiveRequest): string {
  const { plan, trainingId, environment, requester, confirmedAt, createdAt } = request;
  const { icon, title } = stateWords(request);
  const what = `${icon} ${clip(trainingLink(plan), 400)} (${idText(trainingId)} in ${idText(environment)})`;
  return `${what}: ${title}  ·  ${person(requester)}, ${moment(confirmedAt ?? createdAt)}${cardLink(request)}`;
}

/** A heading with as many lines as fit, and the number of the others. */
export function listSection(heading: string, lines: readonly string[], none: string): KnownBlock {
  let text = `*${heading}*`;
  let shown = 0;
  for (const line of lines.slice(0, LINES)) {
    if (text.length + line.length > TEXT) break;
    text += `\n${line}`;
    shown += 1;
  }
  const left = lines.length - shown;
  return section(lines.length === 0 ? `${text}\n${none}` : `${text}${left > 0 ? `\nand ${left} more` : ''}`);
}

export const pauseLine = (pause: Pause): string =>
  `:double_vertical_bar: *Archiving is paused*${pauseWords(pause)}`;

/** The reply to `list`. */
export function listReply({ pause, waiting, open, recent, watches }: Overview): Reply {
  const others = open.filter((request) => !waiting.flat().includes(request));
  return {
    text: `${waiting.length} waiting for you, ${open.length} open, ${recent.length} of yours`,
    blocks: [
      ...(pause === null ? [] : [section(pauseLine(pause))]),
      listSection(
        'Waiting for your approval',
        waiting.flat().map(requestLine),
        'Nothing needs your approval.',
      ),
      listSection('In progress', others.map(requestLine), 'No requests in progress.'),
      listSection('Your recent requests', recent.map(requestLine), 'No requests yet.'),
      ...watchBlocks(watches),
    ],
  };
}

/** What the person wants to be notified about, each with a button that ends it. */
export function watchBlocks(watches: readonly Watch[]): KnownBlock[] {
  if (watches.length === 0) return [];
  return [
    section('*You get a message when these can be archived*'),
    ...watches.map(
      (watch): KnownBlock => ({
        ...section(`:bell: Training ${watchedWords(watch)}, until ${moment(watchEndsAt(watch))}`),
        block_id: `watch_${watch.id}`,
        accessory: button('Stop', ACTIONS.stopWatch, watch.id),
      }),
    ),
  ];
}

/** The reply to `history` (all of them) or `status` (the newest). */
export function historyReply(
  target: { environment: string; trainingId: string },
  requests: readonly ArchiveRequest[],
): Reply {
  const words = `training ${targetWords(target)}`;
  if (requests.length === 0) return reply(`Nobody has asked this app to archive ${words}.`);
  const blocks: KnownBlock[] = [];
  for (const request of requests) {
    const more = [...blocks, section(storyOf(request))];
    if (!fitsMessage([...more, olderLine(requests.length)])) break;
    blocks.push(...more.slice(-1));
  }
  const left = requests.length - blocks.length;
  return {
    text: `${requests.length} ${requests.length === 1 ? 'request' : 'requests'} for ${words}`,
    blocks: left > 0 ? [...blocks, olderLine(left)] : blocks,
  };
}

const olderLine = (n: number): KnownBlock => context(`and ${n} older, which the audit log has`);

/** Who, when, why, and how it ended. */
function storyOf(request: ArchiveRequest): string {
  const { reason, approval, finishedAt, operationId, state, outcome, receipt, id } = request;
  const { why, next } = outcomeWords(outcome, state);
  const approvers = approval?.given.map(({ user }) => person(user)).join(', ');
  const lines = [
    requestLine(request),
    reason === null ? '' : `Reason: ${escapeUntrusted(reason, 400)}`,
    approvers ? `Approved by ${approvers}` : '',
    approval?.declined
      ? `Declined by ${person(approval.declined.user)}: ${escapeUntrusted(approval.declined.reason, 400)}`
      : '',
    state === 'cancelled' ? `Withdrawn by ${person(request.requester)}` : '',
    clip(why, 600),
    isOpen(state) ? '' : clip(next, 300),
    [
      finishedAt === null ? '' : `Ended ${moment(finishedAt)}`,
      operationId === null ? '' : `Operation ${escapeUntrusted(operationId, 80)}`,
      `Request ${idText(id)}`,
      `Receipt ${receipt}`,
    ]
      .filter(Boolean)
      .join('  ·  '),
  ];
  return lines.filter(Boolean).join('\n');
}

/** The reply to `check`: the plan, without a request. */
export function checkReply({ plan, pause }: Checked): Reply {
  const ready = ':white_check_mark: Ready: the training is closed and all linked pools are archived.';
  const blockers = blockerWords(plan).map((words) => section(`${blockedIcon(plan)} ${words}`));
  return {
    text: `Training ${targetWords(plan)}`,
    blocks: [
      ...(pause === null ? [] : [section(pauseLine(pause))]),
      ...planFacts(plan),
      ...(blockers.length > 0 ? blockers : plan.unread.length === 0 ? [section(ready)] : []),
      ...planGaps(plan),
    ],
  };
}

/** A message of one text. */
export const reply = (text: string): Reply => ({ text, blocks: [section(text)] });

const UNKNOWN_RIGHTS =
  'Slack did not answer, so your permissions could not be fully checked. Try again in a minute.';

/** What the person can do here, as a sentence. */
export function rightsText(rights: Rights, environment: string): string {
  const can = [
    rights.archive ? 'archive' : '',
    rights.approve ? 'approve other people’s requests' : '',
    rights.admin ? 'pause and resume archiving' : '',
  ].filter(Boolean);
  const known = can.length === 0 ? [] : [`Here you can ${new Intl.ListFormat('en').format(can)}.`];
  const none = can.length === 0 ? ['You can’t archive here.'] : [];
  const what = [...known, ...(rights.unknown ? [UNKNOWN_RIGHTS] : none)].join(' ');
  return `${what} Commands are for ${environmentWords(environment)} unless you name another environment.`;
}
