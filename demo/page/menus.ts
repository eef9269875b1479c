/**
 * Menus. With one choice from a known list it is the browser's own menu. A menu that asks the app, or of which several
 * can be chosen, has a search field, and a chip for each choice. The client fills its list.
 */
import { type Choice, choicesFor, type Visible } from '../../fakes/slack';
import { attributes, type Element, type Field, type Held, textOf } from './field';
import { type Html, html, NOTHING } from './html';
import { APP_NAME, shownName } from './people';

export const isMenu = ({ type }: Element): boolean => type.endsWith('_select');
export const isMany = ({ type }: Element): boolean => type.startsWith('multi_');
export const isExternal = ({ type }: Element): boolean => type.endsWith('external_select');
export const isSearched = (element: Element): boolean =>
  isMany(element) || element.type === 'external_select';

const SIGNS: Partial<Record<Choice['kind'], string>> = { public: '# ', private: '🔒 ' };

const nameOf = ({ kind, name }: Choice): string => {
  if (kind === 'im') return APP_NAME;
  return `${SIGNS[kind] ?? ''}${kind === 'person' ? shownName(name) : name}`;
};

export interface Entry {
  value: string;
  text: string;
}

/** Everything that a menu offers by itself. A menu that asks the app offers nothing. */
export function entriesOf(element: Element, visible: Visible): Entry[] {
  const choices = choicesFor(visible, element);
  if (choices) return choices.map((one) => ({ value: one.id, text: nameOf(one) }));
  const options = [
    ...(element.options ?? []),
    ...(element.option_groups ?? []).flatMap((group) => group.options),
  ];
  return options.map((one) => ({ value: one.value ?? '', text: one.text.text }));
}

/** What is chosen: the value or ID, or a list of these. */
export function heldValue(held: Held): string | string[] {
  if (!held) return '';
  const { type: _, ...rest } = held;
  const [value] = Object.values(rest);
  const plain = (one: unknown): string =>
    typeof one === 'object' && one !== null
      ? String((one as { value?: string }).value ?? '')
      : String(one ?? '');
  return Array.isArray(value) ? value.map(plain) : plain(value);
}

export function choosing(element: Element, field: Field, held: Held, visible: Visible): Html {
  const chosen = heldValue(held);
  const item = ({ value, text }: Entry) =>
    html`<option value="${value}" ${value === chosen && html`selected`}>${textOf(text)}</option>`;
  const groups = element.option_groups?.map(
    ({ label, options }) =>
      html`<optgroup label="${label.text}">${entriesOf({ type: '', options }, visible).map(item)}</optgroup>`,
  );
  const first = html`<option value="">${element.placeholder?.text ?? 'Choose'}</option>`;
  return html`<select ${attributes(field)}>${first}${groups ?? entriesOf(element, visible).map(item)}</select>`;
}

/** The chosen options or IDs, as they are shown. */
function chosenIn(element: Element, held: Held, visible: Visible): Entry[] {
  const options = held?.selected_options ?? [held?.selected_option ?? []].flat();
  if (options.length > 0) return options.map((one) => ({ value: one.value ?? '', text: one.text.text }));
  const ids = new Set([heldValue(held)].flat());
  return entriesOf(element, visible).filter(({ value }) => ids.has(value));
}

function chips({ id, name, view }: Field, chosen: readonly Entry[]): Html {
  if (chosen.length === 0) return NOTHING;
  const items = chosen.map(
    ({ value, text }) =>
      html`<li id="${id}-chip-${value}">${text}<button type="button" data-unchoose="${value}" data-of="${id}" data-name="${name}" data-view="${view}" aria-label="Remove ${text}">✕</button></li>`,
  );
  return html`<ul class="chips" aria-label="Chosen">${items}</ul>`;
}

export function searching(element: Element, field: Field, held: Held, visible: Visible): Html {
  const many = isMany(element);
  const chosen = chosenIn(element, held, visible);
  const least = isExternal(element) ? (element.min_query_length ?? 3) : 0;
  const text = many ? '' : (chosen[0]?.text ?? '');
  const hint = element.placeholder?.text ?? (least > 1 ? `Type at least ${least} characters` : 'Search');
  const list = html`<ul class="options" role="listbox" id="${field.id}-list" aria-label="Options" ${many && html`aria-multiselectable="true"`} data-client hidden></ul>`;
  return html`<div class="search">${many && chips(field, chosen)}<input type="text" role="combobox" autocomplete="off" aria-expanded="false" aria-autocomplete="list" aria-controls="${field.id}-list" data-search data-least="${least}" data-chosen="${text}" ${many && html`data-many`} ${attributes(field)} value="${text}" placeholder="${hint}">${list}</div>`;
}
