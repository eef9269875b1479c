/**
 * Checks the limits of Block Kit, so that tests find what Slack would refuse.
 *
 * Limits: Slack's reference (blocks, views), the TSDoc of @slack/types (blocks.d.ts, views.d.ts), and for the size of
 * a whole message github.com/slackapi/bolt-js/issues/2509 (about 13,200 characters, measured by users, undocumented;
 * here: the sum of all texts in the blocks). Not checked: the inside of rich_text, table, video, file and of the
 * newest blocks (alert, card, carousel, container, data_table, plan, task_card); those are accepted.
 */
import { checkElement, PLACES } from './block-kit-elements';
import { checkList, checkString, checkText, isObj, objects, type Report } from './block-kit-text';
import type { Obj } from './types';

export interface Problem {
  code:
    | 'invalid_blocks'
    | 'msg_blocks_too_long'
    | 'msg_too_long'
    | 'no_text'
    | 'invalid_metadata_format'
    | 'invalid_view';
  /** A JSON pointer, as Slack gives it. */
  at: string;
  problem: string;
}

/** Characters in all texts of a message's blocks. */
export const MESSAGE_BLOCKS_MAX = 13_200;
export const MESSAGE_TEXT_MAX = 40_000;

const EVERYWHERE = [
  'actions',
  'context',
  'divider',
  'header',
  'image',
  'input',
  'rich_text',
  'section',
  'video',
];
const MESSAGES_ONLY = ['markdown', 'file', 'table', 'data_table', 'context_actions', 'task_card', 'plan'];
const NEWEST = ['alert', 'card', 'carousel', 'container'];

type Surface = 'message' | 'modal' | 'home';

const BLOCK_CHECKS: Record<string, (report: Report, at: string, block: Obj, surface: Surface) => void> = {
  header: (report, at, block) =>
    checkText(report, `${at}/text`, block['text'], { max: 150, plain: true, required: true }),
  section(report, at, block) {
    const { text, fields, accessory } = block;
    checkText(report, `${at}/text`, text, { max: 3000, required: fields === undefined });
    if (fields !== undefined) {
      for (const [index, field] of checkList(report, `${at}/fields`, fields, 10).entries()) {
        checkText(report, `${at}/fields/${index}`, field, { max: 2000, required: true });
      }
    }
    if (isObj(accessory)) checkElement(report, `${at}/accessory`, accessory, PLACES.accessory);
  },
  actions(report, at, block) {
    for (const [index, element] of checkList(report, `${at}/elements`, block['elements'], 25).entries()) {
      checkElement(report, `${at}/elements/${index}`, element, PLACES.actions);
    }
  },
  context(report, at, block) {
    for (const [index, element] of checkList(report, `${at}/elements`, block['elements'], 10).entries()) {
      const here = `${at}/elements/${index}`;
      if (element['type'] === 'image') checkElement(report, here, element, PLACES.context);
      else checkText(report, here, element, { max: 3000, required: true });
    }
  },
  input(report, at, block, surface) {
    checkText(report, `${at}/label`, block['label'], { max: 2000, plain: true, required: true });
    checkText(report, `${at}/hint`, block['hint'], { max: 2000, plain: true });
    const { element } = block;
    const places = surface === 'modal' ? PLACES.modalInput : PLACES.input;
    if (isObj(element)) checkElement(report, `${at}/element`, element, places);
    else report(`${at}/element`, 'missing required field');
  },
  image(report, at, block) {
    checkElement(report, at, block, PLACES.context);
    checkText(report, `${at}/title`, block['title'], { max: 2000, plain: true });
  },
  markdown: (report, at, block) => checkString(report, `${at}/text`, block['text'], 12_000, 1),
};

/** An element's action_id must be unique in its block, a block_id in its message or view. */
function checkIds(report: Report, blocks: Obj[]): void {
  const blockIds = new Set<unknown>();
  for (const [index, block] of blocks.entries()) {
    const id = block['block_id'];
    checkString(report, `/blocks/${index}/block_id`, id, 255, 1);
    if (id !== undefined && blockIds.has(id))
      report(`/blocks/${index}/block_id`, `duplicate block_id: ${String(id)}`);
    blockIds.add(id);
    const actionIds = new Set<unknown>();
    for (const element of objects(block['elements'])) {
      const action = element['action_id'];
      if (action !== undefined && actionIds.has(action)) {
        report(`/blocks/${index}/elements`, `duplicate action_id: ${String(action)}`);
      }
      actionIds.add(action);
    }
  }
}

const ALLOWED: Record<Surface, { max: number; types: string[] }> = {
  message: { max: 50, types: [...EVERYWHERE, ...MESSAGES_ONLY, ...NEWEST] },
  modal: { max: 100, types: [...EVERYWHERE, ...NEWEST] },
  home: { max: 100, types: [...EVERYWHERE, ...NEWEST] },
};

function checkBlocks(report: Report, value: unknown, surface: Surface): Obj[] {
  const { max, types } = ALLOWED[surface];
  const blocks = checkList(report, '/blocks', value, max, 0);
  for (const [index, block] of blocks.entries()) {
    const type = String(block['type']);
    if (!types.includes(type)) report(`/blocks/${index}/type`, `unsupported type: ${type}`);
    else BLOCK_CHECKS[type]?.(report, `/blocks/${index}`, block, surface);
  }
  checkIds(report, blocks);
  return blocks;
}

/** Characters of every `text` and every other string that a person reads in the blocks. */
export function countCharacters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countCharacters(item), 0);
  if (!isObj(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) =>
      sum + (key === 'text' && typeof item === 'string' ? item.length : countCharacters(item)),
    0,
  );
}

function flatValue(value: unknown, depth = 0): boolean {
  if (['string', 'number', 'boolean'].includes(typeof value)) return true;
  if (depth === 0 && Array.isArray(value)) return value.every((item) => isObj(item) && flatValue(item));
  return depth === 0 && isObj(value) && Object.values(value).every((item) => flatValue(item, 1));
}

export function messageProblems(message: Obj): Problem[] {
  const problems: Problem[] = [];
  const { text, blocks, metadata } = message;
  const say = (code: Problem['code'], at: string, problem: string) => problems.push({ code, at, problem });
  const report: Report = (at, problem) => say('invalid_blocks', at, problem);
  if (blocks !== undefined) {
    checkBlocks(report, blocks, 'message');
    if (countCharacters(blocks) > MESSAGE_BLOCKS_MAX) {
      say('msg_blocks_too_long', '/blocks', `about ${MESSAGE_BLOCKS_MAX} characters allowed`);
    }
  }
  if (!text && !(Array.isArray(blocks) && blocks.length > 0))
    say('no_text', '/text', 'missing required field');
  if (typeof text === 'string' && text.length > MESSAGE_TEXT_MAX) {
    say('msg_too_long', '/text', `must be less than ${MESSAGE_TEXT_MAX + 1} characters`);
  }
  if (isObj(metadata) && Object.keys(metadata).length > 0) {
    const { event_type: type, event_payload: payload } = metadata;
    const well = typeof type === 'string' && type !== '' && isObj(payload);
    if (!well || !Object.values(payload).every((item) => flatValue(item))) {
      say('invalid_metadata_format', '/metadata', 'must be { event_type, event_payload } with flat values');
    }
  }
  return problems;
}

export function viewProblems(view: Obj): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (at, problem) => problems.push({ code: 'invalid_view', at, problem });
  const { type } = view;
  if (type !== 'modal' && type !== 'home') report('/type', 'must be modal or home');
  const blocks = checkBlocks(report, view['blocks'], type === 'home' ? 'home' : 'modal');
  checkString(report, '/private_metadata', view['private_metadata'], 3000);
  checkString(report, '/callback_id', view['callback_id'], 255);
  checkString(report, '/external_id', view['external_id'], 255);
  for (const name of ['title', 'submit', 'close'] as const) {
    if (type === 'modal')
      checkText(report, `/${name}`, view[name], { max: 24, plain: true, required: name === 'title' });
    else if (view[name] !== undefined) report(`/${name}`, 'additional property not allowed');
  }
  const asks = blocks.some((block) => block['type'] === 'input');
  if (type === 'modal' && asks && !view['submit']) report('/submit', 'required when there is an input block');
  const focused = JSON.stringify(blocks).split('"focus_on_load":true').length - 1;
  if (focused > 1) report('/blocks', 'focus_on_load may be set once');
  return problems;
}

const asText = ({ code, at, problem }: Problem): string => `${code}: ${problem} [json-pointer:${at}]`;

/** Every reason why Slack would refuse this message; empty if it would accept it. */
export const checkMessage = (message: object): string[] => messageProblems(message as Obj).map(asText);

/** Every reason why Slack would refuse this modal or Home tab; empty if it would accept it. */
export const checkView = (view: object): string[] => viewProblems(view as Obj).map(asText);
