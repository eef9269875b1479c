import type { Evidence, Life } from './evidence';
import { type Excused, judgeActs } from './judge-acts';
import { judgeApprovals } from './judge-approvals';
import { judgeCards } from './judge-cards';
import { judgeRequests, violation } from './judge-requests';

/** One broken promise. `rule` is stable, for counting; `about` is a request, a training or a process. */
export interface Violation {
  rule: Rule;
  about: string;
  what: string;
}

export type Rule =
  // What was sent to Toloka
  | 'two_posts'
  | 'post_before_record'
  | 'unasked'
  | 'without_right'
  | 'drift'
  | 'not_ready'
  | 'stopped_by_another'
  | 'unapproved'
  | 'wrong_approval'
  | 'sent_while_paused'
  // What the journal says of it
  | 'no_end'
  | 'two_open'
  | 'contradiction'
  | 'another_operation'
  | 'late_post_untold'
  | 'archived_untold'
  | 'chain'
  // What people were shown
  | 'no_card'
  | 'duplicate_card'
  | 'stale_card'
  | 'thread'
  | 'closed_early'
  | 'end_untold'
  | 'receipt'
  | 'unanswered'
  | 'wrong_answer'
  | 'unrecorded'
  | 'undone'
  | 'unescaped'
  // What the processes did
  | 'leak'
  | 'ended_by_itself';

export interface Verdict {
  violations: Violation[];
  excused: Excused;
  /** The share of acts that were excused, from 0 to 1. */
  excusedShare: number;
}

/** Compares what Toloka and Slack have in their books with what the journal says and what people were shown. */
export function judge(evidence: Evidence): Verdict {
  const { violations, excused } = judgeActs(evidence);
  const count = Object.values(excused).reduce((sum, n) => sum + n, 0);
  return {
    violations: [
      ...judgeRequests(evidence),
      ...judgeApprovals(evidence),
      ...judgeCards(evidence),
      ...judgePauses(evidence),
      ...evidence.findings.map(({ requestId, message }) => violation('chain', requestId, message)),
      ...evidence.leaks.map((name) => violation('leak', name, 'was seen in what a process wrote')),
      ...judgeEscapes(evidence),
      ...evidence.lives.flatMap(judgeEnding),
      ...violations,
    ],
    excused,
    excusedShare: evidence.acts.length === 0 ? 0 : count / evidence.acts.length,
  };
}

/** So long after a pause was recorded, in ms, nothing new may reach Toloka. */
const PAUSE_MS = 1_000;

/**
 * From a second after the app has said that archiving is paused until it is resumed, no POST arrives. The time of a pause
 * is taken before it is written, which a stop can delay, so what counts is the answer.
 */
function judgePauses({ acts, pauses, posts }: Evidence): Violation[] {
  return acts.flatMap(({ kind, saw }) => {
    if (kind !== 'pause' || !/\*Paused\.\*|is already paused/.test(saw?.text ?? '') || saw === null)
      return [];
    const paused = pauses.findLastIndex((one) => one.kind === 'paused' && one.at <= saw.at);
    const until = pauses[paused + 1]?.at ?? Number.POSITIVE_INFINITY;
    const late = posts.filter((post) => post.at > saw.at + PAUSE_MS && post.at < until);
    return late.map((post) =>
      violation(
        'sent_while_paused',
        `training ${post.trainingId}`,
        `a POST arrived ${post.at - saw.at} ms after the app had said that archiving is paused`,
      ),
    );
  });
}

/** Somebody else's text formats nothing and notifies nobody. */
const judgeEscapes = ({ hostile }: Evidence): Violation[] =>
  hostile
    .filter(({ text }) => /<!channel>|<b>/.test(text))
    .map(({ where, text }) => violation('unescaped', where, text.slice(0, 200)));

/** A process ends when the run kills it, or in good order when the run asks it to, and never otherwise. */
function judgeEnding({ process, killedAt, askedToEndAt, how }: Life): Violation[] {
  if (how === null) return [];
  const meant = killedAt !== null ? 'SIGKILL' : askedToEndAt !== null ? 'code 0' : undefined;
  if (how === meant) return [];
  const asked = meant === undefined ? 'by itself' : `not with ${meant}`;
  return [violation('ended_by_itself', `process ${process}`, `ended ${asked}: ${how}`)];
}
