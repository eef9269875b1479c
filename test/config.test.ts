import { inspect } from 'node:util';
import { ConfigError, loadConfig, loadJournalPlace, secretsOf } from '../src/config';

const good = { SLACK_BOT_TOKEN: 'xoxb-bot', SLACK_APP_TOKEN: 'xapp-app', TOLOKA_TOKEN: 'toloka-secret' };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('reports every problem at once, each with its setting’s name', () => {
    const problems = problemsOf({
      SLACK_API_URL: 'https://slack.com/',
      PORT: '70000',
      TOLOKA_ENVIRONMENT: 'moon',
      TOLOKA_TRAINING_PATH: 'pools',
      ARCHIVE_ALLOW: 'alice,U012AB',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://root@localhost/x',
    });
    for (const name of [
      'SLACK_BOT_TOKEN',
      'SLACK_APP_TOKEN',
      'SLACK_API_URL',
      'PORT',
      'TOLOKA_TOKEN',
      'TOLOKA_ENVIRONMENT',
      'TOLOKA_TRAINING_PATH',
      'ARCHIVE_ALLOW',
      'LOG_LEVEL',
      'DATABASE_URL',
    ]) {
      expect(problems.filter((problem) => problem.includes(name))).not.toEqual([]);
    }
    expect(problems.join()).toContain('"alice"');
    expect(problems.join()).not.toContain('U012AB');
  });

  it('never shows a secret, not even one in the wrong place', () => {
    const env = {
      SLACK_BOT_TOKEN: 'xapp-1-secret',
      SLACK_APP_TOKEN: 'xoxb-2-secret',
      TOLOKA_TOKEN: 'three secret',
      DATABASE_URL: 'postgres://me:four#secret@host:port/x',
    };
    try {
      loadConfig(env);
      throw new Error('accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).problems).toHaveLength(4);
      expect(inspect(error, { depth: 9 })).not.toContain('secret');
    }
  });

  it('takes Socket Mode when the app token is there, else HTTP', () => {
    expect(loadConfig(good).slack.transport).toEqual({ mode: 'socket', appToken: 'xapp-app' });
    expect(loadConfig({ ...good, SLACK_SIGNING_SECRET: 's' }).slack.transport.mode).toBe('socket');
    const { SLACK_APP_TOKEN: _none, ...rest } = good;
    expect(loadConfig({ ...rest, SLACK_SIGNING_SECRET: 's' }).slack.transport).toEqual({
      mode: 'http',
      signingSecret: 's',
    });
  });

  it('chooses the default environment by the tokens that are there', () => {
    const { TOLOKA_TOKEN: _none, ...rest } = good;
    expect(loadConfig({ ...good, TOLOKA_SANDBOX_TOKEN: 's' }).defaultEnvironment).toBe('production');
    expect(loadConfig({ ...rest, TOLOKA_SANDBOX_TOKEN: 's' }).defaultEnvironment).toBe('sandbox');
    expect(problemsOf({ ...good, TOLOKA_ENVIRONMENT: 'sandbox' })).toEqual([
      expect.stringContaining('TOLOKA_SANDBOX_TOKEN'),
    ]);
  });

  it('gives the seed document’s hosts and spelling to `yandex`', () => {
    const [first, second] = loadConfig({
      ...good,
      TOLOKA_ENVIRONMENT: 'yandex',
      TOLOKA_SANDBOX_TOKEN: 's',
    }).environments;
    expect(first).toMatchObject({ apiUrl: 'https://toloka.yandex.com/api', trainingPath: 'training' });
    expect(second).toMatchObject({ name: 'yandex-sandbox', apiUrl: 'https://sandbox.toloka.yandex.com/api' });
  });

  it('moves only the default environment to TOLOKA_API_URL', () => {
    const env = {
      ...good,
      TOLOKA_SANDBOX_TOKEN: 's',
      TOLOKA_API_URL: 'http://127.0.0.1:4010/api/',
      TOLOKA_TRAINING_PATH: 'training',
    };
    expect(loadConfig(env).environments).toMatchObject([
      { name: 'production', apiUrl: 'http://127.0.0.1:4010/api', trainingPath: 'training' },
      { name: 'sandbox', apiUrl: 'https://sandbox.toloka.dev/api' },
    ]);
  });

  it('lets nobody in when ARCHIVE_ALLOW is unset or empty, and takes lists and `*`', () => {
    expect(loadConfig(good).archiveAllow).toEqual([]);
    expect(loadConfig({ ...good, ARCHIVE_ALLOW: ' ' }).archiveAllow).toEqual([]);
    expect(loadConfig({ ...good, ARCHIVE_ALLOW: 'U1AB, S2CD ,*' }).archiveAllow).toEqual([
      'U1AB',
      'S2CD',
      '*',
    ]);
  });

  it('names its secrets, for the redaction of logs', () => {
    expect(secretsOf(loadConfig(good))).toEqual(['xoxb-bot', 'xapp-app', 'toloka-secret']);
  });

  it('names the password of the database among them, as it is written and as it is', () => {
    const address = 'postgresql://me:p%40ss@/journal?host=/run/postgresql';
    const secrets = secretsOf(loadConfig({ ...good, DATABASE_URL: address }));
    expect(secrets.slice(3)).toEqual([address, 'p%40ss', 'p@ss']);
    const other = 'postgres://host/journal?user=me&password=hidden';
    expect(secretsOf(loadConfig({ ...good, DATABASE_URL: other })).slice(3)).toEqual([other, 'hidden']);
  });
});

describe('loadJournalPlace', () => {
  it('asks for no token, and for nothing but the place', () => {
    expect(loadJournalPlace({})).toEqual({ journalPath: 'data/journal.db', databaseUrl: undefined });
    const env = { DATABASE_URL: 'postgres://h/d', JOURNAL_PATH: 'j.db', PORT: 'nonsense' };
    expect(loadJournalPlace(env)).toEqual({ journalPath: 'j.db', databaseUrl: 'postgres://h/d' });
    expect(() => loadJournalPlace({ DATABASE_URL: 'h/secret' })).toThrow(/DATABASE_URL must be postgresql:/);
    expect(() => loadJournalPlace({ DATABASE_URL: 'h/secret' })).not.toThrow(/secret/);
  });
});
