/** The parts of Block Kit that a person can press or fill in. The client finds them by `data-*`. Menus: menus.ts. */
import type { Visible } from '../../fakes/slack';
import {
  attributes,
  type Block,
  type Element,
  type Field,
  type Held,
  nameOf,
  rich,
  textOf,
  type Values,
} from './field';
import { type Html, html } from './html';
import { choosing, isMenu, isSearched, searching } from './menus';
import type { Look } from './mrkdwn';

/** What the blocks belong to. It decides what a click refers to and what the inputs already contain. */
export type Place =
  | { kind: 'message'; ts: string }
  | {
      kind: 'view';
      surface: 'modal' | 'home';
      id: string;
      values: Values;
      errors: Record<string, string>;
      /** What menus of people and conversations offer. */
      visible: Visible;
    };

/** What a click refers to, and the question that is asked before it. */
function pressing(look: Look, block: Block, element: Element, place: Place): Html {
  const { action_id = '', confirm, url } = element;
  const about =
    place.kind === 'message'
      ? html`data-message="${place.ts}"`
      : html`data-surface="${place.surface}" data-view="${place.id}"`;
  const question = confirm && {
    title: confirm.title?.text ?? 'Are you sure?',
    text: rich(look, confirm.text).html,
    confirm: confirm.confirm?.text ?? 'Yes',
    deny: confirm.deny?.text ?? 'Cancel',
    style: confirm.style ?? 'primary',
  };
  return html`type="button" data-act="click" data-action="${action_id}" data-block="${block.block_id}" ${about} ${url && html`data-outside="${url}"`} ${question && html`data-confirm="${JSON.stringify(question)}"`}`;
}

function button(look: Look, block: Block, element: Element, place: Place): Html {
  const { style, text } = element;
  const kind = style === 'primary' || style === 'danger' ? style : 'plain';
  const { accessibility_label: label } = element as { accessibility_label?: string };
  return html`<button class="button ${kind}" ${label !== undefined && html`aria-label="${label}"`} ${pressing(look, block, element, place)}>${textOf(text)}</button>`;
}

function overflow(look: Look, block: Block, element: Element, place: Place): Html {
  const id = `o-${place.kind === 'view' ? place.id : place.ts}-${block.block_id}-${element.action_id}`;
  const items = (element.options ?? []).map(
    (one) =>
      html`<button data-option="${one.value}" ${pressing(look, block, element, place)}>${textOf(one.text)}</button>`,
  );
  return html`<details class="popup overflow" id="${id}" data-popup><summary class="button plain" aria-label="More actions">⋯</summary><div>${items}</div></details>`;
}

const INPUT_TYPES: Record<string, [type: string, mode: string]> = {
  plain_text_input: ['text', 'text'],
  number_input: ['text', 'decimal'],
  email_text_input: ['email', 'email'],
  url_text_input: ['url', 'url'],
  datepicker: ['date', 'none'],
  timepicker: ['time', 'none'],
};

function typing(element: Element, field: Field, held: Held, sends: boolean): Html {
  const { placeholder, type } = element;
  const value = String(held?.value ?? held?.['selected_date'] ?? held?.['selected_time'] ?? '');
  const hint = placeholder && html`placeholder="${placeholder.text}"`;
  if ((element as { multiline?: boolean }).multiline)
    return html`<textarea rows="3" ${attributes(field)} ${hint}>${value}</textarea>`;
  const [kind = 'text', mode = 'text'] = INPUT_TYPES[type] ?? [];
  return html`<input type="${kind}" inputmode="${mode}" autocomplete="off" ${attributes(field)} value="${value}" ${hint} ${sends && html`data-sends`}>`;
}

function ticking(look: Look, element: Element, field: Field, held: Held, label: string): Html {
  const many = element.type === 'checkboxes';
  const chosen = many
    ? (held?.selected_options ?? []).map((one) => one.value)
    : [held?.selected_option?.value];
  const boxes = (element.options ?? []).map((one, index) => {
    const id = `${field.id}-${index}`;
    return html`<label class="tick"><input type="${many ? 'checkbox' : 'radio'}" name="${field.id}" id="${id}" value="${one.value}" data-field="${field.name}" data-view="${field.view}" ${chosen.includes(one.value) && html`checked`}> ${rich(look, one.text)}</label>`;
  });
  return html`<div role="group" aria-label="${label}" ${field.described !== '' && html`aria-describedby="${field.described}"`}>${boxes}</div>`;
}

const labelOf = ({ label, text }: Block, { placeholder, type }: Element): string => {
  const words = label ?? placeholder ?? text;
  return (typeof words === 'string' ? words : words?.text) ?? type;
};

export function renderElement(look: Look, block: Block, element: Element, place: Place): Html {
  const { block_id = '' } = block;
  const { action_id = '', type } = element;
  if (type === 'button') return button(look, block, element, place);
  if (type === 'overflow') return overflow(look, block, element, place);
  if (type === 'image') return html`<span class="picture">[${element.alt_text ?? 'picture'}]</span>`;
  if (place.kind !== 'view') return html`<span class="undrawn">[${type}]</span>`;
  const id = `f-${place.id}-${block_id}-${action_id}`;
  const described = [place.errors[block_id] && `${id}-error`, block.hint && `${id}-hint`]
    .filter(Boolean)
    .join(' ');
  const field = {
    ...{ id, name: nameOf(block, element), view: place.id, described },
    required: block.type === 'input' && !block.optional,
    label: block.type === 'input' ? undefined : labelOf(block, element),
  };
  const held = place.values[block_id]?.[action_id];
  if (type in INPUT_TYPES) return typing(element, field, held, block.dispatch_action === true);
  if (isSearched(element)) return searching(element, field, held, place.visible);
  if (isMenu(element)) return choosing(element, field, held, place.visible);
  if (type === 'radio_buttons' || type === 'checkboxes')
    return ticking(look, element, field, held, labelOf(block, element));
  return html`<span class="undrawn">[${type}: not shown on this page]</span>`;
}
