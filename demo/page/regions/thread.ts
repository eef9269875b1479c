import type { Snapshot } from '../../../fakes/slack';
import { type Html, html, NOTHING } from '../html';
import type { Look } from '../mrkdwn';
import { channelAt, type Spot } from '../spot';
import { reply } from './message';

/** The thread pane: the message and its replies, oldest first. */
export function thread(look: Look, snapshot: Snapshot, spot: Spot): Html {
  if (spot.thread === undefined) return NOTHING;
  const channel = snapshot.channels.find(({ id }) => id === channelAt(spot));
  const root = channel?.messages.find(({ ts }) => ts === spot.thread);
  if (!root) return NOTHING;
  return html`<header><h2 tabindex="-1" id="thread-title">Thread</h2><p>#${channel?.name}</p><button type="button" class="close" data-thread="" aria-label="Close the thread">✕</button></header>
<div class="scroll" id="talk" data-stick tabindex="0" role="group" aria-label="Messages of the thread"><div class="root">${reply(look, root)}</div>
<div id="replies">${root.replies.map((one) => reply(look, one))}</div></div>`;
}
