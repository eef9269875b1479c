import { setTimeout as sleep } from 'node:timers/promises';
import type { Person, Workspace } from '../../fakes/slack';
import type { Item, Seen } from './evidence';
import { HOSTILE, renamed } from './jobs';
import { begin, type Crowd, end, lookFor } from './people';
import type { Random } from './random';
import type { Rights } from './rights';
import { inModal } from './screen';

/** How long an approver does something else, in ms. */
const PAUSE_MS: [number, number] = [150, 800];
/** So many cards nobody looks at: they are reminded of, and expire. */
const FORGOTTEN = 0.06;
/** How many of those that wait for the end of a pause are withdrawn. */
const WITHDRAWN = 0.5;
/** How long the approvers stay after everybody else has gone, in ms. */
const LATE_MS = 20_000;

/**
 * What an approver does about a card, in how many of a hundred cases; the rest is a plain approval.
 * * `doubled`: the click is delivered twice.
 * * `decline`: gives a reason and declines.
 * * `changed`: the training is renamed just before the click.
 * * `revoked`, `unasked`: the approver, or the requester, loses the right just before the click.
 * * `own`, `withdraw`: the requester clicks on Approve, or on Withdraw.
 */
const STYLES = { doubled: 12, decline: 8, changed: 6, revoked: 5, unasked: 3, own: 5, withdraw: 4 };
type Style = keyof typeof STYLES | 'plain';

interface Options {
  crowd: Crowd;
  /** Nobody else, so that no window of theirs is in the way. */
  people: readonly string[];
  rights: Rights;
  channels: readonly string[];
  random: Random;
}

/** A card that awaits approval, or the end of a pause, as somebody sees it. */
interface Waiting {
  isPaused: boolean;
  ts: string;
  channel: string;
  requestId: string;
  requester: string;
  text: string;
  shown: string[];
  items: Item[];
}

/**
 * Approvers look at the cards in the channels and click, until all are decided that anybody looks at. When they see a card
 * that waits for the end of a pause, its requester withdraws it.
 */
export function startApproving(options: Options): { end(): Promise<void> } {
  const { crowd, people, channels, random } = options;
  let until = Number.POSITIVE_INFINITY;
  const isLeft = () => waitingCards(crowd.workspace, channels, random).some(({ isPaused }) => !isPaused);
  const agents = people.map(async (user) => {
    const own = random.stream(user);
    while (Date.now() < until && (until === Number.POSITIVE_INFINITY || isLeft())) {
      await sleep(own.whole(...PAUSE_MS));
      const cards = waitingCards(crowd.workspace, channels, random);
      // A pause is short.
      const paused = cards.filter(({ isPaused }) => isPaused);
      if (cards.length > 0) await decide(options, user, own.pick(paused.length > 0 ? paused : cards), own);
    }
  });
  return {
    async end() {
      until = Date.now() + LATE_MS;
      await Promise.all(agents);
    },
  };
}

function styleOf(random: Random): Style {
  let left = random.whole(0, 99);
  for (const [style, share] of Object.entries(STYLES) as [Style, number][]) {
    left -= share;
    if (left < 0) return style;
  }
  return 'plain';
}

async function decide(options: Options, user: string, card: Waiting, random: Random): Promise<void> {
  const { crowd, rights } = options;
  const { workspace, account } = crowd;
  const person = workspace.person(user);
  const requester = workspace.person(card.requester);
  if (card.isPaused) return click(crowd, requester, card, 'Withdraw');
  const { trainingId = '' } = random.pick(card.items);
  const style = styleOf(random);
  switch (style) {
    case 'decline':
      return decline(crowd, person, card);
    case 'own':
    case 'withdraw':
      // The reply to a click on the card of a batch names no training, and would be taken for another answer.
      if (card.items.length > 1) return;
      return click(crowd, requester, card, style === 'own' ? 'Approve' : 'Withdraw');
    case 'revoked':
      rights.takeFrom(user);
      await click(crowd, person, card, 'Approve');
      return rights.giveBack(user);
    case 'unasked':
      crowd.rights.takeFrom(card.requester);
      await click(crowd, person, card, 'Approve');
      return crowd.rights.giveBack(card.requester);
    case 'changed':
      if (account.getTraining(trainingId)?.status !== 'ARCHIVED')
        account.updateTraining(trainingId, renamed(trainingId, random));
      return click(crowd, person, card, 'Approve');
    default:
      return click(crowd, person, card, 'Approve', style === 'doubled' ? 2 : 1);
  }
}

async function click(
  crowd: Crowd,
  person: Person,
  card: Waiting,
  button: 'Approve' | 'Withdraw',
  copies = 1,
): Promise<void> {
  const { workspace } = crowd;
  const { channel, items, text, shown, ts } = card;
  const kind = button === 'Approve' ? 'approve' : 'withdraw';
  const act = { ...begin({ kind, user: person.id, channel, items }), plan: text, shown };
  const since = workspace.ephemerals(person.id).length;
  // The button went away while they reached for it.
  const result = await person.click(button, { message: ts, channel, copies }).catch(() => undefined);
  if (result === undefined) return;
  end(crowd, act, result);
  if (!result.acked) return;
  act.saw = (await lookFor(crowd, act, () => answer(workspace, person.id, card, { since }))) ?? null;
  act.lookedUntil = Date.now();
}

async function decline(crowd: Crowd, person: Person, card: Waiting): Promise<void> {
  const { workspace } = crowd;
  const { channel, items, text, ts } = card;
  const before = person.modal()?.id;
  const act = { ...begin({ kind: 'decline', user: person.id, channel, items }), plan: text };
  const since = workspace.ephemerals(person.id).length;
  const asked = await person.click('Decline', { message: ts, channel }).catch(() => undefined);
  if (asked === undefined) return;
  end(crowd, act, asked);
  if (!asked.acked) return;
  const modal = () => (person.modal()?.id === before ? undefined : person.modal());
  const saw = await lookFor(crowd, act, (): Seen | undefined => {
    const view = modal();
    return view ? inModal(view) : answer(workspace, person.id, card, { since, over: true });
  });
  act.saw = saw ?? null;
  act.lookedUntil = Date.now();
  if (!modal()?.submit) return;
  await person.fill('Reason', `still used, ${person.name} ${HOSTILE}`);
  const reason = { ...begin({ kind: 'reason', user: person.id, channel, items }), plan: text };
  const after = workspace.ephemerals(person.id).length;
  const view = person.modal();
  const result = await person.submit();
  end(crowd, reason, result);
  if (result.acked) {
    const replied = await lookFor(crowd, reason, () => {
      if (view && person.modal() === view && !view.submit) return inModal(view);
      return answer(workspace, person.id, card, { since: after, over: true });
    });
    reason.saw = replied ?? null;
    reason.lookedUntil = Date.now();
  }
  if (person.modal()) await person.close();
}

/** The reply to Withdraw. In a pause requesters get many others, since they ask for other trainings. */
const ABOUT_WITHDRAWAL = /withdraw|went wrong inside this app/;

/**
 * A private reply, or the card once it names this person as an approver or waits no more.
 * @param over only the latter
 */
function answer(
  workspace: Workspace,
  user: string,
  card: Waiting,
  { since, over = false }: { since: number; over?: boolean },
): Seen | undefined {
  const word = workspace
    .ephemerals(user)
    .slice(since)
    .find(
      ({ from, text }) =>
        from === 'app' && isAbout(text, card) && (!card.isPaused || ABOUT_WITHDRAWAL.test(text)),
    );
  if (word) return { how: 'private', at: word.at, text: word.text };
  const message = workspace.messages(card.channel).find(({ ts }) => ts === card.ts);
  const text = JSON.stringify(message?.blocks ?? []);
  // A card says the same before and after the request is sent.
  if (card.isPaused) return text.includes('Recorded; ') ? undefined : { how: 'card', at: Date.now(), text };
  const isNamed = !over && new RegExp(`Approved by [^.]*<@${user}>`).test(text);
  return isNamed || !text.includes('archive_approve') ? { how: 'card', at: Date.now(), text } : undefined;
}

/** A requester may get replies about other trainings at the same time. */
const isAbout = (text: string, { items }: Waiting): boolean =>
  items.some(({ trainingId }) => text.includes(trainingId)) || !/\b5\d{5}\b/.test(text);

function waitingCards(workspace: Workspace, channels: readonly string[], random: Random): Waiting[] {
  return channels
    .flatMap((channel) => workspace.messages(channel))
    .flatMap(({ ts, channel, metadata, blocks }): Waiting[] => {
      const requestId = String(metadata?.event_payload['request_id']);
      const buttons = blocks.flatMap(({ elements = [] }) => elements);
      const text = JSON.stringify(blocks);
      const valueBehind = (action: string) => buttons.find(({ action_id }) => action_id === action)?.value;
      const approve = valueBehind('archive_approve');
      const isPaused = approve === undefined;
      const value = approve ?? valueBehind('archive_withdraw');
      const isIgnored = isPaused
        ? !random.stream(`${requestId} paused`).chance(WITHDRAWN)
        : random.stream(requestId).chance(FORGOTTEN);
      if (value === undefined || isIgnored) return [];
      const requester = /Requested by <@(\w+)>/.exec(text)?.[1] ?? '';
      const ids = [...new Set(text.match(/\b5\d{5}\b/g) ?? [])];
      // The reply to a click on the card of a batch names no training, and would be taken for another answer.
      if (isPaused && ids.length > 1) return [];
      const items = ids.map((trainingId) => ({ trainingId, requestId, shown: null }));
      const shown = value.split(' ').slice(1);
      return [{ isPaused, ts, channel, requestId, requester, text, items, shown }];
    });
}
