/** Finds things on the screen as a person does, by their text, or by their IDs. */
import { choose, type Offer } from './choices';
import type { Place } from './payloads';
import type { Block, Element, Ephemeral, OpenView, StateValue, StoredMessage, Text } from './types';
import { elementsOf, isEmpty, isMany, optionsOf, stateField } from './view-state';
import { messagesIn, type World } from './world';

export interface Found {
  block: Block;
  element: Element;
  place: Place;
}

const words = (text: Text | string | undefined): string =>
  typeof text === 'string' ? text : (text?.text ?? '');

export const blocksIn = (place: Place): Block[] =>
  place.kind === 'view'
    ? place.view.blocks
    : place.kind === 'message'
      ? place.message.blocks
      : place.ephemeral.blocks;

const all = (place: Place): Found[] =>
  blocksIn(place).flatMap((block) => elementsOf(block).map((element) => ({ block, element, place })));

/** A button by its action_id or its text; an overflow menu by the text of one of its options. */
export function clickable(place: Place, name: string, inBlock?: string): Found | undefined {
  const pressable = all(place)
    .filter(({ element }) => element.type === 'button' || element.type === 'overflow')
    .filter(({ block }) => inBlock === undefined || block.block_id === inBlock);
  return (
    pressable.find(({ element }) => element.action_id === name) ??
    pressable.find(({ element }) => words(element.text) === name) ??
    pressable.find(({ element }) => optionsOf(element).some((option) => option.text.text === name))
  );
}

/** An input by its block_id, its action_id, `block_id/action_id`, or the label next to it. */
export function fillable(view: OpenView, name: string): Found | undefined {
  const inputs = all({ kind: 'view', view }).filter(({ element }) => stateField(element) !== undefined);
  return (
    inputs.find(({ block }) => block.block_id === name) ??
    inputs.find(({ element }) => element.action_id === name) ??
    inputs.find(({ block, element }) => `${block.block_id}/${element.action_id}` === name) ??
    inputs.find(({ block }) => words(block.label ?? block.text) === name)
  );
}

/** Everything that a person could press in a conversation, newest first. */
export function conversationPlaces(world: World, user: string, channel?: string): Place[] {
  const open = [...world.channels.values()].filter((one) => one.kind === 'public' || one.members.has(user));
  const messages = open
    .filter((one) => channel === undefined || one.id === channel)
    .flatMap((one) => messagesIn(world, one.id));
  const own = world.ephemerals.filter((one) => one.user === user && (!channel || one.channel === channel));
  const placed: { ts: string; place: Place }[] = [
    ...messages.map((message: StoredMessage) => ({
      ts: message.ts,
      place: { kind: 'message', message } as const,
    })),
    ...own.map((ephemeral: Ephemeral) => ({
      ts: ephemeral.ts,
      place: { kind: 'ephemeral', ephemeral } as const,
    })),
  ];
  return placed.sort((a, b) => Number(b.ts) - Number(a.ts)).map(({ place }) => place);
}

export const labels = (place: Place): string[] =>
  all(place).map(
    ({ block, element }) => words(element.text) || words(block.label) || (element.action_id ?? ''),
  );

/** The state after a person has typed or chosen `wanted`. Only what is offered can be chosen. */
export function typed(element: Element, wanted: unknown, offer: Offer): StateValue {
  const { type, max_selected_items: most } = element;
  const field = stateField(element) ?? 'value';
  if (field === 'value') return { type, value: wanted === null || wanted === '' ? null : String(wanted) };
  if (isMany(element)) {
    const chosen = ((wanted ?? []) as unknown[]).map((one) => choose(offer, one));
    if (most !== undefined && chosen.length > most) throw new Error(`At most ${most} can be selected`);
    return { type, [field]: chosen };
  }
  const isMenu = type.endsWith('select') || type === 'radio_buttons';
  return { type, [field]: wanted === null || !isMenu ? wanted : choose(offer, wanted) };
}

/** What Slack's own client reports instead of sending a form; block_id -> text. */
export function clientErrors(view: OpenView): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const block of view.blocks) {
    const { element, block_id: id = '' } = block;
    if (block.type !== 'input' || !element) continue;
    const value = view.values[id]?.[element.action_id ?? ''];
    const text = value?.value ?? '';
    const empty = isEmpty(element, value);
    if (empty && !block.optional) errors[id] = 'Please complete this required field.';
    if (empty) continue;
    if (element.min_length !== undefined && text.length < element.min_length) {
      errors[id] = `Please enter at least ${element.min_length} characters.`;
    }
    const max = element.max_length ?? (element.type === 'plain_text_input' ? 3000 : undefined);
    if (max !== undefined && text.length > max) errors[id] = `Please enter at most ${max} characters.`;
    if (element.type === 'number_input' && Number.isNaN(Number(text))) errors[id] = 'Please enter a number.';
  }
  return errors;
}
