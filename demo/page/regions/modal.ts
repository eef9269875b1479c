import type { OpenView, Snapshot } from '../../../fakes/slack';
import { renderBlocks } from '../blocks';
import { type Html, html, NOTHING } from '../html';
import type { Look } from '../mrkdwn';
import { APP_NAME } from '../people';

const placeOf = ({ id, values, errors }: OpenView, surface: 'modal' | 'home', visible: Snapshot) =>
  ({ kind: 'view', surface, id, values, errors, visible }) as const;

/** The topmost modal, over the channel. */
export function modal(look: Look, snapshot: Snapshot): Html {
  const view = snapshot.modals.at(-1);
  if (!view) return NOTHING;
  const { id, title, submit, close, notice, blocks } = view;
  return html`<div class="dialog" id="dialog-${id}" role="dialog" aria-modal="true" aria-labelledby="title-${id}" tabindex="-1" data-dialog="${id}">
<header><span class="avatar app" aria-hidden="true">📦</span><h2 id="title-${id}">${title?.text ?? APP_NAME}</h2><button type="button" class="close" data-act="close" data-view="${id}" aria-label="Close">✕</button></header>
${notice !== '' && html`<p class="notice" role="alert"><span aria-hidden="true">⚠️</span> ${notice}</p>`}
<div class="scroll" aria-live="polite">${renderBlocks(look, blocks, placeOf(view, 'modal', snapshot))}</div>
<footer><p class="by">${APP_NAME}</p><button type="button" class="button plain" data-act="close" data-view="${id}">${close?.text ?? 'Close'}</button>${submit && html`<button type="button" class="button primary" data-act="submit" data-view="${id}"><span class="spinner" aria-hidden="true"></span>${submit.text}</button>`}</footer></div>`;
}

export function home(look: Look, snapshot: Snapshot): Html {
  const view = snapshot.home;
  if (!view)
    return html`<div class="empty"><h3>No Home tab</h3><p>${snapshot.homeTab ? `${APP_NAME} has published no Home tab for you.` : `${APP_NAME} has no Home tab.`}</p></div>`;
  return html`<div class="home">${renderBlocks(look, view.blocks, placeOf(view, 'home', snapshot))}</div>`;
}
