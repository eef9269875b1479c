/** The values of a window, and the menu that asks the app for options. */
import { post } from './act';
import { all, byId, type FieldElement, isField } from './dom';

export type Value = string | string[] | null;

const named = (view: string, name: string): FieldElement[] =>
  all(`[data-view="${CSS.escape(view)}"][data-field="${CSS.escape(name)}"]`).filter(isField);

function readValue(elements: FieldElement[]): Value {
  const [first] = elements;
  if (first instanceof HTMLInputElement && first.type === 'checkbox') {
    return elements.filter((one) => (one as HTMLInputElement).checked).map(({ value }) => value);
  }
  if (first instanceof HTMLInputElement && first.type === 'radio') {
    return elements.find((one) => (one as HTMLInputElement).checked)?.value ?? null;
  }
  // For a menu with a search, the choice was sent when it was made.
  return first?.value ?? null;
}

export function valuesOf(view: string): { name: string; value: Value }[] {
  const fields = all(`[data-view="${CSS.escape(view)}"][data-field]`).filter(
    (one) => !one.matches('[data-search]'),
  );
  const names = new Set(fields.map((one) => one.dataset['field'] ?? ''));
  return [...names].map((name) => ({ name, value: readValue(named(view, name)) }));
}

/** Focuses the first of the window's fields that is named. */
export function focusField(view: string, names: readonly string[]): void {
  const fields = all(`[data-view="${CSS.escape(view)}"][data-field]`);
  fields.find(({ dataset }) => names.includes(dataset['field'] ?? ''))?.focus();
}

export function fieldChanged(target: EventTarget | null): void {
  if (!isField(target) || target.matches('[data-search]')) return;
  const { field, view } = target.dataset;
  if (field === undefined || view === undefined) return;
  void post({ act: 'change', view, field: { name: field, value: readValue(named(view, field)) } });
}

let asking = 0;
const SEARCH_MS = 200;

const listOf = (one: HTMLElement): HTMLElement => byId(`${one.id}-list`);

function showOptions(one: HTMLInputElement, options: { value: string; text: string }[]): void {
  const list = listOf(one);
  list.replaceChildren(
    ...options.map(({ value, text }, index) => {
      const item = document.createElement('li');
      item.id = `${one.id}-option-${index}`;
      item.setAttribute('role', 'option');
      item.setAttribute('aria-selected', String(index === 0));
      Object.assign(item.dataset, { choose: value, of: one.id });
      item.textContent = text;
      return item;
    }),
  );
  list.hidden = options.length === 0;
  one.setAttribute('aria-expanded', String(options.length > 0));
}

export function searchTyped(one: EventTarget | null): void {
  if (!(one instanceof HTMLInputElement) || !one.matches('[data-search]')) return;
  clearTimeout(asking);
  const { view, field: name } = one.dataset;
  const query = one.value;
  if (query.length < Number(one.dataset['least'])) {
    showOptions(one, []);
    return;
  }
  asking = setTimeout(async () => {
    const { options = [] } = await post({ act: 'suggest', view, name, query });
    if (one.value === query) showOptions(one, options);
  }, SEARCH_MS);
}

export function choose(item: HTMLElement): void {
  const one = byId(item.dataset['of'] ?? '') as HTMLInputElement;
  const { view, field: name } = one.dataset;
  one.value = item.textContent ?? '';
  showOptions(one, []);
  one.focus();
  void post({ act: 'change', view, field: { name, value: item.dataset['choose'] ?? null } });
}

/** True when the key was used. */
export function searchKey({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLInputElement) || !target.matches('[data-search]')) return false;
  const items = all('[data-choose]', listOf(target));
  const now = items.findIndex((one) => one.getAttribute('aria-selected') === 'true');
  const current = items[now];
  if (!current) return false;
  if (key === 'Enter') choose(current);
  else if (key === 'Escape') showOptions(target, []);
  else if (key === 'ArrowDown' || key === 'ArrowUp') {
    const next = items[(now + (key === 'ArrowDown' ? 1 : items.length - 1)) % items.length];
    for (const one of items) one.setAttribute('aria-selected', String(one === next));
    next?.scrollIntoView({ block: 'nearest' });
  } else return false;
  return true;
}
