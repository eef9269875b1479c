/**
 * Slack's mrkdwn as HTML.
 *
 * Imitated (docs "Formatting message text"): entities in angle brackets, the three escapes, bold, italics, strike,
 * code, quotes, emoji names, line breaks. An escaped `&lt;!channel&gt;` is text and never a mention. Guessed, and relied
 * on by the app's messages: a mark next to a zero-width space formats nothing. Not imitated: links from bare addresses.
 */
import { dateEntity } from './dates';
import { emoji } from './emoji';
import { type Html, html, NOTHING, raw } from './html';

/** Whose screen it is, and the names behind the IDs on it. */
export interface Look {
  now: number;
  nameOf(id: string): string | undefined;
  /** Whether a mention of this person or user group is one of whose screen it is. */
  isMine(id: string): boolean;
}

const TOKEN =
  /```([\s\S]+?)```|`(?!\u200B)([^`\n]+)(?<!\u200B)`|<([^<>\n]+)>|:([a-z0-9_+-]+):|(?<![\p{L}\p{N}])([*_~])(?![\s\u200B])([^\n]+?)(?<![\s\u200B])\5(?![\p{L}\p{N}])/gu;

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

const words = (text: string): Html => raw(html`${unescaped(text)}`.html.replaceAll('\n', '<br>'));

function mention(look: Look, id: string, sign: string, label?: string): Html {
  const name = look.nameOf(id) ?? label ?? id;
  return html`<span class="mention${look.isMine(id) ? ' mine' : ''}">${sign}${name.replace(/^[@#]/, '')}</span>`;
}

/** Links do not leave the demo: the client shows their target instead. */
function link(target: string, label: string | undefined): Html {
  const address = unescaped(target);
  if (!/^(https?:|mailto:)/i.test(address)) return words(label ?? target);
  const shown = label === undefined ? html`${address}` : words(label);
  return html`<a href="#" class="link" data-outside="${address}" title="${address}">${shown}</a>`;
}

function entity(look: Look, inner: string): Html {
  const [target = '', label] = inner.split('|');
  if (target.startsWith('@')) return mention(look, target.slice(1), '@', label);
  if (target.startsWith('#')) return mention(look, target.slice(1), '#', label);
  if (target.startsWith('!subteam^')) return mention(look, target.slice(9), '@', label);
  if (target.startsWith('!date^')) {
    const date = dateEntity(target.slice(1), look.now);
    return date
      ? html`<time datetime="${date.iso}" title="${date.iso}">${date.words}</time>`
      : words(label ?? '');
  }
  if (target.startsWith('!')) return html`<span class="mention mine broadcast">@${target.slice(1)}</span>`;
  return link(target, label);
}

const TAGS: Record<string, string> = { '*': 'strong', _: 'em', '~': 's' };

function inline(look: Look, text: string): Html {
  const parts: Html[] = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, block, code, bracket, name, sign, inner] = match;
    parts.push(words(text.slice(from, match.index)));
    from = match.index + whole.length;
    if (block !== undefined) parts.push(html`<pre>${unescaped(block)}</pre>`);
    else if (code !== undefined) parts.push(html`<code>${unescaped(code)}</code>`);
    else if (bracket !== undefined) parts.push(entity(look, bracket));
    else if (name !== undefined) parts.push(emojiOr(name, whole));
    else if (sign !== undefined && inner !== undefined) {
      const tag = raw(TAGS[sign] ?? 'span');
      parts.push(html`<${tag}>${inline(look, inner)}</${tag}>`);
    }
  }
  return html`${parts}${words(text.slice(from))}`;
}

function emojiOr(name: string, whole: string): Html {
  const sign = emoji(name);
  return sign
    ? html`<span class="emoji" role="img" aria-label="${name.replaceAll('_', ' ')}">${sign}</span>`
    : html`${whole}`;
}

export function mrkdwn(look: Look, text: string): Html {
  if (text === '') return NOTHING;
  const lines = text.split(/(?:^|\n)(&gt; ?[^\n]*)(?:\n|$)/);
  return html`${lines.map((line, index) => (index % 2 === 1 ? html`<blockquote>${inline(look, line.replace(/^&gt; ?/, ''))}</blockquote>` : inline(look, line)))}`;
}

/** plain_text shows its characters as they are. Only emoji names become emoji, unless `emoji` is false. */
export function plainText(text: { text: string; emoji?: unknown }): Html {
  if (text.emoji === false) return html`${text.text}`;
  const parts = text.text.split(/:([a-z0-9_+-]+):/);
  return html`${parts.map((part, index) => (index % 2 === 1 ? emojiOr(part, `:${part}:`) : part))}`;
}
