import { createTerminal } from '../../demo/terminal';
import type { Exchange } from '../../fakes/toloka';

const WORDS =
  'Some words that are of an ordinary length and go on for longer than any line could be. '.repeat(3);
const EXCHANGE = {
  ...{ n: 1, at: 0, method: 'GET', path: '/api/v1/pools', status: 200 },
  query: `status=OPEN&project_id=74175&limit=300&sort=id&${'x'.repeat(90)}`,
} as unknown as Exchange;

/** The lines of everything that a terminal can show, in a window with this many columns. */
function everything(columns: number | undefined): string[] {
  let written = '';
  const terminal = createTerminal({
    write: (text) => {
      written += text;
    },
    colour: false,
    columns: () => columns,
  });
  terminal.chapter('A training that is ready', WORDS);
  terminal.act(WORDS);
  terminal.say(WORDS);
  terminal.screen('alice’s window', `== Archive a training ==\n${WORDS}\n• ${WORDS}`);
  terminal.fact(WORDS);
  terminal.trouble(WORDS);
  terminal.progress('#training-ops', WORDS);
  terminal.wire(EXCHANGE);
  terminal.summary([WORDS]);
  return written.split('\n');
}

const wordsOf = (lines: string[]) =>
  new Set(lines.flatMap((line) => line.split(' ')).filter((word) => /^[a-z]+$/i.test(word)));
const longest = (lines: string[]) => Math.max(...lines.map((line) => line.length));

describe('the width of the output', () => {
  it.each([
    [80, 80],
    [61, 61],
    [100, 100],
    [200, 100],
    [undefined, 100],
    // Some terminals do not know their width.
    [0, 100],
    [3, 40],
  ])('%p columns: lines of at most %p', (columns, most) => {
    const lines = everything(columns);
    expect(longest(lines)).toBe(most);
    expect(wordsOf(lines)).toEqual(wordsOf(everything(100)));
    expect(lines.filter((line) => /^ {4}→ Toloka {2}GET .*… +200$/.test(line))).toHaveLength(1);
  });

  it('follows a window that is made narrower', () => {
    let written = '';
    let columns = 100;
    const write = (text: string) => {
      written = text;
    };
    const terminal = createTerminal({ write, colour: false, columns: () => columns });
    terminal.chapter('One', '');
    terminal.wire(EXCHANGE);
    const before = written.length;
    columns = 72;
    terminal.begin();
    terminal.wire(EXCHANGE);
    expect(written).toHaveLength(before - 28);
  });
});
