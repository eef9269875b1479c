/** One person's screen at the prompt: waiting for the app's answer, and using the window that it opened. */
import type { Questions } from './questions';
import type { Demo } from './start';
import type { Terminal } from './terminal';

const PATIENCE_MS = 20_000;

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

/** Shows the window and lets the reader fill it in and choose a button, until it is closed. */
export async function operateModal({ demo, terminal, questions }: Sitting, user: string): Promise<void> {
  const { workspace } = demo;
  const person = workspace.person(user);
  for (let modal = person.modal(); modal; modal = person.modal()) {
    terminal.screen(`the window of ${person.name}`, workspace.renderText(modal));
    const close = modal.close?.text ?? 'Close';
    const buttons = modal.blocks
      .filter(({ type }) => type === 'actions')
      .flatMap(({ elements = [] }) =>
        elements.map(({ text }) => (typeof text === 'object' ? text.text : '')),
      );
    const submit = modal.submit?.text;
    if (submit) await fillIn({ demo, terminal, questions }, user);
    const choices = [...(submit ? [submit] : []), close, ...buttons].filter(Boolean);
    const chosen = choices.length === 1 ? close : await choose(questions, choices);
    const before = stamp(demo, user);
    if (chosen === close) {
      await person.close();
      return;
    }
    if (chosen === submit) await person.submit();
    else await person.click(chosen, { view: 'modal' });
    await changed(demo, user, before);
  }
}

async function fillIn({ demo, questions }: Sitting, user: string): Promise<void> {
  const person = demo.workspace.person(user);
  const modal = person.modal();
  for (const { type, block_id: id = '', label } of modal?.blocks ?? []) {
    if (type !== 'input') continue;
    const held = Object.values(modal?.values[id] ?? {})[0]?.value;
    const typed = await questions.ask(`  ${label?.text ?? id}${held ? ` (${held})` : ''}: `);
    if (typed) await person.fill(id, typed);
  }
}

/** A button by its name or the beginning of it; nothing at all closes the window. */
async function choose(questions: Questions, choices: readonly string[]): Promise<string> {
  const list = choices.map((choice) => choice.toLowerCase());
  const said = `  ${list.slice(0, -1).join(', ')} or ${list.at(-1)}? `;
  for (;;) {
    const answer = (await questions.ask(said))?.toLowerCase();
    const at = list.findIndex((choice) => answer && choice.startsWith(answer));
    if (at >= 0) return choices[at] ?? '';
    if (answer === undefined) return choices.find((choice) => /close|cancel/i.test(choice)) ?? '';
  }
}
