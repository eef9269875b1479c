import {
  aboutOf,
  DEMO_PROJECTS,
  linkedPools,
  notArchived,
  type Status,
  type Wire,
} from '../../../fakes/toloka';
import { environmentWords, type Shown } from '../accounts';
import { type Html, html } from '../html';

const STATUSES: readonly Status[] = ['OPEN', 'CLOSED', 'ARCHIVED', 'LOCKED'];

const nameOf = (row: Wire): string => String(row['private_name'] ?? '');

/** What a person could change on Toloka's own pages, for example to remove a blocker. */
const status = (environment: Shown['environment'], kind: 'training' | 'pool', row: Wire): Html =>
  html`<select class="status ${row.status.toLowerCase()}" data-status="${kind}" data-id="${row.id}" data-environment="${environment}" id="status-${environment}-${kind}-${row.id}" aria-label="Status of ${kind} ${row.id} in ${environment}">${STATUSES.map((one) => html`<option value="${one}" ${one === row.status && html`selected`}>${one}</option>`)}</select>`;

function poolsOf({ environment, account }: Shown, training: Wire): Html | false {
  const own = linkedPools(account, training.id);
  if (own.length === 0) return false;
  const open = notArchived(own);
  const words = `${own.length} ${own.length === 1 ? 'pool' : 'pools'}${open > 0 ? `, ${open} not archived` : ''}`;
  return html`<details id="pools-${environment}-${training.id}"><summary>${words}</summary><ul class="pools">${own.map(
    ({ pool, byProject }) =>
      html`<li><span>${nameOf(pool)}${byProject && html` <small>through its project</small>`}</span>${status(environment, 'pool', pool)}</li>`,
  )}</ul></details>`;
}

/** The lists of several accounts take turns, so that there is room for one. */
function accountOf(shown: Shown): Html {
  const { environment, account } = shown;
  // What is typed without an environment is for production.
  const command = (id: string) => (environment === 'production' ? id : `${id} ${environment}`);
  const all = account.trainings();
  const archived = all.filter((one) => one.status === 'ARCHIVED').length;
  const rows = all.map(
    (one) => html`<li class="training" id="training-${environment}-${one.id}" tabindex="-1">
<p class="first"><button type="button" class="use" data-use="${command(one.id)}" title="Put the command into the message box">${one.id}</button><span class="name" title="${nameOf(one)}">${nameOf(one)}</span>${status(environment, 'training', one)}</p>
<p class="about">${aboutOf(account, one) ?? ''}</p>${poolsOf(shown, one)}</li>`,
  );
  return html`<details class="account" name="account" id="account-${environment}" ${environment === 'production' && html`open`}><summary>${environmentWords(environment)} <small>${all.length} trainings, ${archived} archived</small></summary><ul class="trainings">${rows}</ul></details>`;
}

export function trainings(accounts: readonly [Shown, ...Shown[]]): Html {
  const names = Object.values(DEMO_PROJECTS).map((id) => accounts[0].account.getProject(id)?.['public_name']);
  return html`<h3>Trainings</h3><p class="lead">Projects “${String(names[0])}” and “${String(names[1])}”. Press an ID to put its command into the message box.</p>${accounts.map(accountOf)}`;
}

const SHOWN = 4;

/** The newest operations with their progress. */
export function operations(accounts: readonly Shown[]): Html {
  const all = accounts.flatMap(({ environment, account }) =>
    account
      .operations()
      .toReversed()
      .map((one) => ({ environment, one, at: String(one['submitted']) })),
  );
  const rows = all.sort((a, b) => b.at.localeCompare(a.at)).slice(0, SHOWN);
  const list = rows.map(({ environment, one }) => {
    const progress = Number(one['progress'] ?? 0);
    const target = Object.values((one['parameters'] as object | undefined) ?? {}).join(', ');
    return html`<li id="operation-${one.id}"><p><code>${String(one['type'])}</code> ${target} ${environmentWords(environment)} <b class="op ${one.status.toLowerCase()}">${one.status}</b></p><p class="bar ${one.status.toLowerCase()}"><progress max="100" value="${progress}" aria-label="Progress of the operation on ${target}"></progress><span>${progress} %</span></p></li>`;
  });
  return html`<h3>Operations</h3>${rows.length === 0 ? html`<p class="lead">No operations yet.</p>` : html`<ul class="operations">${list}</ul>`}`;
}
