import type { Snapshot } from '../../../fakes/slack';
import { type Html, html } from '../html';
import { APP_NAME } from '../people';
import { isApp, type Spot } from '../spot';

const entry = (here: boolean, at: string, sign: string, words: string): Html =>
  html`<li><button type="button" data-go="${at}" ${here && html`aria-current="page"`}><span aria-hidden="true">${sign}</span> ${words}</button></li>`;

/** The workspace's name, the channels that this person can see, and the app. */
export function sidebar(snapshot: Snapshot, spot: Spot): Html {
  const channels = snapshot.channels.filter(({ kind }) => kind !== 'im');
  return html`<h2 class="team">Demo workspace</h2>
<h3>Channels</h3>
<ul>${channels.map(({ id, name, kind }) => entry(spot.at === id, id, kind === 'private' ? '🔒' : '#', name))}</ul>
<h3>Apps</h3>
<ul>${entry(isApp(spot), snapshot.homeTab ? 'home' : 'app', '📦', APP_NAME)}</ul>`;
}
