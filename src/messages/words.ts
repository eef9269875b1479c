import type { BlockerCode, LinkedPool, Plan, TrainingFacts } from '../archive/plan-types';
import type { ArchiveRequest, RequestState } from '../archive/request';
import { foreign, link } from './text';

export const STATE_WORDS: Record<RequestState, { icon: string; title: string }> = {
  planned: { icon: ':memo:', title: 'Not confirmed yet' },
  confirmed: { icon: ':hourglass_flowing_sand:', title: 'Recorded; nothing sent to Toloka yet' },
  awaiting_approval: { icon: ':eyes:', title: 'Waiting for approval' },
  submitting: { icon: ':hourglass_flowing_sand:', title: 'Sending to Toloka' },
  running: { icon: ':hourglass_flowing_sand:', title: 'Toloka is archiving' },
  unknown: { icon: ':question:', title: 'Outcome unknown; looking it up' },
  succeeded: { icon: ':white_check_mark:', title: 'Archived' },
  failed: { icon: ':x:', title: 'Failed in Toloka' },
  refused: { icon: ':no_entry:', title: 'Refused by Toloka' },
  not_started: { icon: ':leftwards_arrow_with_hook:', title: 'Not started; nothing was archived' },
  declined: { icon: ':no_entry_sign:', title: 'Declined' },
  expired: { icon: ':alarm_clock:', title: 'Expired' },
  cancelled: { icon: ':no_entry_sign:', title: 'Cancelled' },
};

/** Toloka's status with what it means for archiving. */
const STATUS_HINTS: Record<string, string> = {
  OPEN: 'people may still work in it',
  LOCKED: 'Toloka allows nothing with it now',
};
export const statusWords = (status: string): string => {
  const hint = STATUS_HINTS[status];
  return hint ? `${status} (${hint})` : foreign(status, 60);
};

/** Why Toloka says it was closed, with its own word kept. */
const CLOSE_REASONS: Record<string, string> = {
  MANUAL: 'somebody closed it',
  EXPIRED: 'its time was over',
  COMPLETED: 'it was completed',
  NOT_ENOUGH_BALANCE: 'the balance was used up',
  ASSIGNMENTS_LIMIT_EXCEEDED: 'the limit of assignments was reached',
  BLOCKED: 'Toloka blocked it',
  FOR_UPDATE: 'it is being updated',
};
export const closeReasonWords = (reason: string): string => {
  const words = CLOSE_REASONS[reason];
  return words ? `${words} (${reason})` : foreign(reason, 60);
};

/** Production stands out: what happens there is for good and for real. */
export const environmentWords = (name: string): string =>
  `${name.includes('sandbox') ? ':test_tube:' : ':factory:'} ${name}`;

export const trainingLink = ({ id, url }: TrainingFacts): string => link(url, `Training ${foreign(id, 40)}`);

export const trainingOf = ({ plan, trainingId }: Pick<ArchiveRequest, 'plan' | 'trainingId'>): string =>
  plan.training === null ? `Training ${foreign(trainingId, 40)}` : trainingLink(plan.training);

/** A name stands in plain_text, where no sign formats anything or pings anybody. */
export const trainingName = (plan: Plan): string => plan.training?.name || '(name not known)';

const POOLS_SHOWN = 10;

export function poolLines(pools: readonly LinkedPool[]): string {
  const lines = pools.slice(0, POOLS_SHOWN).map(({ id, name, status, url, linkedBy }) => {
    const via = linkedBy === 'project' ? ', linked through its project' : '';
    return `• ${link(url, foreign(name, 80) || 'unnamed')} (${foreign(id, 40)}): ${statusWords(status)}${via}`;
  });
  const rest = pools.length - POOLS_SHOWN;
  return [...lines, ...(rest > 0 ? [`• and ${rest} more`] : [])].join('\n');
}

const BLOCKER_WORDS: Record<BlockerCode, (plan: Plan) => string> = {
  not_closed: ({ training }) =>
    `*The training is not closed.* Its status is ${statusWords(training?.status ?? '?')}; Toloka archives closed ones only. _Next step:_ close it in Toloka, then check again.`,
  locked: () =>
    '*The training is locked.* Toloka allows no action on it now, perhaps since another operation runs. _Next step:_ wait, then check again; if it stays so, ask Toloka.',
  pools_not_archived: ({ pools }) =>
    `*${pools.length === 1 ? 'A main pool is' : `${pools.length} main pools are`} linked to this training and not archived.* _Next step:_ close and archive ${pools.length === 1 ? 'it' : 'them'} in Toloka, then check again.\n${poolLines(pools)}`,
  already_archived: () => '*The training is archived already.* There is nothing left to do.',
  not_found: ({ trainingId, environment }) =>
    `*Toloka has no training ${foreign(trainingId, 40)} in ${environment}.* _Next step:_ check the id, and whether it belongs to this environment. A pool’s or project’s id does not work here.`,
  no_access: ({ environment }) =>
    `*Toloka denies this app access to the training.* It may be another account’s, or the app’s token for ${environment} may be invalid or view-only. _Next step:_ check whose training it is, or ask whoever runs this app to check its token.`,
};

export const blockerLines = (plan: Plan): string[] =>
  plan.blockers.map(({ code }) => BLOCKER_WORDS[code](plan));

/** A name with its id; the name may be unknown. */
export const nameAndId = (name: string | null, id: string): string =>
  `${name === null ? 'name not known' : foreign(name, 120)} (${foreign(id, 40)})`;
