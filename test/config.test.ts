import { inspect } from 'node:util';
import { ConfigError, loadConfig, loadJournalLocation, secretsOf } from '../src/config';

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

  it('shows no token of Slack, not even where an ID belongs', () => {
    const tokens = 'xoxb-1-s3cr3t,xapp-2-s3cr3t';
    const problems = problemsOf({ ...good, ARCHIVE_ALLOW: tokens, ARCHIVE_CHANNELS: tokens }).join();
    expect(problems).toContain('ARCHIVE_ALLOW "[redacted]", "[redacted]": not a Slack user ID');
    expect(problems).not.toContain('s3cr3t');
  });

  it('never shows a secret, not even one in the wrong setting', () => {
    const env = {
      SLACK_BOT_TOKEN: 'xapp-1-s3cr3t',
      SLACK_APP_TOKEN: 'xoxb-2-s3cr3t',
      TOLOKA_TOKEN: 'three s3cr3t',
      DATABASE_URL: 'postgres://me:four#s3cr3t@host:port/x',
    };
    try {
      loadConfig(env);
      throw new Error('accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).problems).toHaveLength(4);
      expect(inspect(error, { depth: 9 })).not.toContain('s3cr3t');
    }
  });

  it('uses Socket Mode when the app token is set, else HTTP', () => {
    expect(loadConfig(good).slack.transport).toEqual({ mode: 'socket', appToken: 'xapp-app' });
    expect(loadConfig({ ...good, SLACK_SIGNING_SECRET: 's' }).slack.transport.mode).toBe('socket');
    const { SLACK_APP_TOKEN: _none, ...rest } = good;
    expect(loadConfig({ ...rest, SLACK_SIGNING_SECRET: 's' }).slack.transport).toEqual({
      mode: 'http',
      signingSecret: 's',
    });
  });

  it('chooses the default environment by the tokens that are set', () => {
    const { TOLOKA_TOKEN: _none, ...rest } = good;
    expect(loadConfig({ ...good, TOLOKA_SANDBOX_TOKEN: 's' }).defaultEnvironment).toBe('production');
    expect(loadConfig({ ...rest, TOLOKA_SANDBOX_TOKEN: 's' }).defaultEnvironment).toBe('sandbox');
    expect(problemsOf({ ...good, TOLOKA_ENVIRONMENT: 'sandbox' })).toEqual([
      expect.stringContaining('TOLOKA_SANDBOX_TOKEN'),
    ]);
  });

  it('uses the seed document’s hosts and spelling for `yandex`', () => {
    const [first, second] = loadConfig({
      ...good,
      TOLOKA_ENVIRONMENT: 'yandex',
      TOLOKA_SANDBOX_TOKEN: 's',
    }).environments;
    expect(first).toMatchObject({ apiUrl: 'https://toloka.yandex.com/api', trainingPath: 'training' });
    expect(second).toMatchObject({ name: 'yandex-sandbox', apiUrl: 'https://sandbox.toloka.yandex.com/api' });
  });

  it('applies TOLOKA_API_URL to the default environment only', () => {
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

  it('applies TOLOKA_OTHER_API_URL to the counterpart of the default environment', () => {
    const env = { ...good, TOLOKA_SANDBOX_TOKEN: 's', TOLOKA_OTHER_API_URL: 'http://127.0.0.1:4011/api/v1' };
    expect(loadConfig(env).environments).toMatchObject([
      { name: 'production', apiUrl: 'https://toloka.dev/api' },
      { name: 'sandbox', apiUrl: 'http://127.0.0.1:4011/api', requiresTypedId: false },
    ]);
    expect(problemsOf({ ...env, TOLOKA_OTHER_API_URL: 'https://toloka.dev/api' })).toEqual([
      expect.stringContaining('TOLOKA_OTHER_API_URL is a production host'),
    ]);
    expect(problemsOf({ ...env, TOLOKA_SANDBOX_TOKEN: '' })).toEqual([
      expect.stringContaining('set TOLOKA_SANDBOX_TOKEN too'),
    ]);
  });

  it('takes an IP address as HOST, and no name', () => {
    expect(loadConfig(good).host).toBeUndefined();
    for (const HOST of ['127.0.0.1', '::1', '0.0.0.0']) expect(loadConfig({ ...good, HOST }).host).toBe(HOST);
    for (const HOST of ['localhost', '127.0.0.1:3000', '[::1]'])
      expect(problemsOf({ ...good, HOST })).toEqual([expect.stringMatching(/^HOST must be an IP address/)]);
  });

  describe('approvals', () => {
    const two = { ...good, ARCHIVE_ALLOW: 'U1A,U2B', TOLOKA_SANDBOX_TOKEN: 'sandbox-secret' };
    const tooFew = (env: Record<string, string>) =>
      problemsOf({ ...two, ...env }).filter((problem) => problem.includes('too few people'));

    it('are needed by nobody unless it is set, and then for each environment', () => {
      expect(loadConfig(two).environments.map(({ approvals }) => approvals)).toEqual([0, 0]);
      const env = { ...two, APPROVALS_PRODUCTION: '1', APPROVAL_HOURS: '0.5' };
      const { environments, approvalMs } = loadConfig(env);
      expect(environments.map(({ kind, approvals }) => [kind, approvals])).toEqual([
        ['production', 1],
        ['sandbox', 0],
      ]);
      expect([loadConfig(two).approvalMs, approvalMs]).toEqual([24 * 3_600_000, 1_800_000]);
      for (const wrong of ['6', '-1', '1.5', 'two'])
        expect(problemsOf({ ...two, APPROVALS_SANDBOX: wrong })[0]).toMatch(/^APPROVALS_SANDBOX must be/);
    });

    it('are those of production where a sandbox token is for another host', () => {
      const env = { ...two, APPROVALS_PRODUCTION: '1', TOLOKA_TOKEN: '' };
      const approvalsAt = (TOLOKA_API_URL: string) =>
        loadConfig({ ...env, TOLOKA_API_URL }).environments.map(({ kind, approvals }) => [kind, approvals]);
      expect(approvalsAt('https://proxy.example/api')).toEqual([['sandbox', 1]]);
      expect(approvalsAt('http://127.0.0.1:4011/api')).toEqual([['sandbox', 0]]);
    });

    it('come from APPROVE_ALLOW, or else from those who may archive', () => {
      const nobody = { people: [], groups: [], everyone: false, channels: [] };
      expect(loadConfig(two).approvers).toEqual({ ...nobody, people: ['U1A', 'U2B'] });
      expect(loadConfig({ ...two, APPROVE_ALLOW: 'S1G,*' }).approvers).toMatchObject({ everyone: true });
    });

    it('that nobody can ever give are found at the start', () => {
      // Each of the two can approve only what the other one asks for.
      expect(tooFew({ APPROVALS_PRODUCTION: '1' })).toEqual([]);
      expect(tooFew({ APPROVALS_PRODUCTION: '2' })).toHaveLength(1);
      expect(tooFew({ APPROVALS_SANDBOX: '2', APPROVE_ALLOW: 'U1A,U2B,U3C' })).toEqual([]);
      expect(tooFew({ APPROVALS_SANDBOX: '3', APPROVE_ALLOW: 'U1A,U2B,U3C' })).toHaveLength(1);
      // Somebody of the group, or anybody, can ask for what all three approve.
      expect(tooFew({ APPROVALS_SANDBOX: '3', APPROVE_ALLOW: 'U1A,U2B,U3C', ARCHIVE_ALLOW: 'S1G' })).toEqual(
        [],
      );
      expect(
        tooFew({ APPROVALS_SANDBOX: '4', APPROVE_ALLOW: 'U1A,U2B,U3C', ARCHIVE_ALLOW: '*' }),
      ).toHaveLength(1);
      for (const APPROVE_ALLOW of ['S1G', '*'])
        expect(tooFew({ APPROVALS_PRODUCTION: '5', APPROVE_ALLOW })).toEqual([]);
    });
  });

  it('allows nobody when ARCHIVE_ALLOW is unset or empty, and sorts people, groups and `*`', () => {
    const nobody = { everyone: false, people: [], groups: [], channels: [] };
    expect(loadConfig(good).rules).toEqual(nobody);
    expect(loadConfig({ ...good, ARCHIVE_ALLOW: ' ' }).rules).toEqual(nobody);
    const env = { ...good, ARCHIVE_ALLOW: 'U1AB, S2CD ,W3EF,*', ARCHIVE_CHANNELS: 'C1AB' };
    expect(loadConfig(env).rules).toEqual({
      ...{ everyone: true, people: ['U1AB', 'W3EF'], groups: ['S2CD'], channels: ['C1AB'] },
    });
  });

  describe('an address that a token is sent to', () => {
    const sandboxOnly = {
      SLACK_BOT_TOKEN: 'xoxb-bot',
      SLACK_APP_TOKEN: 'xapp-app',
      TOLOKA_SANDBOX_TOKEN: 'sandbox-secret',
    };
    const forSandbox = (TOLOKA_API_URL: string, more = {}) => ({ ...sandboxOnly, TOLOKA_API_URL, ...more });
    const forProduction = (TOLOKA_API_URL: string, more = {}) => ({ ...good, TOLOKA_API_URL, ...more });

    it.each([
      ['production', forSandbox('https://toloka.dev/api')],
      ['production', forSandbox('https://toloka.yandex.com/api')],
      ['production', forSandbox('https://TOLOKA.dev.:8443/elsewhere')],
      ['production', forSandbox('https://toloka.dev/api', { TOLOKA_ENVIRONMENT: 'yandex-sandbox' })],
      ['sandbox', forProduction('https://sandbox.toloka.dev/api')],
      ['sandbox', forProduction('https://sandbox.toloka.yandex.com/api')],
      ['sandbox', forProduction('https://sandbox.toloka.dev/api', { TOLOKA_ENVIRONMENT: 'yandex' })],
    ])('must not be a known %s host under an environment of the other kind: %j', (kind, env) => {
      expect(problemsOf(env)).toEqual([
        expect.stringMatching(
          `TOLOKA_API_URL is a ${kind} host of Toloka, but the environment is .*: leave it out, or choose`,
        ),
      ]);
    });

    it('may be another known host of the same kind', () => {
      expect(problemsOf(forProduction('https://toloka.yandex.com/api'))).toEqual([]);
      expect(problemsOf(forSandbox('https://sandbox.toloka.yandex.com/api'))).toEqual([]);
    });

    it.each([
      [false, sandboxOnly],
      [false, forSandbox('https://sandbox.toloka.yandex.com/api')],
      [false, forSandbox('http://127.0.0.1:4010/api')],
      [false, forSandbox('http://localhost:4010/api')],
      [false, forSandbox('http://[::1]:4010/api')],
      [true, forSandbox('https://proxy.example.com/api')],
      [true, forSandbox('https://sandbox.toloka.dev.example.com/api')],
      [true, forSandbox('http://10.0.0.7/api')],
      [true, good],
      [true, forProduction('http://127.0.0.1:4010/api')],
    ])('decides whether people type the ID (%s): %j', (requiresTypedId, env) => {
      const { environments, defaultEnvironment } = loadConfig(env);
      expect(environments.find(({ name }) => name === defaultEnvironment)).toMatchObject({ requiresTypedId });
    });

    it('does not change what the other environment is', () => {
      const env = { ...good, TOLOKA_SANDBOX_TOKEN: 's', TOLOKA_API_URL: 'https://proxy.example.com/api' };
      expect(loadConfig(env).environments).toMatchObject([
        { name: 'production', kind: 'production', requiresTypedId: true },
        { name: 'sandbox', kind: 'sandbox', requiresTypedId: false },
      ]);
    });

    it.each([
      'http://toloka.example.com/api',
      'http://toloka/api',
      'http://11.0.0.1/api',
      'http://172.32.0.1/api',
      'http://[2001:db8::1]/api',
      'http://0.0.0.0/api',
      'http://127.0.0.1.example.com/api',
    ])('must be https, since the token would be readable on the way: %s', (address) => {
      for (const name of ['TOLOKA_API_URL', 'TOLOKA_OTHER_API_URL', 'SLACK_API_URL'])
        expect(problemsOf({ ...good, [name]: address })).toContainEqual(
          expect.stringMatching(`^${name} must begin with https://`),
        );
    });

    it.each([
      'localhost',
      'fake.localhost',
      '127.1.2.3',
      '[::1]',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.0.1',
      '[fd00::1]',
    ])('may be http on this machine or in a private network: %s', (host) => {
      expect(problemsOf({ ...good, TOLOKA_API_URL: `http://${host}:4010/api` })).toEqual([]);
    });

    it.each([
      'https://me@host/api',
      'https://me:pass@host/api',
      'https://host/api?a=secret',
      'https://host/api?',
      'https://host/api#x',
    ])('has no user, password, query or fragment: %s', (address) => {
      for (const name of ['TOLOKA_API_URL', 'SLACK_API_URL'])
        expect(problemsOf({ ...good, [name]: address })).toEqual([
          `${name} must have no user, password, query or fragment`,
        ]);
    });

    it.each(['toloka.dev', 'ftp://toloka.dev/api', '//toloka.dev', 'api'])('is a URL: %s', (address) => {
      expect(problemsOf({ ...good, TOLOKA_API_URL: address })).toEqual([
        'TOLOKA_API_URL must be an http(s) URL such as http://127.0.0.1:4010/api',
      ]);
    });

    it.each(['', '/', '/v1', '/v1/', '//v1//'])('may end in %j', (ending) => {
      const env = { ...good, TOLOKA_API_URL: `https://toloka.dev/api${ending}` };
      expect(loadConfig(env).environments[0]?.apiUrl).toBe('https://toloka.dev/api');
    });
  });

  describe('a token', () => {
    const TOKENS = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'SLACK_SIGNING_SECRET', 'TOLOKA_TOKEN'];
    const all = { ...good, SLACK_SIGNING_SECRET: 'signing' };

    it.each(TOKENS)('has only characters of tokens: %s', (name) => {
      const right = all[name as keyof typeof all];
      // The Cyrillic letter looks like a Latin one.
      for (const wrong of ['а', '“', '\u200b', '"', '\\', ' ', '\n'])
        expect([wrong, problemsOf({ ...all, [name]: `${right}${wrong}x` })]).toEqual([
          wrong,
          [expect.stringMatching(`^${name} has (white space|a character that no token has)`)],
        ]);
    });

    it.each(['xoxe-1-2', 'xoxe.xoxb-1-2', 'xoxp-1', 'xapp-1', 'hello', 'xoxb'])(
      'of the bot begins with xoxb-, unlike %s',
      (wrong) => {
        expect(problemsOf({ ...good, SLACK_BOT_TOKEN: wrong })).toEqual([
          'SLACK_BOT_TOKEN must be the bot token, which begins with xoxb-',
        ]);
      },
    );

    it.each(['xoxb-1', 'hello'])('of the app begins with xapp-, unlike %s', (wrong) => {
      expect(problemsOf({ ...good, SLACK_APP_TOKEN: wrong })).toEqual([
        'SLACK_APP_TOKEN must be the app-level token, which begins with xapp-',
      ]);
    });
  });

  it('leaves out white space and one pair of quotes around any value, and notes it once', () => {
    const quoted = Object.entries({ ...good, PORT: '4000', JOURNAL_PATH: "a'b.db", LOG_LEVEL: '' }).map(
      ([name, value], i) => [name, i % 2 ? ` '${value}' ` : `"${value}"\n`],
    );
    const settings = loadConfig(Object.fromEntries(quoted));
    expect(settings).toMatchObject({
      slack: { botToken: 'xoxb-bot', transport: { appToken: 'xapp-app' } },
      environments: [{ token: 'toloka-secret' }],
      port: 4000,
      journalPath: "a'b.db",
      logLevel: 'info',
      notes: [
        'The quotes around SLACK_BOT_TOKEN, SLACK_APP_TOKEN, TOLOKA_TOKEN, PORT, JOURNAL_PATH, LOG_LEVEL were left out.',
      ],
    });
    expect(loadConfig({ ...good, TOLOKA_TOKEN: ' toloka-secret\n' })).toMatchObject({
      environments: [{ token: 'toloka-secret' }],
      notes: [],
    });
    expect(loadJournalLocation({ JOURNAL_PATH: '"my journal.db"' }).journalPath).toBe('my journal.db');
    for (const wrong of ['""toloka""', '"toloka', "toloka'", '"toloka\''])
      expect([wrong, problemsOf({ ...good, TOLOKA_TOKEN: wrong })]).toEqual([wrong, [expect.any(String)]]);
  });

  it('lists its secrets, for the redaction of logs', () => {
    expect(secretsOf(loadConfig(good))).toEqual(['xoxb-bot', 'xapp-app', 'toloka-secret']);
  });

  it('lists the database password among them, as written and decoded', () => {
    const address = 'postgresql://me:p%40ss@/journal?host=/run/postgresql';
    const secrets = secretsOf(loadConfig({ ...good, DATABASE_URL: address }));
    expect(secrets.slice(3)).toEqual([address, 'p%40ss', 'p@ss']);
    const other = 'postgres://host/journal?user=me&password=hidden';
    expect(secretsOf(loadConfig({ ...good, DATABASE_URL: other })).slice(3)).toEqual([other, 'hidden']);
  });
});

describe('loadJournalLocation', () => {
  it('needs no token and reads only the location', () => {
    expect(loadJournalLocation({})).toEqual({ journalPath: 'data/journal.db', databaseUrl: undefined });
    const env = { DATABASE_URL: 'postgres://h/d', JOURNAL_PATH: 'j.db', PORT: 'nonsense' };
    expect(loadJournalLocation(env)).toEqual({ journalPath: 'j.db', databaseUrl: 'postgres://h/d' });
    expect(() => loadJournalLocation({ DATABASE_URL: 'h/secret' })).toThrow(
      /DATABASE_URL must be postgresql:/,
    );
    expect(() => loadJournalLocation({ DATABASE_URL: 'h/secret' })).not.toThrow(/secret/);
  });
});

describe('the proxy', () => {
  const required = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', TOLOKA_TOKEN: 't' };
  const proxyOf = (env: Record<string, string>) => loadConfig({ ...required, ...env }).proxy;
  const none = { httpProxy: '', httpsProxy: '', noProxy: '' };

  it.each<[Record<string, string>, object | undefined]>([
    [{}, undefined],
    [{ NO_PROXY: 'a' }, undefined],
    [
      { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: '' },
      { ...none, httpsProxy: 'http://p:1' },
    ],
    [
      { https_proxy: ' "http://p:1" ', HTTPS_PROXY: 'http://q:1' },
      { ...none, httpsProxy: 'http://p:1' },
    ],
    [
      { https_proxy: '', HTTPS_PROXY: 'http://q:1' },
      { ...none, httpsProxy: 'http://q:1' },
    ],
    [
      { http_proxy: 'https://p', no_proxy: 'a,b' },
      { httpProxy: 'https://p', httpsProxy: '', noProxy: 'a,b' },
    ],
    [{ HTTP_PROXY: 'proxy.example:3128' }, { ...none, httpProxy: 'http://proxy.example:3128' }],
  ])('%j', (env, expected) => {
    expect(proxyOf(env)).toEqual(expected);
  });

  it.each(['socks5://secret:1', 'http://', 'http://user:se%cret@p', 'http://user:se cret@p:x'])(
    'refuses %s without showing it',
    (address) => {
      expect(() => proxyOf({ HTTPS_PROXY: address })).toThrow(/HTTPS_PROXY must be http:/);
      expect(() => proxyOf({ HTTPS_PROXY: address })).not.toThrow('cret');
    },
  );

  it('has its password and its login among the secrets', () => {
    const settings = loadConfig({ ...required, HTTP_PROXY: 'http://app:p%40ss@proxy.example:3128' });
    const login = Buffer.from('app:p@ss').toString('base64');
    expect(secretsOf(settings)).toEqual(expect.arrayContaining(['p%40ss', 'p@ss', login]));
    const open = loadConfig({ ...required, HTTP_PROXY: 'http://proxy.example:3128' });
    expect(secretsOf(open).join()).not.toContain('proxy.example');
  });
});
