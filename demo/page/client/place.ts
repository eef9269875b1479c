/** Where the person is. It is kept in the page's address, so that two windows can be two people. */
export interface Place {
  user: string;
  at: string;
  thread: string;
}

const { dataset } = document.body;
const people = (dataset['people'] ?? '').split(' ');

function read(): Place {
  const asked = new URLSearchParams(location.search);
  const user = asked.get('user') ?? '';
  return {
    user: people.includes(user) ? user : (people[0] ?? ''),
    at: asked.get('at') ?? dataset['first'] ?? '',
    thread: asked.get('thread') ?? '',
  };
}

export let place: Place = read();

export function query({ user, at, thread }: Place = place): string {
  const known = new URLSearchParams({ user, at });
  if (thread !== '') known.set('thread', thread);
  return known.toString();
}

/** Each place is an entry of the browser's history, so that Back leads to the place before. */
export function setPlace(change: Partial<Place>): void {
  const before = query();
  place = { ...place, ...change };
  const address = `?${query()}`;
  if (query() === before) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
}

/** After Back or Forward. */
export function rereadPlace(): void {
  place = read();
}
