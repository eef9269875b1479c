/** Shows what happens while people wait: requests to Toloka, and cards as they change. */
import { dmOf } from './page/spot';
import { CHANNELS, DANA, type Demo, PEOPLE } from './start';
import type { Terminal } from './terminal';

const NAMES: Record<string, string> = {
  [CHANNELS.operations]: '#training-ops',
  [CHANNELS.random]: '#random',
  ...Object.fromEntries(
    Object.entries({ ...PEOPLE, dana: DANA }).map(([name, id]) => [dmOf(id), `DM to ${name}`]),
  ),
};

/** Returns a function that stops it. */
export function showLive({ workspace, account }: Demo, terminal: Terminal): () => void {
  const shown = new Map<string, string>();
  const show = (channel: string, ts: string, line: string) => {
    if (shown.get(ts) === line) return;
    shown.set(ts, line);
    terminal.progress(NAMES[channel] ?? channel, line);
  };
  const cardChanged = (channel: string) => {
    for (const message of workspace.messages(channel)) {
      if (message.fromApp) show(channel, message.ts, cardLine(workspace.renderText(message)));
      for (const reply of message.replies) {
        const mention = mentionIn(workspace.renderText(reply));
        if (mention) show(channel, reply.ts, `↳ ${mention}`);
      }
    }
  };
  const offs = [
    account.on('exchange', (exchange) => terminal.wire(exchange)),
    workspace.on('change', ({ kind, channel }) => {
      if (kind === 'message' && channel) cardChanged(channel);
    }),
  ];
  return () => {
    for (const off of offs) off();
  };
}

/** The line that notifies the requester: the last one of the thread when the request has ended. */
const mentionIn = (rendered: string): string | undefined =>
  rendered.split('\n').find((line) => line.startsWith('@'));

/** The card in one line: its state and its progress. */
export function cardLine(rendered: string): string {
  const [first = '', ...rest] = rendered.split('\n');
  const bar = rest.find((line) => /^[█░]{10} |^Progress:/.test(line));
  return bar ? `${first}  ${bar}` : first;
}
