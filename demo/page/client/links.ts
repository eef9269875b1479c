/** Links in messages would leave the demo, so their target is shown instead. */
import { toast } from './act';
import { byId } from './dom';
import { showSide } from './focus';

export type Go = (at: string, message: string) => void;

export function follow(address: string, go: Go): void {
  const card = /\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})/.exec(address);
  if (card) {
    go(card[1] ?? '', `m-${card[2]}.${card[3]}`);
    return;
  }
  toast(`In Slack, this opens ${address}`);
  const id = /\/trainings?\/(\d+)/.exec(address)?.[1];
  const environment = address.includes('sandbox') ? 'sandbox' : 'production';
  const row = id && document.getElementById(`training-${environment}-${id}`);
  if (!row) return;
  showSide('toloka');
  row.closest('details')?.setAttribute('open', '');
  flash(row);
}

export function flash(element: HTMLElement): void {
  element.scrollIntoView({ block: 'nearest' });
  element.classList.remove('flash');
  requestAnimationFrame(() => element.classList.add('flash'));
}

export const flashSoon = (id: string): void => {
  const element = document.getElementById(id);
  if (element) flash(element);
  else byId('messages').scrollTop = byId('messages').scrollHeight;
};
