import { createInterface } from 'node:readline/promises';
import { ALICE, type Demo, GENERAL } from './start';
import type { Terminal } from './terminal';
import { DEMO_TRAININGS } from './toloka';

const HELP = [
  'You are Alice, in #general. What you can type:',
  '  /toloka-archive 123465        any of the trainings below; also: help, a link, nonsense',
  '  archive, cancel               in a window: fills it in and submits it, or closes it',
  '  check again, try again        presses that button',
  '  show                          everything that is on the screen',
  '  trainings, help, quit',
].join('\n');

const trainings = () =>
  Object.values(DEMO_TRAININGS)
    .map(({ id, about }) => `  ${id}  ${about}`)
    .join('\n');

/** Lets the reader try for themselves until they have had enough. */
export async function prompt(demo: Demo, terminal: Terminal): Promise<void> {
  const { workspace } = demo;
  const alice = workspace.person(ALICE);
  const reader = createInterface({ input: process.stdin, output: process.stdout, prompt: '\nalice> ' });
  const seen = new Set(workspace.ephemerals(ALICE));
  const showNews = () => {
    const modal = alice.modal();
    if (modal) terminal.shows('a window that only you see', workspace.renderText(modal));
    for (const one of workspace.ephemerals(ALICE)) {
      if (!seen.has(one)) terminal.shows('only visible to you', workspace.renderText(one));
      seen.add(one);
    }
  };
  const acts: Record<string, () => Promise<unknown> | unknown> = {
    help: () => terminal.line(`${HELP}\n\n${trainings()}`),
    trainings: () => terminal.line(trainings()),
    show: () => terminal.line(workspace.dump()),
    cancel: () => alice.close(),
    archive: async () => {
      if (!alice.modal()?.submit) return terminal.line('There is no window with an Archive button.');
      await alice.fill('Reason', (await reader.question('Reason: ')) || 'Trying the demo');
      await alice.fill('Type the training ID to confirm', await reader.question('Training id, once more: '));
      await alice.submit();
    },
    'check again': () => alice.click('Check again'),
    'try again': () => alice.click('Try again'),
  };
  terminal.line(`\n${HELP}\n\n${trainings()}`);
  reader.prompt();
  for await (const typed of reader) {
    const text = typed.trim();
    if (text === 'quit' || text === 'exit') break;
    try {
      const command = /^\/toloka-archive\s*(.*)$/.exec(text);
      if (command) await alice.command(command[1] ?? '', { channel: GENERAL });
      else if (acts[text.toLowerCase()]) await acts[text.toLowerCase()]?.();
      else if (text !== '') terminal.line('Not one of the things that you can type; see help.');
      await settle();
      if (text !== 'show') showNews();
      const card = workspace.messages(GENERAL).at(-1);
      if (card && ['archive', 'show'].includes(text))
        terminal.shows('the newest card in #general', workspace.renderText(card));
    } catch (error) {
      terminal.line((error as Error).message);
    }
    reader.prompt();
  }
  reader.close();
}

/** Long enough for a preflight on loopback to be shown; what comes later is seen with `show`. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 700));
