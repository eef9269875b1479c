/** Prepares the output of `renderText` for a terminal: emoji, bold text, and lines that fit. */

/** The emoji that the app uses; any other keeps its name. */
const EMOJI: Record<string, string> = {
  ':white_check_mark:': '✅',
  ':no_entry:': '⛔',
  ':no_entry_sign:': '🚫',
  ':warning:': '⚠️ ',
  ':hourglass_flowing_sand:': '⏳',
  ':question:': '❓',
  ':x:': '❌',
  ':leftwards_arrow_with_hook:': '↩️ ',
  ':twisted_rightwards_arrows:': '🔀',
  ':factory:': '🏭',
  ':test_tube:': '🧪',
  ':memo:': '📝',
  ':eyes:': '👀',
  ':alarm_clock:': '⏰',
};

export interface Styles {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  accent(text: string): string;
}

export function createStyles(colour: boolean): Styles {
  const as = (on: number, off: number) => (text: string) =>
    colour && text !== '' ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  return { bold: as(1, 22), dim: as(2, 22), good: as(32, 39), bad: as(31, 39), accent: as(36, 39) };
}

const ZERO_WIDTH = /\u200B/g;
const DATE = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;

/** The time of day is enough: everything here happened a moment ago. */
const localTime = (iso: string): string => new Date(iso).toLocaleTimeString('en-GB');

export const readable = (text: string): string =>
  text
    .replace(/:[a-z_]+:/g, (name) => EMOJI[name] ?? name)
    .replace(DATE, localTime)
    .replace(ZERO_WIDTH, '');

/** Shows what Slack shows in bold. Marks of italics, and of bold without colour, are only removed. */
export const emphasised = (text: string, { bold }: Styles): string =>
  text
    .replace(/(?<![\p{L}\p{N}*])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?![\p{L}\p{N}*])/gu, (_, inner: string) =>
      bold(inner),
    )
    .replace(/(?<![\p{L}\p{N}_])_(\p{L}[\p{L}\p{N} ,:’]*)_(?![\p{L}\p{N}_])/gu, '$1');

/** Unicode's private-use area, which has no characters of its own. */
const APART = 0xe000;
const moved = (by: number) => (sign: string) => String.fromCharCode(sign.charCodeAt(0) + by);

/** Hides plain text from `readable` and `emphasised`, so that they change nothing in it. @see putBack */
export const asIs = (text: string): string => text.replace(/[!-~]/g, moved(APART));
/** Restores what `asIs` has hidden. Call it last, right before writing. */
export const putBack = (text: string): string => text.replace(/[\ue021-\ue07e]/g, moved(-APART));

/** Breaks lines at spaces. A continued line is indented like its first part. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const indent = /^\s*(?:• )?/.exec(line)?.[0].length ?? 0;
    const lines: string[] = [];
    let rest = line;
    while (rest.length > width) {
      const space = rest.lastIndexOf(' ', width);
      const cut = space > indent ? space : width;
      lines.push(rest.slice(0, cut).trimEnd());
      rest = ' '.repeat(indent) + rest.slice(cut).trimStart();
    }
    return [...lines, rest];
  });
}
