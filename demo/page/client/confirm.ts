/** Slack's confirmation dialog. The browser keeps the focus in it, and gives it back. */
import { byId } from './dom';

interface Question {
  title: string;
  /** HTML that the server has made. */
  text: string;
  confirm: string;
  deny: string;
  style: string;
}

const dialog = (): HTMLDialogElement => byId('confirm') as HTMLDialogElement;

export const isAsking = (): boolean => dialog().open;

const button = (answer: string): HTMLElement =>
  dialog().querySelector(`[data-answer="${answer}"]`) as HTMLElement;

export function confirmed(question: string): Promise<boolean> {
  const { title, text, confirm, deny, style } = JSON.parse(question) as Question;
  byId('confirm-title').textContent = title;
  byId('confirm-text').innerHTML = text;
  button('no').textContent = deny;
  button('yes').textContent = confirm;
  button('yes').className = `button ${style}`;
  const one = dialog();
  one.returnValue = 'no';
  one.showModal();
  return new Promise((resolve) => {
    one.addEventListener('close', () => resolve(one.returnValue === 'yes'), { once: true });
  });
}

export const answer = (given: string): void => dialog().close(given);
