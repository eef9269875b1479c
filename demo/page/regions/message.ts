import type { Ephemeral, MessageInThread, StoredMessage } from '../../../fakes/slack';
import { renderBlocks } from '../blocks';
import { clock } from '../dates';
import { type Html, html } from '../html';
import { type Look, mrkdwn } from '../mrkdwn';
import { authorOf, avatar } from '../people';

type Said = Pick<StoredMessage, 'ts' | 'user' | 'fromApp' | 'text' | 'blocks' | 'at'>;

/** Shows the blocks. `text` is shown only if there are none. */
const content = (look: Look, { text, blocks, ts }: Said): Html =>
  blocks.length > 0
    ? renderBlocks(look, blocks, { kind: 'message', ts })
    : html`<div class="text">${mrkdwn(look, text)}</div>`;

function frame(look: Look, said: Said, extra: { note?: Html; below?: Html; idPrefix?: string }): Html {
  const author = authorOf(look, said);
  const time = new Date(said.at).toISOString();
  const { note, below, idPrefix = 'm' } = extra;
  return html`<article class="message${note && ' private'}" id="${idPrefix}-${said.ts}" data-author="${author.name}" aria-label="${author.name}, ${clock(said.at)}">
${note}${avatar(author.id, author.name)}<div class="body"><p class="author"><b>${author.name}</b>${author.isApp && html` <span class="badge">APP</span>`} <time datetime="${time}">${clock(said.at)}</time></p>${content(look, said)}${below}</div></article>`;
}

export function message(look: Look, one: MessageInThread): Html {
  const { replies } = one;
  const last = replies.at(-1);
  if (!last) return frame(look, one, {});
  const count = `${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}`;
  const below = html`<button type="button" class="replies" data-thread="${one.ts}">${avatar(authorOf(look, last).id, authorOf(look, last).name)}<b>${count}</b> <span>Last at ${clock(last.at)}</span></button>`;
  return frame(look, one, { below });
}

export const reply = (look: Look, one: StoredMessage): Html => frame(look, one, { idPrefix: 't' });

const PRIVATE = html`<p class="only-you"><span aria-hidden="true">👁</span> Only visible to you</p>`;

/** Only one person sees it. Slack's own private messages come from Slackbot. */
export function ephemeral(look: Look, one: Ephemeral): Html {
  const fromSlack = one.from === 'slack';
  const said = { ...one, user: fromSlack ? 'slackbot' : '', fromApp: !fromSlack };
  return frame(look, said, { note: PRIVATE });
}
