/**
 * A person who uses the workspace: types a command, fills in a modal, presses a button, opens the Home tab.
 *
 * Imitated: Slack's client holds a form back while a required input is empty or too short (docs "Modals"); a menu or
 * an input with `dispatch_action` sends block_actions when it changes, and a text field with it when Enter is pressed,
 * unless its `dispatch_action_config` says otherwise (docs "Dispatch action configuration object"); a picker asks for
 * options from `min_query_length` characters on (3 by default); no more than `max_selected_items` can be selected.
 * Guessed: people accept a confirmation dialog unless `confirm: false`, and press Enter after typing unless
 * `enter: false`. Not imitated: a picker that asks the app, under a message.
 */
import * as acts from './acts';
import { choicesFor, visibleTo } from './choices';
import type { DeliverOptions } from './delivery';
import * as find from './find';
import type { Place, Tab } from './payloads';
import { type SubmitResult, submit } from './submission';
import type { Element, Obj, OpenView, Option, StateValues, StoredMessage } from './types';
import { optionsOf, stackOf, stateField } from './view-state';
import { addMessage, type World } from './world';

export interface ClickOptions extends DeliverOptions {
  /** Look only in this message: its `ts` or the message. */
  message?: string | { ts: string };
  /** Look only in the Home tab, or only in the modal. */
  view?: 'home' | 'modal';
  channel?: string;
  /** Look only in the block with this ID: an action_id is unique in its block only. */
  block?: string;
  /** The value of the option of an overflow menu that is given by its action_id. */
  option?: string;
  /** Whether the person accepts a confirmation dialog. @default true */
  confirm?: boolean;
}

export interface FillOptions extends DeliverOptions {
  /** Look only in the Home tab. */
  view?: 'home';
  /** Whether the person accepts a confirmation dialog. @default true */
  confirm?: boolean;
  /** Whether the person presses Enter in a text field. @default true */
  enter?: boolean;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  /** `command('123456')` or, for another command than the first, `command('help', { command: '/other' })`. */
  command(
    text: string,
    where: { channel: string; command?: string } & DeliverOptions,
  ): Promise<acts.ActResult>;
  /** An ordinary message of this person's own. */
  say(text: string, where: { channel: string; thread_ts?: string }): StoredMessage;
  /** The modal on top. */
  modal(): Readonly<OpenView> | undefined;
  /**
   * Types or chooses: by the text or value of an option, the name or ID of a person or conversation, or a list of these.
   * Sends block_actions if the element does that, otherwise answers `not_sent`.
   */
  fill(labelOrId: string, value: unknown, options?: FillOptions): Promise<acts.ActResult>;
  submit(options?: { force?: boolean } & DeliverOptions): Promise<SubmitResult>;
  /** Sends these values instead of the typed ones, unchecked: block_id -> action_id -> value, or a text. */
  submitRaw(values: Record<string, Obj | string>, options?: DeliverOptions): Promise<SubmitResult>;
  close(options?: { all?: boolean } & DeliverOptions): Promise<acts.ActResult>;
  click(textOrActionId: string, options?: ClickOptions): Promise<acts.ActResult>;
  /** Types into a menu that asks the app for options. `fill` chooses from what came. */
  suggest(
    labelOrId: string,
    query: string,
    options?: DeliverOptions & { view?: 'home' },
  ): Promise<acts.SuggestResult>;
  /** Opens the app's Home tab or its Messages tab. */
  openHome(options?: { tab?: Tab } & DeliverOptions): Promise<acts.ActResult>;
  /** Uses a global shortcut, by its name or callback ID. `channel` is where the person is. */
  shortcut(nameOrId: string, options?: { channel?: string } & DeliverOptions): Promise<acts.ActResult>;
}

function buttonAction({ block, element }: find.Found, name: string, value?: string): Obj {
  const base = { type: element.type, block_id: block.block_id, action_id: element.action_id };
  if (element.type === 'overflow') {
    const chosen = (one: Option) => (value === undefined ? one.text.text === name : one.value === value);
    const option = element.options?.find(chosen);
    if (!option) throw new Error(`Choose an option of "${element.action_id}"`);
    return { ...base, selected_option: option };
  }
  const { text, style, url, confirm } = element;
  const rest = Object.entries({ value: element.value, style, url, confirm }).filter(
    ([, given]) => given !== undefined,
  );
  return { ...base, text, ...Object.fromEntries(rest) };
}

/** Whether typing into this text field is sent at once. */
function sendsText({ dispatch_action_config: config }: Element, enter: boolean): boolean {
  const on = config?.trigger_actions_on ?? ['on_enter_pressed'];
  return on.includes('on_character_entered') || (enter && on.includes('on_enter_pressed'));
}

function placesOf(world: World, user: string, options: ClickOptions): Place[] {
  const views = {
    modal: stackOf(world, user).slice(-1),
    home: [world.homes.get(user)].filter((view) => view !== undefined),
  };
  const asPlaces = (list: OpenView[]): Place[] => list.map((view) => ({ kind: 'view', view }));
  if (options.view) return asPlaces(views[options.view]);
  const said = find.conversationPlaces(world, user, options.channel);
  if (options.message) {
    const ts = typeof options.message === 'string' ? options.message : options.message.ts;
    return said.filter(
      (place) =>
        place.kind !== 'view' && (place.kind === 'message' ? place.message : place.ephemeral).ts === ts,
    );
  }
  return [...asPlaces(views.modal), ...said, ...asPlaces(views.home)];
}

/** The open modal with these values on top of what was typed. */
function overlay(view: OpenView, values: Record<string, Obj | string>): StateValues {
  const merged: StateValues = structuredClone(view.values);
  for (const [blockId, given] of Object.entries(values)) {
    if (typeof given !== 'string') {
      merged[blockId] = { ...merged[blockId], ...(given as StateValues[string]) };
      continue;
    }
    const [action = blockId] = Object.keys(merged[blockId] ?? {});
    merged[blockId] = { [action]: { type: 'plain_text_input', value: given } };
  }
  return merged;
}

export function createPerson(context: acts.ActContext, id: string): Person {
  const { world } = context;
  const seed = world.settings.people.find((one) => one.id === id);
  if (!seed) throw new Error(`No person ${id} in the workspace`);
  const suggestions = new Map<string, Option[]>();
  const keyOf = ({ block, element }: find.Found) => `${block.block_id} ${element.action_id}`;

  const top = (): OpenView => {
    const view = stackOf(world, id).at(-1);
    if (!view) throw new Error(`${seed.name} has no modal open`);
    return view;
  };
  const shown = (surface: 'home' | undefined): OpenView =>
    (surface === 'home' ? world.homes.get(id) : undefined) ?? top();
  const input = (name: string, view: OpenView): find.Found => {
    const place: Place = { kind: 'view', view };
    const one = find.fillable(view, name);
    if (!one)
      throw new Error(
        `No input "${name}" in "${view.title?.text ?? 'Home'}". There is: ${find.labels(place).join(', ')}`,
      );
    return one;
  };

  return {
    id,
    name: seed.name,
    async command(text, { channel, command, ...options }) {
      const place = world.channels.get(channel);
      if (!place?.members.has(id)) throw new Error(`${seed.name} is not in ${channel}`);
      const chosen = command ?? world.settings.commands[0]?.command ?? '';
      return acts.command(context, id, { command: chosen, text, channel }, options);
    },
    say: (text, { channel, thread_ts }) =>
      addMessage(world, { channel, user: id, fromApp: false, text, blocks: [], thread_ts }),
    modal: () => stackOf(world, id).at(-1),
    async fill(labelOrId, value, { view: surface, confirm = true, enter = true, ...options } = {}) {
      const view = shown(surface);
      const one = input(labelOrId, view);
      const { block, element, place } = one;
      const blockId = block.block_id ?? '';
      const actionId = element.action_id ?? '';
      const chosen = view.values[blockId]?.[actionId]?.selected_options ?? [];
      const external = [...(suggestions.get(keyOf(one)) ?? []), ...chosen];
      const held = find.typed(element, value, {
        options: element.type.includes('external') ? external : optionsOf(element),
        choices: choicesFor(visibleTo(world, id), element),
      });
      if (element.confirm && !confirm) return acts.NOT_SENT;
      view.values[blockId] = { ...view.values[blockId], [actionId]: held };
      delete view.errors[blockId];
      world.changed({ kind: 'view', user: id, id: view.id });
      if (block.type === 'input' && !block.dispatch_action) return acts.NOT_SENT;
      const field = stateField(element) ?? 'value';
      if (block.type === 'input' && field === 'value' && !sendsText(element, enter)) return acts.NOT_SENT;
      const action = {
        type: element.type,
        block_id: blockId,
        action_id: actionId,
        [field]: (held as unknown as Obj)[field],
      };
      return acts.blockAction(context, id, place, action, options);
    },
    async submit({ force = false, ...options } = {}) {
      const view = top();
      if (!view.submit) throw new Error(`"${view.title?.text}" has no submit button`);
      const errors = force ? {} : find.clientErrors(view);
      if (Object.keys(errors).length === 0) return submit(context, view, view.values, options);
      view.errors = errors;
      world.changed({ kind: 'view', user: id, id: view.id });
      return { ...acts.NOT_SENT, heldBack: true, response_action: 'errors', errors };
    },
    submitRaw: async (values, options = {}) => submit(context, top(), overlay(top(), values), options),
    close: async ({ all = false, ...options } = {}) => acts.close(context, id, all, options),
    async click(textOrActionId, options = {}) {
      const places = placesOf(world, id, options);
      const one = places
        .map((place) => find.clickable(place, textOrActionId, options.block))
        .find((match) => match !== undefined);
      if (!one) {
        const seen = places.flatMap(find.labels).join(', ');
        throw new Error(`${seed.name} sees no "${textOrActionId}" to press. There is: ${seen || 'nothing'}`);
      }
      if (one.element.confirm && options.confirm === false) return acts.NOT_SENT;
      const action = buttonAction(one, textOrActionId, options.option);
      return acts.blockAction(context, id, one.place, action, options);
    },
    async suggest(labelOrId, query, { view: surface, ...options } = {}) {
      const one = input(labelOrId, shown(surface));
      const { block, element, place } = one;
      if (query.length < (element.min_query_length ?? 3))
        return { ...acts.NOT_SENT, options: [], groups: [], notice: '' };
      const asked = { block_id: block.block_id ?? '', action_id: element.action_id ?? '', value: query };
      const answer = await acts.suggest(context, id, place, asked, options);
      suggestions.set(keyOf(one), answer.options);
      return answer;
    },
    openHome: async ({ tab = 'home', ...options } = {}) => acts.openHome(context, id, tab, options),
    async shortcut(nameOrId, { channel, ...options } = {}) {
      const { shortcuts } = world.settings;
      const one = shortcuts.find(({ name, callbackId }) => name === nameOrId || callbackId === nameOrId);
      const names = shortcuts.map(({ name }) => name).join(', ') || 'none';
      if (!one) throw new Error(`No shortcut "${nameOrId}". There is: ${names}`);
      const used = { callback_id: one.callbackId, conversation: channel };
      return acts.shortcut(context, id, used, options);
    },
  };
}
