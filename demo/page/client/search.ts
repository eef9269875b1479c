/**
 * Menus with a search field. The server offers options for what is typed. In a menu of several, a chosen option has a
 * chip, and the list stays open.
 */
import { post } from './act';
import { all, byId } from './dom';

interface Option {
  value: string;
  text: string;
  description?: string;
  /** Above this option. */
  heading?: string;
  on: boolean;
}

const SEARCH_MS = 200;
let asking = 0;

const isSearch = (one: unknown): one is HTMLInputElement =>
  one instanceof HTMLInputElement && one.matches('[data-search]');
const isMany = (one: HTMLElement): boolean => one.dataset['many'] !== undefined;
const listOf = (one: HTMLElement): HTMLElement => byId(`${one.id}-list`);
const itemsOf = (one: HTMLElement): HTMLElement[] => all('[data-choose]', listOf(one));

function open(one: HTMLInputElement, isOpen: boolean): void {
  listOf(one).hidden = !isOpen;
  one.setAttribute('aria-expanded', String(isOpen));
  if (!isOpen) one.removeAttribute('aria-activedescendant');
}

/** The keys act on the active item. */
function activate(one: HTMLInputElement, item: HTMLElement): void {
  for (const other of itemsOf(one)) other.toggleAttribute('data-active', other === item);
  one.setAttribute('aria-activedescendant', item.id);
  item.scrollIntoView({ block: 'nearest' });
}

function showNote(one: HTMLInputElement, words: string): void {
  const note = document.createElement('li');
  note.className = 'note';
  note.setAttribute('role', 'status');
  note.textContent = words;
  listOf(one).replaceChildren(note);
  open(one, true);
}

function itemOf(one: HTMLElement, { value, text, description, on }: Option, index: number): HTMLElement {
  const item = document.createElement('li');
  item.id = `${one.id}-option-${index}`;
  item.setAttribute('role', 'option');
  item.setAttribute('aria-selected', String(on));
  Object.assign(item.dataset, { choose: value, text, of: one.id });
  item.textContent = text;
  if (description !== undefined) {
    const more = document.createElement('span');
    more.textContent = description;
    item.append(more);
  }
  return item;
}

function showOptions(one: HTMLInputElement, options: Option[]): void {
  listOf(one).replaceChildren(
    ...options.flatMap(({ heading, ...option }, index) => {
      const item = itemOf(one, option, index);
      if (heading === undefined) return [item];
      const head = document.createElement('li');
      head.className = 'heading';
      head.setAttribute('role', 'presentation');
      head.textContent = heading;
      return [head, item];
    }),
  );
  open(one, true);
  const [first] = itemsOf(one);
  if (first) activate(one, first);
}

/** What is typed. The text of the choice in a menu of one is no query. */
const queryIn = (one: HTMLInputElement): string => (one.value === one.dataset['chosen'] ? '' : one.value);

async function ask(one: HTMLInputElement): Promise<void> {
  const { view, field: name } = one.dataset;
  const query = queryIn(one);
  showNote(one, 'Searching…');
  const { options = [], empty, refused } = await post({ act: 'suggest', view, name, query });
  if (queryIn(one) !== query || document.activeElement !== one) return;
  if (options.length > 0) showOptions(one, options);
  else if (empty && refused === undefined) showNote(one, empty);
  else open(one, false);
}

/** Asks once the person pauses. */
function askSoon(one: HTMLInputElement, ms: number): void {
  clearTimeout(asking);
  if (queryIn(one).length < Number(one.dataset['least'])) open(one, false);
  else asking = setTimeout(() => void ask(one), ms);
}

export function searchTyped(one: EventTarget | null): void {
  if (isSearch(one)) askSoon(one, SEARCH_MS);
}

export function searchEntered(one: EventTarget | null): void {
  if (isSearch(one)) askSoon(one, 0);
}

/** After an error, which the list would cover. A click or a key opens it. */
export const searchQuiet = (): void => clearTimeout(asking);

export function searchClicked(one: EventTarget | null): void {
  if (isSearch(one) && listOf(one).hidden) askSoon(one, 0);
}

/** What was typed and not chosen is no choice, so it does not stay. */
export function searchLeft(one: EventTarget | null): void {
  if (!isSearch(one)) return;
  clearTimeout(asking);
  open(one, false);
  one.value = one.dataset['chosen'] ?? '';
}

export async function choose(item: HTMLElement): Promise<void> {
  const one = byId(item.dataset['of'] ?? '') as HTMLInputElement;
  const { view, field: name } = one.dataset;
  const value = item.dataset['choose'] ?? '';
  if (isMany(one)) {
    const on = item.getAttribute('aria-selected') !== 'true';
    activate(one, item);
    one.select();
    const { refused } = await post({ act: 'choose', view, name, value, on });
    if (refused === undefined) item.setAttribute('aria-selected', String(on));
    return;
  }
  const { text = '' } = item.dataset;
  one.value = text;
  one.dataset['chosen'] = text;
  open(one, false);
  await post({ act: 'change', view, field: { name, value } });
}

/** Takes a chip away. */
export async function unchoose(button: HTMLElement): Promise<void> {
  const { view, name, unchoose: value, of = '' } = button.dataset;
  const one = byId(of);
  one.focus();
  const { refused } = await post({ act: 'choose', view, name, value, on: false });
  const item = itemsOf(one).find(({ dataset }) => dataset['choose'] === value);
  if (refused === undefined) item?.setAttribute('aria-selected', 'false');
}

/** True when the key was used. */
export function searchKey({ key, target }: KeyboardEvent): boolean {
  if (!isSearch(target)) return false;
  if (key === 'Backspace' && target.value === '') {
    const last = all('[data-unchoose]', target.parentElement ?? document).at(-1);
    if (last) void unchoose(last);
    return last !== undefined;
  }
  const isOpen = !listOf(target).hidden;
  const items = isOpen ? itemsOf(target) : [];
  const now = items.findIndex((one) => one.dataset['active'] !== undefined);
  const current = items[now];
  if (key === 'Enter') {
    if (current) void choose(current);
    // Enter in a menu never submits the window.
    return true;
  }
  if (key === 'Escape' && isOpen) {
    open(target, false);
    return true;
  }
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return false;
  const next = items[(now + (key === 'ArrowDown' ? 1 : items.length - 1)) % items.length];
  if (next) activate(target, next);
  else if (!isOpen) askSoon(target, 0);
  return true;
}
