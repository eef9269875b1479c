/** What happens by itself while people wait: requests to Toloka and cards that change, told as they happen. */
import { CHANNELS, type Demo } from './start';
import type { Terminal } from './terminal';

const NAMES: Record<string, string> = {
  [CHANNELS.operations]: '#training-ops',
  [CHANNELS.random]: '#random',
};

/** Returns a function that ends it. */
export function tellLive({ workspace, account }: Demo, terminal: Terminal): () => void {
  const told = new Map<string, string>();
  const tell = (channel: string, ts: string, line: string) => {
    if (told.get(ts) === line) return;
    told.set(ts, line);
    terminal.progress(NAMES[channel] ?? channel, line);
  };
  const cardChanged = (channel: string) => {
    for (const message of workspace.messages(channel)) {
      if (message.fromApp) tell(channel, message.ts, cardLine(workspace.renderText(message)));
      for (const reply of message.replies) {
        const mention = mentionIn(workspace.renderText(reply));
        if (mention) tell(channel, reply.ts, `↳ ${mention}`);
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

/** What makes somebody look: the last line of the thread once the request has ended. */
const mentionIn = (rendered: string): string | undefined =>
  rendered.split('\n').find((line) => line.startsWith('@'));

/** The card in one line: its state, and how far Toloka is. */
export function cardLine(rendered: string): string {
  const [first = '', ...rest] = rendered.split('\n');
  const bar = rest.find((line) => /^[█░]{10} |^Progress:/.test(line));
  return bar ? `${first}  ${bar}` : first;
}
