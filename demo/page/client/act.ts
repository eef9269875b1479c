/** Sends acts, each as one POST, and shows the reply for a moment. */
import { byId } from './dom';
import { place } from './place';

export interface ActReply {
  notice?: string;
  refused?: string;
  options?: { value: string; text: string; on: boolean }[];
  empty?: string;
  /** The fields of a submission that have errors. */
  wrong?: string[];
}

let fading = 0;

export function toast(words: string): void {
  const element = byId('toast');
  element.textContent = words;
  clearTimeout(fading);
  fading = setTimeout(() => element.replaceChildren(), 6_000);
}

export async function post(act: { act: string; [field: string]: unknown }): Promise<ActReply> {
  try {
    const body = JSON.stringify({ user: place.user, ...act });
    const answer = await fetch('/act', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      // Also when the page is being left. Only small requests may be.
      keepalive: act.act === 'change',
    });
    const reply = (await answer.json()) as ActReply;
    const words = reply.refused ?? reply.notice;
    if (words) toast(words);
    return reply;
  } catch {
    toast('The demo does not answer. Is it still running?');
    return { refused: 'no answer' };
  }
}
