import type { Answers, Confirmed, Target } from '../archive/answers';
import type { Rights } from '../archive/lists';
import { type ArchiveRequest, isOpen } from '../archive/request';
import { count, givenUpWords } from './approval';
import { inOrder, totalWords } from './batch';
import { type DenialContext, type DenialReason, denialText } from './denials';
import { COMMAND } from './ids';
import { type ModalState, targetsOf } from './modal-state';
import { nearestWord } from './nearest';
import { outcomeWords, STATE_WORDS, stateWords, statusLines } from './outcomes';
import { driftWords, targetWords } from './plan';
import { clip, codeText, escapeText, escapeUntrusted, idText } from './text';

type Need = 'archive' | 'read' | 'admin' | 'nothing';

/** The ways to call the command, and whom each is for. */
const USAGE: readonly (readonly [call: string, what: string, need: Need])[] = [
  ['', 'lets you choose closed trainings from a list', 'archive'],
  ['123456', 'shows what would be archived and what blocks it, then asks you to confirm', 'archive'],
  ['<link to a training in Toloka>', 'does the same', 'archive'],
  ['123456 234567', 'does the same for up to 20 trainings at once', 'archive'],
  ['123456 sandbox', 'does the same in Toloka’s sandbox (or `production`)', 'archive'],
  ['check 123456', 'shows what would be archived and what blocks it, and changes nothing', 'read'],
  ['list', 'shows what is open, what waits for you, and your recent requests', 'nothing'],
  ['status 123456', 'shows the newest request for a training', 'read'],
  ['history 123456', 'shows who asked to archive a training, when, why, and how it ended', 'read'],
  ['pause <reason>', 'stops everything that has not been sent to Toloka yet', 'admin'],
  ['resume', 'resumes archiving', 'admin'],
  ['help', 'shows what you can do here', 'nothing'],
];

/** As they are shown. A test compares the README with them. */
export const USAGE_LINES = USAGE.map(([call, what]) => [`${COMMAND} ${call}`.trim(), what] as const);

const canUse = ({ archive, approve, admin, unknown }: Rights, need: Need): boolean =>
  need === 'nothing' ||
  unknown ||
  (need === 'archive' && archive) ||
  (need === 'admin' && admin) ||
  (need === 'read' && (archive || approve || admin));

/** The reply to `help`, and the end of the reply to a wrong command: only what the person can use, or may be able to. */
export const helpText = (rights: Rights): string =>
  [
    '*Archive Toloka trainings.* Archiving cannot be undone. Nothing happens until you confirm.',
    ...USAGE.filter(([, , need]) => canUse(rights, need)).map(
      ([call, what]) => `• \`${escapeText(`${COMMAND} ${call}`.trim())}\` ${what}`,
    ),
  ].join('\n');

/** The reply to a command that cannot be read. `typed` is what the person wrote after it. */
export function badCommandText(
  code: DenialReason,
  typed: string,
  { rights, about: context = {} }: { rights: Rights; about?: DenialContext | undefined },
): string {
  const quote = typed.trim() === '' ? '' : `\nYou wrote: ${escapeUntrusted(typed, 300)}`;
  const meant = meantCall(code, typed, rights);
  const lead = `:no_entry: ${denialText(code, context)}`;
  return meant === undefined
    ? `${lead}${quote}\n\n${helpText(rights)}`
    : `${lead}\nDid you mean ${codeText(`${COMMAND} ${meant}`)}?${quote}\n\`${COMMAND} help\` shows what you can do here.`;
}

/** What was perhaps mistyped: a command that this person can use, or the environment at the end. */
function meantCall(code: DenialReason, typed: string, rights: Rights): string | undefined {
  if (code === 'bad_environment') {
    const [, ids = '', last = ''] = /^([\d\s,;]+[\s,;])([a-z-]+)$/i.exec(typed.trim()) ?? [];
    const environment = /^prod$/i.test(last)
      ? 'production'
      : nearestWord(last.toLowerCase(), ['production', 'sandbox']);
    return environment && `${ids}${environment}`;
  }
  if (code !== 'unknown_command') return undefined;
  const ids = /^archive\s+(\d[\d\s,;]*(?:production|sandbox)?)$/i.exec(typed.trim())?.[1];
  if (ids !== undefined && canUse(rights, 'archive')) return ids;
  const [, word = '', rest = ''] = /([a-z]+)(.*)/is.exec(typed) ?? [];
  const words = USAGE.filter(([, , need]) => canUse(rights, need)).flatMap(
    // Not a placeholder for an ID or a link.
    ([call]) => /^[a-z]+/.exec(call)?.[0] ?? [],
  );
  const meant = nearestWord(word.toLowerCase(), words);
  return meant && `${meant}${rest}`.trim();
}

/** The person closed the modal before confirming. */
export const cancelledText = (environment: string, trainingIds: readonly string[]): string =>
  `Cancelled. ${trainingsWords(environment, trainingIds)} not archived.`;

function trainingsWords(environment: string, [first = '', ...more]: readonly string[]): string {
  return more.length === 0
    ? `Training ${targetWords({ environment, trainingId: first })} was`
    : `${count(more.length + 1, 'training')} in ${idText(environment)} were`;
}

/** Private messages may come when the person is busy with something else, so they begin with what they are about. */
export const about = (target: Target, text: string): string => `*Training ${targetWords(target)}:* ${text}`;

const aboutAll = (state: ModalState, text: string): string => {
  const [target, ...more] = targetsOf(state);
  return target && more.length === 0
    ? about(target, text)
    : `*${count(more.length + 1, 'training')} in ${idText(state.environment)}:* ${text}`;
};

const statusOf = (request: ArchiveRequest): string => `Status: ${stateWords(request).title}.`;

const PROGRESS = 'The card in the channel shows the progress.';

/** The person closed a modal that still offered to cancel, but the request had been confirmed. */
export function closedTooLateText(request: ArchiveRequest): string {
  const lead = 'This request was confirmed before you closed the window, so closing it changed nothing.';
  return about(request, `${lead} ${statusOf(request)}${isOpen(request.state) ? ` ${PROGRESS}` : ''}`);
}

/** Slack did not say whether it shows the plan. True whether it does or not. */
export const notShownText = (state: ModalState): string =>
  aboutAll(
    state,
    'Slack did not confirm that it updated your window. If the window still says that it is checking, close it and type the command again. Nothing was archived.',
  );

/** Something failed inside the app. `after` says what that means for the person. */
export const faultText = (
  after = 'If there is a card in the channel, it shows what happened. Otherwise try again.',
): string =>
  `Something went wrong inside this app. ${after} If it happens twice, contact the person who runs this app.`;

/** What a fault during a confirmation means. `request` is undefined when it cannot be read now. */
export function afterFaultWords(request: ArchiveRequest | undefined): string {
  if (request === undefined)
    return 'It is not known whether your request was recorded. If it was, the app carries on and a card appears in the channel: look there before you try again.';
  return isOpen(request.state)
    ? `Your request is recorded and the app carries on. ${PROGRESS}`
    : `${statusOf(request)} Nothing more is done about it.`;
}

/** For a person whose confirmation met a fault and whose modal is closed. @see afterFaultWords */
export const confirmFaultText = (state: ModalState, after: string): string =>
  aboutAll(state, faultText(after));

/** What the modal would have said about a confirmation, for a person who has closed it. */
export function answerText(
  state: ModalState,
  answer: Answers<Confirmed>,
  context: DenialContext = {},
): string {
  if (answer.kind === 'denied') {
    const { code, pause } = answer;
    return aboutAll(
      state,
      `${denialText(code, { ...context, ...(pause && { pause }) })} Nothing was archived.`,
    );
  }
  const targets = targetsOf(state);
  const words = targets.length === 1 ? answerWords : shortWords;
  return inOrder(answer.each)
    .flatMap(({ answer: one, place }) => {
      const target = targets[place];
      return target ? [about(target, words(target, one, context))] : [];
    })
    .join('\n');
}

/** As much as there is room for when twenty trainings have an answer each. */
function shortWords(target: Target, answer: Confirmed, context: DenialContext): string {
  if (answer.kind === 'planned') return answerWords(target, { ...answer, changes: [] }, context);
  return answer.kind === 'confirmed' ? statusOf(answer.request) : answerWords(target, answer, context);
}

function answerWords(target: Target, answer: Confirmed, context: DenialContext): string {
  switch (answer.kind) {
    case 'denied':
      return `${denialText(answer.code, { ...target, ...context })} Nothing was archived.`;
    case 'blocked':
      return 'Something blocks archiving now, so nothing was archived. Type the command again to see what.';
    case 'planned':
      if (answer.changes.length === 0)
        return 'It can still be archived, but nothing was, because of the others. Type the command again.';
      return [
        'The plan is not the one that you looked at, so your click archived nothing.',
        ...answer.changes.slice(0, 5).map(driftWords),
        'Type the command again to see the new plan.',
      ].join(' ');
    case 'already_open':
    case 'already_decided':
      return `${denialText(answer.kind)} ${statusOf(answer.request)}`;
    case 'confirmed':
      return statusLines(answer.request).join(' ');
  }
}

/** The outcome as a private message to the requester, for when the card cannot show it. */
export function outcomeText(request: ArchiveRequest, ...others: ArchiveRequest[]): string {
  const noCard = request.card === null ? [] : ['Its card could not be updated.'];
  if (others.length === 0)
    return about(
      request,
      [...statusLines(request), givenUpWords(request), ...noCard].filter(Boolean).join(' '),
    );
  const requests = [request, ...others];
  const reasons = new Set(requests.map(reasonOf).filter(Boolean));
  return [
    `*${count(requests.length, 'training')} in ${idText(request.environment)}:* ${totalWords(requests)}.`,
    ...requests.map(({ trainingId, state }) => `${idText(trainingId)}: ${STATE_WORDS[state].title}.`),
    ...[...reasons].slice(0, REASONS).map((reason) => clip(reason, REASON)),
    ...noCard,
  ].join('\n');
}

const REASONS = 3;
const REASON = 600;

function reasonOf(request: ArchiveRequest): string {
  const { why, next } = outcomeWords(request.outcome, request.state);
  return [why, givenUpWords(request), next].filter(Boolean).join(' ');
}
