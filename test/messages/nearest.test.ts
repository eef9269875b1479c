import { nearestWord } from '../../src/messages/nearest';

const WORDS = ['list', 'status', 'history', 'check', 'pause', 'resume', 'help'];

it.each([
  // A letter too many, missing, wrong, or swapped with its neighbor.
  ['lists', 'list'],
  ['lst', 'list'],
  ['lisz', 'list'],
  ['lits', 'list'],
  ['ilst', 'list'],
  ['histroy', 'history'],
  ['hsitroy', 'history'],
  ['hstroy', 'history'],
  ['staus', 'status'],
  // Two slips in a short word could mean anything.
  ['less', undefined],
  ['clack', undefined],
  ['hsitoyr2', undefined],
  ['training', undefined],
  ['', undefined],
])('%j is close to %s', (typed, word) => {
  expect(nearestWord(typed, WORDS)).toBe(word);
});

it('prefers the closest', () => {
  expect(nearestWord('status', ['statue', 'status', 'statuses'])).toBe('status');
  expect(nearestWord('anything', [])).toBeUndefined();
});
