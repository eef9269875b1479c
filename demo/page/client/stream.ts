/** The events that carry the screen. The browser reconnects by itself and then gets the whole screen again. */
import { all, byId } from './dom';
import { morph } from './morph';
import { place, query } from './place';

type Hook = (changed: ReadonlySet<string>) => void;

let source: EventSource | undefined;
/** The screen that was drawn last. Only its later changes are announced. */
let drawn = '';

const nearEnd = (one: HTMLElement) => one.scrollHeight - one.scrollTop - one.clientHeight < 40;

/** Shows the end of the conversation, where the reply to what a person sent or submitted appears. */
export function toEnd(): void {
  if (place.at !== 'home') byId('messages').scrollTop = byId('messages').scrollHeight;
}

function draw(regions: Record<string, string>, hook: Hook): void {
  const spot = query();
  const moved = spot !== drawn;
  drawn = spot;
  const atEnd = new Set(all('[data-stick]').filter(nearEnd));
  const before = firstLines();
  for (const [name, markup] of Object.entries(regions)) morph(byId(name), markup);
  document.body.dataset['pane'] =
    place.thread !== '' && byId('thread').childElementCount > 0 ? 'open' : 'none';
  document.body.dataset['at'] = place.at;
  // Only now, because beside a thread the same text takes more lines.
  for (const one of all('[data-stick]')) {
    if (place.at === 'home' && one.id === 'messages') {
      if (moved) one.scrollTop = 0;
    } else if (moved || atEnd.has(one)) one.scrollTop = one.scrollHeight;
  }
  if (!moved) announce(before);
  hook(new Set(Object.keys(regions)));
}

const firstLines = (): Map<string, string> =>
  new Map(
    all('#messages .message, #replies .message').map((one) => [
      one.id,
      `${one.dataset['author']}: ${one.querySelector('.text')?.textContent ?? ''}`,
    ]),
  );

/** Announces new messages and changed first lines. A card's first line is its state; its progress is further down. */
function announce(before: ReadonlyMap<string, string>): void {
  const fresh = [...firstLines()].filter(([id, words]) => before.get(id) !== words);
  if (fresh.length > 0) byId('announce').textContent = fresh.map(([, words]) => words).join('. ');
}

export function connect(hook: Hook): void {
  source?.close();
  const mine = new EventSource(`/events?${query()}`);
  source = mine;
  mine.onmessage = ({ data }) => {
    byId('lost').hidden = true;
    draw(JSON.parse(String(data)) as Record<string, string>, hook);
    document.body.dataset['ready'] = query();
  };
  mine.onerror = () => {
    byId('lost').hidden = false;
    // A browser gives up if the answer is not an event stream. A demo that restarts is worth another try.
    if (mine.readyState === EventSource.CLOSED && source === mine)
      setTimeout(() => source === mine && connect(hook), 1_000);
  };
}
