import { clip, foreign, link, span } from '../../src/messages/text';

describe('foreign text', () => {
  it('pings nobody and formats nothing', () => {
    expect(foreign('<!channel> & <@U1>', 99)).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;');
    expect(foreign('*bold* _it_ ~no~ `code`', 99)).not.toMatch(/(?<!\u200B)[*_~`](?!\u200B)/);
  });

  it('leaves signs inside a word alone, so that names and codes can be copied', () => {
    expect(foreign('my_training UNARCHIVED_POOLS_CONFLICT', 99)).toBe(
      'my_training UNARCHIVED_POOLS_CONFLICT',
    );
  });

  it('keeps to one line', () => {
    expect(foreign('a\n> quote\r\n• b', 99)).toBe('a &gt; quote • b');
  });
});

it('clip cuts at a whole character', () => {
  expect(clip('abc', 3)).toBe('abc');
  expect(clip('abcd', 3)).toBe('ab…');
  expect(clip('a😀b', 3)).toBe('a…');
});

it('link cannot be closed from inside its address', () => {
  expect(link('https://x/?a=1&b=>|', 'x')).toBe('<https://x/?a=1&amp;b=&gt;%7C|x>');
});

it.each([
  [0, '0.0 s'],
  [4_240, '4.2 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
])('span of %d ms is %s', (ms, words) => {
  expect(span(ms)).toBe(words);
});
