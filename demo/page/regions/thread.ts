import type { Snapshot } from '../../../fakes/slack';
import { type Html, html, NOTHING } from '../html';
import { type Look, mrkdwn } from '../mrkdwn';
import { channelAt, type Spot } from '../spot';
import { reply } from './message';

/** The thread pane: the message's replies, oldest first. */
export function thread(look: Look, snapshot: Snapshot, spot: Spot): Html {
  if (spot.thread === undefined) return NOTHING;
  const channel = snapshot.channels.find(({ id }) => id === channelAt(spot));
  const root = channel?.messages.find(({ ts }) => ts === spot.thread);
  if (!root) return NOTHING;
  return html`<header><h2 tabindex="-1" id="thread-title">Thread</h2><p>#${channel?.name}</p><button type="button" class="close" data-thread="" aria-label="Close the thread">✕</button></header>
<p class="root">${mrkdwn(look, root.text)}</p>
<div class="scroll" id="replies" data-stick tabindex="0" role="group" aria-label="Replies">${root.replies.map((one) => reply(look, one))}</div>`;
}
