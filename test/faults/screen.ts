/*
 * What a person reads on their screen. The private metadata of a modal and of a message is not on it, but says which
 * request they look at.
 */
import type { OpenView, Workspace } from '../../fakes/slack';
import type { Item, Seen } from './evidence';

export const inModal = (view: OpenView): Seen => ({
  how: isPicker(view) ? 'picker' : view.submit ? 'question' : 'modal',
  at: Date.now(),
  text: textOf(view),
});

export const textOf = ({ blocks }: OpenView): string => JSON.stringify(blocks).slice(0, 12_000);

export const isPicker = ({ callback_id }: OpenView): boolean => callback_id === 'pick_modal';

/** The hourglass: the app has something to do first. */
export const isWaiting = (view: OpenView): boolean =>
  !view.submit && JSON.stringify(view.blocks).includes(':hourglass_flowing_sand: Checking ');

/** The app takes longer, and says where its answer will be. */
export const isPromise = (view: OpenView): boolean =>
  !view.submit && JSON.stringify(view.blocks).includes('A card appears in the channel. If none does');

/** What the modal asks to type besides the reason, if anything: its label, and the text. */
export function toType({ blocks }: OpenView): { label: string; text: string } | undefined {
  const block = blocks.find(({ label }) => /^Type the .* to confirm$/.test(label?.text ?? ''));
  const text = /: type (\d+)\.$/.exec(block?.hint?.text ?? '')?.[1];
  return block?.label && text !== undefined ? { label: block.label.text, text } : undefined;
}

/** The trainings of a modal. */
function itemsOf({ private_metadata }: OpenView): Item[] {
  const { items = [] } = JSON.parse(private_metadata) as { items?: [string, string, string][] };
  return items.map(([trainingId, requestId, shown]) => ({
    ...{ trainingId, requestId: requestId || null, shown: shown || null },
  }));
}

/** Those that the modal asks to confirm. */
export const askedIn = (view: OpenView): Item[] =>
  itemsOf(view).filter(({ requestId }) => requestId !== null);

/** Nobody may archive now. */
export const saysPaused = (view: OpenView): boolean =>
  !view.submit && JSON.stringify(view.blocks).includes('Archiving is paused (by');

/** The trainings that somebody asked for, with what the modal has for them. */
export function withAnswers(trainingIds: readonly string[], view: OpenView | undefined): Item[] {
  const answered = view ? itemsOf(view) : [];
  return trainingIds.map(
    (trainingId) =>
      answered.find((one) => one.trainingId === trainingId) ?? { trainingId, requestId: null, shown: null },
  );
}

/** About an answer to a command, which the person may have seen by now, or about a click on a card. */
const ABOUT_ANOTHER =
  /opened? the window for|updated your window|somebody else has to approve|permission to approve|approved this already|not waiting for approval|withdrawn/;

/**
 * A private message of the app that is about one of these trainings, or about none.
 * @param options.inWindow the person has a window of these trainings in front of them, or had
 */
export function privately(
  workspace: Workspace,
  user: string,
  {
    trainingIds,
    since,
    cancelled = false,
    inWindow = false,
  }: { trainingIds: readonly string[]; since: number; cancelled?: boolean; inWindow?: boolean },
): Seen | undefined {
  const word = workspace
    .ephemerals(user)
    .slice(since)
    .find(
      ({ from, text }) =>
        from === 'app' &&
        (cancelled || !text.startsWith('Cancelled')) &&
        (/^\*(\d+) trainings in/.exec(text)?.[1] ?? `${trainingIds.length}`) === `${trainingIds.length}` &&
        !(inWindow && ABOUT_ANOTHER.test(text)) &&
        (trainingIds.some((id) => text.includes(id)) || !/\b5\d{5}\b/.test(text)),
    );
  return word && { how: 'private', at: word.at, text: word.text };
}

/** The card of one of these requests. */
export function inChannel(
  workspace: Workspace,
  channel: string,
  requestIds: readonly (string | null)[],
): Seen | undefined {
  const card = workspace
    .messages(channel)
    .findLast(({ metadata }) => requestIds.includes(String(metadata?.event_payload['request_id'])));
  return card && { how: 'card', at: card.at, text: card.text };
}

/** What a card says when nothing was archived and somebody may try again. */
const FAILED = 'Failed in Toloka|Refused by Toloka|Not started; nothing was archived|Expired';

/** The newest card of a channel that still offers to try again, and the trainings that this is about. */
export function failedCard(
  workspace: Workspace,
  channel: string,
): { ts: string; trainingIds: string[] } | undefined {
  const card = workspace
    .messages(channel)
    .findLast(({ blocks }) => blocks.some(({ elements }) => elements?.some(({ text }) => isTryAgain(text))));
  if (!card) return undefined;
  const alone = /\((5\d{5})\) in /.exec(card.text)?.[1];
  const lines = JSON.stringify(card.blocks).split('\\n');
  const ofLine = new RegExp(`\\((5\\d{5})\\): (?:${FAILED})\\.`);
  const many = lines
    .filter((line) => !line.includes('Tried again: '))
    .flatMap((line) => ofLine.exec(line)?.[1] ?? []);
  return { ts: card.ts, trainingIds: alone === undefined ? many : [alone] };
}

const isTryAgain = (text: unknown): boolean => (text as { text?: string } | undefined)?.text === 'Try again';
