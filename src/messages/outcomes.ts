import type { Unread } from '../archive/plan';
import type { ArchiveRequest, Outcome, RequestState } from '../archive/request';
import { escapeUntrusted } from './text';
import { TOKEN_CODES } from './token';

/** What a card and a modal call each state. True before and after the moment in which the state changes. */
export const STATE_WORDS: Record<RequestState, { icon: string; title: string }> = {
  planned: { icon: ':memo:', title: 'Not confirmed yet' },
  awaiting_approval: { icon: ':raised_hand:', title: 'Waiting for approval' },
  confirmed: { icon: ':hourglass_flowing_sand:', title: 'Recorded; being sent to Toloka' },
  submitting: { icon: ':hourglass_flowing_sand:', title: 'Recorded; being sent to Toloka' },
  running: { icon: ':hourglass_flowing_sand:', title: 'Toloka is archiving' },
  unknown: { icon: ':question:', title: 'Outcome unknown; looking it up' },
  succeeded: { icon: ':white_check_mark:', title: 'Archived' },
  failed: { icon: ':x:', title: 'Failed in Toloka' },
  refused: { icon: ':no_entry:', title: 'Refused by Toloka' },
  not_started: { icon: ':leftwards_arrow_with_hook:', title: 'Not started; nothing was archived' },
  declined: { icon: ':no_entry_sign:', title: 'Declined' },
  cancelled: { icon: ':no_entry_sign:', title: 'Cancelled' },
  expired: { icon: ':alarm_clock:', title: 'Expired' },
};

const WAITING = { icon: ':double_vertical_bar:', title: 'Recorded; waiting until archiving is resumed' };

/** What a card and a modal call the state of this request. */
export const stateWords = ({
  state,
  pause,
}: Pick<ArchiveRequest, 'state' | 'pause'>): { icon: string; title: string } =>
  isPaused({ state, pause }) ? WAITING : STATE_WORDS[state];

/** Whether the request waits because somebody paused archiving. */
export const isPaused = ({ state, pause }: Pick<ArchiveRequest, 'state' | 'pause'>): boolean =>
  state === 'confirmed' && pause !== null;

/** What happened, and what people can do about it. */
type Entry = readonly [why: string, next?: string];
type Table = ReadonlyMap<string, Entry>;
const table = (entries: Record<string, Entry>): Table => new Map(Object.entries(entries));

const AGAIN = 'Try again.';
const LATER = 'Try again in a few minutes.';
const CHECK = 'Check the training in Toloka, then try again.';
const WAIT =
  'Wait. The card is updated when the app finds out. Do not archive the training by hand in the meantime.';
const STILL = 'Try again if you still want to archive it.';
const OPERATOR = 'Ask the person who runs this app';

/** The app's own codes. */
const OWN = table({
  already_archived: ['The training was already archived, so there was nothing left to do.'],
  found_archived: [
    'Looked up: the training is archived. Its operation was not found, so this request or another one archived it.',
  ],
  found_nothing: [
    'Looked up: the training is not archived, and Toloka has no operation for this request.',
    STILL,
  ],
  operation_forgotten: [
    'Toloka accepted the request but no longer knows its operation. The training is not archived.',
    CHECK,
  ],
  OPERATION_FAILED: ['Toloka started archiving and failed.', CHECK],
  deadline: ['Toloka is taking unusually long. The app keeps checking, less often.'],
  interrupted: ['The app was interrupted before it got Toloka’s answer.'],
  late_evidence: ['The request may have reached Toloka after all.'],
  stalled: ['The app stalled just before sending, so it sent nothing.', AGAIN],
  paused: [
    'Somebody paused archiving just before this was sent, so the app sent nothing.',
    'Try again when archiving is resumed.',
  ],
  batch_gone: [
    'The request with the card of this batch is not in the journal, so the app sent nothing.',
    AGAIN,
  ],
  environment_gone: [
    'The app no longer has a token for this environment, so it sent nothing.',
    `${OPERATOR} to set the token.`,
  ],
  confirmation_expired: ['Nothing was sent within a day of the confirmation, so the app gave up.', STILL],
  not_checked: ['For about a minute the app could not check everything again, so it sent nothing.', AGAIN],
  plan_drifted: [
    'The training or its pools changed after the confirmation, so the app sent nothing.',
    'Try again to see the current plan.',
  ],
  right_lost: [
    'The person who confirmed is no longer allowed to archive, so the app sent nothing.',
    'Somebody with permission can try again.',
  ],
  clocks_apart: [
    'The clocks of this app and of Toloka differ too much. If Toloka’s answer were lost, the app could not look it up, so it sent nothing.',
    `${OPERATOR} to set its clock (NTP).`,
  ],
});

const UNKNOWN_ID: Entry = ['Toloka did not find it.', 'Check the ID and the environment.'];

/** Toloka's own codes (in capitals) that say more than their HTTP status, and what can happen without a status. */
const TOLOKA = table({
  UNARCHIVED_POOLS_CONFLICT: [
    'Pools that require this training are not archived.',
    'Archive them in Toloka, then try again.',
  ],
  POOL_LOCKED_BY_ANOTHER_OPERATION: ['Another operation is running on the training.', LATER],
  SUBMITTED_ASSIGNMENTS_CONFLICT: [
    'There are assignments to review.',
    'Accept or reject them in Toloka, then try again.',
  ],
  THERE_IS_ACTIVE_ASSIGNMENT: ['Somebody is working on an assignment.', LATER],
  THERE_IS_REJECTED_ASSIGNMENT: [
    'There are rejected assignments.',
    'Try again 9 days after the last rejection.',
  ],
  not_found: UNKNOWN_ID,
  rate_limited: ['Toloka asked this app to slow down.', LATER],
  rate_limit_own: ['This app has reached its own limit of requests to Toloka.', LATER],
  toloka_held: ['The app stalled while it connected to Toloka.', AGAIN],
  toloka_timeout: ['Toloka did not answer in time.', LATER],
  toloka_unreachable: ['Toloka cannot be reached.', LATER],
  toloka_lost_response: ['The connection to Toloka broke before it answered.', LATER],
  toloka_unreadable: ['Toloka’s answer could not be read.', LATER],
});

const BY_STATUS: Readonly<Record<number, Entry>> = {
  401: ['Toloka did not accept the token.', `${OPERATOR} to check the Toloka token.`],
  403: ['Toloka does not let this account do that.', 'Ask the owner of the Toloka account for full access.'],
  404: UNKNOWN_ID,
  409: [
    'The training cannot be archived in its present state.',
    'Close it and archive its pools in Toloka, then try again.',
  ],
  429: ['This account sends Toloka too many requests.', LATER],
};

function tolokaEntry({ code, httpStatus = 0 }: Outcome): Entry | undefined {
  // Toloka may say so under any status.
  const status = code.endsWith('AUTHENTICATION_ERROR') ? 401 : httpStatus;
  const known = TOLOKA.get(code) ?? BY_STATUS[status];
  return known ?? (status >= 500 ? ['Toloka is not available at the moment.', LATER] : undefined);
}

const INVITE = 'Type `/invite @Toloka Archive` in the channel, then try again.';

/** Why there is no Archive button in a channel that the app is not in. */
export const NOT_IN_CHANNEL = `*The app is not in the channel,* so it can’t post the card there. _Next step:_ close this window, type \`/invite @Toloka Archive\` in the channel, then start again.`;

const TOKEN_WRONG: Entry = [
  'Slack does not accept the app’s token any more.',
  `${OPERATOR} to set a new one.`,
];

const ELSEWHERE = 'Type the command in another channel.';

/** Slack's codes for a card that could not be posted, where there is more to do than to try again. */
const SLACK = table({
  not_in_channel: ['The app is not in the channel.', INVITE],
  channel_not_found: ['The app cannot see the channel.', INVITE],
  is_archived: ['The channel is archived.', ELSEWHERE],
  restricted_action: ['A workspace setting keeps the app from posting in the channel.', ELSEWHERE],
  missing_scope: ['The app lacks a Slack permission.', `${OPERATOR} to reinstall it from its manifest.`],
  ...Object.fromEntries(TOKEN_CODES.map((code) => [code, TOKEN_WRONG])),
});

/**
 * Why a request is in its state and what to do next, as mrkdwn; '' where there is nothing to say. The state decides what
 * is certain: a lost connection can mean that nothing was sent, or that nobody knows.
 */
export function outcomeWords(outcome: Outcome | null, state: RequestState): { why: string; next: string } {
  if (outcome === null) return { why: '', next: '' };
  const { code, said } = outcome;
  const quote = quoteOf(outcome, 800);
  const own = OWN.get(code);
  if (own) return { why: `${own[0]}${quote}`, next: own[1] ?? (state === 'unknown' ? WAIT : '') };
  // Before anything is sent to Toloka, only Slack gives codes of its own.
  if (state === 'not_started' && !code.startsWith('toloka_')) {
    const [why, next = LATER] = SLACK.get(code) ?? [''];
    return { why: `The card could not be posted, so nothing was sent to Toloka. ${why}`.trim(), next };
  }
  const [words, next = ''] = tolokaEntry(outcome) ?? [said ? '' : 'No reason was given.', CHECK];
  const why = `${words}${quote}`.trim();
  if (state === 'not_started') return { why: `Nothing was sent to Toloka. ${why}`, next };
  if (state === 'unknown') return { why: `Archiving may or may not have started. ${why}`, next: WAIT };
  return { why, next };
}

/** How far a request has got, why, and what to do next. */
export function statusLines(request: ArchiveRequest): string[] {
  const { why, next } = outcomeWords(request.outcome, request.state);
  return [`*${stateWords(request).title}.*`, why, next].filter(Boolean);
}

function quoteOf({ said, httpStatus }: Pick<Outcome, 'said' | 'httpStatus'>, limit: number): string {
  const quote = said ? ` Toloka said: “${escapeUntrusted(said, limit)}”` : '';
  return `${quote}${httpStatus ? ` (HTTP ${httpStatus})` : ''}`;
}

const PARTS: Record<Unread['part'], string> = {
  training: 'The training',
  pools: 'The linked pools',
  project: 'The project',
};

/** What could not be read for a plan, and why: one line of mrkdwn for each part. */
export const unreadWords = (unread: readonly Unread[]): string[] =>
  unread.map((one) =>
    `${PARTS[one.part]} could not be read. ${tolokaEntry(one)?.[0] ?? ''}${quoteOf(one, 300)}`.trim(),
  );
