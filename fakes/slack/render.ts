/**
 * Block Kit as plain, readable text: for the terminal demo, for the dump of a failed `waitFor`, and for tests of what a
 * person reads.
 *
 * Imitated: entities are read in mrkdwn only (docs "Formatting message text"). A plain_text object shows its
 * characters as they are, so an escape that does not belong there (`&amp;`) is seen. Not imitated: bold, italics,
 * emoji, the inside of rich_text; unknown blocks show as `[type]`.
 */
import type { Block, Element, OpenView, StateValue, Text } from './types';

/** What a mention shows: a person's or a channel's name; undefined for an unknown ID. */
export type NameOf = (id: string) => string | undefined;

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

function entity(inner: string, nameOf: NameOf): string {
  const [target = '', label] = inner.split('|');
  if (target.startsWith('@')) return `@${nameOf(target.slice(1)) ?? label ?? target.slice(1)}`;
  if (target.startsWith('#')) return `#${nameOf(target.slice(1)) ?? label ?? target.slice(1)}`;
  if (target.startsWith('!subteam^'))
    return `@${nameOf(target.slice(9)) ?? label ?? target.slice(9)}`.replace('@@', '@');
  if (target.startsWith('!date^')) return label ?? target;
  if (target.startsWith('!')) return `@${target.slice(1)}`;
  return label ?? target;
}

export const renderMrkdwn = (text: string, nameOf: NameOf = () => undefined): string =>
  unescaped(text.replace(/<([^<>\n]+)>/g, (_, inner: string) => entity(inner, nameOf)));

/** Changes plain_text for an output that would take characters in it for formatting. */
export type Plain = (text: string) => string;

interface Look {
  nameOf: NameOf;
  plain: Plain;
}

function words(text: Text | string | undefined | null, { nameOf, plain }: Look): string {
  if (!text) return '';
  if (typeof text === 'string') return text;
  return text.type === 'mrkdwn' ? renderMrkdwn(text.text, nameOf) : plain(text.text);
}

function filled(value: StateValue | undefined, { nameOf, plain }: Look): string {
  if (!value) return '';
  const option = value.selected_option ? [value.selected_option] : (value.selected_options ?? []);
  if (option.length > 0) return plain(option.map((one) => one.text.text).join(', '));
  const other = Object.entries(value).find(
    ([key, item]) => key !== 'type' && item !== null && item !== undefined,
  );
  if (!other) return '';
  const [field, held] = other;
  // People and conversations are selected by ID.
  const names = [held].flat().map((one) => (field === 'value' ? one : (nameOf(String(one)) ?? one)));
  return plain(names.join(', '));
}

function element(one: Element, value: StateValue | undefined, look: Look): string {
  if (one.type === 'image') return `[image: ${one.alt_text ?? ''}]`;
  if (one.type === 'plain_text' || one.type === 'mrkdwn') {
    return words({ type: one.type, text: String(one.text ?? '') }, look);
  }
  if (one.type === 'button') return `[${words(one.text, look)}]`;
  if (one.type === 'overflow')
    return `[… ${(one.options ?? []).map((item) => words(item.text, look)).join(' | ')}]`;
  return filled(value, look) || (one.placeholder ? `____ (${one.placeholder.text})` : '____');
}

type Filled = (block: Block, one: Element) => StateValue | undefined;

function block(one: Block, value: Filled, look: Look): string[] {
  const show = (item: Element) => element(item, value(one, item), look);
  switch (one.type) {
    case 'header':
      return [`# ${words(one.text, look)}`];
    case 'divider':
      return ['---'];
    case 'section': {
      const side = one.accessory ? [show(one.accessory)] : [];
      const fields = (one.fields ?? []).map((field) => `  ${words(field, look).replaceAll('\n', ': ')}`);
      return [[words(one.text, look), ...side].filter(Boolean).join('  '), ...fields].filter(Boolean);
    }
    case 'context':
      return [`  (${(one.elements ?? []).map(show).join(' · ')})`];
    case 'actions':
      return [(one.elements ?? []).map(show).join(' ')];
    case 'input': {
      const hint = one.hint ? [`  (${one.hint.text})`] : [];
      const optional = one.optional ? ' (optional)' : '';
      return [`${words(one.label, look)}${optional}: ${one.element ? show(one.element) : ''}`, ...hint];
    }
    case 'image':
      return [`[image: ${one.alt_text ?? ''}]`];
    case 'markdown':
      return [words(one.text, look)];
    default:
      return [`[${one.type}]`];
  }
}

interface Shown {
  text?: string;
  blocks?: Block[];
}

/** A message shows its blocks. `text` is shown only if there are none (Slack uses it for notifications). */
function renderMessage(message: Shown, look: Look): string {
  const blocks = message.blocks ?? [];
  if (blocks.length === 0) return renderMrkdwn(message.text ?? '', look.nameOf);
  return blocks.flatMap((one) => block(one, () => undefined, look)).join('\n');
}

function renderView(view: Partial<OpenView> & { blocks: Block[] }, look: Look): string {
  const { title, submit, close, values = {}, errors = {} } = view;
  const value: Filled = (one, item) => values[one.block_id ?? '']?.[item.action_id ?? ''];
  const body = view.blocks.flatMap((one) => {
    const error = errors[one.block_id ?? ''];
    return [...block(one, value, look), ...(error ? [`  ! ${error}`] : [])];
  });
  const buttons = [close?.text ?? (view.type === 'modal' ? 'Close' : ''), submit?.text ?? ''].filter(Boolean);
  return [
    ...(title ? [`== ${title.text} ==`] : []),
    ...(view.notice ? [`! ${view.notice}`] : []),
    ...body,
    ...(buttons.length > 0 ? [buttons.map((text) => `[${text}]`).join(' ')] : []),
  ].join('\n');
}

/**
 * A message, an ephemeral, an open view, or any object with Block Kit in it.
 * @param plain changes plain_text and what people typed; by default nothing
 */
export function renderText(
  shown: object,
  nameOf: NameOf = () => undefined,
  plain: Plain = (text) => text,
): string {
  const one = shown as Partial<OpenView> & Shown & { blocks?: Block[] };
  const look = { nameOf, plain };
  if (one.type === 'modal' || one.type === 'home')
    return renderView({ ...one, blocks: one.blocks ?? [] }, look);
  return renderMessage(one, look);
}
