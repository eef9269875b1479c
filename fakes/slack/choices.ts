/**
 * What a menu offers to a person.
 *
 * Read in docs.slack.dev: "Select menu element", "Multi-select menu element" and "Conversation filter object". A menu of
 * conversations lists the public channels, and the private ones and DMs that the person is in; a menu of channels only
 * public ones; `include` keeps the kinds that it names; `exclude_bot_users` leaves out DMs with apps. Every DM here is one
 * with the app. Guessed: archived channels are not offered. Not imitated: `exclude_external_shared_channels`, since no
 * channel here is shared.
 */
import type { Element, Option } from './types';
import type { Channel, World } from './world';

type Filter = NonNullable<Element['filter']>;

export interface Choice {
  id: string;
  name: string;
  kind: Channel['kind'] | 'person';
}

/** The people and the conversations that a person can see. */
export interface Visible {
  people: readonly { id: string; name: string }[];
  channels: readonly { id: string; name: string; kind: Channel['kind']; archived: boolean }[];
}

export const visibleTo = (world: World, user: string): Visible => ({
  people: world.settings.people,
  channels: [...world.channels.values()].filter(
    ({ kind, members }) => kind === 'public' || members.has(user),
  ),
});

function conversations({ channels }: Visible, { include, exclude_bot_users: noBots }: Filter): Choice[] {
  return channels
    .filter(({ archived }) => !archived)
    .filter(({ kind }) => (include?.includes(kind) ?? true) && !(noBots && kind === 'im'))
    .map(({ id, name, kind }) => ({ id, name, kind }));
}

/** What a menu offers by ID; undefined if it has options instead. */
export function choicesFor(visible: Visible, { type, filter = {} }: Element): Choice[] | undefined {
  if (type.endsWith('users_select'))
    return visible.people.map(({ id, name }) => ({ id, name, kind: 'person' }));
  if (type.endsWith('conversations_select')) return conversations(visible, filter);
  if (type.endsWith('channels_select')) return conversations(visible, { include: ['public'] });
  return undefined;
}

const listed = (names: readonly string[]): string => `Offered: ${names.join(', ') || 'none'}`;

function chooseOption(offered: readonly Option[], wanted: unknown): Option {
  const name = typeof wanted === 'string' ? wanted : (wanted as Option).value;
  const option = offered.find((one) => one.value === name || one.text.text === name);
  if (option) return option;
  throw new Error(`No option "${String(name)}". ${listed(offered.map((one) => one.text.text))}`);
}

function chooseId(offered: readonly Choice[], wanted: unknown): string {
  const name = String(wanted);
  const choice = offered.find((one) => one.id === name || one.name === name.replace(/^[#@]/, ''));
  if (choice) return choice.id;
  throw new Error(`No choice "${name}". ${listed(offered.map((one) => one.name))}`);
}

export interface Offer {
  options: readonly Option[];
  choices: readonly Choice[] | undefined;
}

/** The option or ID with this value or name. @throws if it is not offered */
export const choose = ({ options, choices }: Offer, wanted: unknown): Option | string =>
  choices ? chooseId(choices, wanted) : chooseOption(options, wanted);
