/**
 * Block elements: buttons, menus, inputs, and which block may hold which.
 *
 * Limits and places: the TSDoc of @slack/types (block-elements.d.ts; the unions ActionsBlockElement,
 * SectionBlockAccessory, InputBlockElement) and Slack's reference pages. Not checked: rich_text_input's content, file
 * types, date formats, filters of conversation menus.
 */
import {
  checkChoices,
  checkConfirm,
  checkOptions,
  checkString,
  checkText,
  objects,
  type Report,
} from './block-kit-text';
import type { Obj } from './types';

const SOURCES = ['static', 'external', 'users', 'conversations', 'channels'];
const MENUS = SOURCES.flatMap((source) => [`${source}_select`, `multi_${source}_select`]);
const PICKERS = ['datepicker', 'timepicker'];
const CHOICES = ['checkboxes', 'radio_buttons'];
const FIELDS = ['plain_text_input', 'number_input', 'email_text_input', 'url_text_input'];

export const PLACES = {
  actions: [
    'button',
    'overflow',
    'workflow_button',
    'datetimepicker',
    'rich_text_input',
    ...MENUS,
    ...PICKERS,
    ...CHOICES,
  ],
  accessory: ['button', 'overflow', 'workflow_button', 'image', ...MENUS, ...PICKERS, ...CHOICES],
  input: [...FIELDS, 'datetimepicker', 'rich_text_input', 'file_input', ...MENUS, ...PICKERS, ...CHOICES],
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
  const { style } = element;
  if (style !== undefined && style !== 'primary' && style !== 'danger') {
    report(`${at}/style`, 'must be primary or danger');
  }
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
}

function checkInteractive(report: Report, at: string, element: Obj, type: string): void {
  checkString(report, `${at}/action_id`, element['action_id'], 255, 1);
  checkConfirm(report, `${at}/confirm`, element['confirm']);
  checkText(report, `${at}/placeholder`, element['placeholder'], { max: 150, plain: true });
  if (type === 'button') checkButton(report, at, element);
  if (type === 'overflow') checkOptions(report, `${at}/options`, element['options'], 5, true);
  if (CHOICES.includes(type)) checkOptions(report, `${at}/options`, element['options'], 10, false);
  if (type.endsWith('static_select')) checkChoices(report, at, element);
  if (type.endsWith('static_select') || CHOICES.includes(type)) checkInitial(report, at, element);
  if (type === 'plain_text_input') checkLengths(report, at, element);
  if (type === 'number_input' && typeof element['is_decimal_allowed'] !== 'boolean') {
    report(`${at}/is_decimal_allowed`, 'missing required field');
  }
}
