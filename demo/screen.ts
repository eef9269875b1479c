/** One person's screen at the prompt: waits for the app's answer and operates the window that it opened. */
import type { Person } from '../fakes/slack';
import { STATE_WORDS } from '../src/messages/outcomes';
import { asIs } from './mrkdwn-ansi';
import type { Questions } from './questions';
import { CHANNELS, type Demo } from './start';
import type { Terminal } from './terminal';

const PATIENCE_MS = 20_000;
/** The app does not answer every window that is closed. */
const CLOSE_ANSWER_MS = 2_000;

export interface PromptContext {
  demo: Demo;
  terminal: Terminal;
  questions: Questions;
}

/** Changes whenever the person's screen does, even if it shows the same text again. */
export function stamp({ workspace }: Demo, user: string): string {
  const modal = workspace.modalOf(user);
  const parts = [modal?.id, modal?.updates, modal?.notice, JSON.stringify(modal?.errors)];
  return [...parts, workspace.ephemerals(user).length].join(' ');
}

/** Resolves when the screen has changed and will not change again by itself. */
export async function changed({ workspace, ...demo }: Demo, user: string, before: string): Promise<void> {
  const settled = () => {
    const modal = workspace.modalOf(user);
    const busy = modal !== undefined && !modal.notice && /: Checking /.test(JSON.stringify(modal.blocks));
    return !busy && stamp({ workspace, ...demo }, user) !== before;
  };
  await workspace.waitFor(settled, { timeoutMs: PATIENCE_MS, what: 'an answer from the app' });
}

/** Shows the newest message that only this person sees. */
export function showPrivate({ workspace }: Demo, terminal: Terminal, user: string): void {
  const last = workspace.ephemerals(user).at(-1);
  if (last)
    terminal.screen(`only ${workspace.person(user).name} sees this`, workspace.renderText(last, asIs));
}

/** Closes the window as Cancel does, and shows the app's answer if there is one. */
async function leave({ demo, terminal }: PromptContext, user: string): Promise<void> {
  const { workspace } = demo;
  const person = workspace.person(user);
  const asked = person.modal()?.submit !== undefined;
  const before = workspace.ephemerals(user).length;
  const answered = () => workspace.ephemerals(user).length > before;
  await person.close();
  if (asked) await workspace.waitFor(answered, { timeoutMs: CLOSE_ANSWER_MS }).catch(() => undefined);
  if (answered()) showPrivate(demo, terminal, user);
}

/** Shows the window and lets the person fill it in and choose a button, until it is closed. */
export async function operateModal(context: PromptContext, user: string): Promise<void> {
  const { demo, terminal } = context;
  const { workspace } = demo;
  const person = workspace.person(user);
  for (let modal = person.modal(); modal; modal = person.modal()) {
    terminal.screen(`${person.name}’s window`, workspace.renderText(modal, asIs));
    const close = modal.close?.text ?? 'Close';
    const buttons = modal.blocks
      .filter(({ type }) => type === 'actions')
      .flatMap(({ elements = [] }) =>
        elements.map(({ text }) => (typeof text === 'object' ? text.text : '')),
      );
    const submit = modal.submit?.text;
    if (submit && !(await fillIn(context, user))) return leave(context, user);
    const choices = [...(submit ? [submit] : []), close, ...buttons].filter(Boolean);
    const chosen = choices.length === 1 ? close : await choose(context, choices, close);
    const before = stamp(demo, user);
    if (chosen === close) return leave(context, user);
    if (chosen === submit) await person.submit();
    else await person.click(chosen, { view: 'modal' });
    await changed(demo, user, before);
    if (chosen === submit && !person.modal()) await sent(demo);
  }
}

/** The window is closed, and the card is in the channel. Resolves when Toloka has the request. */
async function sent({ workspace }: Demo): Promise<void> {
  const isWaiting = () =>
    Object.values(CHANNELS)
      .flatMap((channel) => workspace.messages(channel))
      .some(({ text }) => text.startsWith(STATE_WORDS.confirmed.title));
  await workspace.waitFor(() => !isWaiting(), { timeoutMs: PATIENCE_MS }).catch(() => undefined);
}

/** False if the person wants to close the window instead. */
async function fillIn({ demo, terminal, questions }: PromptContext, user: string): Promise<boolean> {
  terminal.say('  Press Enter to leave a field as it is. Type `cancel` to close the window.');
  const person = demo.workspace.person(user);
  const modal = person.modal();
  for (const { block_id: id = '', label, element } of modal?.blocks ?? []) {
    if (!element) continue;
    const held = Object.values(modal?.values[id] ?? {})[0]?.value;
    for (let filled = false; !filled; ) {
      const typed = await questions.ask(`  ${label?.text ?? id}${held ? ` (${held})` : ''}: `);
      if (isWayOut(typed)) return false;
      filled = !typed || (await fill(person, id, element.type, typed).catch(toTerminal(terminal)));
    }
  }
  return true;
}

const toTerminal = (terminal: Terminal) => (error: Error) => {
  terminal.trouble(error.message);
  return false;
};

/** Types into a field. In a menu it searches for what is typed. Commas separate several choices. */
async function fill(person: Person, id: string, type: string, typed: string): Promise<true> {
  const isMany = type.startsWith('multi_') || type === 'checkboxes';
  const names = isMany ? typed.split(',').map((name) => name.trim()) : [typed];
  const chosen: string[] = [];
  for (const name of names) {
    const { options, notice } = type.endsWith('external_select')
      ? await person.suggest(id, name)
      : { options: undefined, notice: '' };
    const found = options?.find(({ text }) => text.text === name) ?? options?.[0];
    if (options && !found) throw new Error(`${notice || 'Type more of its name'}: ${name}`);
    chosen.push(found?.text.text ?? name);
    // What was found before is offered only as long as it is chosen.
    if (options) await person.fill(id, isMany ? chosen : chosen[0]);
  }
  await person.fill(id, isMany ? chosen : chosen[0]);
  return true;
}

const isWayOut = (typed: string | undefined): boolean => typed === undefined || /^cancel$/i.test(typed);

/** Asks for the whole name of a button: one letter must not archive. The end of the input closes the window. */
export async function choose(
  { terminal, questions }: PromptContext,
  choices: readonly string[],
  close: string,
): Promise<string> {
  const list = choices.map((choice) => choice.toLowerCase());
  const all = `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`;
  for (;;) {
    const answer = (await questions.ask(`  ${all}? `))?.toLowerCase();
    const chosen = choices.find((choice) => choice.toLowerCase() === answer);
    if (chosen !== undefined) return chosen;
    if (isWayOut(answer) || answer === 'close') return close;
    terminal.trouble(answer ? `There is no "${answer}" here. Type ${all}.` : `Type ${all}.`);
  }
}
