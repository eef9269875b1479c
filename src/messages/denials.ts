import type { Pause, RequestState } from '../archive/request';
import { COMMAND, REASON_LIMIT } from './ids';
import { STATE_WORDS } from './outcomes';
import { escapeUntrusted, idText, moment, person } from './text';
import { isTokenError } from './token';

/** What a denial may mention. */
export interface DenialContext {
  environment?: string;
  /** The environment to which a link leads. */
  linkEnvironment?: string;
  trainingId?: string;
  /** IDs of the channels in which archiving is allowed. */
  channels?: readonly string[];
  /** The length of the reason that was denied. */
  reasonLength?: number;
  /** How many trainings would be archived. */
  trainings?: number;
  /** Who paused archiving. */
  pause?: Pause;
  /** What the person wanted to do with a request that waits. */
  wanted?: 'approve' | 'decline' | 'withdraw';
  /** How far that request has got. */
  state?: RequestState;
  /** Whether the click was for all requests of a batch, which may have got as far or not. */
  isBatch?: boolean;
  /** Slack's own error code. */
  slackCode?: string;
}

const OPERATOR = 'the person who runs this app';

const tokenWords = (slackCode: string): string =>
  `Slack does not accept this app’s token any more (${slackCode}), so nothing was archived. Ask ${OPERATOR} to set a new one.`;

/** Goes after "paused": by whom, since when and why; nothing when that is not known. */
export const pauseWords = (pause: Pause | undefined): string =>
  pause === undefined
    ? ''
    : ` (by ${person(pause.user)}, since ${moment(pause.at)}): “${escapeUntrusted(pause.reason.replace(/(?<=[^.\s])\.\s*$/, ''), 300)}”`;

const WORDS = {
  access_not_set: () =>
    `Nobody can archive yet: \`ARCHIVE_ALLOW\` is not set. Ask ${OPERATOR} to add people or user groups to it.`,
  not_allowed: () =>
    `You don’t have permission to archive. Ask ${OPERATOR} to add you, or a user group you are in, to \`ARCHIVE_ALLOW\`.`,
  other_workspace: ({ wanted }) =>
    `This app belongs to another workspace. People of your workspace can ${wanted ? 'approve' : 'archive'} only if \`${wanted ? 'APPROVE' : 'ARCHIVE'}_ALLOW\` names them by ID. Ask ${OPERATOR} to add you.`,
  access_unknown: ({ wanted }) =>
    `Slack did not say who ${wanted ? 'has permission, so your click changed nothing' : 'can archive, so you can’t archive right now'}. Try again in a minute. If it keeps happening, the app may lack the \`usergroups:read\` permission.`,
  channel_not_allowed: ({ channels = [] }) =>
    `Archiving is not enabled in this channel. To archive, use ${channels.map((id) => `<#${id}>`).join(', ')}, or ask ${OPERATOR} to add this channel to \`ARCHIVE_CHANNELS\`.`,
  direct_message: () =>
    'You can’t archive from a direct message: the card belongs in a channel, where your team sees it. Type the command in a channel that the app is in.',
  environment_not_set: ({ environment = '' }) =>
    `This app has no Toloka token for ${idText(environment)}. Ask ${OPERATOR} to set one, or name another environment.`,
  already_open: () => 'Already in progress. Nothing new was started.',
  already_decided: ({ state, wanted, isBatch = false }) => {
    if (state === undefined)
      return 'This request was already confirmed or cancelled, or it expired. Your click changed nothing.';
    if (isBatch)
      return `None of these trainings ${wanted === 'withdraw' ? 'can be withdrawn' : 'is waiting for approval'} any more, so your click changed nothing. The card shows the status of each.`;
    const lead =
      wanted === 'withdraw'
        ? 'This request can’t be withdrawn any more.'
        : 'This request is not waiting for approval any more, so your click changed nothing.';
    return `${lead} Status: ${STATE_WORDS[state].title}.`;
  },
  nothing_to_retry: () =>
    'Nothing on this card is left to try again, so nothing was sent. If a training was tried again, its line links to the new card.',
  request_unknown: () => 'This request is not in the app’s records. Type the command again.',
  not_yours: ({ wanted = 'confirm' }) => `Only the person who asked can ${wanted} this request.`,
  plan_drifted: ({ wanted }) =>
    wanted
      ? 'The card that you clicked on showed an earlier plan, so your approval was not counted. Look at the card again.'
      : 'The plan changed after you looked at it. Type the command again to see the new plan.',
  paused: ({ pause }) =>
    `Archiving is paused${pauseWords(pause)}. Nothing new is sent to Toloka until somebody resumes it.`,
  already_paused: ({ pause }) => `Archiving is already paused${pauseWords(pause)}. Nothing was changed.`,
  not_paused: () => 'Archiving is not paused, so there is nothing to resume.',
  pause_not_allowed: () =>
    `You don’t have permission to pause and resume archiving. Ask ${OPERATOR} to add you, or a user group you are in, to \`ADMIN_ALLOW\`.`,
  approve_not_allowed: () =>
    `You don’t have permission to approve. Ask ${OPERATOR} to add you, or a user group you are in, to \`APPROVE_ALLOW\`.`,
  too_few_approvers: () =>
    `This needs the approval of other people, and too few can give it. Ask ${OPERATOR} to add people to \`APPROVE_ALLOW\`.`,
  own_request: ({ wanted }) =>
    wanted === 'decline'
      ? 'You asked for this yourself. To cancel it, click Withdraw.'
      : 'You asked for this yourself, so somebody else has to approve it.',
  already_approved: () => 'You have approved this already. It needs somebody else too.',
  approval_expired: () => 'The time for approvals is over, so your approval was not counted.',
  not_checked: ({ wanted }) =>
    wanted === 'withdraw'
      ? 'The app could not check whether Toloka has begun this request, so it was not withdrawn. Try again in a minute.'
      : 'Toloka could not be read just now, so your approval was not counted. Try again in a minute.',
  blocked: () => 'Something blocks archiving now, so your approval was not counted.',
  too_many_watches: () =>
    `You are already waiting for 20 trainings, the most that one person can wait for. Cancel one first: type \`${COMMAND} list\` and click Stop.`,
  watch_unknown: () => 'This message was sent or cancelled already.',
  plan_expired: () => 'This plan is more than a day old. Type the command again to see the current one.',
  // From here on: what the handlers find themselves.
  unknown_command: () => 'There is no such command. To archive a training, give its ID or a link to it.',
  no_id: () => 'Which training? Give its ID or a link to it.',
  bad_id: () => 'That is not a training ID. An ID has up to 19 digits and nothing else, such as 123456.',
  leading_zero: () => 'A training ID does not begin with 0. Copy it again from Toloka.',
  pool_link: () =>
    'That link leads to a pool, and this command archives trainings only. Open the training in Toloka and copy its link or ID.',
  bad_link: () =>
    'That link does not lead to a training in Toloka. Copy the link from the training’s page (it ends in `/training/` and the ID), or give the ID.',
  bad_environment: () =>
    'After the IDs there can be one environment: `production` or `sandbox`. Everything else must be an ID or a link.',
  too_many: () => 'At most 20 trainings at once. Split the list.',
  one_training: () => 'Give one training here: its ID or a link to it.',
  duplicate_id: ({ trainingId = '' }) => `${idText(trainingId)} is in the list twice. Remove one of them.`,
  no_reason: () => 'Give a reason after `pause`. It is shown to everybody who wants to archive.',
  resume_is_for_all: () =>
    '`resume` applies to all trainings, in every channel and environment. If you mean that, type nothing after it. Nothing was resumed.',
  environment_conflict: ({ linkEnvironment = '', environment = '' }) =>
    `A link leads to ${linkEnvironment}, but the rest is for ${environment}. Archive them separately, or leave one out.`,
  typed_id_wrong: ({ trainingId = '' }) =>
    `That is not the training ID. Type ${trainingId} to confirm, or cancel.`,
  typed_number_wrong: ({ trainings = 0 }) =>
    `That is not the number of trainings. Type ${trainings} to confirm, or cancel.`,
  choice_wrong: () => 'Choose trainings from the list.',
  reason_wrong: ({ reasonLength = 0 }) =>
    reasonLength <= REASON_LIMIT
      ? 'Give a reason. It is shown on the card and kept in the audit log.'
      : `Use at most ${REASON_LIMIT} characters. Your reason has ${reasonLength}.`,
  modal_not_opened: ({ slackCode = '', trainingId = '' }) =>
    isTokenError(slackCode)
      ? tokenWords(slackCode)
      : `Slack did not open the window for training ${idText(trainingId)} (${escapeUntrusted(slackCode, 80)}), so nothing was archived. Try again.`,
  modal_unconfirmed: ({ slackCode = '', trainingId = '' }) =>
    `Slack did not confirm that it opened the window for training ${idText(trainingId)} (${escapeUntrusted(slackCode, 80)}). If you see a window that says that it is checking, close it. Nothing was archived. Type the command again.`,
  token_invalid: ({ slackCode = '' }) => tokenWords(slackCode),
  stale_click: () =>
    'That button belongs to an older version of this app, so nothing was done. Type the command again.',
} satisfies Record<string, (context: DenialContext) => string>;

/** Everything that can be denied to a person. */
export type DenialReason = keyof typeof WORDS;
export const DENIAL_REASONS: readonly string[] = Object.keys(WORDS);

/** Why something was denied and what to do next, as mrkdwn. The texts for inputs (`…_wrong`) are plain text too. */
export const denialText = (code: DenialReason, context: DenialContext = {}): string => WORDS[code](context);
