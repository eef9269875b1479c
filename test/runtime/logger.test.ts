import { createLogger, forSlack } from '../../src/runtime/logger';
import { createRedactor } from '../../src/runtime/redact';

function makeLogger(level: 'debug' | 'info' | 'warn' | 'error' = 'info') {
  const lines: string[] = [];
  const redact = createRedactor(['very-secret-token', 'very-secret']);
  const logger = createLogger({ level, redact, write: (line) => lines.push(line), now: () => 0 });
  return { lines, logger };
}

describe('the log', () => {
  it('writes JSON lines from its level on', () => {
    const { lines, logger } = makeLogger('warn');
    logger.info('no');
    logger.warn('yes', { request: 'r1' });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'yes', request: 'r1' },
    ]);
  });

  it('blanks known secrets and whatever has the shape of one, wherever they stand', () => {
    const { lines, logger } = makeLogger();
    const cause = new Error('said very-secret-token');
    const error = new Error('Authorization: OAuth abc.def', { cause });
    logger.info('hello very-secret-token', { deep: { list: ['xoxb-1-2-3', 'xapp-1-A-b'] }, error });
    forSlack(logger).info('token', { token: 'xoxp-9' });
    const text = lines.join('\n');
    expect(text).not.toMatch(/very-secret|xoxb|xapp|xoxp|abc\.def/);
    expect(text).toContain('[redacted]');
    logger.info('Copy the Bot User OAuth Token again.');
    expect(lines.at(-1)).toContain('OAuth Token again.');
  });

  it('blanks what Slack sends and whoever reads it could use', () => {
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
