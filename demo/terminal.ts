/** The demo on paper: what people do, what they see, and what goes to Toloka, each in a form of its own. */
import { createStyles, emphasised, putBack, readable, wrap } from './mrkdwn-ansi';
import type { Teller } from './story';
import type { Exchange } from './toloka';

/** Longer lines are hard to read, and in shorter ones there is no room for words. */
const MOST = 100;
const LEAST = 40;
/** The bar at the left of a screen, and room for signs that are two columns wide. */
const MARGIN = 6;

export interface Terminal extends Teller {
  /** The end of the story, one line for each part of it. */
  summary(lines: readonly string[]): void;
  /** A line of ordinary words. */
  say(words?: string): void;
  trouble(words: string): void;
  /** What the app said, as it said it: not wrapped, so that it can be copied. */
  log(lines: readonly string[]): void;
  /** One line that says how a card has changed. */
  progress(channel: string, words: string): void;
  /** A request of the app to Toloka. The same question is told once, until something new is begun. */
  wire(exchange: Exchange): void;
  /** Something new is begun: requests are told again, also such as were told before. */
  begin(): void;
  /** From now on each piece is written by way of this; the returned function ends it. */
  redirect(around: (write: () => void) => void): () => void;
}

export interface TerminalOptions {
  write: (text: string) => void;
  colour: boolean;
  /** How wide the window is at this moment; undefined or 0 when nobody knows. */
  columns?: () => number | undefined;
}

export function createTerminal({ write, colour, columns }: TerminalOptions): Terminal {
  const styles = createStyles(colour);
  const { bold, dim, good, bad, accent } = styles;
  const width = () => Math.max(LEAST, Math.min(MOST, columns?.() || MOST));
  const asked = new Set<string>();
  let askedAgain = 0;
  let around = (piece: () => void) => piece();

  const put = (line: string) => {
    const again = askedAgain;
    askedAgain = 0;
    if (again > 0) put(dim(`    → Toloka  ${again} ${again === 1 ? 'read' : 'reads'} from above, once more`));
    around(() => write(`${putBack(line)}\n`));
  };
  const begin = () => asked.clear();
  const lines = (text: string, first: string, rest = ' '.repeat(first.length)) =>
    wrap(readable(text), width() - first.length).map((line, n) => (n === 0 ? first : rest) + line);

  return {
    say(words = '') {
      for (const line of wrap(words, width())) put(emphasised(line, styles));
    },
    summary(parts) {
      put('');
      put(bold(`━━ The story went as told ${'━'.repeat(Math.max(0, width() - 26))}`));
      for (const part of parts) for (const line of lines(part, '✓ ')) put(good(line));
    },
    trouble(words) {
      for (const line of lines(words, '! ')) put(bad(line));
    },
    log(said) {
      for (const line of said) put(dim(`  ${line}`));
    },
    chapter(title, about) {
      begin();
      put('');
      put(bold(`━━ ${title} ${'━'.repeat(Math.max(0, width() - 4 - title.length))}`));
      for (const line of wrap(about, width() - 3)) put(dim(`   ${line}`));
      put('');
    },
    act(words) {
      for (const line of lines(words, '▶ ')) put(accent(line));
    },
    screen(caption, rendered) {
      put(dim(`  ╭─ ${caption}`));
      for (const line of wrap(readable(rendered), width() - MARGIN)) {
        const title = /^== (.*) ==$/.exec(line)?.[1];
        put(`${dim('  │')} ${title ? bold(title) : emphasised(line, styles)}`.trimEnd());
      }
      put(dim('  ╰─'));
    },
    fact(words) {
      for (const line of lines(words, '✓ ')) put(good(line));
    },
    progress(channel, words) {
      const [first = '', ...rest] = wrap(readable(words), width() - MARGIN - channel.length);
      put(`  ${dim(channel)}  ${emphasised(first, styles)}`);
      for (const line of rest) put(`  ${' '.repeat(channel.length)}  ${emphasised(line, styles)}`);
    },
    wire(exchange) {
      const line = wireLine(exchange, width());
      const isRead = exchange.method === 'GET';
      if (!isRead) put(bold(line));
      else if (!asked.has(line)) put(dim(line));
      else if (exchange.operationId === undefined) askedAgain += 1;
      asked.add(line);
    },
    begin,
    redirect(by) {
      around = by;
      return () => {
        around = (piece) => piece();
      };
    },
  };
}

function wireLine({ method, path, query, status }: Exchange, width: number): string {
  const room = width - 26;
  const asked = query ? `${path}?${query.replace(/^\?/, '')}` : path;
  const short = asked.length > room ? `${asked.slice(0, room - 1)}…` : asked;
  const arrow = method === 'GET' ? '→' : '⇒';
  return `    ${arrow} Toloka  ${method.padEnd(4)} ${short.padEnd(room)} ${status}`.slice(0, width);
}
