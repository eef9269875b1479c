import type { Teller } from './story';
import type { TolokaAccount } from './toloka';

const WIDTH = 100;

export interface Terminal extends Teller {
  line(text?: string): void;
  /** What went over the wire to Toloka, as it happens. */
  follow(account: TolokaAccount): () => void;
}

/** Tells on a terminal: plain, at most 100 wide, in colour only where there is somebody to see it. */
export function createTerminal(write: (text: string) => void, colour: boolean): Terminal {
  const paint = (code: number) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const [bold, dim, green, cyan] = [paint(1), paint(2), paint(32), paint(36)];
  const line = (text = '') => write(`${text}\n`);
  const box = (text: string) => {
    for (const one of text.split('\n').flatMap(wrap)) line(`  ${dim('│')} ${one}`);
  };
  return {
    line,
    chapter(title) {
      line();
      line(bold(title));
      line(dim('─'.repeat(Math.min(WIDTH, title.length))));
    },
    says: (who, text) => line(`\n${cyan(who)}  ${bold(text)}`),
    shows(where, text) {
      line(`  ${dim(`┌ ${where}`)}`);
      box(text);
    },
    checked: (text) => line(`\n  ${green('✓')} ${text}`),
    follow: (account) =>
      account.on('exchange', ({ method, path, query, status }) => {
        // Looks at the operation repeat themselves; one in full is enough for a reader.
        const shown = query && path.endsWith('/pools') ? `${path}?${query.split('&')[0]}…` : path;
        const text = `→ Toloka  ${method.padEnd(4)} ${shown}  ${status}`;
        line(`  ${method === 'POST' ? bold(text) : dim(text)}`);
      }),
  };
}

function wrap(text: string): string[] {
  const room = WIDTH - 4;
  const indent = /^\s*/.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let rest = text;
  while (rest.length > room) {
    const at = rest.lastIndexOf(' ', room);
    const cut = at > indent.length ? at : room;
    lines.push(rest.slice(0, cut));
    rest = `${indent}  ${rest.slice(cut).trimStart()}`;
  }
  return [...lines, rest];
}
