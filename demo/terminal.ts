/** How the terminal shows the demo: what people do, what they see and what goes to Toloka look different. */

import type { Exchange } from '../fakes/toloka';
import { createStyles, emphasised, putBack, readable, wrap } from './mrkdwn-ansi';
import type { Narrator } from './story';

/** Longer lines are hard to read, and shorter ones have no room for text. */
const MOST = 100;
const LEAST = 40;
/** The bar at the left of a screen, and room for emoji, which are two columns wide. */
const MARGIN = 6;
const DONE = 'The story went as expected';

export interface Terminal extends Narrator {
  /** The end of the story, one line for each part of it. */
  summary(lines: readonly string[]): void;
  /** A line of plain text. */
  say(words?: string): void;
  trouble(words: string): void;
  /** Lines as they are: not wrapped, so that they can be copied. */
  log(lines: readonly string[]): void;
  /** One line about a card that has changed. */
  progress(channel: string, words: string): void;
  /** A request from the app to Toloka. A repeated read is only counted. @see begin */
  wire(exchange: Exchange): void;
  /** Starts a section: reads are shown again, even those of earlier sections. */
  begin(): void;
  /** Passes each write through `around`, until the returned function is called. */
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
    if (again > 0) put(dim(`    → Toloka  ${again} repeated ${again === 1 ? 'read' : 'reads'}`));
    around(() => write(`${putBack(line)}\n`));
  };
  const heading = (title: string) =>
    bold(`━━ ${title} ${'━'.repeat(Math.max(0, width() - 4 - title.length))}`);
  const begin = () => asked.clear();
  const lines = (text: string, first: string, rest = ' '.repeat(first.length)) =>
    wrap(readable(text), width() - first.length).map((line, n) => (n === 0 ? first : rest) + line);

  return {
    say(words = '') {
      for (const line of wrap(words, width())) put(emphasised(line, styles));
    },
    summary(parts) {
      put('');
      put(heading(DONE));
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
      put(heading(title));
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
