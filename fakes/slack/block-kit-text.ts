/**
 * Text and composition objects of Block Kit: text, option, confirmation dialog.
 *
 * Limits: the TSDoc of @slack/types (composition-objects.d.ts) and Slack's reference pages of the same names. Option
 * values: the reference says 150 (older pages and the TSDoc: 75). The wording of a problem imitates Slack's
 * `response_metadata.messages`; the exact wording is a guess.
 */
import type { Obj } from './types';

export type Report = (at: string, problem: string) => void;

export const isObj = (value: unknown): value is Obj =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects of a value that may not be a list. */
export const objects = (value: unknown): Obj[] => (Array.isArray(value) ? value.filter(isObj) : []);

export function checkString(report: Report, at: string, value: unknown, max: number, min = 0): void {
  if (value === undefined) return;
  if (typeof value !== 'string') report(at, 'must be a string');
  else if (value.length > max) report(at, `must be less than ${max + 1} characters`);
  else if (value.length < min) report(at, `must be more than ${min - 1} characters`);
}

export interface TextRule {
  max: number;
  /** Only `plain_text` is accepted. */
  plain?: boolean;
  required?: boolean;
}

export function checkText(report: Report, at: string, value: unknown, rule: TextRule): void {
  if (value === undefined || value === null) {
    if (rule.required) report(at, 'missing required field');
    return;
  }
  if (!isObj(value)) {
    report(at, 'must be a text object');
    return;
  }
  const { type } = value;
  if (type !== 'plain_text' && (rule.plain || type !== 'mrkdwn')) {
    report(`${at}/type`, rule.plain ? 'must be plain_text' : 'must be plain_text or mrkdwn');
  }
  const stray = type === 'mrkdwn' ? 'emoji' : 'verbatim';
  if (stray in value) report(`${at}/${stray}`, 'additional property not allowed');
  if (value['text'] === undefined) report(`${at}/text`, 'missing required field');
  checkString(report, `${at}/text`, value['text'], rule.max, 1);
}

export function checkList(report: Report, at: string, value: unknown, max: number, min = 1): Obj[] {
  if (!Array.isArray(value)) {
    report(at, value === undefined ? 'missing required field' : 'must be a list');
    return [];
  }
  if (value.length > max) report(at, `no more than ${max} items allowed`);
  if (value.length < min) report(at, `no fewer than ${min} items allowed`);
  return value.filter((item, index): item is Obj => {
    if (!isObj(item)) report(`${at}/${index}`, 'must be an object');
    return isObj(item);
  });
}

export function checkOption(report: Report, at: string, option: Obj, plain: boolean): void {
  checkText(report, `${at}/text`, option['text'], { max: 75, plain, required: true });
  checkString(report, `${at}/value`, option['value'], 150, 1);
  checkString(report, `${at}/url`, option['url'], 3000);
  checkText(report, `${at}/description`, option['description'], { max: 75 });
  if (option['value'] === undefined && option['url'] === undefined) {
    report(`${at}/value`, 'missing required field');
  }
}

export function checkOptions(report: Report, at: string, value: unknown, max: number, plain: boolean): void {
  for (const [index, option] of checkList(report, at, value, max).entries()) {
    checkOption(report, `${at}/${index}`, option, plain);
  }
}

/** `options` or `option_groups`, as in a menu and in the answer to a block_suggestion. */
export function checkChoices(report: Report, at: string, holder: Obj, min = 1): void {
  if (holder['option_groups'] === undefined) {
    const list = holder['options'];
    if (min === 0 && Array.isArray(list) && list.length === 0) return;
    checkOptions(report, `${at}/options`, list, 100, true);
    return;
  }
  if (holder['options'] !== undefined) report(`${at}/options`, 'not allowed together with option_groups');
  const groups = checkList(report, `${at}/option_groups`, holder['option_groups'], 100, min);
  for (const [index, group] of groups.entries()) {
    const here = `${at}/option_groups/${index}`;
    checkText(report, `${here}/label`, group['label'], { max: 75, plain: true, required: true });
    checkOptions(report, `${here}/options`, group['options'], 100, true);
  }
}

/** Of a button, and of the button in a confirmation dialog. */
export function checkStyle(report: Report, at: string, style: unknown): void {
  if (style !== undefined && style !== 'primary' && style !== 'danger') {
    report(`${at}/style`, 'must be primary or danger');
  }
}

export function checkConfirm(report: Report, at: string, value: unknown): void {
  if (value === undefined) return;
  if (!isObj(value)) {
    report(at, 'must be an object');
    return;
  }
  checkText(report, `${at}/title`, value['title'], { max: 100, plain: true });
  checkText(report, `${at}/text`, value['text'], { max: 300, required: true });
  checkText(report, `${at}/confirm`, value['confirm'], { max: 30, plain: true });
  checkText(report, `${at}/deny`, value['deny'], { max: 30, plain: true });
  checkStyle(report, at, value['style']);
}
