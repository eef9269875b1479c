import type { z } from 'zod';
import { ENVIRONMENT_NAMES, SETTING_NAMES, schema, type Values } from './config-schema';
import { AppError } from './errors';
import { ENVIRONMENTS, type EnvironmentName, type TrainingPath } from './toloka';

/** One Toloka environment that this process may speak to. */
export interface EnvironmentSettings {
  name: EnvironmentName;
  kind: 'production' | 'sandbox';
  apiUrl: string;
  platformUrl: string;
  trainingPath: TrainingPath;
  token: string;
}

export interface Settings {
  slack: {
    botToken: string;
    apiUrl: string | undefined;
    transport: { mode: 'socket'; appToken: string } | { mode: 'http'; signingSecret: string };
  };
  port: number;
  environments: EnvironmentSettings[];
  defaultEnvironment: EnvironmentName;
  /** The request budget of each Toloka account in this process. */
  tolokaRequestsPerSecond: number;
  archiveAllow: string[];
  /** Where the command may be used; empty means in every channel. */
  archiveChannels: string[];
  journalPath: string;
  /** A PostgreSQL journal instead of the file. Holds a password. */
  databaseUrl: string | undefined;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  leaseMs: number;
  graceMs: number;
  deadlineMs: number;
}

/** Every problem of the environment at once, each with the way to mend it. Never holds a value of a secret. */
export class ConfigError extends AppError {
  readonly code = 'config_invalid';

  constructor(readonly problems: readonly string[]) {
    super(`The settings need attention:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

function chooseEnvironment(values: Values): EnvironmentName {
  return values.TOLOKA_ENVIRONMENT ?? (values.TOLOKA_TOKEN ? 'production' : 'sandbox');
}

const COUNTERPART: Record<EnvironmentName, EnvironmentName> = {
  production: 'sandbox',
  sandbox: 'production',
  yandex: 'yandex-sandbox',
  'yandex-sandbox': 'yandex',
};

const tokenName = (name: EnvironmentName) =>
  ENVIRONMENTS[name].kind === 'production' ? 'TOLOKA_TOKEN' : 'TOLOKA_SANDBOX_TOKEN';

function environmentsOf(values: Values): EnvironmentSettings[] {
  const first = chooseEnvironment(values);
  return [first, COUNTERPART[first]].flatMap((name) => {
    const token = values[tokenName(name)];
    if (!token) return [];
    const known = ENVIRONMENTS[name];
    const apiUrl = (name === first && values.TOLOKA_API_URL) || known.apiUrl;
    const trainingPath = values.TOLOKA_TRAINING_PATH ?? known.trainingPath;
    return [{ name, kind: known.kind, apiUrl, platformUrl: known.platformUrl, trainingPath, token }];
  });
}

function crossProblems(env: Record<string, string>): string[] {
  const problems: string[] = [];
  if (!env['SLACK_APP_TOKEN'] && !env['SLACK_SIGNING_SECRET'])
    problems.push('SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing: set one of them');
  if (!env['TOLOKA_TOKEN'] && !env['TOLOKA_SANDBOX_TOKEN'])
    problems.push(
      'TOLOKA_TOKEN or TOLOKA_SANDBOX_TOKEN is missing: set at least one, from your Toloka profile',
    );
  const chosen = env['TOLOKA_ENVIRONMENT'];
  if (chosen !== undefined && ENVIRONMENT_NAMES.includes(chosen as EnvironmentName)) {
    const needed = tokenName(chosen as EnvironmentName);
    if (!env[needed] && (env['TOLOKA_TOKEN'] || env['TOLOKA_SANDBOX_TOKEN']))
      problems.push(
        `TOLOKA_ENVIRONMENT is ${chosen}, which needs ${needed}: set that token or choose another`,
      );
  }
  return problems;
}

function named(environment: Record<string, string | undefined>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of SETTING_NAMES) {
    const value = environment[name]?.trim();
    if (value) env[name] = value;
  }
  return env;
}

/**
 * Reads where the journal is, and nothing else: for the programs that need neither Slack nor Toloka.
 * @throws ConfigError
 */
export function loadJournalPlace(
  environment: Record<string, string | undefined>,
): Pick<Settings, 'journalPath' | 'databaseUrl'> {
  const parsed = schema.pick({ JOURNAL_PATH: true, DATABASE_URL: true }).safeParse(named(environment));
  if (!parsed.success) throw new ConfigError(problemsOf(parsed.error));
  return { journalPath: parsed.data.JOURNAL_PATH, databaseUrl: parsed.data.DATABASE_URL };
}

const problemsOf = (error: z.ZodError): string[] =>
  error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);

/**
 * Reads the settings from an environment such as `process.env`. An empty value counts as unset.
 * @throws ConfigError with every problem at once
 */
export function loadConfig(environment: Record<string, string | undefined>): Settings {
  const env = named(environment);
  const parsed = schema.safeParse(env);
  const problems = parsed.success ? [] : problemsOf(parsed.error);
  problems.push(...crossProblems(env));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const values = parsed.data;
  return {
    slack: {
      botToken: values.SLACK_BOT_TOKEN,
      apiUrl: values.SLACK_API_URL,
      transport: values.SLACK_APP_TOKEN
        ? { mode: 'socket', appToken: values.SLACK_APP_TOKEN }
        : { mode: 'http', signingSecret: values.SLACK_SIGNING_SECRET ?? '' },
    },
    port: values.PORT,
    environments: environmentsOf(values),
    defaultEnvironment: chooseEnvironment(values),
    tolokaRequestsPerSecond: values.TOLOKA_REQUESTS_PER_SECOND,
    archiveAllow: values.ARCHIVE_ALLOW,
    archiveChannels: values.ARCHIVE_CHANNELS,
    journalPath: values.JOURNAL_PATH,
    databaseUrl: values.DATABASE_URL,
    logLevel: values.LOG_LEVEL,
    leaseMs: Math.round(values.LEASE_SECONDS * 1000),
    graceMs: Math.round(values.UNKNOWN_GRACE_SECONDS * 1000),
    deadlineMs: Math.round(values.DEADLINE_HOURS * 3_600_000),
  };
}

/** The values that must never be seen in a log. */
export function secretsOf(settings: Settings): string[] {
  const { transport } = settings.slack;
  return [
    settings.slack.botToken,
    transport.mode === 'socket' ? transport.appToken : transport.signingSecret,
    ...settings.environments.map(({ token }) => token),
    ...(settings.databaseUrl === undefined ? [] : databaseSecrets(settings.databaseUrl)),
  ];
}

/** The address, and its password both as it is written there and as it is. */
function databaseSecrets(address: string): string[] {
  const { password, searchParams } = new URL(address.replace('@/', '@localhost/'));
  const written = [password, searchParams.get('password') ?? ''].filter(Boolean);
  return [address, ...new Set(written.flatMap((one) => [one, decoded(one)]))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
