/** Slack reads `&`, `<` and `>` in mrkdwn as its own; everything foreign goes through here. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** At most `limit` UTF-16 units, cut at a whole character, with an ellipsis where something is missing. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** A sign that formats has a word on one side only; inside a word (`my_training`) it is just a sign. */
const FORMATTING = /(?<![\p{L}\p{N}])[*_~`]|[*_~`](?![\p{L}\p{N}])/gu;

/**
 * Foreign text inside mrkdwn. Slack has no escape for `*`, `_`, `~` and backquotes, so where one could format, a
 * zero-width space is put on each side of it: it looks the same and formats nothing.
 */
export const foreign = (text: string, limit: number): string =>
  escapeText(clip(text.replaceAll(/\s+/g, ' '), limit)).replaceAll(FORMATTING, '\u200B$&\u200B');

/** A code, such as Toloka's own, in a form that can be copied. */
export const codeText = (code: string): string =>
  `\`${escapeText(clip(code.replaceAll('`', '’').replaceAll(/\s+/g, ' '), 100))}\``;

export const person = (id: string): string => (id === 'app' ? 'the app' : `<@${id}>`);

/** A link with our own words; the address comes from our own table and an id, so only its form is guarded. */
export const link = (url: string, words: string): string =>
  `<${escapeText(url).replaceAll('|', '%7C')}|${words}>`;

/** A moment (epoch ms) in each reader's own time zone, with UTC as the fallback. */
export const moment = (ms: number): string =>
  `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time_secs}|${new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')}>`;

/** A span in words: `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function span(ms: number): string {
  if (ms < 60_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
