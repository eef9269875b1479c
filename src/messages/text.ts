import type { Button, KnownBlock, SectionBlock } from '@slack/types';

/** Slack reads `&`, `<` and `>` in mrkdwn as its own. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A link or mention, an entity, a neutralized sign, or one character: what must not be cut in the middle. */
const TOKENS = /<[^<>]*>|&(?:amp|lt|gt);|\u200B[*_~`]\u200B|[\s\S]/gu;

/** Cuts text to `limit` UTF-16 units, with an ellipsis where something is missing. Never cuts inside a link or entity. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let cut = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (cut.length + token.length > limit - 1) break;
    cut += token;
  }
  return `${cut}…`;
}

/** Joins the first `most` lines and counts the others: "and 7 more". */
export function joinLines(lines: readonly string[], most: number): string {
  const left = lines.length - most;
  return [...lines.slice(0, most), ...(left > 0 ? [`• and ${left} more`] : [])].join('\n');
}

/** Characters that show nothing and change how others are shown: controls, half characters, text direction. */
const CONTROLS = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
/** Signs that could format: those with a letter or digit on both sides (`my_training`) cannot. */
const FORMATTING = /(?<![\p{L}\p{N}])[*_~`]|[*_~`](?![\p{L}\p{N}])/gu;
/** The first colon of something like `:smile:`. */
const SHORTCODE = /:(?=[^\s:]+:)/g;

/**
 * Makes untrusted text safe in mrkdwn: it is one line of at most `limit` characters, pings nobody and formats nothing.
 * Slack has no escape for `*`, `_`, `~`, backquotes and `:emoji:`, so a zero-width space is put beside them.
 */
export function escapeUntrusted(text: string, limit: number): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll(CONTROLS, '').trim();
  const escaped = escapeText(line)
    .replaceAll(FORMATTING, '\u200B$&\u200B')
    .replaceAll(SHORTCODE, ':\u200B')
    // At the start of a line it would be a quotation.
    .replace(/^&gt;/, '\u200B&gt;');
  return clip(escaped, limit);
}

/** An ID, or the name of an environment. */
export const idText = (id: string): string => escapeUntrusted(id, 40);

const SHOWS_NOTHING = /^[\s\u2800\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]*$/u;
const NO_NAME = '(no name)';

/** Untrusted text as the name of something. A name that shows nothing gets a stand-in. */
export const nameText = (name: string, limit: number): string =>
  SHOWS_NOTHING.test(name) ? NO_NAME : escapeUntrusted(name, limit);

/** The same for plain text, where nothing is formatted. */
export function plainName(name: string, limit: number): string {
  if (SHOWS_NOTHING.test(name)) return NO_NAME;
  const line = name.replaceAll(/\s+/g, ' ').replaceAll(CONTROLS, '').trim();
  // Not `clip`: for it, all of `<…>` is a link, which must not be cut.
  return line.length <= limit ? line : `${line.slice(0, limit - 1).replace(/\p{Cs}$/u, '')}…`;
}

/** A code, such as one of Toloka's, in a form that can be copied. */
export const codeText = (code: string): string => {
  const line = code.replaceAll('`', '’').replaceAll(/\s+/g, ' ').replaceAll(CONTROLS, '');
  return `\`${clip(escapeText(line), 100)}\``;
};

/** A mention of a person by ID. */
export const person = (id: string): string => `<@${id}>`;

/**
 * A link, or the words alone for an address that is none of the web: `<!channel|…>` would be a mention. `words` is mrkdwn,
 * so untrusted words must be escaped.
 */
export const link = (url: string, words: string): string =>
  /^https?:\/\/\S+$/i.test(url) ? `<${escapeText(url).replaceAll('|', '%7C')}|${words}>` : words;

/** A moment (epoch ms) to the minute, in each reader's own time zone, with UTC as the fallback. */
export const moment = (ms: number): string =>
  date(ms, '{date_short_pretty} {time}', `${new Date(ms).toISOString().slice(0, 16)}Z`);

/**
 * The same to the second: for the thread, which is the record, and for when a plan was read, so that people see that it
 * was read again.
 */
export const exactMoment = (ms: number): string =>
  date(ms, '{date_short_pretty} {time_secs}', `${new Date(ms).toISOString().slice(0, 19)}Z`);

/** @see https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
const date = (ms: number, format: string, fallback: string): string =>
  `<!date^${Math.floor(ms / 1000)}^${format}|${fallback}>`;

/** A duration (ms) in words: `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function span(ms: number): string {
  if (ms < 60_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** Text in which Slack formats nothing and pings nobody. Line breaks are kept. */
export const plain = (text: string) =>
  ({
    type: 'plain_text',
    text: text.replaceAll(/[\p{Cs}\u202A-\u202E\u2066-\u2069]/gu, ''),
    emoji: false,
  }) as const;

/** `verbatim`: Slack links no addresses, channels or people that only look like such in untrusted text. */
const mrkdwn = (text: string, limit: number) =>
  ({ type: 'mrkdwn', text: clip(text, limit), verbatim: true }) as const;

export const section = (text: string): SectionBlock => ({ type: 'section', text: mrkdwn(text, 3000) });

/** The same blocks with their texts cut to `limit`. */
export const shortened = (blocks: readonly KnownBlock[], limit: number): KnownBlock[] =>
  blocks.map((block) =>
    block.type === 'section' && block.text?.type === 'mrkdwn' ? section(clip(block.text.text, limit)) : block,
  );

/** Whether Slack takes a message with these blocks. It refuses more than about 13,200 characters in all of them. */
export const fitsMessage = (blocks: readonly KnownBlock[]): boolean =>
  JSON.stringify(blocks).length <= 13_000;

export const context = (text: string): KnownBlock => ({ type: 'context', elements: [mrkdwn(text, 3000)] });

export const fields = (pairs: readonly (readonly [string, string])[]): KnownBlock => ({
  type: 'section',
  fields: pairs.map(([name, value]) => mrkdwn(`*${name}*\n${value}`, 2000)),
});

/** The buttons under a card. */
export const actions = (...elements: Button[]): KnownBlock => ({
  type: 'actions',
  block_id: 'card_actions',
  elements,
});

export const button = (
  text: string,
  action_id: string,
  value: string,
  more: Pick<Button, 'style' | 'confirm'> = {},
): Button => ({ type: 'button', action_id, value, text: plain(text), ...more });
