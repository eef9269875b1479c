/** The parts of Block Kit that a person can press, fill in or choose from. The client finds them by `data-*`. */
import type { OpenView } from '../../fakes/slack';
import { type Html, html, NOTHING } from './html';
import { plainText } from './mrkdwn';

export type Blocks = OpenView['blocks'];
export type Block = Blocks[number];
export type Element = NonNullable<Block['element']>;
type Values = OpenView['values'];

/** What the blocks belong to. It decides what a click refers to and what the inputs already contain. */
export type Place =
  | { kind: 'message'; ts: string }
  | { kind: 'view'; surface: 'modal' | 'home'; id: string; values: Values; errors: Record<string, string> };

const textOf = (text: { text: string } | string | undefined): Html =>
  typeof text === 'string' ? html`${text}` : text ? plainText(text) : NOTHING;

function button(element: Element, place: Place): Html {
  const { action_id = '', style, confirm } = element;
  const about =
    place.kind === 'message'
      ? html`data-message="${place.ts}"`
      : html`data-surface="${place.surface}" data-view="${place.id}"`;
  const asks = confirm ? html`data-confirm="${confirm.text.text}"` : NOTHING;
  const kind = style === 'primary' || style === 'danger' ? style : 'plain';
  return html`<button type="button" class="button ${kind}" data-act="click" data-action="${action_id}" ${about} ${asks}>${textOf(element.text)}</button>`;
}

interface Field {
  id: string;
  /** The workspace finds it by this: the block's ID, or the action's ID in a block with several elements. */
  name: string;
  view: string;
  described: string;
  required: boolean;
}

const attributes = ({ id, name, view, described, required }: Field): Html =>
  html`id="${id}" data-field="${name}" data-view="${view}" ${described !== '' && html`aria-describedby="${described}"`} ${required && html`aria-required="true"`}`;

const INPUT_TYPES: Record<string, [type: string, mode: string]> = {
  plain_text_input: ['text', 'text'],
  number_input: ['text', 'decimal'],
  email_text_input: ['email', 'email'],
  url_text_input: ['url', 'url'],
  datepicker: ['date', 'none'],
  timepicker: ['time', 'none'],
};

type Held = Values[string][string] | undefined;

function typing(element: Element, field: Field, held: Held): Html {
  const { placeholder, type } = element;
  const value = String(held?.value ?? held?.['selected_date'] ?? held?.['selected_time'] ?? '');
  const hint = placeholder && html`placeholder="${placeholder.text}"`;
  if ((element as { multiline?: boolean }).multiline)
    return html`<textarea rows="3" ${attributes(field)} ${hint}>${value}</textarea>`;
  const [kind = 'text', mode = 'text'] = INPUT_TYPES[type] ?? [];
  return html`<input type="${kind}" inputmode="${mode}" autocomplete="off" ${attributes(field)} value="${value}" ${hint}>`;
}

function choosing(element: Element, field: Field, held: Held): Html {
  const groups = element.option_groups ?? [{ label: undefined, options: element.options ?? [] }];
  const chosen = held?.selected_option?.value;
  const options = groups.map(({ label, options }) => {
    const list = options.map(
      (one) =>
        html`<option value="${one.value}" ${one.value === chosen && html`selected`}>${textOf(one.text)}</option>`,
    );
    return label ? html`<optgroup label="${label.text}">${list}</optgroup>` : html`${list}`;
  });
  return html`<select ${attributes(field)}><option value="">${textOf(element.placeholder) ?? ''}</option>${options}</select>`;
}

/** A menu that asks the app for options while the person types. */
function searching(element: Element, field: Field, held: Held): Html {
  const chosen = held?.selected_option?.text.text ?? '';
  const least = Number((element as { min_query_length?: number }).min_query_length ?? 3);
  return html`<div class="search"><input type="text" role="combobox" autocomplete="off" aria-expanded="false" aria-autocomplete="list" aria-controls="${field.id}-list" data-search data-least="${least}" ${attributes(field)} value="${chosen}" placeholder="${element.placeholder?.text ?? 'Search'}"><ul class="options" role="listbox" id="${field.id}-list" data-client hidden></ul></div>`;
}

function ticking(element: Element, field: Field, held: Held): Html {
  const many = element.type === 'checkboxes';
  const chosen = many
    ? (held?.selected_options ?? []).map((one) => one.value)
    : [held?.selected_option?.value];
  const boxes = (element.options ?? []).map((one, index) => {
    const id = `${field.id}-${index}`;
    return html`<label class="tick"><input type="${many ? 'checkbox' : 'radio'}" name="${field.id}" id="${id}" value="${one.value}" data-field="${field.name}" data-view="${field.view}" ${chosen.includes(one.value) && html`checked`}> ${textOf(one.text)}</label>`;
  });
  return html`<div role="group" aria-describedby="${field.described}">${boxes}</div>`;
}

export function renderElement(block: Block, element: Element, place: Place): Html {
  if (element.type === 'button') return button(element, place);
  if (element.type === 'image') return html`<span class="picture">[${element.alt_text ?? 'picture'}]</span>`;
  if (place.kind !== 'view') return html`<span class="undrawn">[${element.type}]</span>`;
  const { block_id = '' } = block;
  const { action_id = '', type } = element;
  const id = `f-${place.id}-${block_id}-${action_id}`;
  const described = [place.errors[block_id] && `${id}-error`, block.hint && `${id}-hint`]
    .filter(Boolean)
    .join(' ');
  const name = block.type === 'input' ? block_id : action_id;
  const field = { id, name, view: place.id, described, required: block.type === 'input' && !block.optional };
  const held = place.values[block_id]?.[action_id];
  if (type in INPUT_TYPES) return typing(element, field, held);
  if (type === 'static_select') return choosing(element, field, held);
  if (type === 'external_select') return searching(element, field, held);
  if (type === 'radio_buttons' || type === 'checkboxes') return ticking(element, field, held);
  return html`<span class="undrawn">[${type}: not shown on this page]</span>`;
}
