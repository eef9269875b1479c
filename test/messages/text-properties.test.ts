import fc from 'fast-check';
import { listSection } from '../../src/messages/lists';
import {
  clip,
  codeText,
  escapeUntrusted,
  joinLines,
  link,
  nameText,
  plain,
  section,
} from '../../src/messages/text';
import { untrusted } from './arbitrary';
import { NOTHING_READ, readMrkdwn } from './reading';

const RUNS = { numRuns: 400 };
const text = untrusted(300);
const limit = fc.integer({ min: 1, max: 400 });

describe('untrusted text', () => {
  it('escapeUntrusted: Slack reads no mention, link, date, emoji or formatting in it', () => {
    fc.assert(
      fc.property(text, limit, (given, most) => {
        const escaped = escapeUntrusted(given, most);
        expect(readMrkdwn(escaped)).toEqual(NOTHING_READ);
        expect(escaped.length).toBeLessThanOrEqual(most);
        expect(escaped).not.toMatch(/[\r\n\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/u);
        expect(escaped).not.toMatch(/^&gt;/);
      }),
      RUNS,
    );
  });

  it('escapeUntrusted: escaped once more it is still safe', () => {
    fc.assert(
      fc.property(text, limit, (given, most) => {
        expect(readMrkdwn(escapeUntrusted(escapeUntrusted(given, 400), most))).toEqual(NOTHING_READ);
      }),
      RUNS,
    );
  });

  it('escapeUntrusted: two of them side by side make nothing of each other', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [first, second] = [escapeUntrusted(one, 200), escapeUntrusted(other, 200)];
        expect(readMrkdwn(`${first} ${second}`)).toEqual(NOTHING_READ);
        expect(readMrkdwn(`“${first}” (${second}): `)).toEqual(NOTHING_READ);
      }),
      RUNS,
    );
  });

  it('nameText: the same, and it shows something', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 10, max: 400 }), (given, most) => {
        const name = nameText(given, most);
        expect(readMrkdwn(name)).toEqual(NOTHING_READ);
        expect(name.length).toBeLessThanOrEqual(most);
        expect(name).toMatch(/[^\s\u200B]/);
      }),
      RUNS,
    );
  });

  it('codeText: it stays inside the code', () => {
    fc.assert(
      fc.property(text, (given) => {
        const code = codeText(given);
        expect(code).toMatch(/^`[^`\r\n]*`$/);
        expect(readMrkdwn(code)).toMatchObject({ entities: [], broken: [] });
        expect(code.length).toBeLessThanOrEqual(102);
      }),
      RUNS,
    );
  });

  it('link: whatever the address is, at most one link to it comes out, with the words given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((path) => `https://toloka.example/${path}`),
        ),
        text,
        (url, words) => {
          const shown = link(url, escapeUntrusted(words, 100));
          const { entities, broken } = readMrkdwn(shown);
          expect(entities.filter((target) => !/^https?:\/\//.test(target))).toEqual([]);
          expect(entities.length).toBeLessThanOrEqual(1);
          expect(broken).toEqual([]);
        },
      ),
      RUNS,
    );
  });

  it('plain: no half character, and nothing that turns the text around it', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(plain(given).text).not.toMatch(/[\p{Cs}\u202A-\u202E\u2066-\u2069]/u);
      }),
      RUNS,
    );
  });
});

describe('cutting', () => {
  /** mrkdwn as the app writes it: its own entities, and escaped text. */
  const written = fc
    .array(
      fc.oneof(
        text.map((given) => escapeUntrusted(given, 100)),
        text.map((given) => codeText(given)),
        fc.tuple(fc.webUrl(), text).map(([url, words]) => link(url, escapeUntrusted(words, 100))),
        fc.constantFrom(
          '<@U1>',
          '<!subteam^S1>',
          '<!date^1^{date_short_pretty}|1970-01-01>',
          '*bold* ',
          '\n',
        ),
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(' '));
  const isWhole = (shown: string, of: string) => {
    const [cut, whole] = [readMrkdwn(shown), readMrkdwn(of)];
    return cut.broken.length === 0 && cut.entities.every((entity, i) => entity === whole.entities[i]);
  };

  it('clip: keeps the limit, the beginning, and every entity and link whole', () => {
    fc.assert(
      fc.property(written, fc.integer({ min: 1, max: 1000 }), (given, most) => {
        const cut = clip(given, most);
        expect(cut.length).toBeLessThanOrEqual(most);
        expect(given.startsWith(cut.replace(/…$/, '')) || cut === given).toBe(true);
        expect(isWhole(cut, given)).toBe(true);
        expect(cut).not.toMatch(/\p{Cs}/u);
        if (given.length <= most) expect(cut).toBe(given);
      }),
      RUNS,
    );
  });

  it('section: never longer than Slack takes, and whole', () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 40 }), (lines) => {
        const given = lines.join('\n');
        const { text: shown } = section(given) as { text: { text: string } };
        expect(shown.text.length).toBeLessThanOrEqual(3000);
        expect(isWhole(shown.text, given)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  const lines = fc.array(
    written.map((line) => line.replaceAll('\n', ' ')),
    { maxLength: 60 },
  );

  it('joinLines: whole lines, and how many are left', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 0, max: 70 }), (given, most) => {
        const shown = joinLines(given, most).split('\n');
        const left = given.length - most;
        if (left <= 0) return expect(joinLines(given, most)).toBe(given.join('\n'));
        expect(shown.filter((line) => line !== '' || most > 0).slice(0, most)).toEqual(given.slice(0, most));
        expect(shown.at(-1)).toBe(`• and ${left} more`);
      }),
      { numRuns: 100 },
    );
  });

  it('listSection: whole lines in one section, and how many are left', () => {
    fc.assert(
      fc.property(lines, (given) => {
        const { text: shown } = listSection('Open', given, 'None.') as { text: { text: string } };
        expect(shown.text.length).toBeLessThanOrEqual(3000);
        const [heading, ...found] = shown.text.split('\n');
        expect(heading).toBe('*Open*');
        if (given.length === 0) return expect(found).toEqual(['None.']);
        const [, left = '0'] = /^and (\d+) more$/.exec(found.at(-1) ?? '') ?? [];
        const whole = left === '0' ? found : found.slice(0, -1);
        expect(whole).toEqual(given.slice(0, whole.length));
        expect(whole.length + Number(left)).toBe(given.length);
      }),
      { numRuns: 100 },
    );
  });
});
