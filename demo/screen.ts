/** One person's screen at the prompt: waiting for the app's answer, and using the window that it opened. */
import { asIs } from './mrkdwn-ansi';
import type { Questions } from './questions';
import type { Demo } from './start';
import type { Terminal } from './terminal';

const PATIENCE_MS = 20_000;
/** Not every window is answered when it is closed. */
const LAST_WORD_MS = 2_000;

interface Sitting {
  demo: Demo;
  terminal: Terminal;
  questions: Questions;
}

/** Differs whenever the person's screen does, also when it says the same words anew. */
export function stamp({ workspace }: Demo, user: string): string {
  const modal = workspace.modalOf(user);
  const parts = [modal?.id, modal?.updates, modal?.notice, JSON.stringify(modal?.errors)];
  return [...parts, workspace.ephemerals(user).length].join(' ');
}

/** Until the screen has changed and is not about to change again by itself. */
export async function changed({ workspace, ...demo }: Demo, user: string, before: string): Promise<void> {
  const settled = () => {
    const modal = workspace.modalOf(user);
    const busy =
      modal !== undefined && !modal.notice && /Checking training/.test(JSON.stringify(modal.blocks));
    return !busy && stamp({ workspace, ...demo }, user) !== before;
  };
  await workspace.waitFor(settled, { timeoutMs: PATIENCE_MS, what: 'an answer of the app' });
}

/** What the app said to this person alone, last. */
export function showPrivate({ workspace }: Demo, terminal: Terminal, user: string): void {
  const last = workspace.ephemerals(user).at(-1);
  if (last)
    terminal.screen(`only ${workspace.person(user).name} sees this`, workspace.renderText(last, asIs));
}

/** Closes the window as Cancel does, and shows what the app has to say to that, if anything. */
async function leave({ demo, terminal }: Sitting, user: string): Promise<void> {
  const { workspace } = demo;
  const person = workspace.person(user);
  const asked = person.modal()?.submit !== undefined;
  const before = workspace.ephemerals(user).length;
  const answered = () => workspace.ephemerals(user).length > before;
  await person.close();
  if (asked) await workspace.waitFor(answered, { timeoutMs: LAST_WORD_MS }).catch(() => undefined);
  if (answered()) showPrivate(demo, terminal, user);
}

/** Shows the window and lets the reader fill it in and choose a button, until it is closed. */
export async function operateModal(sitting: Sitting, user: string): Promise<void> {
  const { demo, terminal } = sitting;
  const { workspace } = demo;
  const person = workspace.person(user);
  for (let modal = person.modal(); modal; modal = person.modal()) {
    terminal.screen(`the window of ${person.name}`, workspace.renderText(modal, asIs));
    const close = modal.close?.text ?? 'Close';
    const buttons = modal.blocks
      .filter(({ type }) => type === 'actions')
      .flatMap(({ elements = [] }) =>
        elements.map(({ text }) => (typeof text === 'object' ? text.text : '')),
      );
    const submit = modal.submit?.text;
    if (submit && !(await fillIn(sitting, user))) return leave(sitting, user);
    const choices = [...(submit ? [submit] : []), close, ...buttons].filter(Boolean);
    const chosen = choices.length === 1 ? close : await choose(sitting, choices, close);
    const before = stamp(demo, user);
    if (chosen === close) return leave(sitting, user);
    if (chosen === submit) await person.submit();
    else await person.click(chosen, { view: 'modal' });
    await changed(demo, user, before);
  }
}

/** False when the window is to be closed instead. */
async function fillIn({ demo, terminal, questions }: Sitting, user: string): Promise<boolean> {
  terminal.say('  An empty line leaves a field as it is; `cancel` closes the window.');
  const person = demo.workspace.person(user);
  const modal = person.modal();
  for (const { type, block_id: id = '', label } of modal?.blocks ?? []) {
    if (type !== 'input') continue;
    const held = Object.values(modal?.values[id] ?? {})[0]?.value;
    const typed = await questions.ask(`  ${label?.text ?? id}${held ? ` (${held})` : ''}: `);
    if (isWayOut(typed)) return false;
    if (typed) await person.fill(id, typed);
  }
  return true;
}

const isWayOut = (typed: string | undefined): boolean => typed === undefined || /^cancel$/i.test(typed);

/** A button by its whole name: one letter is too little to archive by. The end of the input closes the window. */
async function choose(
  { terminal, questions }: Sitting,
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
