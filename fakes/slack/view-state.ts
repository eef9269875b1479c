/**
 * Open views: what a person sees and has typed, and how an update changes it.
 *
 * Imitated: an input keeps its value over an update when its block_id AND action_id stay; `initial_value` counts only
 * for a new pair (a maintainer in github.com/slackapi/bolt-js/issues/290). At most 3 views deep, every update has a
 * new `hash` (docs of views.push and views.update). Blocks without ids get random ones, so they lose their input.
 * `default_to_current_conversation` selects the conversation in which the person was when the modal opened, if the menu
 * offers it; `initial_conversation` wins over it, `initial_conversations` does not (docs "Select menu element").
 * Guessed: a kept menu choice that is no longer among the options falls back to the initial one; typing leaves the
 * hash as it is; views.open replaces modals that are already open.
 */
import { choicesFor, visibleTo } from './choices';
import type { Block, Element, Obj, OpenView, Option, StateValue, StateValues, Text } from './types';
import type { World } from './world';

export const MAX_DEPTH = 3;

/** Which field of the state and of the element has the value, by the element's type. */
const STATE_FIELDS: Record<string, [state: string, initial: string, empty: unknown]> = {
  plain_text_input: ['value', 'initial_value', null],
  number_input: ['value', 'initial_value', null],
  email_text_input: ['value', 'initial_value', null],
  url_text_input: ['value', 'initial_value', null],
  static_select: ['selected_option', 'initial_option', null],
  external_select: ['selected_option', 'initial_option', null],
  radio_buttons: ['selected_option', 'initial_option', null],
  checkboxes: ['selected_options', 'initial_options', []],
  multi_static_select: ['selected_options', 'initial_options', []],
  multi_external_select: ['selected_options', 'initial_options', []],
  users_select: ['selected_user', 'initial_user', null],
  multi_users_select: ['selected_users', 'initial_users', []],
  conversations_select: ['selected_conversation', 'initial_conversation', null],
  multi_conversations_select: ['selected_conversations', 'initial_conversations', []],
  channels_select: ['selected_channel', 'initial_channel', null],
  multi_channels_select: ['selected_channels', 'initial_channels', []],
  datepicker: ['selected_date', 'initial_date', null],
  timepicker: ['selected_time', 'initial_time', null],
  datetimepicker: ['selected_date_time', 'initial_date_time', null],
};

export const stateField = (element: Element): string | undefined => STATE_FIELDS[element.type]?.[0];

/** Whether several things can be chosen. */
export const isMany = (element: Element): boolean => Array.isArray(STATE_FIELDS[element.type]?.[2]);

export function isEmpty(element: Element, value: StateValue | undefined): boolean {
  const held = (value as Obj | undefined)?.[stateField(element) ?? ''];
  return held === undefined || held === null || held === '' || (Array.isArray(held) && held.length === 0);
}

export const elementsOf = (block: Block): Element[] => [
  ...(block.elements ?? []),
  ...(block.accessory ? [block.accessory] : []),
  ...(block.element ? [block.element] : []),
];

export const optionsOf = (element: Element): Option[] => [
  ...(element.options ?? []),
  ...(element.option_groups ?? []).flatMap((group) => group.options),
];

/** Every block gets a block_id and every interactive element an action_id, as in the payloads that Slack sends. */
export function withIds(world: World, blocks: readonly Block[]): Block[] {
  const named = (element: Element): Element =>
    ['image', 'plain_text', 'mrkdwn'].includes(element.type)
      ? element
      : { ...element, action_id: element.action_id ?? world.id('a') };
  return blocks.map((block) => ({
    ...block,
    block_id: block.block_id ?? world.id('b'),
    ...(block.elements && block.type !== 'rich_text' ? { elements: block.elements.map(named) } : {}),
    ...(block.accessory ? { accessory: named(block.accessory) } : {}),
    ...(block.element ? { element: named(block.element) } : {}),
  }));
}

function stillOffered(element: Element, value: StateValue): boolean {
  const held = value.selected_option;
  if (!held || element.type === 'external_select') return true;
  return optionsOf(element).some((option) => option.value === held.value);
}

/** Who sees a view, and where that person was when it opened. */
export type Viewer = Pick<OpenView, 'user' | 'conversation'>;

function initialValue(world: World, viewer: Viewer, element: Element): unknown {
  const [, field, empty] = STATE_FIELDS[element.type] ?? ['', '', null];
  const given = (element as unknown as Obj)[field];
  if (!element.default_to_current_conversation) return given ?? empty;
  const choices = choicesFor(visibleTo(world, viewer.user), element);
  const current = choices?.find(({ id }) => id === viewer.conversation)?.id;
  if (Array.isArray(empty)) return current === undefined ? empty : [current];
  return given ?? current ?? empty;
}

function valuesFor(
  world: World,
  viewer: Viewer,
  blocks: readonly Block[],
  before: StateValues = {},
): StateValues {
  const values: StateValues = {};
  for (const block of blocks) {
    for (const element of elementsOf(block)) {
      const fields = STATE_FIELDS[element.type];
      if (!fields) continue;
      const blockId = block.block_id ?? '';
      const actionId = element.action_id ?? '';
      const kept = before[blockId]?.[actionId];
      const initial = {
        type: element.type,
        [fields[0]]: initialValue(world, viewer, element),
      };
      values[blockId] ??= {};
      values[blockId][actionId] = kept?.type === element.type && stillOffered(element, kept) ? kept : initial;
    }
  }
  return values;
}

const newHash = (world: World): string => `${Math.floor(world.now() / 1000)}.${world.id('h')}`;

function content(world: World, raw: Obj) {
  return {
    hash: newHash(world),
    title: (raw['title'] as Text | undefined) ?? null,
    submit: (raw['submit'] as Text | undefined) ?? null,
    close: (raw['close'] as Text | undefined) ?? null,
    blocks: withIds(world, raw['blocks'] as Block[]),
    private_metadata: String(raw['private_metadata'] ?? ''),
    callback_id: String(raw['callback_id'] ?? ''),
    external_id: String(raw['external_id'] ?? ''),
    clear_on_close: raw['clear_on_close'] === true,
    notify_on_close: raw['notify_on_close'] === true,
    errors: {},
    notice: '',
  };
}

export function newView(world: World, viewer: Viewer, raw: Obj, below?: OpenView): OpenView {
  const { user, conversation } = viewer;
  const id = world.id('V');
  const parts = content(world, raw);
  const type = raw['type'] === 'home' ? 'home' : 'modal';
  const stack = { rootId: below?.rootId ?? id, previousId: below?.id ?? null };
  const values = valuesFor(world, viewer, parts.blocks);
  return { id, type, user, conversation, ...stack, ...parts, values, updates: 0 };
}

export function updateView(world: World, view: OpenView, raw: Obj): void {
  const parts = content(world, raw);
  const values = valuesFor(world, view, parts.blocks, view.values);
  Object.assign(view, parts, { values, updates: view.updates + 1 });
  world.changed({ kind: view.type === 'home' ? 'home' : 'view', user: view.user, id: view.id });
}

export const stackOf = (world: World, user: string): OpenView[] => world.modals.get(user) ?? [];

export function setStack(world: World, user: string, stack: OpenView[]): void {
  world.modals.set(user, stack);
  world.changed({ kind: 'view', user });
}

export function findView(world: World, matches: (view: OpenView) => boolean): OpenView | undefined {
  for (const stack of world.modals.values()) {
    const view = stack.find(matches);
    if (view) return view;
  }
  return [...world.homes.values()].find(matches);
}

/** A view as the app sees it: in the answer of views.* and in payloads. */
export function viewPayload(world: World, view: OpenView): Obj {
  const { id, type, hash, title, submit, close, blocks, private_metadata, callback_id, external_id } = view;
  const { teamId, appId, botId } = world.settings;
  return {
    ...{
      id,
      team_id: teamId,
      type,
      blocks,
      private_metadata,
      callback_id,
      hash,
      title,
      submit,
      close,
      external_id,
    },
    state: { values: structuredClone(view.values) },
    clear_on_close: view.clear_on_close,
    notify_on_close: view.notify_on_close,
    root_view_id: view.rootId,
    previous_view_id: view.previousId,
    ...{ app_id: appId, app_installed_team_id: teamId, bot_id: botId },
  };
}
