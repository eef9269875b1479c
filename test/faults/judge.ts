import type { Evidence } from './evidence';
import { type Excused, judgeActs } from './judge-acts';
import { judgeCards } from './judge-cards';
import { judgePosts } from './judge-posts';
import { judgeTimes } from './judge-times';

/** One broken promise. `rule` is stable, for counting; `about` is a request or a training. */
export interface Violation {
  rule: Rule;
  about: string;
  what: string;
}

export type Rule =
  | 'two_posts'
  | 'post_before_record'
  | 'no_end'
  | 'two_open'
  | 'contradiction'
  | 'late_post_untold'
  | 'archived_untold'
  | 'no_card'
  | 'duplicate_card'
  | 'stale_card'
  | 'thread'
  | 'chain'
  | 'receipt'
  | 'leak'
  | 'ended_by_itself'
  | 'unanswered'
  | 'unrecorded'
  | 'undone';

export interface Verdict {
  violations: Violation[];
  excused: Excused;
}

/** Compares what Toloka and Slack have in their books with what the journal says and what people were shown. */
export function judge(evidence: Evidence): Verdict {
  const acts = judgeActs(evidence);
  return {
    violations: [
      ...judgePosts(evidence),
      ...judgeTimes(evidence),
      ...judgeCards(evidence),
      ...chains(evidence),
      ...processes(evidence),
      ...acts.violations,
    ],
    excused: acts.excused,
  };
}

const chains = ({ findings }: Evidence): Violation[] =>
  findings.map(({ requestId, message }) => ({ rule: 'chain', about: requestId, what: message }));

function processes({ leaks, endings }: Evidence): Violation[] {
  return [
    ...leaks.map((name) => ({
      rule: 'leak' as const,
      about: name,
      what: 'was seen in what a process wrote',
    })),
    ...endings
      .filter(({ meant, how }) => !meant && how !== 'code 0')
      .map(({ replica, how }) => ({
        rule: 'ended_by_itself' as const,
        about: `replica ${replica}`,
        what: `ended by itself: ${how}`,
      })),
  ];
}
