/** Connects the events of the page to what they do. */
import { type ActReply, post } from './act';
import { composerInput, composerKey, restoreDraft, sendText, setText } from './composer';
import { all, byId } from './dom';
import { choose, fieldChanged, focusField, searchKey, searchTyped, valuesOf } from './fields';
import { changeSide, dialog, settleFocus, showSide, trapFocus } from './focus';
import { flashSoon, follow } from './links';
import { type Place, place, rereadPlace, setPlace } from './place';
import { connect } from './stream';

let whenDrawn: (() => void) | undefined;

function drawn(): void {
  restoreDraft();
  settleFocus();
  for (const one of all('[data-person]'))
    one.setAttribute('aria-pressed', String(one.dataset['person'] === place.user));
  whenDrawn?.();
  whenDrawn = undefined;
}

function go(change: Partial<Place>, then?: () => void): void {
  setPlace(change);
  show(then);
  if (place.at === 'home' && change.thread === undefined) void post({ act: 'home' });
}

function show(then?: () => void): void {
  whenDrawn = then;
  showMenu(false);
  connect(drawn);
}

function showMenu(open: boolean): void {
  document.body.dataset['drawer'] = open ? 'open' : 'none';
  for (const one of all('[data-menu]')) one.setAttribute('aria-expanded', String(open));
}

/** One act at a time for each window or message. The spinner turns until the reply comes. */
async function busy(button: HTMLElement, act: { act: string; [field: string]: unknown }): Promise<ActReply> {
  const holder = button.closest<HTMLElement>('.dialog, .message, .home') ?? button;
  if (holder.dataset['busy']) return {};
  holder.dataset['busy'] = 'yes';
  button.setAttribute('aria-busy', 'true');
  const reply = await post(act);
  delete holder.dataset['busy'];
  button.removeAttribute('aria-busy');
  return reply;
}

async function submit(button: HTMLElement, view: string): Promise<void> {
  const { wrong = [] } = await busy(button, { act: 'submit', view, values: valuesOf(view) });
  if (wrong.length > 0) focusField(view, wrong);
}

function press(button: HTMLElement): void {
  const { act, view, action, message, surface, channel, confirm: question } = button.dataset;
  if (act === 'click') {
    if (question && !confirm(question)) return;
    const values = view ? valuesOf(view) : [];
    void busy(button, { act, action, message, surface, view, values });
  } else if (act === 'submit') void submit(button, view ?? '');
  else if (act === 'close') void post({ act, view });
  else if (act === 'join') void post({ act, channel });
  else if (act === 'reset') void busy(button, { act }).then(() => go({ thread: '' }));
}

function openThread(ts: string): void {
  const from = place.thread;
  go({ thread: ts }, () => {
    if (ts !== '') byId('thread-title').focus();
    else document.querySelector<HTMLElement>(`[data-thread="${CSS.escape(from)}"]`)?.focus();
  });
}

function use(id: string): void {
  showSide('slack');
  const fill = () => setText(`/toloka-archive ${id}`);
  const writes = document.querySelector('textarea[data-say]') !== null;
  if (writes) fill();
  else go({ at: document.body.dataset['first'] ?? '', thread: '' }, fill);
}

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : undefined;
  const hit = target?.closest<HTMLElement>(
    '[data-act],[data-go],[data-thread],[data-person],[data-use],[data-outside],[data-send],[data-complete],[data-choose],[data-menu],[data-side-button]',
  );
  if (!hit || hit === document.body) return;
  const { dataset } = hit;
  if (dataset['act']) press(hit);
  else if (dataset['go'] !== undefined) go({ at: dataset['go'], thread: '' });
  else if (dataset['thread'] !== undefined) openThread(dataset['thread']);
  else if (dataset['person']) go({ user: dataset['person'], thread: '' });
  else if (dataset['use']) use(dataset['use']);
  else if (dataset['complete']) setText(`${dataset['complete']} `);
  else if (dataset['choose'] !== undefined) choose(hit);
  else if (dataset['send'] !== undefined) void sendText();
  else if (dataset['menu'] !== undefined) showMenu(document.body.dataset['drawer'] !== 'open');
  else if (dataset['sideButton']) showSide(dataset['sideButton']);
  else if (dataset['outside']) {
    event.preventDefault();
    follow(dataset['outside'], (at, message) => {
      const open = dialog()?.dataset['dialog'];
      if (open) void post({ act: 'close', view: open });
      go({ at, thread: '' }, () => flashSoon(message));
    });
  }
});

document.addEventListener('keydown', (event) => {
  if (searchKey(event)) {
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  if (composerKey(event)) return;
  trapFocus(event);
  if (event.key === 'F6') {
    event.preventDefault();
    changeSide();
  }
  const open = dialog();
  if (
    event.key === 'Enter' &&
    open &&
    event.target instanceof HTMLInputElement &&
    open.contains(event.target)
  ) {
    open.querySelector<HTMLElement>('[data-act="submit"]')?.click();
  }
  if (event.key !== 'Escape') return;
  if (open) void post({ act: 'close', view: open.dataset['dialog'] });
  else if (place.thread !== '') openThread('');
  else showMenu(false);
});

document.addEventListener('input', ({ target }) => {
  composerInput(target);
  searchTyped(target);
});

document.addEventListener('change', ({ target }) => {
  fieldChanged(target);
  if (target instanceof HTMLInputElement && target.dataset['switch']) {
    void post({ act: 'switch', id: target.dataset['switch'], on: target.checked });
  }
  if (target instanceof HTMLSelectElement && target.dataset['status']) {
    void post({
      act: 'status',
      kind: target.dataset['status'],
      id: target.dataset['id'],
      status: target.value,
    });
  }
});

window.addEventListener('popstate', () => {
  rereadPlace();
  show();
});
// A field's change is sent when it loses the focus, which a reload would leave out.
window.addEventListener('pagehide', () => fieldChanged(document.activeElement));

go({});
