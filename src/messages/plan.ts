import type { KnownBlock } from '@slack/types';
import type { Target } from '../archive/answers';
import { type Blocker, type Drift, isOnlyUnread, type LinkedPool, type Plan } from '../archive/plan';
import type { ArchiveRequest } from '../archive/request';
import type { Watch } from '../archive/watch';
import { outcomeWords, STATE_WORDS, unreadWords } from './outcomes';
import {
  context,
  escapeUntrusted,
  fields,
  idText,
  joinLines,
  link,
  moment,
  nameText,
  person,
  section,
} from './text';

/** What somebody asks for: `123456 in production`. */
export const targetWords = ({ trainingId, environment }: Target): string =>
  `${idText(trainingId)} in ${idText(environment)}`;

/** The training of a watch, by name where that is known: `Street signs (123456 in production)`. */
export const watchedWords = ({ name, ...target }: Watch): string =>
  name === null ? targetWords(target) : `${nameText(name, 100)} (${targetWords(target)})`;

/** An environment by name. Production looks different from a sandbox. */
export const environmentWords = (name: string): string =>
  `${name.includes('sandbox') ? ':test_tube:' : ':factory:'} ${idText(name)}`;

/** A name with its ID. The name is null when it could not be read. */
export const nameAndId = (name: string | null, id: string): string =>
  `${name === null ? 'name unknown' : nameText(name, 200)} (${idText(id)})`;

/** A training's name with its ID; the ID alone where it has none. Short, so that twenty fit into one text. */
export const shortName = (name: string | null, id: string): string =>
  name === null ? idText(id) : `${nameText(name, 60)} (${idText(id)})`;

/** The training by name and ID; by ID alone when it could not be read. */
export const trainingWords = ({ training, trainingId }: Plan): string =>
  `training ${training === null ? idText(trainingId) : nameAndId(training.name, trainingId)}`;

/** The training by name, as a link; by ID when it could not be read. */
export const trainingLink = ({ training, trainingId }: Plan): string =>
  training === null ? `Training ${idText(trainingId)}` : link(training.url, nameText(training.name, 300));

/** The same with its ID, once. */
export const trainingTitle = (plan: Plan, trainingId: string): string =>
  plan.training === null ? `Training ${idText(trainingId)}` : `${trainingLink(plan)} (${idText(trainingId)})`;

/** Toloka's word for a status (`CLOSED`) or a reason (`NOT_ENOUGH_BALANCE`) as people write it. */
const tolokaWord = (word: string): string => escapeUntrusted(word.toLowerCase().replaceAll('_', ' '), 60);

/** What would be archived. */
export function planFacts(plan: Plan): KnownBlock[] {
  const { training, environment, trainingId, projectName, pools, unread } = plan;
  const target = [
    ['Training ID', idText(trainingId)],
    ['Environment', environmentWords(environment)],
  ] as const;
  if (training === null) return [fields(target)];
  const { status, projectId, lastCloseReason } = training;
  const poolsUnread = unread.some(({ part }) => part === 'pools');
  const inherited =
    'The project requires this training. Pools without a requirement of their own inherit it.';
  return [
    section(`*${trainingLink(plan)}*`),
    fields([
      ...target,
      ['Status', tolokaWord(status)],
      ['Project', nameAndId(projectName, projectId)],
      // An open training still has the reason of the last time.
      ...(lastCloseReason && status !== 'OPEN'
        ? [['Close reason', tolokaWord(lastCloseReason)] as const]
        : []),
      ['Linked pools not archived', poolsUnread ? 'not known' : String(pools.length)],
    ]),
    ...(plan.projectLinksTraining ? [context(inherited)] : []),
  ];
}

/** What would be archived, in one line. */
export function planLine({ training, trainingId, projectName, pools, unread }: Plan): string {
  if (training === null) return `Training ${idText(trainingId)}`;
  const { status, projectId } = training;
  const open = unread.some(({ part }) => part === 'pools') ? 'not known' : String(pools.length);
  const left = `Linked pools not archived: ${open}`;
  return `Status: ${tolokaWord(status)}  ·  Project: ${nameAndId(projectName, projectId)}  ·  ${left}`;
}

/** How the plan differs from the one that the person looked at; nothing when it does not. */
export function planChanges(changes: readonly Drift[]): KnownBlock[] {
  if (changes.length === 0) return [];
  const lead = isOnlyUnread(changes)
    ? ':warning: *It could not be read again just now.*'
    : ':twisted_rightwards_arrows: *This is not what you looked at.*';
  const lines = changes.map((change) => `• ${driftWords(change)}`);
  return [section(`${lead} Nothing was archived.\n${joinLines(lines, CHANGES_SHOWN)}`)];
}

const CHANGES_SHOWN = 20;

/** How a plan differs from the one that somebody saw: one line of mrkdwn. */
export function driftWords({ what, id = '?', from, to }: Drift): string {
  const pool = `Pool ${idText(id)}`;
  const [before, now] = [from, to].map((value) => escapeUntrusted(value ?? 'not known', 200));
  const [was, is] = [from, to].map((value) => tolokaWord(value ?? 'not known'));
  switch (what) {
    case 'status':
      return `The status was ${was} and is now ${is}.`;
    case 'name':
      return `The name was “${before}” and is now “${now}”.`;
    case 'project':
      return `The project was ${before} and is now ${now}.`;
    case 'pool_added':
      return `${pool} is linked now and not archived (${is}).`;
    case 'pool_removed':
      return `${pool} is archived or no longer linked.`;
    case 'pool_status':
      return `${pool} was ${was} and is now ${is}.`;
    case 'unread':
      return to == null ? 'Everything could be read this time.' : `Could not be read now: ${now}.`;
    case 'details':
      return 'Other details of the plan changed.';
  }
}

/** What could not be checked; nothing when everything was, or when a blocker says it. */
export const planGaps = ({ unread, blockers }: Plan): KnownBlock[] =>
  unread.length === 0 || blockers.includes('training_unread')
    ? []
    : [
        section(
          [
            ':warning: *Not everything could be checked.*',
            ...unreadWords(unread).map((line) => `• ${line}`),
          ].join('\n'),
        ),
      ];

/** The request for the same training that ended last. */
export interface LastRequest {
  request: ArchiveRequest;
  /** Null when it has no card, or Slack gave no link to it. */
  cardUrl: string | null;
}

/** Who asked for the training before, when that ended, and how; nothing when nobody did. */
export function lastRequest(last: LastRequest | undefined): KnownBlock[] {
  if (last === undefined) return [];
  const { state, outcome, requester, finishedAt, createdAt } = last.request;
  const { icon, title } = STATE_WORDS[state];
  // An outcome says that the training was archived when the request came, or that it is not known by whom.
  const isArchiver = state === 'succeeded' && outcome === null;
  const facts = [
    ...(isArchiver
      ? [`:card_file_box: *Archived by* ${person(requester)}`]
      : [`${icon} *Last request:* ${title}`, person(requester)]),
    moment(finishedAt ?? createdAt),
    ...(last.cardUrl === null ? [] : [link(last.cardUrl, 'Open the card')]),
  ];
  const { why } = outcomeWords(outcome, state);
  return [section([facts.join('  ·  '), why].filter(Boolean).join('\n'))];
}

/** Nothing is wrong with a training that is archived already. */
export const blockedIcon = ({ blockers }: Plan): string =>
  blockers.includes('already_archived') ? ':card_file_box:' : ':no_entry:';

const POOLS_SHOWN = 10;

/** What blocks archiving, each with the next step, as mrkdwn. `poolsShown`: how many pools are named. */
export const blockerWords = (plan: Plan, poolsShown = POOLS_SHOWN): string[] =>
  plan.blockers.map((code) => BLOCKER_WORDS[code](plan, poolsShown));

const BLOCKER_WORDS: Record<Blocker, (plan: Plan, poolsShown: number) => string> = {
  not_closed: ({ training }) =>
    `*The training is not closed.* Its status is ${tolokaWord(training?.status ?? 'unknown')}, and Toloka archives closed trainings only. _Next step:_ close it in Toloka, then check again.`,
  locked: () =>
    '*The training is locked.* Toloka allows no action on it now, perhaps because another operation is running. _Next step:_ wait, then check again. If it stays locked, ask Toloka.',
  pools_not_archived: ({ pools }, poolsShown) => {
    const [are, them] =
      pools.length === 1 ? ['A main pool is', 'it'] : [`${pools.length} main pools are`, 'them'];
    const close = pools.every(({ status }) => status === 'CLOSED') ? '' : 'close and ';
    return `*${are} linked to this training and not archived.* _Next step:_ ${close}archive ${them} in Toloka, then check again.\n${joinLines(pools.map(poolLine), poolsShown)}`;
  },
  already_archived: () => '*The training is already archived.* There is nothing left to do.',
  not_found: (plan) =>
    `*Toloka has no training ${targetWords(plan)}.* _Next step:_ check the ID and the environment. The ID of a pool or project does not work here.`,
  no_access: ({ environment }) =>
    `*Toloka denies this app access to the training.* It may belong to another account, or the app’s token for ${idText(environment)} may be invalid or view-only. _Next step:_ check whose training it is, or ask the person who runs this app to check the token.`,
  training_unread: ({ unread }) =>
    `*The training can’t be checked right now, so it can’t be archived.* ${unreadWords(unread).join(' ')} _Next step:_ check again in a few minutes. If it keeps happening, ask the person who runs this app.`,
};

function poolLine({ id, name, status, url, linkedBy }: LinkedPool): string {
  const via = linkedBy === 'project' ? ', linked through the project' : '';
  return `• ${link(url, nameText(name, 100))} (${idText(id)}): ${tolokaWord(status)}${via}`;
}
