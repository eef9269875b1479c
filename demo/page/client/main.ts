/** Connects the events of the page to what they do. */
import { type ActReply, post } from './act';
import { composerInput, composerKey, restoreDraft, sendText, setText } from './composer';
import { answer, confirmed, isAsking } from './confirm';
import { all, byId } from './dom';
import { fieldChanged, fieldKey, focusField, valuesOf } from './fields';
import { changeSide, dialog, settleFocus, showSide, trapFocus } from './focus';
import { flashSoon, follow } from './links';
import { type Place, place, rereadPlace, setPlace } from './place';
import { closePopups, leavePopup } from './popup';
import {
  choose,
  searchClicked,
  searchEntered,
  searchKey,
  searchLeft,
  searchQuiet,
  searchTyped,
  unchoose,
} from './search';
import { connect, toEnd } from './stream';

let whenDrawn: (() => void) | undefined;

function drawn(): void {
  restoreDraft();
  settleFocus();
  for (const one of all('[data-person]'))
    one.setAttribute('aria-pressed', String(one.dataset['person'] === place.user));
  whenDrawn?.();
  whenDrawn = undefined;
}

const TABS: Record<string, string> = { home: 'home', app: 'messages' };

function go(change: Partial<Place>, then?: () => void): void {
  setPlace(change);
  show(then);
  // Whoever opens a thread is there already.
  if (change.at !== undefined || change.user !== undefined) enter();
}

/** Slack reports when a person enters a tab of the app. */
function enter(): void {
  const tab = TABS[place.at];
  if (tab) void post({ act: 'home', tab });
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
  if (wrong.length === 0) return toEnd();
  focusField(view, wrong);
  searchQuiet();
}

async function click(button: HTMLElement): Promise<void> {
  const { view, action, message, surface, block, option, outside, confirm: question } = button.dataset;
  if (question && !(await confirmed(question))) return;
  if (outside) followOut(outside);
  const values = view ? valuesOf(view) : [];
  await busy(button, { act: 'click', action, message, surface, view, values, block, option });
}

function followOut(address: string): void {
  follow(address, (at, message) => {
    const open = dialog()?.dataset['dialog'];
    if (open) void post({ act: 'close', view: open });
    go({ at, thread: '' }, () => flashSoon(message));
  });
}

function press(button: HTMLElement): void {
  const { act, view, channel, shortcut } = button.dataset;
  if (act === 'click') void click(button);
  else if (act === 'shortcut') void post({ act, shortcut, channel });
  else if (act === 'submit') void submit(button, view ?? '');
  else if (act === 'close') void post({ act, view });
  else if (act === 'join') void post({ act, channel });
  else if (act === 'reset') void busy(button, { act }).then(() => go({ at: place.at, thread: '' }));
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
  // The button of a menu opens and closes it by itself. An item closes it.
  closePopups(target?.closest('summary')?.parentElement);
  searchClicked(event.target);
  const hit = target?.closest<HTMLElement>(
    '[data-act],[data-go],[data-thread],[data-person],[data-use],[data-outside],[data-send],[data-complete],[data-choose],[data-unchoose],[data-answer],[data-menu],[data-side-button]',
  );
  if (!hit || hit === document.body) return;
  const { dataset } = hit;
  if (dataset['act']) press(hit);
  else if (dataset['go'] !== undefined) go({ at: dataset['go'], thread: '' });
  else if (dataset['thread'] !== undefined) openThread(dataset['thread']);
  else if (dataset['person']) go({ user: dataset['person'], thread: '' });
  else if (dataset['use']) use(dataset['use']);
  else if (dataset['complete']) setText(`${dataset['complete']} `);
  else if (dataset['choose'] !== undefined) void choose(hit);
  else if (dataset['unchoose'] !== undefined) void unchoose(hit);
  else if (dataset['answer'] !== undefined) answer(dataset['answer']);
  else if (dataset['send'] !== undefined) void sendText();
  else if (dataset['menu'] !== undefined) showMenu(document.body.dataset['drawer'] !== 'open');
  else if (dataset['sideButton']) showSide(dataset['sideButton']);
  else if (dataset['outside']) {
    event.preventDefault();
    followOut(dataset['outside']);
  }
});

// A click on an option leaves the focus in the search field.
document.addEventListener('mousedown', (event) => {
  if (event.target instanceof Element && event.target.closest('[data-choose]')) event.preventDefault();
});
document.addEventListener('focusin', ({ target }) => searchEntered(target));
document.addEventListener('focusout', ({ target }) => searchLeft(target));

document.addEventListener('keydown', (event) => {
  // The browser handles the keys of its own dialog.
  if (isAsking()) return;
  if (searchKey(event)) {
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  if (composerKey(event) || fieldKey(event)) return;
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
  if (event.key !== 'Escape' || leavePopup()) return;
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
      environment: target.dataset['environment'],
      status: target.value,
    });
  }
});

window.addEventListener('popstate', () => {
  rereadPlace();
  show();
  enter();
});
// A field's change is sent when it loses the focus, which a reload would leave out.
window.addEventListener('pagehide', () => fieldChanged(document.activeElement));

go({ at: place.at });
