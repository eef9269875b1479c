import fc from 'fast-check';
import { MOST_TRAININGS, type ParsedCommand, parseCommand } from '../../src/handlers/command-text';

const ENVIRONMENTS = ['production', 'sandbox', 'yandex', 'yandex-sandbox'];
const HOSTS = ['platform.toloka.ai', 'sandbox.toloka.dev', 'toloka.yandex.com', 'platform.sandbox.toloka.ai'];

const id = fc.stringMatching(/^[1-9]\d{0,18}$/);
const link = fc
  .tuple(fc.constantFrom('https://', 'http://', 'HTTPS://', ''), fc.constantFrom(...HOSTS), id)
  .map(([scheme, host, training]) => `${scheme}${host}/requester/project/7/training/${training}`);
const word = fc.oneof(
  { weight: 6, arbitrary: id },
  { weight: 2, arbitrary: link },
  fc.constantFrom(...ENVIRONMENTS, 'help', 'list', 'pause', 'resume', 'status', 'history', 'check'),
  fc.constantFrom('moon', '0', '007', '-1', '1e3', '1.5', '<@U1>', '*5*', '`5`', '١٢٣', '１２３', 'https://'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const separator = fc.constantFrom(' ', '  ', ',', ', ', ';', '\n', '\t', '\u00A0', '\u3000');
/** Any command: words and what people put between them, now and then only a few that make sense. */
const command = fc
  .tuple(
    fc.oneof(
      fc.array(fc.tuple(word, separator), { maxLength: 30 }),
      fc.array(fc.tuple(id, separator), { minLength: 1, maxLength: 21, size: 'max' }),
    ),
    fc.constantFrom('', ...ENVIRONMENTS),
  )
  .map(([words, last]) => `${words.flat().join('')}${last}`);

/** What nobody sees: of a format, or that a font may leave out. */
const invisible = fc.constantFrom(
  ...['\u200B', '\u200C', '\u200D', '\u2060', '\u200E', '\u202E', '\u2066', '\uFEFF', '\u00AD', '\u061C'],
  ...['\uFE0F', '\u034F', '\u115F', '\u3164', '\u180B', '\u{E0020}', '\u{E0100}'],
);

const RUNS = { numRuns: 600 };

describe('any command', () => {
  it('is read or explained, and nothing throws', () => {
    fc.assert(
      fc.property(fc.oneof(command, fc.string({ unit: 'binary' })), (text) => {
        expect(parseCommand(text).kind).toMatch(
          /^(help|list|pick|ask|pause|resume|status|history|check|wrong)$/,
        );
      }),
      RUNS,
    );
  });

  it('asks for one to twenty different trainings of one environment, each of which was written', () => {
    let asked = 0;
    fc.assert(
      fc.property(command, (text) => {
        const parsed = parseCommand(text);
        if (parsed.kind !== 'ask') return;
        asked += 1;
        const { trainingIds, environment } = parsed;
        expect(trainingIds.length).toBeGreaterThan(0);
        expect(trainingIds.length).toBeLessThanOrEqual(MOST_TRAININGS);
        expect(new Set(trainingIds).size).toBe(trainingIds.length);
        for (const one of trainingIds) {
          expect(one).toMatch(/^[1-9]\d{0,18}$/);
          expect(text).toMatch(new RegExp(`(^|[^\\d])${one}($|[^\\d])`));
        }
        expect([null, ...ENVIRONMENTS]).toContain(environment);
        // Written again as plainly as can be, it means the same.
        expect(parseCommand([...trainingIds, environment ?? ''].join(' '))).toEqual(parsed);
      }),
      RUNS,
    );
    expect(asked).toBeGreaterThan(100);
  });

  it('means the same with invisible characters anywhere in it', () => {
    const inserted = fc.array(fc.tuple(fc.nat(), invisible), { minLength: 1, maxLength: 8 });
    const meaning = (parsed: ParsedCommand) =>
      // The reason is kept as it was typed: some of these hold an emoji together.
      parsed.kind === 'pause' ? parsed.kind : parsed;
    fc.assert(
      fc.property(command, inserted, (text, characters) => {
        const spoilt = characters.reduce((given, [place, character]) => {
          const at = place % (given.length + 1);
          return `${given.slice(0, at)}${character}${given.slice(at)}`;
        }, text);
        // A character in the middle of another one is not invisible any more.
        fc.pre(!/\p{Cs}/u.test(spoilt));
        expect(meaning(parseCommand(spoilt))).toEqual(meaning(parseCommand(text)));
      }),
      RUNS,
    );
  });

  it('that is a link is only accepted for Toloka’s own hosts', () => {
    const around = fc.constantFrom('', 'x', 'x.', '.x', '@x', 'x@', ':1', '/', '%2e', '\\', '#', '?', ' ');
    fc.assert(
      fc.property(around, fc.constantFrom(...HOSTS), around, id, (before, host, after, training) => {
        const text = `https://${before}${host}${after}/requester/project/7/training/${training}`;
        const parsed = parseCommand(text);
        if (parsed.kind === 'ask') expect(new URL(text).hostname).toBe(host);
      }),
      RUNS,
    );
  });
});

describe('pause', () => {
  const reason = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }).map((text) => text.trim());

  it('keeps the reason as it was typed, whatever comes before the word', () => {
    fc.assert(
      fc.property(fc.constantFrom('', ' ', ',', '; ', '\u200B '), reason, (before, typed) => {
        // Some letters, such as the Hangul filler, show nothing.
        fc.pre(/^(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u.test(typed));
        expect(parseCommand(`${before}pause ${typed}`)).toEqual({ kind: 'pause', reason: typed });
      }),
      RUNS,
    );
  });

  it('keeps what holds an emoji or a word together', () => {
    const typed = 'a migration 👨‍👩‍👧 ⚠️ می‌خواهم';
    expect(parseCommand(`pause ${typed}`)).toEqual({ kind: 'pause', reason: typed });
  });
});
