import fc from 'fast-check';
import {
  clip,
  codeText,
  escapeUntrusted,
  exactMoment,
  joinLines,
  link,
  moment,
  nameText,
  plainName,
  section,
  span,
} from '../../src/messages/text';

describe('escapeUntrusted', () => {
  it('pings nobody and formats nothing', () => {
    expect(escapeUntrusted('<!channel> & <@U1>', 99)).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;');
    expect(escapeUntrusted('*bold* _it_ ~no~ `code`', 99)).not.toMatch(/(?<!\u200B)[*_~`](?!\u200B)/);
  });

  it('makes no emoji of a name', () => {
    expect(escapeUntrusted('done :white_check_mark: :+1::100:', 99)).not.toMatch(/:[\w+]+:/);
    expect(escapeUntrusted('at 10:30', 99)).toBe('at 10:30');
  });

  it('does not let a name turn the text around it', () => {
    const controls = '\u202E\u202D\u202A\u202B\u202C\u2066\u2067\u2068\u2069\u200E\u200F\u061C';
    expect(escapeUntrusted(`a${controls}b`, 99)).toBe('ab');
  });

  it('leaves signs inside a word alone, so that names and codes can be copied', () => {
    const text = 'my_training UNARCHIVED_POOLS_CONFLICT';
    expect(escapeUntrusted(text, 99)).toBe(text);
  });

  it('is one line, and no quotation', () => {
    expect(escapeUntrusted('a\n> quote\r\n• b\u0000', 99)).toBe('a &gt; quote • b');
    expect(escapeUntrusted('> quote', 99)).toBe('\u200B&gt; quote');
  });

  it('keeps the limit and never cuts an entity', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 90 }),
        fc.integer({ min: 2, max: 60 }),
        (text, limit) => {
          const escaped = escapeUntrusted(`${text}<&>*`, limit);
          expect(escaped.length).toBeLessThanOrEqual(limit);
          expect(escaped).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
        },
      ),
    );
  });
});

it.each(['', '   ', '\u200B\u2060', '\u3164', '\u2800', '\u202E', '\uFEFF\u00AD'])(
  'a name that shows nothing gets a stand-in: %j',
  (name) => {
    expect([nameText(name, 99), plainName(name, 99)]).toEqual(['(no name)', '(no name)']);
  },
);

it.each(['a', '👨‍👩‍👧', 'می‌خواهم', '.'])('a name that shows something is kept: %j', (name) => {
  expect([nameText(name, 99), plainName(name, 99)]).toEqual([name, name]);
});

describe('a name in plain text', () => {
  it('is one line and turns nothing around it', () => {
    expect(plainName(' a\n\u202E\u200Fb\u0000 ', 99)).toBe('a b');
    expect(plainName(`${'\u202E'.repeat(99)}a`, 9)).toBe('a');
  });

  it('is cut at a whole character, inside of what would be a link elsewhere too', () => {
    expect(plainName('abcd', 4)).toBe('abcd');
    expect(plainName('abcde', 4)).toBe('abc…');
    expect(plainName('ab😀c', 4)).toBe('ab…');
    expect(plainName('<draft & more>', 9)).toBe('<draft &…');
  });
});

describe('cutting', () => {
  it('is at a whole character', () => {
    expect(clip('abc', 3)).toBe('abc');
    expect(clip('abcd', 3)).toBe('ab…');
    expect(clip('a😀b', 3)).toBe('a…');
  });

  it('is never inside a link or an entity', () => {
    expect(clip('see <https://x.example|x> now', 12)).toBe('see …');
    expect(clip('a &amp; b', 5)).toBe('a …');
    expect(clip('a &amp; b', 9)).toBe('a &amp; b');
  });

  it('of lines counts what is left out', () => {
    const lines = Array.from({ length: 10 }, (_, i) => `• line ${i}`);
    expect(joinLines(lines, 10)).toBe(lines.join('\n'));
    expect(joinLines(lines, 3)).toBe('• line 0\n• line 1\n• line 2\n• and 7 more');
  });
});

it('a section that is too long is cut like other mrkdwn', () => {
  expect(section('&amp;'.repeat(900))).toMatchObject({ text: { text: `${'&amp;'.repeat(599)}…` } });
});

it('Slack is told to leave addresses and channel names in a text alone', () => {
  expect(section('#general')).toMatchObject({ text: { type: 'mrkdwn', verbatim: true } });
});

it('codeText cannot be left', () => {
  expect(codeText('a`b <!here>\n')).toBe('`a’b &lt;!here&gt; `');
});

it.each([
  '!channel',
  '@U1',
  '#C1',
  'javascript:alert(1)',
  'mailto:a@b.example',
  'https://',
  'https://a b',
  '',
])('an address that is none of the web makes no link: %j', (url) => {
  expect(link(url, 'x')).toBe('x');
});

it('link cannot be closed from inside its address', () => {
  expect(link('https://x/?a=1&b=>|', 'x')).toBe('<https://x/?a=1&amp;b=&gt;%7C|x>');
});

it('a moment is shown to the minute, except where the second matters', () => {
  const at = Date.UTC(2026, 10, 24, 6, 0, 59, 999);
  expect(moment(at)).toBe('<!date^1795500059^{date_short_pretty} {time}|2026-11-24T06:00Z>');
  expect(exactMoment(at)).toBe('<!date^1795500059^{date_short_pretty} {time_secs}|2026-11-24T06:00:59Z>');
});

it.each([
  [0, '0.0 s'],
  [4_240, '4.2 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
])('span of %d ms is %s', (ms, words) => {
  expect(span(ms)).toBe(words);
});
