import type { Snapshot } from '../../../fakes/slack';
import { INVITE } from '../../invite';
import { type Html, html, NOTHING } from '../html';
import type { Look } from '../mrkdwn';
import { APP_NAME } from '../people';
import { channelAt, isApp, type Spot } from '../spot';
import { ephemeral, message } from './message';

type Channel = Snapshot['channels'][number];

const channelOf = (snapshot: Snapshot, spot: Spot): Channel | undefined =>
  snapshot.channels.find(({ id }) => id === channelAt(spot));

const tab = (spot: Spot, at: string, words: string): Html =>
  html`<button type="button" data-go="${at}" ${spot.at === at && html`aria-current="page"`}>${words}</button>`;

/** `botIn`: the channels in which the app's bot is. */
export function heading(snapshot: Snapshot, spot: Spot, botIn: ReadonlySet<string>): Html {
  const menu = html`<button type="button" class="menu" data-menu aria-expanded="false" aria-controls="sidebar" aria-label="Channels and apps">☰</button>`;
  if (isApp(spot)) {
    const tabs = [...(snapshot.homeTab ? [tab(spot, 'home', 'Home')] : []), tab(spot, 'app', 'Messages')];
    return html`${menu}<h2><span aria-hidden="true">📦</span> ${APP_NAME}</h2><nav class="tabs" aria-label="Tabs of the app">${tabs}</nav>`;
  }
  const channel = channelOf(snapshot, spot);
  const app = botIn.has(spot.at)
    ? html`<p><span aria-hidden="true">📦</span> ${APP_NAME} is in this channel</p>`
    : html`<p class="absent"><span aria-hidden="true">📦</span> ${APP_NAME} is not in this channel</p>`;
  return html`${menu}<h2><span aria-hidden="true">#</span> ${channel?.name ?? spot.at}</h2>${app}`;
}

/** Messages and private replies in the order in which they came. */
export function messages(look: Look, snapshot: Snapshot, spot: Spot): Html {
  const id = channelAt(spot);
  const said = (channelOf(snapshot, spot)?.messages ?? []).map((one) => ({
    ts: one.ts,
    html: message(look, one),
  }));
  const own = snapshot.ephemerals
    .filter(({ channel }) => channel === id)
    .map((one) => ({ ts: one.ts, html: ephemeral(look, one) }));
  const all = [...said, ...own].sort((a, b) => Number(a.ts) - Number(b.ts));
  if (all.length === 0) return empty(spot);
  return html`${all.map((one) => one.html)}`;
}

const empty = ({ at }: Spot): Html =>
  at === 'app'
    ? html`<div class="empty"><p>No messages yet. ${APP_NAME} writes to you here when a training that you wait for can be archived, and when it can’t reply in a channel.</p></div>`
    : html`<div class="empty"><h3>Try it</h3><p>Type <kbd>/toloka-archive 123456</kbd> below, or press the ID of a training in the Toloka account.</p></div>`;

/** The app's global shortcuts, as under Slack's message box. */
function shortcuts({ shortcuts: all }: Snapshot, { at }: Spot): Html {
  if (all.length === 0) return NOTHING;
  const items = all.map(
    ({ callbackId, name, description }) =>
      html`<button type="button" data-act="shortcut" data-shortcut="${callbackId}" data-channel="${at}"><b>${name}</b><span>${APP_NAME}${description !== undefined && ` · ${description}`}</span></button>`,
  );
  return html`<details class="popup above" id="shortcuts" data-popup><summary aria-label="Shortcuts" title="Shortcuts">⚡</summary><div>${items}</div></details>`;
}

/** The message box, or the reason why there is none. */
export function composer(snapshot: Snapshot, spot: Spot, isResetting: boolean): Html {
  if (spot.at === 'home') return NOTHING;
  if (isResetting) return html`<p class="closed" role="status">Resetting… The app is restarting.</p>`;
  if (spot.at === 'app') return html`<p class="closed">Sending messages to this app has been turned off.</p>`;
  const channel = channelOf(snapshot, spot);
  if (channel && !channel.isMember)
    return html`<p class="closed">You are not in <b>#${channel.name}</b>. <button type="button" class="button plain" data-act="join" data-channel="${channel.id}">Join channel</button></p>`;
  const id = `say-${spot.user}-${spot.at}`;
  const slack = { command: INVITE, usageHint: `@${APP_NAME}`, description: 'Add the app to this channel' };
  const commands = JSON.stringify([...(snapshot.commands ?? []), slack]);
  return html`<div class="box">${shortcuts(snapshot, spot)}<ul class="options" id="commands" role="listbox" aria-label="Commands" data-client hidden></ul>
<p class="usage" id="usage" data-client hidden></p>
<textarea id="${id}" rows="1" data-say="${spot.at}" data-commands="${commands}" aria-controls="commands" aria-autocomplete="list" aria-describedby="usage keys" aria-label="Message #${channel?.name ?? ''}" placeholder="Message #${channel?.name ?? ''}"></textarea>
<button type="button" class="send" data-send aria-label="Send">➤</button></div>
<p class="keys" id="keys"><b>/</b> for commands, <b>Tab</b> to complete, <b>Enter</b> to send, <b>Shift+Enter</b> for a new line</p>`;
}

export const botChannels = (asBot: Snapshot): ReadonlySet<string> =>
  new Set(asBot.channels.filter(({ isMember }) => isMember).map(({ id }) => id));
