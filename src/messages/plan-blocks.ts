import type { KnownBlock } from '@slack/types';
import type { Plan } from '../archive/plan-types';
import { context, fields, plain, section } from './card';
import { foreign, link } from './text';
import { closeReasonWords, environmentWords, nameAndId, statusWords, trainingName } from './words';

/** What would be archived. */
export function planFacts(plan: Plan): KnownBlock[] {
  const { training } = plan;
  if (training === null)
    return [
      fields([
        ['Training', foreign(plan.trainingId, 40)],
        ['Environment', environmentWords(plan.environment)],
      ]),
    ];
  return [
    { type: 'section', text: plain(trainingName(plan), 300) },
    fields([
      ['Id', link(training.url, foreign(training.id, 40))],
      ['Environment', environmentWords(plan.environment)],
      ['Status', statusWords(training.status)],
      ['Project', nameAndId(plan.projectName, training.projectId)],
      // An open one keeps the reason of the last time.
      ...(training.lastCloseReason && training.status !== 'OPEN'
        ? [['Closed because', closeReasonWords(training.lastCloseReason)] as [string, string]]
        : []),
      ['Linked pools not archived', String(plan.pools.length)],
    ]),
    ...(plan.projectLinksTraining
      ? [
          context(
            'Its project requires this training too; pools without a requirement of their own inherit that.',
          ),
        ]
      : []),
  ];
}

/** How the plan differs from the one that somebody looked at; nothing when it does not. */
export const planChanges = (changes: readonly string[], { unavailable: why }: Plan): KnownBlock[] =>
  changes.length === 0
    ? []
    : [
        section(
          `${why === null ? ':twisted_rightwards_arrows: *This is not what you looked at.*' : ':warning: *It could not be read again just now.*'} Nothing was archived.\n${changes.map((change) => `• ${foreign(change, 200)}`).join('\n')}`,
        ),
      ];

/** What could not be checked. */
export const planGaps = (plan: Plan): KnownBlock[] => [
  section(
    `:warning: *Not everything could be checked:* ${foreign(plan.unavailable ?? '', 600)}\nYou may go on: Toloka checks for itself and refuses what is not allowed. Or check again in a moment.`,
  ),
];
