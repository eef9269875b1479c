/**
 * Block elements: buttons, menus, inputs, and which block may hold which.
 *
 * Limits and places: the TSDoc of @slack/types (block-elements.d.ts; the unions ActionsBlockElement,
 * SectionBlockAccessory, InputBlockElement) and Slack's reference pages. Where they differ, the stricter one counts: the
 * page "Block elements" puts multi-select menus into sections and inputs only, and some inputs into modals only.
 * Guessed: a maximum of 100 initial options. Not checked: rich_text_input's content, file types, date formats.
 */
import {
  checkChoices,
  checkConfirm,
  checkOption,
  checkOptions,
  checkString,
  checkStyle,
  checkText,
  isObj,
  objects,
  type Report,
} from './block-kit-text';
import type { Obj } from './types';

const SOURCES = ['static', 'external', 'users', 'conversations', 'channels'];
const SINGLE_MENUS = SOURCES.map((source) => `${source}_select`);
const MENUS = [...SINGLE_MENUS, ...SOURCES.map((source) => `multi_${source}_select`)];
const PICKERS = ['datepicker', 'timepicker'];
const CHOICES = ['checkboxes', 'radio_buttons'];
const MODAL_FIELDS = ['number_input', 'email_text_input', 'url_text_input', 'file_input', 'datetimepicker'];
const INPUTS = ['plain_text_input', 'rich_text_input', ...MENUS, ...PICKERS, ...CHOICES];

export const PLACES = {
  actions: [
    'button',
    'overflow',
    'workflow_button',
    'datetimepicker',
    'rich_text_input',
    ...SINGLE_MENUS,
    ...PICKERS,
    ...CHOICES,
  ],
  accessory: ['button', 'overflow', 'workflow_button', 'image', ...MENUS, ...PICKERS, ...CHOICES],
  /** In a message or a Home tab. */
  input: INPUTS,
  modalInput: [...INPUTS, ...MODAL_FIELDS],
  context: ['image', 'plain_text', 'mrkdwn'],
} as const satisfies Record<string, string[]>;

function checkLengths(report: Report, at: string, element: Obj): void {
  const bound = (name: string, low: number): number | undefined => {
    const value = element[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || value < low || value > 3000) {
      report(`${at}/${name}`, `must be a number from ${low} to 3000`);
      return undefined;
    }
    return value;
  };
  const min = bound('min_length', 0);
  const max = bound('max_length', 1);
  if (min !== undefined && max !== undefined && min > max) report(`${at}/min_length`, 'exceeds max_length');
  checkString(report, `${at}/initial_value`, element['initial_value'], max ?? 3000);
}

function checkInitial(report: Report, at: string, element: Obj): void {
  const values = new Set(
    [element, ...objects(element['option_groups'])]
      .flatMap((holder) => objects(holder['options']))
      .map((option) => option['value']),
  );
  const one = element['initial_option'] as Obj | undefined;
  if (one && !values.has(one['value'])) report(`${at}/initial_option`, 'must be one of the options');
  for (const option of objects(element['initial_options'])) {
    if (!values.has(option['value'])) report(`${at}/initial_options`, 'must be among the options');
  }
}

function checkButton(report: Report, at: string, element: Obj): void {
  checkText(report, `${at}/text`, element['text'], { max: 75, plain: true, required: true });
  checkString(report, `${at}/value`, element['value'], 2000);
  checkString(report, `${at}/url`, element['url'], 3000);
  checkString(report, `${at}/accessibility_label`, element['accessibility_label'], 75);
  checkStyle(report, at, element['style']);
}

function checkWhole(report: Report, at: string, value: unknown, least: number): void {
  if (value !== undefined && !(Number.isInteger(value) && Number(value) >= least)) {
    report(at, `must be a whole number from ${least}`);
  }
}

const KINDS = ['im', 'mpim', 'private', 'public'];

function checkFilter(report: Report, at: string, filter: unknown): void {
  if (filter === undefined) return;
  if (!isObj(filter) || Object.keys(filter).length === 0) {
    report(at, 'must have at least one field');
    return;
  }
  const { include } = filter;
  const kinds = Array.isArray(include) ? include : [];
  if (include !== undefined && (kinds.length === 0 || kinds.some((kind) => !KINDS.includes(String(kind))))) {
    report(`${at}/include`, `must list at least one of ${KINDS.join(', ')}`);
  }
}

function checkMenu(report: Report, at: string, element: Obj, type: string): void {
  const { initial_option: one, initial_options: several, options } = element;
  if (type.startsWith('multi_'))
    checkWhole(report, `${at}/max_selected_items`, element['max_selected_items'], 1);
  if (type.endsWith('static_select')) checkChoices(report, at, element);
  if (type.endsWith('conversations_select')) checkFilter(report, `${at}/filter`, element['filter']);
  if (!type.endsWith('external_select')) return;
  checkWhole(report, `${at}/min_query_length`, element['min_query_length'], 0);
  if (options !== undefined) report(`${at}/options`, 'additional property not allowed');
  if (isObj(one)) checkOption(report, `${at}/initial_option`, one, true);
  if (several !== undefined) checkOptions(report, `${at}/initial_options`, several, 100, true);
}

const TRIGGERS = ['on_enter_pressed', 'on_character_entered'];

function checkDispatch(report: Report, at: string, config: unknown): void {
  if (config === undefined) return;
  const on = isObj(config) ? config['trigger_actions_on'] : undefined;
  const known = Array.isArray(on) && on.length > 0 && on.every((one) => TRIGGERS.includes(String(one)));
  if (!known) report(`${at}/trigger_actions_on`, `must list at least one of ${TRIGGERS.join(', ')}`);
}

function checkImage(report: Report, at: string, element: Obj): void {
  if (element['alt_text'] === undefined) report(`${at}/alt_text`, 'missing required field');
  checkString(report, `${at}/alt_text`, element['alt_text'], 2000);
  checkString(report, `${at}/image_url`, element['image_url'], 3000, 1);
  if (element['image_url'] === undefined && element['slack_file'] === undefined) {
    report(`${at}/image_url`, 'missing required field');
  }
}

export function checkElement(report: Report, at: string, element: Obj, allowed: readonly string[]): void {
  const type = String(element['type']);
  if (!allowed.includes(type)) report(`${at}/type`, `unsupported element here: ${type}`);
  else if (type === 'image') checkImage(report, at, element);
  else checkInteractive(report, at, element, type);
  if (element['response_url_enabled'] !== undefined && allowed !== PLACES.modalInput) {
    report(`${at}/response_url_enabled`, 'only allowed in an input of a modal');
  }
}

function checkInteractive(report: Report, at: string, element: Obj, type: string): void {
  checkString(report, `${at}/action_id`, element['action_id'], 255, 1);
  checkConfirm(report, `${at}/confirm`, element['confirm']);
  checkText(report, `${at}/placeholder`, element['placeholder'], { max: 150, plain: true });
  if (type === 'button') checkButton(report, at, element);
  if (type === 'overflow') checkOptions(report, `${at}/options`, element['options'], 5, true);
  if (CHOICES.includes(type)) checkOptions(report, `${at}/options`, element['options'], 10, false);
  if (type.endsWith('_select')) checkMenu(report, at, element, type);
  if (type.endsWith('static_select') || CHOICES.includes(type)) checkInitial(report, at, element);
  if (type === 'plain_text_input') checkLengths(report, at, element);
  checkDispatch(report, `${at}/dispatch_action_config`, element['dispatch_action_config']);
  if (type === 'number_input' && typeof element['is_decimal_allowed'] !== 'boolean') {
    report(`${at}/is_decimal_allowed`, 'missing required field');
  }
}
