import {
  aboutOf,
  DEMO_PROJECTS,
  linkedPools,
  notArchived,
  type Status,
  type TolokaAccount,
  type Wire,
} from '../../../fakes/toloka';
import { type Html, html } from '../html';

const STATUSES: readonly Status[] = ['OPEN', 'CLOSED', 'ARCHIVED', 'LOCKED'];

const nameOf = (row: Wire): string => String(row['private_name'] ?? '');

/** What a person could change on Toloka's own pages, for example to remove a blocker. */
const status = (kind: 'training' | 'pool', row: Wire): Html =>
  html`<select class="status ${row.status.toLowerCase()}" data-status="${kind}" data-id="${row.id}" id="status-${kind}-${row.id}" aria-label="Status of ${kind} ${row.id}">${STATUSES.map((one) => html`<option value="${one}" ${one === row.status && html`selected`}>${one}</option>`)}</select>`;

function poolsOf(account: TolokaAccount, training: Wire): Html | false {
  const own = linkedPools(account, training.id);
  if (own.length === 0) return false;
  const open = notArchived(own);
  const words = `${own.length} ${own.length === 1 ? 'pool' : 'pools'}${open > 0 ? `, ${open} not archived` : ''}`;
  return html`<details id="pools-${training.id}"><summary>${words}</summary><ul class="pools">${own.map(
    ({ pool, byProject }) =>
      html`<li><span>${nameOf(pool)}${byProject && html` <small>through its project</small>`}</span>${status('pool', pool)}</li>`,
  )}</ul></details>`;
}

export function trainings(account: TolokaAccount): Html {
  const rows = account.trainings().map(
    (one) => html`<li class="training" id="training-${one.id}" tabindex="-1">
<p class="first"><button type="button" class="use" data-use="${one.id}" title="Put the command into the message box">${one.id}</button><span class="name" title="${nameOf(one)}">${nameOf(one)}</span>${status('training', one)}</p>
<p class="about">${aboutOf(account, one) ?? ''}</p>${poolsOf(account, one)}</li>`,
  );
  const projects = Object.values(DEMO_PROJECTS).map((id) => account.getProject(id)?.['public_name']);
  return html`<h3>Trainings</h3><p class="lead">Projects “${String(projects[0])}” and “${String(projects[1])}”. Press an ID to archive that training.</p><ul class="trainings">${rows}</ul>`;
}

const SHOWN = 4;

/** The newest operations with their progress. */
export function operations(account: TolokaAccount): Html {
  const rows = account.operations().slice(-SHOWN).reverse();
  const list = rows.map((one) => {
    const progress = Number(one['progress'] ?? 0);
    const target = Object.values((one['parameters'] as object | undefined) ?? {}).join(', ');
    return html`<li id="operation-${one.id}"><p><code>${String(one['type'])}</code> ${target} <b class="op ${one.status.toLowerCase()}">${one.status}</b></p><p class="bar ${one.status.toLowerCase()}"><progress max="100" value="${progress}" aria-label="Progress of the operation on ${target}"></progress><span>${progress} %</span></p></li>`;
  });
  return html`<h3>Operations</h3>${rows.length === 0 ? html`<p class="lead">No operations yet.</p>` : html`<ul class="operations">${list}</ul>`}`;
}
