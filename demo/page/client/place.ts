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

export function setPlace(change: Partial<Place>): void {
  place = { ...place, ...change };
  history.replaceState(null, '', `?${query()}`);
}
