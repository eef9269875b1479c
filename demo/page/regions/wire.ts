import { environmentSign, type Shown } from '../accounts';
import { clockWithSeconds } from '../dates';
import { type Html, html } from '../html';
import type { Switch } from '../switches';

const SHOWN = 60;

const mood = (status: number | string): string => {
  if (status === 'pending') return 'pending';
  return typeof status === 'number' && status < 400 ? 'fine' : 'bad';
};

/** The requests to Toloka, newest first. The POST that archives is highlighted. */
export function wire(accounts: readonly Shown[]): Html {
  const all = accounts.flatMap(({ environment, account }) =>
    account.exchanges.map((one) => ({ environment, ...one })),
  );
  const rows = all.sort((a, b) => b.at - a.at || b.n - a.n).slice(0, SHOWN);
  const posts = all.filter(({ method }) => method === 'POST').length;
  const list = rows.map(({ environment, n, at, method, path, query, status, ms }) => {
    const words = status === 'lost' ? 'no answer' : status === 'pending' ? '…' : String(status);
    return html`<li id="x-${environment}-${n}" class="${method.toLowerCase()}"><time>${clockWithSeconds(at)}</time> <b>${method}</b> <span class="path" title="${path}${query && `?${query}`}">${environmentSign(environment)}${path.replace(/^\/api/, '')}${query !== '' && html`<small>?${decodeURIComponent(query)}</small>`}</span> <span class="answer ${mood(status)}">${words}${ms !== undefined && html`<small> ${ms}ms</small>`}</span></li>`;
  });
  const count = `${posts} POST, ${all.length - posts} GET`;
  return html`<h3>Requests to Toloka <small>${count}</small></h3>${rows.length === 0 ? html`<p class="lead">No requests yet.</p>` : html`<ol class="wire" tabindex="0" aria-label="Requests to Toloka">${list}</ol>`}`;
}

export function switches(all: readonly Switch[], isResetting: boolean): Html {
  const boxes = all.map(
    ({ id, label, about, isOn }) =>
      html`<label class="switch" title="${about}"><input type="checkbox" role="switch" id="switch-${id}" data-switch="${id}" ${isOn() && html`checked`}><span>${label}</span></label>`,
  );
  return html`<h3>What can go wrong</h3><div class="switches">${boxes}</div><p><button type="button" class="button plain" data-act="reset">${isResetting ? 'Resetting…' : 'Reset the demo'}</button></p>`;
}
