/*
 * What the app's messages say. Written down here once more, so that the app's own words cannot vouch for themselves.
 */

/** What a card says of each end. */
export const TITLES: Record<string, string> = {
  succeeded: 'Archived',
  failed: 'Failed in Toloka',
  refused: 'Refused by Toloka',
  not_started: 'Not started; nothing was archived',
};

const OTHER_TITLES: Record<string, string> = {
  planned: 'Not confirmed yet',
  confirmed: 'Recorded; nothing sent to Toloka yet',
  submitting: 'Sending to Toloka',
  running: 'Toloka is archiving',
  unknown: 'Outcome unknown; looking it up',
  expired: 'Expired',
  cancelled: 'Cancelled',
};

/** The line of each event in a card's thread. */
export const EVENT_LINES: Record<string, RegExp> = {
  asked: /asked for the plan/,
  replanned: /was shown a newer plan/,
  confirmed: /confirmed; recorded/,
  submitting: /sending the archive request to Toloka/,
  accepted: /Toloka accepted it/,
  outcome_unknown: /the outcome is \*unknown\*/,
  found_running: /looked up: operation/,
  succeeded: /ended: SUCCESS|the training is archived/,
  failed: /ended: FAIL/,
  refused: /Toloka refused the request/,
  not_started: /not started/,
  late_evidence: /new evidence/,
};

/** What an answer claims, as far as the journal can confirm it. */
export type Claim =
  | { kind: 'state'; state: string }
  | { kind: 'denied'; code: string }
  /** Nothing was done, for a reason that the journal has. */
  | { kind: 'nothing' }
  /** The answer could not be shown; what it was is not said. */
  | { kind: 'not_shown' }
  /** The app met a fault of its own. */
  | { kind: 'fault' };

export function readAnswer(text: string): Claim | undefined {
  if (/fault of this app|went wrong inside this app/.test(text)) return { kind: 'fault' };
  if (/Slack did not take the answer/.test(text)) return { kind: 'not_shown' };
  const titled = Object.entries({ ...TITLES, ...OTHER_TITLES }).find(
    ([, title]) => text.includes(`*${title}.*`) || text.includes(`: ${title}.`),
  );
  if (titled) return { kind: 'state', state: titled[0] };
  const code = /Code: `(\w+)`/.exec(text)?.[1];
  if (code !== undefined) return { kind: 'denied', code };
  if (/othing was (archived|sent)|archived nothing/.test(text)) return { kind: 'nothing' };
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
