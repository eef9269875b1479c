/** Acts: each is one POST. What the person is to hear of it shows for a moment. */
import { byId } from './dom';
import { place } from './place';

export interface Told {
  notice?: string;
  refused?: string;
  options?: { value: string; text: string }[];
}

let fading = 0;

export function toast(words: string): void {
  const element = byId('toast');
  element.textContent = words;
  clearTimeout(fading);
  fading = setTimeout(() => element.replaceChildren(), 6_000);
}

export async function post(act: { act: string; [field: string]: unknown }): Promise<Told> {
  try {
    const body = JSON.stringify({ user: place.user, ...act });
    const answer = await fetch('/act', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const told = (await answer.json()) as Told;
    const words = told.refused ?? told.notice;
    if (words) toast(words);
    return told;
  } catch {
    toast('The demo does not answer. Does it still run?');
    return { refused: 'no answer' };
  }
}
