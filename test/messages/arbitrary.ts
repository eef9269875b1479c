import fc from 'fast-check';

/** Pieces of which an attack on Slack's formatting is made. */
const PIECES = [
  ...['<', '>', '&', '|', '!', '@', '#', '^', ':', '*', '_', '~', '`', '```', '\\', '"', ' ', '\n', '\r'],
  ...['<!channel>', '<!here|x>', '<@U9EVIL>', '<#C9EVIL>', '<!subteam^S9EVIL>', '<!date^1^{date}|x>'],
  ...['<https://evil.example|Open the card>', '<mailto:a@evil.example>', 'https://evil.example', '@here'],
  ...[':smile:', ':+1:', ':skin-tone-2:', '::', ':a', '&lt;', '&amp;', '&amp;lt;', '&#60;', '…', '> quote'],
  ...['\u200B', '\u2060', '\u202E', '\u2066', '\u200F', '\uFEFF', '\u00AD', '\u0000', '\u2028', '\uD83D'],
  ...['\u{1F600}', 'é', '训练', 'ש', 'a', 'B', '7', 'word', 'my_training'],
];

/** Any text that people or Toloka may give, of at most `max` UTF-16 units. */
export const untrusted = (max: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 4, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: Math.min(max, 40) }) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: max }).map((text) => [text]) },
      // As long as it gets, with what grows when it is escaped.
      { weight: 1, arbitrary: fc.constantFrom(...PIECES).map((piece) => Array(max).fill(piece)) },
    )
    .map((pieces) => pieces.join('').slice(0, max));
