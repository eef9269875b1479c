import type { KnownBlock } from '@slack/types';
import type { Confirmed } from '../archive/answers';
import { type ArchiveRequest, isOpen, isWaiting, type RequestState } from '../archive/request';
import { isPaused, outcomeWords, stateWords } from './outcomes';
import { shortName, trainingTitle } from './plan';
import { clip, codeText, idText, link, nameText, section } from './text';

/** What a batch counts its requests as, in this order. */
const COUNTED_AS: Record<RequestState, string> = {
  succeeded: 'archived',
  failed: 'failed',
  refused: 'failed',
  not_started: 'not started',
  unknown: 'unknown',
  running: 'running',
  submitting: 'running',
  confirmed: 'running',
  awaiting_approval: 'waiting for approval',
  declined: 'declined',
  expired: 'expired',
  cancelled: 'withdrawn',
  planned: 'not confirmed',
};

const PAUSED = 'waiting while archiving is paused';

/** `3 archived, 1 failed, 2 running` */
export function totalWords(requests: readonly Pick<ArchiveRequest, 'state' | 'pause'>[]): string {
  const counts = new Map<string, number>();
  for (const words of [...Object.values(COUNTED_AS), PAUSED]) counts.set(words, 0);
  for (const request of requests) {
    const words = isPaused(request) ? PAUSED : COUNTED_AS[request.state];
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].flatMap(([words, n]) => (n === 0 ? [] : [`${n} ${words}`])).join(', ');
}

export function batchTitle(requests: readonly ArchiveRequest[]): string {
  const [only, ...others] = new Set(requests.map((request) => stateWords(request).icon));
  const running = requests.some(({ state }) => isOpen(state));
  const icon = only && others.length === 0 ? only : running ? ':hourglass_flowing_sand:' : ':card_file_box:';
  return `${icon} *${requests.length} trainings*  ·  ${totalWords(requests)}`;
}

const SECTION = 2_900;
const WHY = 200;

/** A line for each training. `isShort`: without links and without why it ended. */
export function batchLines(requests: readonly ArchiveRequest[], isShort: boolean): KnownBlock[] {
  const texts: string[] = [];
  for (const line of requests.map(isShort ? shortLineOf : lineOf)) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length + 1 <= SECTION)
      texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts.map(section);
}

const SHORT = 60;

function shortLineOf(request: ArchiveRequest): string {
  const { plan, trainingId, outcome } = request;
  const { icon, title } = stateWords(request);
  const name = plan.training === null ? 'Training' : nameText(plan.training.name, SHORT);
  const code = outcome === null ? '' : ` ${codeText(outcome.code.slice(0, SHORT))}`;
  return `${icon} ${name} (${idText(trainingId)}): ${title}${percentOf(request)}.${projectOf(request)}${code}`;
}

/** For people who are asked to approve it. */
const projectOf = (request: ArchiveRequest): string => {
  const { training, projectName } = request.plan;
  return isWaiting(request) && training !== null
    ? ` Project: ${shortName(projectName, training.projectId)}.`
    : '';
};

const percentOf = ({ state, progress }: ArchiveRequest): string =>
  state === 'running' && progress !== null ? `, ${Math.floor(progress)} %` : '';

function lineOf(request: ArchiveRequest): string {
  const { state, plan, trainingId, outcome, successor } = request;
  const { icon, title } = stateWords(request);
  const why =
    outcome === null || state === 'succeeded'
      ? ''
      : ` ${clip(outcomeWords(outcome, state).why, WHY)} ${codeText(outcome.code)}`;
  const again =
    successor === null
      ? ''
      : ` Tried again: ${successor.url ? link(successor.url, 'new card') : 'new card'}.`;
  return `${icon} ${trainingTitle(plan, trainingId)}: ${title}${percentOf(request)}.${projectOf(request)}${why}${again}`;
}

type Group = 'confirmed' | 'ready' | 'blocked' | 'done';
const ORDER: readonly Group[] = ['confirmed', 'ready', 'blocked', 'done'];

/** An answer about one of several trainings. `place`: of the training among those that were asked for. */
export interface Placed {
  answer: Confirmed;
  group: Group;
  place: number;
}

/** The answers in the order in which people see them: those that ask for a decision before the others, changes first. */
export const inOrder = (each: readonly Confirmed[]): Placed[] =>
  each
    .map((answer, place): Placed => ({ answer, group: groupOf(answer), place }))
    .sort(
      (a, b) => ORDER.indexOf(a.group) - ORDER.indexOf(b.group) || changesOf(b.answer) - changesOf(a.answer),
    );

const changesOf = (answer: Confirmed): number => ('changes' in answer && answer.changes.length > 0 ? 1 : 0);

function groupOf(answer: Confirmed): Group {
  if (wasConfirmed(answer)) return 'confirmed';
  if (answer.kind === 'planned') return 'ready';
  return answer.kind === 'blocked' && answer.plan.blockers.includes('already_archived') ? 'done' : 'blocked';
}

type Decided = Extract<Confirmed, { kind: 'confirmed' | 'already_decided' }>;

/** By this click, or by the same one that was delivered before. */
export const wasConfirmed = (one: Confirmed): one is Decided =>
  one.kind === 'confirmed' || (one.kind === 'already_decided' && one.request.confirmedAt !== null);
