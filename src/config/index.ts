import { z } from 'zod';
import type { Rules } from '../archive/policy';
import { LOG_LEVELS, type LogLevel } from '../logger';
import { proxySecrets, urlSecrets } from '../redact';
import { ENVIRONMENTS, type EnvironmentName, hostKind } from '../toloka';
import {
  defaultEnvironmentOf,
  ENVIRONMENT_NAMES,
  type EnvironmentSettings,
  environmentsOf,
  tokenName,
} from './environments';
import {
  ids,
  ipAddress,
  number,
  oneOf,
  ownPort,
  postgresUrl,
  proxyUrl,
  slackUrl,
  token,
  tolokaUrl,
} from './fields';
import { type Environment, readSettings, type Texts } from './reader';

export { resolveEnvironment } from './environments';
export { ConfigError } from './reader';

export interface Settings {
  slack: {
    botToken: string;
    apiUrl: string | undefined;
    transport: { mode: 'socket'; appToken: string } | { mode: 'http'; signingSecret: string };
  };
  /** The only address that the server listens on; undefined: every one. */
  host: string | undefined;
  port: number;
  /** A port of its own for the metrics. Without one they are on `port` in Socket Mode, and nowhere in HTTP mode. */
  metricsPort: number | undefined;
  environments: EnvironmentSettings[];
  defaultEnvironment: EnvironmentName;
  /** The request budget of each Toloka account in this process. */
  tolokaRequestsPerSecond: number;
  /** Who may archive, who may approve, and who may pause. */
  rules: Rules;
  approvers: Rules;
  admins: Rules;
  /** How long the approvers are asked, in ms. */
  approvalMs: number;
  journalPath: string;
  /** Keeps the journal in PostgreSQL instead of the file. Holds a password. */
  databaseUrl: string | undefined;
  /** Undefined when there is none. Each address may be empty, and may hold a password. */
  proxy: { httpProxy: string; httpsProxy: string; noProxy: string } | undefined;
  logLevel: LogLevel;
  leaseMs: number;
  graceMs: number;
  deadlineMs: number;
  /** What to write into the log, for the operator. Never holds a secret. */
  notes: string[];
}

/** The settings that may hold a secret. Each of them can be in a file: `<NAME>_FILE` is its path. */
const secrets = {
  SLACK_BOT_TOKEN: token('xoxb-', 'bot token'),
  SLACK_APP_TOKEN: token('xapp-', 'app-level token').optional(),
  SLACK_SIGNING_SECRET: token().optional(),
  TOLOKA_TOKEN: token().optional(),
  TOLOKA_SANDBOX_TOKEN: token().optional(),
  DATABASE_URL: postgresUrl.optional(),
  HTTPS_PROXY: proxyUrl.default(''),
  HTTP_PROXY: proxyUrl.default(''),
};

const allowed = ids(/^([UWS][A-Z0-9]{2,}|\*)$/, 'not a Slack user ID (U…), user group ID (S…) or `*`');
const approvals = number(0, 0, 5).refine(Number.isInteger, 'must be a whole number');

/** Each setting by itself: what it may be, and its default. */
const schema = z.object({
  ...secrets,
  SLACK_API_URL: slackUrl.optional(),
  HOST: ipAddress.optional(),
  PORT: number(3000, 0, 65_535).refine(Number.isInteger, 'must be a whole number'),
  METRICS_PORT: ownPort.optional(),
  TOLOKA_ENVIRONMENT: oneOf(ENVIRONMENT_NAMES).optional(),
  TOLOKA_API_URL: tolokaUrl.optional(),
  TOLOKA_OTHER_API_URL: tolokaUrl.optional(),
  TOLOKA_TRAINING_PATH: z
    .enum(['trainings', 'training'], { error: 'must be `trainings` or `training`' })
    .optional(),
  // Toloka allows an account 300. The default leaves most of them to others.
  TOLOKA_REQUESTS_PER_SECOND: number(100, 1, 100_000),
  ARCHIVE_ALLOW: allowed,
  APPROVE_ALLOW: allowed,
  ADMIN_ALLOW: allowed,
  APPROVALS_PRODUCTION: approvals,
  APPROVALS_SANDBOX: approvals,
  APPROVAL_HOURS: number(24, 0.001, 24 * 30),
  CONFIRM_BY_TYPING: oneOf(['production', 'always', 'never']).default('production'),
  ARCHIVE_CHANNELS: ids(/^[CG][A-Z0-9]{2,}$/, 'not a Slack channel ID (C…)'),
  JOURNAL_PATH: z.string().default('data/journal.db'),
  NO_PROXY: z.string().default(''),
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info'),
  LEASE_SECONDS: number(60, 1, 3600),
  UNKNOWN_GRACE_SECONDS: number(30, 0, 3600),
  DEADLINE_HOURS: number(24, 0.001, 24 * 30),
});
type Values = z.output<typeof schema>;

export const SETTING_NAMES = Object.keys(schema.shape);
export const SECRET_NAMES = Object.keys(secrets);

/**
 * Reads the settings from an environment such as `process.env`. An empty value counts as unset.
 * @throws ConfigError with every problem at once
 */
export function loadConfig(environment: Environment): Settings {
  const { values, notes } = readSettings({ environment, schema, secrets: SECRET_NAMES, contradictions });
  return {
    slack: {
      botToken: values.SLACK_BOT_TOKEN,
      apiUrl: values.SLACK_API_URL,
      transport: values.SLACK_APP_TOKEN
        ? { mode: 'socket', appToken: values.SLACK_APP_TOKEN }
        : { mode: 'http', signingSecret: values.SLACK_SIGNING_SECRET ?? '' },
    },
    host: values.HOST,
    port: values.PORT,
    metricsPort: values.METRICS_PORT,
    environments: environmentsOf(values),
    defaultEnvironment: defaultEnvironmentOf(values),
    tolokaRequestsPerSecond: values.TOLOKA_REQUESTS_PER_SECOND,
    rules: rulesOf(values.ARCHIVE_ALLOW, values.ARCHIVE_CHANNELS),
    approvers: rulesOf(approveAllowOf(values), values.ARCHIVE_CHANNELS),
    admins: rulesOf(values.ADMIN_ALLOW, []),
    approvalMs: Math.round(values.APPROVAL_HOURS * 3_600_000),
    journalPath: values.JOURNAL_PATH,
    databaseUrl: values.DATABASE_URL,
    proxy: proxyOf(values),
    logLevel: values.LOG_LEVEL,
    leaseMs: Math.round(values.LEASE_SECONDS * 1000),
    graceMs: Math.round(values.UNKNOWN_GRACE_SECONDS * 1000),
    deadlineMs: Math.round(values.DEADLINE_HOURS * 3_600_000),
    notes,
  };
}

const rulesOf = (allowed: readonly string[], channels: string[]): Rules => ({
  everyone: allowed.includes('*'),
  people: allowed.filter((id) => /^[UW]/.test(id)),
  groups: allowed.filter((id) => id.startsWith('S')),
  channels,
});

const approveAllowOf = ({ APPROVE_ALLOW, ARCHIVE_ALLOW }: Pick<Values, 'APPROVE_ALLOW' | 'ARCHIVE_ALLOW'>) =>
  APPROVE_ALLOW.length > 0 ? APPROVE_ALLOW : ARCHIVE_ALLOW;

/**
 * Reads only where the journal is, for programs that use neither Slack nor Toloka.
 * @throws ConfigError
 */
export function loadJournalLocation(environment: Environment): Pick<Settings, 'journalPath' | 'databaseUrl'> {
  const location = schema.pick({ JOURNAL_PATH: true, DATABASE_URL: true });
  const { values } = readSettings({ environment, schema: location, secrets: SECRET_NAMES });
  return { journalPath: values.JOURNAL_PATH, databaseUrl: values.DATABASE_URL };
}

function proxyOf({
  HTTPS_PROXY: httpsProxy,
  HTTP_PROXY: httpProxy,
  NO_PROXY: noProxy,
}: Values): Settings['proxy'] {
  return httpsProxy || httpProxy ? { httpsProxy, httpProxy, noProxy } : undefined;
}

/** What only several settings together show. */
function contradictions(texts: Texts): string[] {
  const problems: string[] = [];
  if (!('SLACK_APP_TOKEN' in texts || 'SLACK_SIGNING_SECRET' in texts))
    problems.push('SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing: set one of them');
  const chosen = defaultEnvironmentOf(texts);
  if (!('TOLOKA_TOKEN' in texts || 'TOLOKA_SANDBOX_TOKEN' in texts))
    problems.push('TOLOKA_TOKEN or TOLOKA_SANDBOX_TOKEN is missing: set one, from your Toloka profile');
  else if (!(tokenName(chosen) in texts))
    problems.push(
      `TOLOKA_ENVIRONMENT is ${chosen}, which needs ${tokenName(chosen)}: set that token or choose another environment`,
    );
  const { counterpart } = ENVIRONMENTS[chosen];
  for (const [name, environment] of [
    ['TOLOKA_API_URL', chosen],
    ['TOLOKA_OTHER_API_URL', counterpart],
  ] as const) {
    const host = hostKind(texts[name] ?? '');
    if ((host === 'production' || host === 'sandbox') && host !== ENVIRONMENTS[environment].kind)
      problems.push(
        `${name} is a ${host} host of Toloka, but the environment is ${environment}: leave it out, or choose the environment and the token of that host`,
      );
  }
  if ('TOLOKA_OTHER_API_URL' in texts && !(tokenName(counterpart) in texts))
    problems.push(
      `TOLOKA_OTHER_API_URL is for ${counterpart}: set ${tokenName(counterpart)} too, or leave it out`,
    );
  if (Number(texts['METRICS_PORT']) === Number(texts['PORT'] ?? 3000))
    problems.push('METRICS_PORT is the port of the app itself: choose another one');
  return [...problems, ...tooFewApprovers(texts)];
}

/** Requests that can never be approved, whoever asks. How many people are in a user group is not known here. */
function tooFewApprovers(texts: Texts): string[] {
  const name = 'APPROVE_ALLOW' in texts ? 'APPROVE_ALLOW' : 'ARCHIVE_ALLOW';
  const idsOf = (setting: string) => [...new Set((texts[setting] ?? '').split(/[\s,]+/).filter(Boolean))];
  const [approvers, requesters] = [idsOf(name), idsOf('ARCHIVE_ALLOW')];
  const isPerson = (id: string) => /^[UW]/.test(id);
  if (approvers.length === 0 || !approvers.every(isPerson)) return [];
  // Nobody approves their own request.
  const othersOf = (requester: string) => approvers.filter((id) => id !== requester).length;
  const areKnown = requesters.length > 0 && requesters.every(isPerson);
  const most = areKnown ? Math.max(...requesters.map(othersOf)) : approvers.length;
  return ['APPROVALS_PRODUCTION', 'APPROVALS_SANDBOX'].flatMap((setting) =>
    Number(texts[setting] ?? 0) > most
      ? [
          `${setting} is ${texts[setting]}, but ${name} names too few people who can approve somebody else's request (${most}): name more, or ask for fewer approvals`,
        ]
      : [],
  );
}

/** The values that must never appear in a log. */
export function secretsOf({ slack, environments, databaseUrl, proxy }: Settings): string[] {
  const { transport } = slack;
  return [
    slack.botToken,
    transport.mode === 'socket' ? transport.appToken : transport.signingSecret,
    ...environments.map((environment) => environment.token),
    ...(databaseUrl === undefined ? [] : urlSecrets(databaseUrl)),
    ...(proxy ? [proxy.httpProxy, proxy.httpsProxy].flatMap(proxySecrets) : []),
  ];
}
