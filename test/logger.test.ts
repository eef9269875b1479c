import fc from 'fast-check';
import { createLogger, type LogFields } from '../src/logger';
import { createRedactor } from '../src/redact';

function makeLogger(level: 'debug' | 'info' | 'warn' | 'error' = 'info') {
  const lines: string[] = [];
  const redact = createRedactor(['very-secret-token', 'very-secret']);
  const logger = createLogger({ level, redact, write: (line) => lines.push(line), now: () => 0 });
  return { lines, logger };
}

describe('the log', () => {
  it('writes JSON lines at its level and above', () => {
    const { lines, logger } = makeLogger('warn');
    logger.info('no');
    logger.warn('yes', { request: 'r1' });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'yes', request: 'r1' },
    ]);
  });

  it('redacts known secrets and everything that looks like one, anywhere in a line', () => {
    const { lines, logger } = makeLogger();
    const cause = new Error('said very-secret-token');
    const error = new Error('Authorization: OAuth abc.def', { cause });
    logger.info('hello very-secret-token', { deep: { list: ['xoxb-1-2-3', 'xapp-1-A-b'] }, error });
    logger.info('token', { token: 'xoxp-9' });
    const text = lines.join('\n');
    expect(text).not.toMatch(/very-secret|xoxb|xapp|xoxp|abc\.def/);
    expect(text).toContain('[redacted]');
    logger.info('Copy the Bot User OAuth Token again.');
    expect(lines.at(-1)).toContain('OAuth Token again.');
  });

  it('redacts what Slack sends and a reader of the log could use', () => {
    const { lines, logger } = makeLogger();
    const payload = { token: 'verify-me', response_url: 'https://hooks.slack.com/commands/T1/2/abc' };
    const text = JSON.stringify({ payload: { ...payload, trigger_id: '12.34.ab', text: '123456' } });
    logger.info(`received ${text}`, {
      payload,
      url: 'wss://wss-primary.slack.com/link/?ticket=abc-123&app_id=9',
    });
    logger.info(text, { again: JSON.stringify({ text }) });
    const all = lines.join('\n');
    expect(all).not.toMatch(/verify-me|T1|12\.34|abc-123/);
    expect(all).toContain('123456');
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  /** How a text is written inside JSON. */
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  /** Every printable character of ASCII, those that JSON escapes more often. */
  const printable = fc.oneof(
    fc.constantFrom('"', '\\', '%', '/', ' '),
    fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  );
  // Long enough not to appear by chance.
  const secrets = fc.string({ unit: printable, minLength: 8, maxLength: 40 });
  const writings: Record<string, (text: string) => string> = {
    'as it is': (text) => text,
    'in JSON': inJson,
    'in JSON in JSON': (text) => inJson(inJson(text)),
    'percent-encoded': encodeURIComponent,
    'percent-encoded in lower case': (text) =>
      encodeURIComponent(text).replaceAll(/%../g, (one) => one.toLowerCase()),
    'in a form': (text) => new URLSearchParams([['', text]]).toString().slice(1),
    'in a URL': encodeURI,
  };
  const places: Record<string, (text: string) => [string, LogFields?]> = {
    'the message': (text) => [`before ${text} after`],
    'the beginning of a line': (text) => [`a\n${text}\tb`],
    'JSON in the message': (text) => [`said ${JSON.stringify({ [text]: [text] })}`],
    'a nested field': (text) => ['x', { deep: { list: [{ text: `<${text}>` }] } }],
    'a key': (text) => ['x', { deep: { [`a ${text}`]: 1 } }],
    'an own field': (text) => ['x', { [text]: 1 }],
    'an error and its cause': (text) => ['x', { error: new Error(text, { cause: new TypeError(text) }) }],
    'an object with toJSON': (text) => ['x', { url: { toJSON: () => ({ [text]: text }) } }],
  };

  describe.each(Object.keys(places))('a secret of any characters in %s', (place) => {
    it.each(Object.keys(writings))('is not logged, and the line is valid JSON: %s', (writing) => {
      fc.assert(
        fc.property(secrets, (secret) => {
          const lines: string[] = [];
          const redact = createRedactor([secret]);
          const logger = createLogger({
            level: 'info',
            redact,
            write: (line) => lines.push(line),
            now: () => 0,
          });
          logger.info(...(places[place]?.(writings[writing]?.(secret) ?? '') ?? ['']));
          const [line = ''] = lines;
          JSON.parse(line);
          for (const write of Object.values(writings)) {
            expect(line).not.toContain(write(secret));
            expect(line).not.toContain(inJson(write(secret)));
          }
        }),
      );
    });
  });

  it.each([
    ['n', 'line\nabcd', 'nabcd'],
    ['a quote', 'say "abcd', '"abcd'],
    ['the structure of a line', 'x', '","message'],
    ['digits', 'x', '12345'],
  ])('is valid JSON with a secret that begins with %s', (_what, message, secret) => {
    const lines: string[] = [];
    const redact = createRedactor([secret]);
    const logger = createLogger({ level: 'info', redact, write: (line) => lines.push(line), now: () => 0 });
    logger.info(message, { number: 12345 });
    expect(() => JSON.parse(lines[0] ?? '')).not.toThrow();
    if (secret === '12345') expect(lines[0]).not.toContain(secret);
  });

  it('redacts an unknown token at the beginning of a line', () => {
    const { lines, logger } = makeLogger();
    logger.info('first\nxoxb-1-2-3');
    logger.info(JSON.stringify({ text: 'first\nxoxb-1-2-3' }));
    expect(lines.join()).not.toContain('xoxb');
  });

  it('keeps the code, stack and cause of an error', () => {
    const { lines, logger } = makeLogger();
    logger.error('failed', {
      error: Object.assign(new Error('a', { cause: new Error('b') }), { code: 'c' }),
    });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      error: { code: 'c', message: 'a', cause: { message: 'b' } },
    });
  });
});
