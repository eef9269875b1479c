/** The message box: commands with their usage, completion, and a draft for each channel of each person, also after a reload. */
import { post } from './act';
import { all, byId } from './dom';
import { toEnd } from './stream';

interface Command {
  command: string;
  usageHint?: string;
  description?: string;
}

let chosen = 0;
/** The text for which Escape has closed the list. */
let closedFor: string | undefined;

const keepDraft = ({ id, value }: HTMLTextAreaElement): void => sessionStorage.setItem(id, value);

const box = (): HTMLTextAreaElement | null => document.querySelector('textarea[data-say]');
const commandsOf = (one: HTMLTextAreaElement): Command[] =>
  JSON.parse(one.dataset['commands'] ?? '[]') as Command[];

function offered(one: HTMLTextAreaElement): Command[] {
  const { value } = one;
  if (!value.startsWith('/') || /\s/.test(value) || value === closedFor) return [];
  return commandsOf(one).filter(({ command }) => command.startsWith(value));
}

function grow(one: HTMLTextAreaElement): void {
  one.rows = Math.min(8, one.value.split('\n').length);
}

/** Shows the commands that match, or the usage of the one that is typed. */
function show(one: HTMLTextAreaElement): void {
  const list = offered(one);
  chosen = Math.min(chosen, Math.max(0, list.length - 1));
  const element = byId('commands');
  element.replaceChildren(
    ...list.map(({ command, usageHint = '', description = '' }, index) => {
      const item = document.createElement('li');
      item.id = `command-${index}`;
      item.setAttribute('role', 'option');
      item.setAttribute('aria-selected', String(index === chosen));
      item.dataset['complete'] = command;
      for (const [tag, words] of [
        ['b', command],
        ['code', usageHint],
        ['span', description],
      ] as const) {
        const part = document.createElement(tag);
        part.textContent = words;
        item.append(part, ' ');
      }
      return item;
    }),
  );
  element.hidden = list.length === 0;
  if (list.length > 0) one.setAttribute('aria-activedescendant', `command-${chosen}`);
  else one.removeAttribute('aria-activedescendant');
  const used = commandsOf(one).find(({ command }) => one.value.startsWith(`${command} `));
  const usage = byId('usage');
  usage.textContent = used?.usageHint ? `${used.command} ${used.usageHint}` : '';
  usage.hidden = !used?.usageHint;
  grow(one);
}

export function setText(text: string): void {
  const one = box();
  if (!one) return;
  one.value = text;
  keepDraft(one);
  one.focus();
  one.setSelectionRange(text.length, text.length);
  show(one);
}

export async function sendText(): Promise<void> {
  const one = box();
  if (!one || one.value.trim() === '') return;
  const text = one.value;
  setText('');
  toEnd();
  const { refused } = await post({ act: 'send', channel: one.dataset['say'] ?? '', text });
  // What a person typed is never lost.
  if (refused && one.value === '') setText(text);
}

/** True when the key was used. */
function complete(key: string, one: HTMLTextAreaElement): boolean {
  const list = offered(one);
  const pick = list[chosen];
  if (!pick) return false;
  if (key === 'Escape') {
    closedFor = one.value;
    show(one);
    return true;
  }
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    chosen = (chosen + (key === 'ArrowDown' ? 1 : list.length - 1)) % list.length;
    show(one);
    return true;
  }
  // Enter sends a command that is already complete.
  const completes = key === 'Tab' || (key === 'Enter' && pick.command !== one.value);
  if (completes) setText(`${pick.command} `);
  return completes;
}

/** True when the key was used. */
export function composerKey(event: KeyboardEvent): boolean {
  const one = event.target;
  if (!(one instanceof HTMLTextAreaElement) || !one.matches('[data-say]') || event.isComposing) return false;
  const plain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
  const completed = plain && complete(event.key, one);
  const sends = plain && !completed && event.key === 'Enter';
  if (sends) void sendText();
  if (completed || sends) event.preventDefault();
  return completed || sends;
}

export function composerInput(one: EventTarget | null): void {
  if (!(one instanceof HTMLTextAreaElement) || !one.matches('[data-say]')) return;
  keepDraft(one);
  chosen = 0;
  closedFor = undefined;
  show(one);
}

/** Each channel has its own box. This brings back what was typed there before. */
export function restoreDraft(): void {
  const one = box();
  if (!one || one.dataset['restored']) return;
  one.dataset['restored'] = 'yes';
  one.value = sessionStorage.getItem(one.id) ?? '';
  show(one);
}

export const commandItems = (): HTMLElement[] => all('#commands [data-complete]');
