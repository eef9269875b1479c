/** The values of a window or a Home tab. */
import { post } from './act';
import { all, type FieldElement, isField } from './dom';

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

/** Enter sends a text field that the app wants to hear of at once. True when the key was used. */
export function fieldKey({ key, target }: KeyboardEvent): boolean {
  if (key !== 'Enter' || !isField(target) || target.dataset['sends'] === undefined) return false;
  const { field: name = '', view } = target.dataset;
  void post({ act: 'change', view, field: { name, value: target.value }, enter: true });
  return true;
}
