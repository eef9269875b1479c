/*
 * What the app's messages say. Written down here once more, so that the app's own words cannot vouch for themselves.
 */

/** What a card says of each end. */
export const TITLES: Record<string, string> = {
  succeeded: 'Archived',
  failed: 'Failed in Toloka',
  refused: 'Refused by Toloka',
  not_started: 'Not started; nothing was archived',
  declined: 'Declined',
  expired: 'Expired',
  cancelled: 'Cancelled',
};

/** What the card of a batch counts each end as, in this order. */
const COUNTED_AS: Record<string, string> = {
  succeeded: 'archived',
  failed: 'failed',
  refused: 'failed',
  not_started: 'not started',
  declined: 'declined',
  expired: 'expired',
  cancelled: 'withdrawn',
};

/** The title of the card of a batch that has ended: `*3 trainings*  ·  2 archived, 1 failed`. */
export function batchTitle(states: readonly string[]): string {
  const counted = states.map((state) => COUNTED_AS[state]);
  const total = [...new Set(Object.values(COUNTED_AS))].flatMap((words) => {
    const n = counted.filter((one) => one === words).length;
    return n === 0 ? [] : [`${n} ${words}`];
  });
  return `*${states.length} trainings*  ·  ${total.join(', ')}`;
}

/** Whether a window about several trainings lists this one as ready; undefined for a window about one. */
export function listsAsReady(window: string, trainingId: string): boolean | undefined {
  if (!/\d+ of \d+ trainings? in .* can be archived/.test(window)) return undefined;
  return window.includes(`(${trainingId}): ready`);
}

const OTHER_TITLES: [state: string, title: string][] = Object.entries({
  planned: 'Not confirmed yet',
  awaiting_approval: 'Waiting for approval',
  // The same for both, because it is true before and after the POST.
  confirmed: 'Recorded; being sent to Toloka',
  submitting: 'Recorded; being sent to Toloka',
  running: 'Toloka is archiving',
  unknown: 'Outcome unknown; looking it up',
});
OTHER_TITLES.push(['confirmed', 'Recorded; waiting until archiving is resumed']);

/** The line of each event in a card's thread. */
export const EVENT_LINES: Record<string, RegExp> = {
  asked: /asked to archive/,
  replanned: /was shown a newer plan/,
  confirmed: /confirmed\. The request is recorded/,
  approval_requested: /confirmed\. The request is recorded and needs/,
  approved: /approved\./,
  fully_approved: /approved\. No more approvals are needed/,
  approvals_voided: /The plan changed/,
  reminded: /Reminder: still waiting for approval from/,
  declined: /declined: /,
  withdrawn: /withdrew the request/,
  approval_expired: /The time for approvals is over/,
  submitting: /Sending the (first )?archive request to Toloka/,
  accepted: /Toloka accepted the request/,
  outcome_unknown: /The outcome is unknown/,
  found_running: /Looked up: Toloka is archiving/,
  succeeded: / {2}Archived\./,
  failed: /Failed in Toloka\./,
  refused: /Toloka refused the request/,
  not_started: /Not started\. Nothing was archived/,
  late_evidence: /New evidence|has an archive operation that this request may have started/,
};

/** The events that the thread of a batch has a line for, those of its first request. The closing message has the rest. */
export const IN_BATCH_THREAD: readonly string[] = [
  ...['asked', 'confirmed', 'approval_requested', 'approved', 'fully_approved'],
  ...['declined', 'withdrawn', 'approval_expired', 'submitting'],
];

/** The events with which a person has confirmed. */
export const CONFIRMED: readonly string[] = ['confirmed', 'approval_requested'];

/** Why one training of a batch may not be sent although its card is in the channel. */
export const OF_ITS_OWN: readonly string[] = [
  ...['plan_drifted', 'right_lost', 'not_checked', 'confirmation_expired'],
];

/** What an answer claims, as far as the journal can confirm it. */
export type Claim =
  /** Two states may have the same title. */
  | { kind: 'state'; states: string[] }
  | { kind: 'denied'; code: string }
  /** Nothing was done, for a reason that the journal has. */
  | { kind: 'nothing' }
  /** Nothing was done, because the plan is another one. */
  | { kind: 'changed' }
  /** The answer could not be shown; what it was is not said. */
  | { kind: 'not_shown' }
  /** Archiving was paused, or resumed. */
  | { kind: 'paused' | 'resumed' }
  /** The app met a fault of its own. */
  | { kind: 'fault' };

export function readAnswer(text: string): Claim | undefined {
  if (/went wrong inside this app/.test(text)) return { kind: 'fault' };
  if (text.startsWith('Cancelled. ')) return { kind: 'state', states: ['cancelled'] };
  if (/Slack did not confirm that it updated your window/.test(text)) return { kind: 'not_shown' };
  if (text.includes('*Paused.*')) return { kind: 'paused' };
  if (text.includes('*Resumed.*')) return { kind: 'resumed' };
  if (text.includes('Archiving is already paused')) return { kind: 'denied', code: 'already_paused' };
  if (text.includes('Archiving is not paused')) return { kind: 'denied', code: 'not_paused' };
  if (/The plan (is not the one that you|changed after you) looked at/.test(text)) return { kind: 'changed' };
  const titled = [...Object.entries(TITLES), ...OTHER_TITLES].filter(
    ([, title]) => text.includes(`*${title}.*`) || text.includes(`: ${title}.`),
  );
  if (titled.length > 0) return { kind: 'state', states: titled.map(([state]) => state) };
  const code = /Code: `(\w+)`/.exec(text)?.[1];
  if (code !== undefined) return { kind: 'denied', code };
  if (
    /othing (new )?was (archived|sent|changed|started)|archived nothing|but nothing was, because of/.test(
      text,
    )
  )
    return { kind: 'nothing' };
  return undefined;
}

/**
 * A newer plan may be the answer to an earlier click and appear just before the process that works on this one is
 * killed. It says that nothing was archived, and asks again.
 */
export const isNewerPlan = (text: string): boolean =>
  /\*(This is not what you looked at|It could not be read again just now)\.\* Nothing was archived\./.test(
    text,
  );

const DENIALS: [words: RegExp, code: string][] = [
  [/You asked for this yourself/, 'own_request'],
  [/permission to approve/, 'approve_not_allowed'],
  [/have approved this already/, 'already_approved'],
  [/waiting for approval any more|be withdrawn any more/, 'already_decided'],
  [/The time for approvals is over/, 'approval_expired'],
  [/showed an earlier plan/, 'plan_drifted'],
  [/could not be read just now, so your approval/, 'not_checked'],
  [/could not check whether .* was not withdrawn/, 'not_checked'],
  [/Something blocks archiving now, so your approval/, 'blocked'],
  [/Slack did not say who has permission/, 'access_unknown'],
  [/Only the person who asked can withdraw/, 'not_yours'],
  [/This request is not in the app/, 'request_unknown'],
  [/Slack did not open the window/, 'modal_not_opened'],
  [/Slack did not confirm that it opened the window/, 'modal_unconfirmed'],
];

/** What a private reply to a click on a card that awaits approval claims. */
export function readApprovalReply(text: string): Claim | { kind: 'voided' | 'counted' } | undefined {
  if (/went wrong inside this app/.test(text)) return { kind: 'fault' };
  if (/was not counted, because the plan changed/.test(text)) return { kind: 'voided' };
  if (/Your approval was counted/.test(text)) return { kind: 'counted' };
  const code = DENIALS.find(([words]) => words.test(text))?.[1];
  return code === undefined ? undefined : { kind: 'denied', code };
}
