import fc from 'fast-check';
import {
  ConfigError,
  loadConfig,
  loadJournalLocation,
  SECRET_NAMES,
  SETTING_NAMES,
  secretsOf,
} from '../src/config';
import { createRedactor } from '../src/redact';

/** In every secret, and nowhere else. */
const MARK = 'S3cr3tV4lue';

const garbage = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '',
    ' ',
    '""',
    "''",
    '"',
    '*',
    '0',
    '-1',
    '1e9',
    'NaN',
    'true',
    'null',
    '[]',
    '{}',
    '/',
    '\n',
  ),
);
const around = fc.constantFrom('', ' ', '\n', '"', "'", '\uFEFF', 'x', ' x');

/** Texts that hold the mark, in the shape of each kind of secret and in shapes that are wrong. */
const secret = fc
  .tuple(
    fc.constantFrom(
      ...['xoxb-*', 'xapp-1-*', '*', 'your-*', 'a *', 'ü*', '*-!', '/run/secrets/none', './*'],
      ...[
        'postgresql://user:*@db:5432/journal',
        'postgres://*@/journal',
        'postgresql://u:%*@db',
        'mysql://u:*@db',
      ],
      ...[
        'http://user:*@proxy:3128',
        'user:*@proxy:3128',
        'socks://u:*@proxy',
        'http://u:%E0%*@proxy',
        'http://*:*',
      ],
    ),
    around,
    around,
  )
  .map(([shape, before, after]) => `${before}${shape.replaceAll('*', MARK)}${after}`);

const url = fc.constantFrom(
  ...[
    'https://slack.example/api/',
    'http://127.0.0.1:4010/api',
    'https://toloka.dev/api/v1',
    'https://toloka.dev',
  ],
  ...[
    'https://sandbox.toloka.dev/api',
    'http://public.example/api',
    'ftp://x',
    'https://',
    'https://u:p@x/api/',
  ],
);
const ids = fc.constantFrom(
  'U1A2',
  'U01AB,S01AB',
  '*',
  'U01AB *',
  'C01AB',
  'u01',
  'S01AB;U01AB',
  ',,',
  'C01AB,G01AB',
);
const word = fc.constantFrom(
  'production',
  'sandbox',
  'yandex',
  'always',
  'never',
  'debug',
  'trainings',
  'loud',
);
const number = fc.constantFrom(
  '0',
  '1',
  '2',
  '3',
  '5',
  '6',
  '0.5',
  '3000',
  '65535',
  '65536',
  '1e3',
  '0x10',
  '127.0.0.1',
);

const given = fc.oneof(url, ids, word, number, garbage);
const option = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const environment = fc.record({
  ...Object.fromEntries(SETTING_NAMES.map((name) => [name, option(given)])),
  ...Object.fromEntries(
    SECRET_NAMES.flatMap((name) => [
      [name, option(secret)],
      [`${name}_FILE`, fc.option(secret, { nil: undefined, freq: 9 })],
    ]),
  ),
  https_proxy: fc.option(secret, { nil: undefined, freq: 9 }),
});
/** With which the app starts, whatever the rest is. */
const enough = {
  ...{ SLACK_BOT_TOKEN: `xoxb-${MARK}`, SLACK_APP_TOKEN: `xapp-${MARK}`, TOLOKA_TOKEN: MARK },
  ...{ TOLOKA_SANDBOX_TOKEN: `${MARK}-2`, DATABASE_URL: `postgresql://u:${MARK}@db/journal` },
  HTTPS_PROXY: `http://u:${MARK}@proxy:3128`,
};

const RUNS = { numRuns: 200 };

/** What is said about an environment: the settings that came of it, or why there are none. */
function outcomeOf<T>(load: () => T): { settings?: T; said: string } {
  try {
    const settings = load();
    return { settings, said: JSON.stringify((settings as { notes?: string[] }).notes ?? []) };
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message, problems, stack, cause } = error as ConfigError;
    expect(problems.length).toBeGreaterThan(0);
    return { said: [message, ...problems, stack, JSON.stringify(cause)].join('\n') };
  }
}

it('any environment is read, or explained in a ConfigError, and no secret is said', () => {
  fc.assert(
    fc.property(environment, (env) => {
      expect(outcomeOf(() => loadConfig(env)).said).not.toContain(MARK);
      expect(outcomeOf(() => loadJournalLocation(env)).said).not.toContain(MARK);
    }),
    RUNS,
  );
});

it('with any other settings around them, the secrets of an app that starts are those that the log leaves out', () => {
  let started = 0;
  const one = fc.constantFrom(...SETTING_NAMES.filter((name) => !(name in enough)));
  fc.assert(
    fc.property(fc.array(fc.tuple(one, given), { maxLength: 3 }), (others) => {
      const { settings, said } = outcomeOf(() => loadConfig({ ...enough, ...Object.fromEntries(others) }));
      expect(said).not.toContain(MARK);
      if (settings === undefined) return;
      started += 1;
      const redact = createRedactor(secretsOf(settings));
      expect(redact(JSON.stringify(settings))).not.toContain(MARK);
    }),
    RUNS,
  );
  expect(started).toBeGreaterThan(20);
});
