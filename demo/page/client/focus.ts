/** Keyboard focus: it stays inside an open window and goes back when the window closes. */
import { all, byId } from './dom';

let before: HTMLElement | undefined;
let openId = '';

const REACHABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]';

export const dialog = (): HTMLElement | null => document.querySelector('#modal [data-dialog]');

const isIn = (element: Element | null, id: string): boolean => element !== null && byId(id).contains(element);

export const inToloka = (): boolean =>
  isIn(document.activeElement, 'toloka') || isIn(document.activeElement, 'bar');

const messageBox = (): HTMLElement | null => document.querySelector('textarea[data-say]');

/** Call it after every update of the screen. */
export function settleFocus(): void {
  const open = dialog();
  const { activeElement } = document;
  byId('window').inert = open !== null;
  document.body.dataset['modal'] = open ? 'open' : 'none';
  if (open && openId === '') {
    // The element that opened the window may have lost the focus by now, as the message box does.
    const was =
      activeElement instanceof HTMLElement && activeElement !== document.body ? activeElement : undefined;
    before = was && !inToloka() ? was : (messageBox() ?? undefined);
  }
  if (open && !inToloka() && !open.contains(document.activeElement)) open.focus();
  if (!open && openId !== '') {
    const back = before?.isConnected ? before : messageBox();
    // The conversation stays at its end.
    if (!inToloka()) back?.focus({ preventScroll: true });
    before = undefined;
  }
  openId = open?.dataset['dialog'] ?? '';
}

/** Tab stays inside an open window. F6 moves to the Toloka account and back. */
export function trapFocus(event: KeyboardEvent): void {
  const open = dialog();
  if (event.key !== 'Tab' || !open || inToloka()) return;
  const stops = all(REACHABLE, open).filter((one) => one.checkVisibility());
  const [first] = stops;
  const last = stops.at(-1);
  const { activeElement } = document;
  // The window itself has the focus when it opens, so that it is read out. Its first field comes next.
  const field =
    activeElement === open && !event.shiftKey && stops.find((one) => one.dataset['field'] !== undefined);
  if (field) {
    event.preventDefault();
    field.focus();
    return;
  }
  const leaves = event.shiftKey ? activeElement === first || activeElement === open : activeElement === last;
  if (!leaves && open.contains(activeElement)) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

export function showSide(side: string): void {
  document.body.dataset['side'] = side;
  for (const one of all('[data-side-button]'))
    one.setAttribute('aria-pressed', String(one.dataset['sideButton'] === side));
}

export function changeSide(): void {
  const toToloka = !isIn(document.activeElement, 'toloka');
  showSide(toToloka ? 'toloka' : 'slack');
  if (toToloka) byId('toloka').focus();
  else (dialog() ?? messageBox() ?? byId('messages')).focus();
}
