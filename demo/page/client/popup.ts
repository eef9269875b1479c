/** Menus that open at a button: a `<details>` that closes when something else is done. */
import { all } from './dom';

export function closePopups(except?: Element | null): void {
  for (const one of all('details[data-popup][open]')) if (one !== except) one.removeAttribute('open');
}

/** Closes the open menu and goes back to its button. True if there was one. */
export function leavePopup(): boolean {
  const [one] = all('details[data-popup][open]');
  closePopups();
  one?.querySelector('summary')?.focus();
  return one !== undefined;
}
