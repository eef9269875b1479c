import type { KnownBlock } from '@slack/types';
import { isReady } from '../archive/plan';
import { type Approval, type ArchiveRequest, isWaiting } from '../archive/request';
import { ACTIONS } from './ids';
import { blockerWords, driftWords, planLine, trainingLink } from './plan';
import {
  actions,
  button,
  context,
  escapeUntrusted,
  idText,
  joinLines,
  moment,
  person,
  plain,
  plainName,
  section,
} from './text';

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const MENTIONED = 20;
const CHANGES_SHOWN = 10;

/**
 * Mentions who can approve, without the person who asked and those who have approved. Slack notifies people of a mention
 * in a new message. It notifies nobody when a message is edited, so the card notifies them once.
 * @see https://github.com/jenkinsci/slack-plugin/issues/706
 */
export function audienceText({ audience, given }: Approval, requester: string): string {
  const { everyone, people, groups } = audience;
  if (everyone) return 'anybody else in this workspace';
  const left = people.filter((id) => id !== requester && given.every(({ user }) => user !== id));
  const mentions = [...groups.map((id) => `<!subteam^${id}>`), ...left.map(person)];
  const more = mentions.length - MENTIONED;
  return [...mentions.slice(0, MENTIONED), ...(more > 0 ? [`${more} more`] : [])].join(', ') || 'nobody else';
}

/** Who must approve, who has, who declined, and how the plan changed in the meantime. */
export function approvalBlocks(requests: readonly ArchiveRequest[]): KnownBlock[] {
  const waiting = requests.filter(isWaiting);
  const [only, ...more] = waiting;
  const lines = approvalLines(requests);
  return [
    ...changesBlocks(waiting, requests.length > 1),
    ...(only && more.length === 0 ? [context(planLine(only.plan))] : []),
    ...(more.length > 0 && waiting.every(({ plan }) => isReady(plan))
      ? [context(allReady(waiting.length === requests.length))]
      : []),
    ...(lines.length > 0 ? [section(lines.join('\n'))] : []),
    ...declinedBlocks(requests),
  ];
}

const allReady = (isAll: boolean): string =>
  isAll
    ? 'Each training is closed, and all linked pools are archived.'
    : 'Each training that waits is closed, and all its linked pools are archived.';

/** One line for all requests of a card that have the same approvals. */
function approvalLines(requests: readonly ArchiveRequest[]): string[] {
  return groups(requests).flatMap((group, _i, { length }) => {
    const words = approvalWords(group[0]);
    return words === null ? [] : [`${length > 1 ? `${trainingsOf(group)}: ` : ''}${words}`];
  });
}

/** Who approved, for each training of a batch. */
export const approverLines = (requests: readonly ArchiveRequest[]): string[] =>
  approvalLines(requests.filter((request) => !isWaiting(request)));

type Group = [ArchiveRequest, ...ArchiveRequest[]];

function groups(requests: readonly ArchiveRequest[]): Group[] {
  const found = new Map<string, Group>();
  for (const request of requests) {
    const { approval } = request;
    const key = JSON.stringify([
      isWaiting(request),
      approval?.needed,
      approval?.given.map(({ user }) => user),
    ]);
    const group = found.get(key);
    if (group) group.push(request);
    else found.set(key, [request]);
  }
  return [...found.values()];
}

const trainingsOf = (requests: readonly ArchiveRequest[]): string =>
  requests.map(({ trainingId }) => idText(trainingId)).join(', ');

function approvalWords(request: ArchiveRequest): string | null {
  const { approval, requester } = request;
  if (approval === null) return null;
  const { needed, given, until } = approval;
  const by = given.map(({ user }) => person(user)).join(', ');
  if (!isWaiting(request)) return by === '' ? null : `:white_check_mark: Approved by ${by}`;
  const asks = `from ${audienceText(approval, requester)}. Open until ${moment(until)}.`;
  return given.length === 0
    ? `*Needs ${count(needed, 'approval')}* ${asks}`
    : `Approved by ${by}. *Needs ${needed - given.length} more* ${asks}`;
}

/** How the plans changed that were approved before, and what blocks them now. */
function changesBlocks(waiting: readonly ArchiveRequest[], isBatch: boolean): KnownBlock[] {
  const lead = (request: ArchiveRequest) => (isBatch ? `${trainingLink(request.plan)}: ` : '');
  const lines = changeLines(waiting, isBatch);
  const blocked = waiting.flatMap((request) =>
    blockerWords(request.plan).map((words) => `:no_entry: ${lead(request)}${words}`),
  );
  return [
    ...(lines.length > 0
      ? [
          section(
            `:twisted_rightwards_arrows: *The plan changed, so it needs approval again.*\n${joinLines(lines, CHANGES_SHOWN)}`,
          ),
        ]
      : []),
    ...(blocked.length > 0 ? [section(joinLines(blocked, CHANGES_SHOWN))] : []),
  ];
}

/** How the plans changed that wait for approval again. */
export const changeLines = (requests: readonly ArchiveRequest[], isBatch: boolean): string[] =>
  requests.flatMap(({ approval, trainingId }) =>
    (approval?.changes ?? []).map(
      (change) => `• ${isBatch ? `${idText(trainingId)}: ` : ''}${driftWords(change)}`,
    ),
  );

/** Who declined, and why. A click declines all that wait. */
function declinedBlocks(requests: readonly ArchiveRequest[]): KnownBlock[] {
  const declined = requests.map(({ approval }) => approval?.declined).find((one) => one);
  if (!declined) return [];
  return [
    section(`Declined by ${person(declined.user)}`),
    { type: 'section', text: plain(`Reason for declining: ${declined.reason}`) },
  ];
}

/** Why a request that people had to approve was given up, as mrkdwn; '' when it was not. */
export function givenUpWords({ state, approval }: ArchiveRequest): string {
  if (approval === null) return '';
  if (state === 'expired') return 'Not enough people approved it in time, so nothing was archived.';
  if (state !== 'declined' || approval.declined === null) return '';
  const { user, reason } = approval.declined;
  return `Declined by ${person(user)}: ${escapeUntrusted(reason, 1000)}`;
}

/** Approve, Decline and Withdraw, for all requests of a card that wait. */
export function approvalButtons(
  requests: readonly [ArchiveRequest, ...ArchiveRequest[]],
  { isHome = false } = {},
): KnownBlock[] {
  const [{ environment, trainingId, batch, plan }] = requests;
  const id = batch ?? requests[0].id;
  const waiting = requests.filter(isWaiting);
  if (waiting.length === 0) return [];
  const name = plan.training === null ? '' : ` “${plainName(plan.training.name, 100)}”`;
  const what = requests.length === 1 ? `training${name} (${trainingId})` : count(waiting.length, 'training');
  const isLast = waiting.every(({ approval }) => approval && approval.needed - approval.given.length <= 1);
  const confirm = {
    title: plain('Approve?'),
    text: plain(
      `This archives ${what} in ${environment}${isLast ? '' : ' once enough people approve'}. It cannot be undone.`,
    ),
    confirm: plain('Approve'),
    deny: plain('Cancel'),
  };
  const value = approveValue({ requestId: id, shown: waiting.map(({ plan }) => plan.fingerprint) });
  const buttons = [
    button('Approve', ACTIONS.approve, value, { style: 'primary', confirm }),
    button('Decline', ACTIONS.decline, id),
  ];
  // On the card the person who asked sees them too. The Home tab has several such blocks.
  return isHome
    ? [{ ...actions(...buttons), block_id: `waiting_${id}` }]
    : [actions(...buttons, withdrawButton(id))];
}

/** For the person who asked. `id`: of the request whose card it is on. */
export const withdrawButton = (id: string) => button('Withdraw', ACTIONS.withdraw, id);

/** What a click on Approve is for: the request of the card, and the plans that the card shows. */
export interface ApproveValue {
  requestId: string;
  shown: string[];
}

const approveValue = ({ requestId, shown }: ApproveValue): string => [requestId, ...shown].join(' ');

/** Undefined when it is none of ours. */
export function readApproveValue(value = ''): ApproveValue | undefined {
  const [requestId = '', ...shown] = value.split(' ');
  const isOurs = requestId !== '' && requestId.length <= 100 && shown.length > 0 && shown.length <= 20;
  return isOurs ? { requestId, shown } : undefined;
}
