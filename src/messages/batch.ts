import type { KnownBlock } from '@slack/types';
import { type ArchiveRequest, isOpen, type RequestState } from '../archive/request';
import { isPaused, outcomeWords, stateWords } from './outcomes';
import { trainingLink } from './plan';
import { clip, codeText, idText, link, section } from './text';

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

/** A line for each training. */
export function batchLines(requests: readonly ArchiveRequest[]): KnownBlock[] {
  const texts: string[] = [];
  for (const line of requests.map(lineOf)) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length + 1 <= SECTION)
      texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts.map(section);
}

function lineOf(request: ArchiveRequest): string {
  const { state, plan, trainingId, progress, outcome, successor } = request;
  const { icon, title } = stateWords(request);
  const percent = state === 'running' && progress !== null ? `, ${Math.floor(progress)} %` : '';
  const why =
    outcome === null || state === 'succeeded'
      ? ''
      : ` ${clip(outcomeWords(outcome, state).why, WHY)} ${codeText(outcome.code)}`;
  const again =
    successor === null
      ? ''
      : ` Tried again: ${successor.url ? link(successor.url, 'new card') : 'new card'}.`;
  return `${icon} ${trainingLink(plan)} (${idText(trainingId)}): ${title}${percent}.${why}${again}`;
}
