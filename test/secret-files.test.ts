import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { runAudit } from '../src/cli/audit';
import { ConfigError, loadConfig, loadJournalLocation, SECRET_NAMES, secretsOf } from '../src/config';

const good = { SLACK_BOT_TOKEN: 'xoxb-bot', SLACK_APP_TOKEN: 'xapp-app', TOLOKA_TOKEN: 'toloka' };
/** A valid value of each secret. The mark must never be shown. */
const MARK = 'm4rk';
const VALUES: Record<string, string> = {
  SLACK_BOT_TOKEN: `xoxb-${MARK}`,
  SLACK_APP_TOKEN: `xapp-${MARK}`,
  SLACK_SIGNING_SECRET: MARK,
  TOLOKA_TOKEN: `t.${MARK}`,
  TOLOKA_SANDBOX_TOKEN: `s.${MARK}`,
  DATABASE_URL: `postgresql://me:${MARK}@host/journal`,
  HTTPS_PROXY: `http://me:${MARK}@proxy.example:1`,
  HTTP_PROXY: `http://me:${MARK}@proxy.example:2`,
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function file(content: string | Buffer, name = 'file'): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** Every setting of `good`, with one of them replaced by its file. */
function withFile(name: string, path: string): Record<string, string> {
  const { [name]: _replaced, ...rest }: Record<string, string> = good;
  return { ...rest, [`${name}_FILE`]: path };
}

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(MARK);
    return error.problems;
  }
  return [];
}

describe('a secret in a file', () => {
  it('can be every setting that holds a secret', () => {
    expect([...SECRET_NAMES].sort()).toEqual(Object.keys(VALUES).sort());
  });

  it('is used like the value itself, and is among the secrets of the log', () => {
    const paths = Object.entries(VALUES).map(([name, value]) => [`${name}_FILE`, file(`${value}\n`, name)]);
    const settings = loadConfig(Object.fromEntries(paths));
    expect(settings).toEqual(loadConfig(VALUES));
    expect(settings).toMatchObject({
      slack: { botToken: VALUES['SLACK_BOT_TOKEN'] },
      databaseUrl: VALUES['DATABASE_URL'],
      proxy: { httpsProxy: VALUES['HTTPS_PROXY'] },
    });
    const { SLACK_SIGNING_SECRET: _unused, ...used } = VALUES;
    expect(secretsOf(settings)).toEqual(expect.arrayContaining(Object.values(used)));
  });

  it('can be the signing secret', () => {
    const { SLACK_APP_TOKEN: _none, ...http } = good;
    const settings = loadConfig({ ...http, SLACK_SIGNING_SECRET_FILE: file('signing\n') });
    expect(settings.slack.transport).toEqual({ mode: 'http', signingSecret: 'signing' });
    expect(secretsOf(settings)).toContain('signing');
  });

  it.each([
    ['without a newline', 'xoxb-1'],
    ['with a newline', 'xoxb-1\n'],
    ['with a newline of Windows', 'xoxb-1\r\n'],
    ['with white space around it', ' xoxb-1 \n\n'],
    ['with a byte order mark', '\ufeffxoxb-1\n'],
  ])('is read %s', (_what, content) => {
    expect(loadConfig(withFile('SLACK_BOT_TOKEN', file(content))).slack.botToken).toBe('xoxb-1');
  });

  it('can be behind a link, as in Kubernetes', () => {
    file('xoxb-1');
    const link = join(directory, 'link');
    symlinkSync('file', link);
    expect(loadConfig(withFile('SLACK_BOT_TOKEN', link)).slack.botToken).toBe('xoxb-1');
  });

  it('may be set beside an empty value, and an empty path is none', () => {
    const env = { ...good, SLACK_BOT_TOKEN: '', SLACK_BOT_TOKEN_FILE: file('xoxb-1') };
    expect(loadConfig(env).slack.botToken).toBe('xoxb-1');
    expect(loadConfig({ ...good, SLACK_BOT_TOKEN_FILE: ' ' }).slack.botToken).toBe('xoxb-bot');
  });

  it('has a path around which quotes are left out, with a note', () => {
    const { slack, notes } = loadConfig(withFile('SLACK_BOT_TOKEN', `"${file('xoxb-1')}"`));
    expect([slack.botToken, notes]).toEqual([
      'xoxb-1',
      ['The quotes around SLACK_BOT_TOKEN_FILE were left out.'],
    ]);
  });

  it('is not looked for under the name of any other setting', () => {
    expect(loadConfig({ ...good, PORT_FILE: '/none', JOURNAL_PATH_FILE: '"/none"' })).toEqual(
      loadConfig(good),
    );
  });
});

describe('a file that holds no secret', () => {
  const long = Buffer.alloc(64 * 1024 + 1, MARK);
  it.each<[string, () => string, string]>([
    ['missing', () => join(directory, 'none'), 'does not exist: check the path'],
    ['below a file', () => join(file(MARK), 'x'), 'does not exist: check the path'],
    ['a directory', () => directory, 'is a directory: set the path of the file in it'],
    ['empty', () => file(''), 'is empty: write the secret into it'],
    ['only white space', () => file(' \r\n\n'), 'is empty: write the secret into it'],
    ['too large', () => file(long), 'is larger than 64 KiB: leave only the secret in it'],
    ['not UTF-8', () => file(Buffer.from(`${MARK}\xff`, 'latin1')), 'is not UTF-8 text: save it as UTF-8'],
    ['UTF-16', () => file(Buffer.from(`\ufeff${MARK}`, 'utf16le')), 'is not UTF-8 text: save it as UTF-8'],
    ['two lines', () => file(`${MARK}\n${MARK}\n`), 'has several lines: leave only the secret in it'],
    ['two old lines', () => file(`${MARK}\r${MARK}`), 'has several lines: leave only the secret in it'],
  ])('is named with what to do: %s', (_what, make, expected) => {
    const path = make();
    for (const name of SECRET_NAMES)
      expect(problemsOf(() => loadConfig(withFile(name, path)))).toEqual([
        expect.stringContaining(`${name}_FILE (${path}) ${expected}`),
      ]);
  });

  it('is not read to its end when it is large', () => {
    const path = file('');
    truncateSync(path, 10 * 1024 ** 3);
    expect(problemsOf(() => loadConfig(withFile('TOLOKA_TOKEN', path)))).toEqual([
      expect.stringContaining('is larger than 64 KiB'),
    ]);
  });

  it('is not waited for when it is a pipe, a socket or a device', async () => {
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Ends the wait of a reader, so that the test fails and does not hang.
    const writer = spawn('sh', ['-c', `echo ${MARK} > "$0"`, pipe]);
    const socket = join(directory, 'socket');
    const server = createServer().listen(socket);
    await once(server, 'listening');
    try {
      for (const path of [pipe, socket, '/dev/null', '/dev/zero'])
        expect(problemsOf(() => loadConfig(withFile('TOLOKA_TOKEN', path)))).toEqual([
          `TOLOKA_TOKEN_FILE (${path}) is a pipe or a device: set the path of a file`,
        ]);
    } finally {
      writer.kill('SIGKILL');
      server.close();
    }
  });

  it('is named when nobody lets the app read it', () => {
    const path = file(MARK);
    chmodSync(path, 0);
    chmodSync(directory, 0o755);
    const asOther = (act: () => readonly string[]) => {
      if (process.getuid?.() !== 0) return act();
      process.seteuid?.(65_534);
      try {
        return act();
      } finally {
        process.seteuid?.(0);
      }
    };
    expect(asOther(() => problemsOf(() => loadConfig(withFile('TOLOKA_TOKEN', path))))).toEqual([
      `TOLOKA_TOKEN_FILE (${path}) may not be read: let the user that runs the app read it`,
    ]);
  });

  it('is named by its code when the reason is rare', () => {
    const link = join(directory, 'link');
    symlinkSync('link', link);
    expect(problemsOf(() => loadConfig(withFile('TOLOKA_TOKEN', link)))).toEqual([
      `TOLOKA_TOKEN_FILE (${link}) can't be read (ELOOP): check the file`,
    ]);
  });

  it('is not named when its path is not absolute: that may be the secret itself', () => {
    for (const path of [MARK, `xoxb-${MARK}`, `./${MARK}`, `postgresql://me:${MARK}@host/journal`])
      for (const name of SECRET_NAMES)
        expect(problemsOf(() => loadConfig(withFile(name, path)))).toEqual([
          `${name}_FILE must be the absolute path of a file, such as /run/secrets/example, and not the secret itself`,
        ]);
  });
});

describe('a wrong secret in a file', () => {
  it.each([
    ['SLACK_BOT_TOKEN', `xapp-${MARK}`, 'must be the bot token, which begins with xoxb-'],
    ['SLACK_BOT_TOKEN', 'xoxb-your-bot-token', 'is the value of .env.example: replace it with your own'],
    ['SLACK_APP_TOKEN', `xapp ${MARK}`, 'must be the app-level token, which begins with xapp-'],
    ['TOLOKA_TOKEN', `a ${MARK}`, 'has white space in it: copy only the token'],
    ['TOLOKA_SANDBOX_TOKEN', `"${MARK}"`, 'has a character that no token has'],
    ['SLACK_SIGNING_SECRET', `${MARK}\0`, 'has a character that no token has'],
    ['DATABASE_URL', `mysql://${MARK}`, 'must be postgresql://user:password@host:5432/database'],
    ['HTTPS_PROXY', `socks5://${MARK}`, 'must be http://user:password@proxy.example:3128'],
    ['HTTP_PROXY', `http://${MARK}%%@x`, 'must be http://user:password@proxy.example:3128'],
  ])('is named by its file: %s %j', (name, content, expected) => {
    const path = file(content);
    expect(problemsOf(() => loadConfig(withFile(name, path)))).toEqual([
      expect.stringContaining(`${name}_FILE (the text in ${path}) ${expected}`),
    ]);
  });
});

describe('a secret that is set twice', () => {
  it.each(SECRET_NAMES)('is an error, and its file is not read: %s', (name) => {
    const env = { ...good, [name]: VALUES[name], [`${name}_FILE`]: '/none' };
    expect(problemsOf(() => loadConfig(env))).toEqual([
      `${name} and ${name}_FILE are both set: leave one of them out, or empty`,
    ]);
  });

  it('is an error for a proxy in small letters too', () => {
    const env = { ...good, https_proxy: VALUES['HTTPS_PROXY'], HTTPS_PROXY_FILE: '/none' };
    expect(problemsOf(() => loadConfig(env))).toEqual([
      expect.stringContaining('https_proxy and HTTPS_PROXY_FILE are both set'),
    ]);
  });
});

it('reports the problems of files together with all others', () => {
  const env = {
    SLACK_BOT_TOKEN_FILE: '/none/bot',
    SLACK_APP_TOKEN_FILE: file(`xoxb-${MARK}`),
    TOLOKA_SANDBOX_TOKEN_FILE: '/none/sandbox',
    TOLOKA_ENVIRONMENT: 'yandex',
    DATABASE_URL: 'postgresql://host/x',
    DATABASE_URL_FILE: '/none/database',
    PORT: 'x',
  };
  const starts = problemsOf(() => loadConfig(env)).map((problem) => problem.split(' ')[0]);
  expect(starts.sort()).toEqual([
    'DATABASE_URL',
    'PORT',
    'SLACK_APP_TOKEN_FILE',
    'SLACK_BOT_TOKEN_FILE',
    'TOLOKA_ENVIRONMENT',
    'TOLOKA_SANDBOX_TOKEN_FILE',
  ]);
});

describe('the journal’s location', () => {
  it('can be in a file, and no other file is read', () => {
    const env = { DATABASE_URL_FILE: file(`${VALUES['DATABASE_URL']}\n`), SLACK_BOT_TOKEN_FILE: '/none' };
    expect(loadJournalLocation(env).databaseUrl).toBe(VALUES['DATABASE_URL']);
    expect(problemsOf(() => loadJournalLocation({ DATABASE_URL_FILE: file(MARK) }))).toEqual([
      expect.stringMatching(/^DATABASE_URL_FILE \(the text in .*\) must be postgresql:/),
    ]);
  });

  it('is said to be wrong by `npm run audit`', async () => {
    let said = '';
    const io = {
      env: { DATABASE_URL_FILE: '/none' },
      out: async () => {},
      err: (text: string) => {
        said += text;
      },
    };
    expect(await runAudit(['list'], io)).toBe(2);
    expect(said).toContain('DATABASE_URL_FILE (/none) does not exist');
  });
});
