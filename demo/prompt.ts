/**
 * The prompt of the demo. It takes commands as in Slack, names of buttons, and a few commands for the demo itself, and
 * shows the screen after each line.
 */
import { help } from './help';
import { operateHome } from './home';
import { INVITE, invite } from './invite';
import { asIs } from './mrkdwn-ansi';
import { APP_NAME } from './page/people';
import type { Questions } from './questions';
import { createQuestions } from './questions';
import { changed, operateModal, showPrivate, stamp } from './screen';
import { CHANNELS, type Demo, PEOPLE } from './start';
import type { Terminal } from './terminal';

export interface PromptOptions {
  demo: Demo;
  terminal: Terminal;
  /** The address of the page, if there is one. */
  page?: string | undefined;
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

interface Session extends Pick<PromptOptions, 'demo' | 'terminal' | 'page'> {
  questions: Questions;
  person: keyof typeof PEOPLE;
  channel: keyof typeof CHANNELS;
}

const CHANNEL_NAMES = { operations: 'training-ops', random: 'random' } as const;
/** The names of the channels that `in` takes. */
const CHANNEL_WORDS: Record<string, Session['channel'] | undefined> = {
  ...{ 'training-ops': 'operations', operations: 'operations', ops: 'operations', random: 'random' },
};

/** Resolves when the person quits or the input ends. */
export async function runPrompt({ demo, terminal, page, input, output }: PromptOptions): Promise<void> {
  const questions = createQuestions(input, output);
  const direct = terminal.redirect((write) => questions.above(write));
  const session: Session = { demo, terminal, page, questions, person: 'alice', channel: 'operations' };
  terminal.say();
  terminal.say('*Your turn.* Type `help` for things to try, or `quit` to end the demo.');
  if (page !== undefined) terminal.say(`Or open ${page} in a browser.`);
  try {
    for (;;) {
      const line = await questions.ask(`\n${session.person} in #${CHANNEL_NAMES[session.channel]} > `);
      if (line === undefined || /^(quit|exit)$/i.test(line)) return;
      if (line !== '') await obey(session, line).catch((error: Error) => terminal.trouble(briefly(error)));
    }
  } finally {
    direct();
    questions.close();
  }
}

/** An error without the dump of every screen and without the list of all buttons. */
function briefly({ message }: Error): string {
  const [first = message] = message.split(/\n| There is: /);
  return first.endsWith(' to press.') ? `${first} Type help for things to try.` : first;
}

async function obey(session: Session, line: string): Promise<void> {
  const { demo, terminal } = session;
  const [typed = '', rest = ''] = line.split(/\s+(.*)/s);
  const word = typed.toLowerCase();
  const person = demo.workspace.person(PEOPLE[session.person]);
  terminal.begin();
  if (word === INVITE) {
    invite(demo.workspace, person, CHANNELS[session.channel], rest);
    terminal.say(`${session.person} added @${APP_NAME} to #${CHANNEL_NAMES[session.channel]}.`);
  } else if (word.startsWith('/')) {
    const { channel } = session;
    await answered(session, () => person.command(rest, { command: word, channel: CHANNELS[channel] }));
  } else if (word === 'home') await operateHome(session, PEOPLE[session.person]);
  else if (word === 'shortcut') {
    const channel = CHANNELS[session.channel];
    await answered(session, () => person.shortcut(rest, { channel }));
  } else if (word === 'help') help(session);
  else if (word === 'show') show(session);
  else if (word === 'log') terminal.log(demo.app.lastLines(12));
  else if (word === 'as') become(session, rest);
  else if (word === 'in') goTo(session, rest);
  else if (word === 'kill') {
    await demo.app.restart();
    terminal.say(`The app was killed with SIGKILL and started again as process ${demo.app.pid}.`);
  } else await answered(session, () => person.click(line));
}

function become(session: Session, name: string): void {
  const known = Object.keys(PEOPLE);
  const person = known.find((one) => one === name.toLowerCase());
  if (!person) throw new Error(`There is no "${name}" here. You can be ${known.join(' or ')}.`);
  session.person = person as Session['person'];
}

function goTo(session: Session, name: string): void {
  const channel = CHANNEL_WORDS[name.toLowerCase().replace(/^#/, '')];
  const known = Object.values(CHANNEL_NAMES).map((one) => `#${one}`);
  if (!channel) throw new Error(`There is no channel "${name}" here. There are ${known.join(' and ')}.`);
  session.channel = channel;
}

/** Acts, waits until the app's answer is on the screen, and continues in the modal if one is open. */
async function answered(session: Session, act: () => Promise<unknown>): Promise<void> {
  const { demo, terminal } = session;
  const user = PEOPLE[session.person];
  const before = stamp(demo, user);
  await act();
  await changed(demo, user, before);
  if (demo.workspace.modalOf(user)) await operateModal(session, user);
  else showPrivate(demo, terminal, user);
}

function show({ demo, terminal, person }: Session): void {
  const { workspace } = demo;
  for (const [key, name] of Object.entries(CHANNEL_NAMES)) {
    const messages = workspace.messages(CHANNELS[key as Session['channel']]);
    if (messages.length === 0) terminal.screen(`#${name}`, '(nothing yet)');
    for (const message of messages) {
      const replies = message.replies.flatMap((reply) => workspace.renderText(reply, asIs).split('\n'));
      const below = replies.map((line) => `\n  > ${line}`).join('');
      const author = message.fromApp ? '' : `@${workspace.person(message.user).name}: `;
      terminal.screen(`#${name}`, author + workspace.renderText(message, asIs) + below);
    }
  }
  showPrivate(demo, terminal, PEOPLE[person]);
}
