/**
 * The reader's turn: commands as in Slack, buttons by their names, and a few words about the demo itself. Not a Slack
 * client: one line in, the screen out.
 */
import { help } from './help';
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

interface Seat extends Pick<PromptOptions, 'demo' | 'terminal' | 'page'> {
  questions: Questions;
  person: keyof typeof PEOPLE;
  channel: keyof typeof CHANNELS;
}

const CHANNEL_NAMES = { operations: 'training-ops', random: 'random' } as const;
/** What the channels may be called here, without the sign. */
const CHANNEL_WORDS: Record<string, Seat['channel'] | undefined> = {
  ...{ 'training-ops': 'operations', operations: 'operations', ops: 'operations', random: 'random' },
};

/** Resolves when the reader quits, or the input ends. */
export async function runPrompt({ demo, terminal, page, input, output }: PromptOptions): Promise<void> {
  const questions = createQuestions(input, output);
  const direct = terminal.redirect((write) => questions.above(write));
  const seat: Seat = { demo, terminal, page, questions, person: 'alice', channel: 'operations' };
  terminal.say();
  terminal.say('*Your turn.* `help` lists what there is to try, `quit` ends the demo.');
  try {
    for (;;) {
      const line = await questions.ask(`\n${seat.person} in #${CHANNEL_NAMES[seat.channel]} > `);
      if (line === undefined || /^(quit|exit)$/i.test(line)) return;
      if (line !== '') await obey(seat, line).catch((error: Error) => terminal.trouble(briefly(error)));
    }
  } finally {
    direct();
    questions.close();
  }
}

/** Without the dump of every screen that comes with a wait in vain, and without all that could be pressed instead. */
function briefly({ message }: Error): string {
  const [first = message] = message.split(/\n| There is: /);
  return first.endsWith(' to press.') ? `${first} Type help to see what there is to try.` : first;
}

async function obey(seat: Seat, line: string): Promise<void> {
  const { demo, terminal } = seat;
  const [typed = '', rest = ''] = line.split(/\s+(.*)/s);
  const word = typed.toLowerCase();
  const person = demo.workspace.person(PEOPLE[seat.person]);
  terminal.begin();
  if (word === INVITE) {
    invite(demo.workspace, person, CHANNELS[seat.channel], rest);
    terminal.say(`${seat.person} added @${APP_NAME} to #${CHANNEL_NAMES[seat.channel]}.`);
  } else if (word.startsWith('/')) {
    const { channel } = seat;
    await answered(seat, () => person.command(rest, { command: word, channel: CHANNELS[channel] }));
  } else if (word === 'help') help(seat);
  else if (word === 'show') show(seat);
  else if (word === 'log') terminal.log(demo.app.lastLines(12));
  else if (word === 'as') become(seat, rest);
  else if (word === 'in') goTo(seat, rest);
  else if (word === 'kill') {
    await demo.app.restart();
    terminal.say(`The app was killed with SIGKILL and started again as process ${demo.app.pid}.`);
  } else await answered(seat, () => person.click(line));
}

function become(seat: Seat, name: string): void {
  const known = Object.keys(PEOPLE);
  const person = known.find((one) => one === name.toLowerCase());
  if (!person) throw new Error(`There is no "${name}" here. You can be ${known.join(' or ')}.`);
  seat.person = person as Seat['person'];
}

function goTo(seat: Seat, name: string): void {
  const channel = CHANNEL_WORDS[name.toLowerCase().replace(/^#/, '')];
  const known = Object.values(CHANNEL_NAMES).map((one) => `#${one}`);
  if (!channel) throw new Error(`There is no channel "${name}" here. There are ${known.join(' and ')}.`);
  seat.channel = channel;
}

/** Does something to the app, waits for its answer on the screen, and goes on with the modal if there is one. */
async function answered(seat: Seat, act: () => Promise<unknown>): Promise<void> {
  const { demo, terminal } = seat;
  const user = PEOPLE[seat.person];
  const before = stamp(demo, user);
  await act();
  await changed(demo, user, before);
  if (demo.workspace.modalOf(user)) await operateModal(seat, user);
  else showPrivate(demo, terminal, user);
}

function show({ demo, terminal, person }: Seat): void {
  const { workspace } = demo;
  for (const [key, name] of Object.entries(CHANNEL_NAMES)) {
    const messages = workspace.messages(CHANNELS[key as Seat['channel']]);
    if (messages.length === 0) terminal.screen(`#${name}`, '(nothing yet)');
    for (const message of messages) {
      const replies = message.replies.flatMap((reply) => workspace.renderText(reply, asIs).split('\n'));
      const below = replies.map((line) => `\n  > ${line}`).join('');
      terminal.screen(`#${name}`, workspace.renderText(message, asIs) + below);
    }
  }
  showPrivate(demo, terminal, PEOPLE[person]);
}
