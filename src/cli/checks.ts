import type { Settings } from '../config';
import type { JournalError } from '../journal/errors';
import type { JournalInspection } from '../journal/inspection';
import type { PortState } from '../process/port';
import { askProxy } from '../process/proxy';
import type { createTolokaAccount } from '../toloka';

/** The checks, as people read them. */
export const CHECKS = {
  settings: 'Settings',
  proxy: 'Proxy',
  slack_token: 'Slack bot token',
  slack_scopes: 'Slack scopes',
  slack_events: 'Slack events',
  port: 'Port',
  metrics_port: 'Metrics port',
  channel: 'Channel',
  user_group: 'User group',
  toloka: 'Toloka',
  journal: 'Journal',
  disk: 'Disk',
  open_requests: 'Open requests',
  clock: 'Clock, compared with',
} as const;
export type Check = keyof typeof CHECKS;

/** `unchecked`: it could not be found out. */
export type Status = 'ok' | 'warning' | 'broken' | 'unchecked';

export interface Finding {
  check: Check;
  /** Which one, where there are several: a channel, a group, an environment. */
  subject?: string;
  status: Status;
  /** Stable, for programs. */
  code: string;
  /** Without a full stop. */
  message: string;
  /** What to do about it: sentences. */
  fix?: string;
}
/** What one check has found. The codes are in docs/operations.md. */
export type Result = [status: Status, code: string, message: string, fix?: string | undefined];

type Access = Awaited<ReturnType<ReturnType<typeof createTolokaAccount>['readAccess']>>;

export const NOT_CHECKED: Result = ['unchecked', 'not_checked', 'not checked, because another check failed'];

export const timedOut = (ms: number): Result => [
  'unchecked',
  'timed_out',
  `no answer within ${ms / 1000} s`,
  'Try again.',
];

/** The words of the innermost error: those of the network. */
export function rootOf(error: unknown): string {
  const { cause, original, errors, message, code } = error as Record<string, unknown>;
  const inner = cause ?? original ?? (errors as unknown[] | undefined)?.[0];
  return inner ? rootOf(inner) : String(message || code || error);
}

export function settings({ slack, environments, rules, notes }: Settings): Result[] {
  const mode = slack.transport.mode === 'socket' ? 'Socket Mode' : 'HTTP';
  const valid = `valid; ${mode}, ${environments.map(({ name }) => name).join(' and ')}`;
  const results: Result[] = [['ok', 'settings_ok', valid]];
  for (const note of notes) results.push(['warning', 'settings_note', note.replace(/\.$/, '')]);
  if (!rules.everyone && rules.people.length + rules.groups.length === 0)
    results.push(['warning', 'nobody_allowed', 'nobody can archive yet', 'Set ARCHIVE_ALLOW.']);
  return results;
}

/** One check for each proxy, or one that says that there is none. */
export function proxies({ proxy, slack }: Settings, timeoutMs: number) {
  const { host, port, protocol } = new URL(slack.apiUrl ?? 'https://slack.com');
  const target = port ? host : `${host}:${protocol === 'https:' ? 443 : 80}`;
  const addresses = [...new Set([proxy?.httpsProxy, proxy?.httpProxy].filter(Boolean))] as string[];
  if (addresses.length === 0) {
    const none: Result = ['ok', 'proxy_none', 'none; Slack and Toloka are reached directly'];
    return [{ subject: undefined, ask: async () => none }];
  }
  return addresses.map((address) => ({
    subject: new URL(address).host,
    ask: () => askProxy(address, target, timeoutMs).then((status) => proxyAnswer(status, target), proxyLost),
  }));
}

function proxyAnswer(status: number, target: string): Result {
  if (status === 200) return ['ok', 'proxy_ok', `leads to ${target}`];
  if (status === 407)
    return [
      'broken',
      'proxy_login_denied',
      'does not accept the login',
      'Correct user and password of the proxy.',
    ];
  const fix = `Let the proxy allow it, or name ${target} in NO_PROXY.`;
  return ['warning', 'proxy_denied', `answers ${status} to CONNECT ${target}`, fix];
}

const proxyLost = (error: unknown): Result => [
  'broken',
  'proxy_unreachable',
  `can’t be reached (${rootOf(error)})`,
  'Correct HTTPS_PROXY or HTTP_PROXY, or start the proxy.',
];

export function port(state: PortState, { port: wanted }: Settings): Result {
  if (state.kind === 'free') return ['ok', 'port_free', `${wanted || 'any'} is free; the app does not run`];
  if (state.kind === 'taken') return ['broken', 'port_taken', 'the app can’t listen there', state.problem];
  if (state.problems.length === 0) return ['ok', 'app_ready', `the app runs at ${wanted} and is ready`];
  return [
    'broken',
    'app_not_ready',
    `the app runs at ${wanted} and is not ready: ${state.problems.join('; ')}`,
  ];
}

/** @param app what is at PORT */
export function metricsPort(
  state: PortState,
  app: PortState,
  { port, metricsPort: wanted }: Settings,
): Result {
  const runs = app.kind === 'app';
  // With `PORT=0` it is not known where the app listens.
  if (state.kind === 'app' && (runs || port === 0))
    return ['ok', 'metrics_ready', `the app has its metrics at ${wanted}`];
  if (state.kind === 'app') {
    const fix = 'Stop that app, or set METRICS_PORT to a free port.';
    return ['broken', 'metrics_port_other', `another app has its health checks at ${wanted}`, fix];
  }
  if (state.kind === 'taken')
    return ['broken', 'metrics_port_taken', 'the app can’t listen there', state.problem];
  if (runs) return ['warning', 'metrics_off', `the app runs, but not at ${wanted}`, 'Restart the app.'];
  return ['ok', 'metrics_port_free', `${wanted} is free; the app does not run`];
}

/** @param reason what the client logged about the failure */
export function toloka(
  access: Access,
  { apiUrl, kind }: Settings['environments'][number],
  reason: string,
): Result {
  const { host } = new URL(apiUrl);
  if (access.kind === 'found') {
    const account = access.value.name === null ? 'the token' : `the token of “${access.value.name}”`;
    return ['ok', 'toloka_ok', `${host} accepts ${account}; whether it may archive shows only when it does`];
  }
  if (access.kind === 'not_found')
    return [
      'broken',
      'toloka_unreachable',
      `${host} does not answer as Toloka does`,
      'Check the URLs in the settings.',
    ];
  const { code, httpStatus = 0 } = access.why;
  if (access.kind === 'no_access') {
    const token = kind === 'production' ? 'TOLOKA_TOKEN' : 'TOLOKA_SANDBOX_TOKEN';
    const fix = `Set ${token} to one of this environment and of an account with full access. A view-only account can’t use the API.`;
    return ['broken', 'toloka_no_access', `${host} denies access (${httpStatus} ${code})`, fix];
  }
  if (httpStatus === 429 || httpStatus >= 500)
    return ['unchecked', 'toloka_trouble', `${host} has trouble (${httpStatus} ${code})`, 'Try again later.'];
  return ['broken', 'toloka_unreachable', `${host} gives no answer that can be used`, reason];
}

export const tolokaClock = (access: Access): Result =>
  access.kind === 'found' ? clock(access.value.clockAheadMs) : NOT_CHECKED;

/** The longest difference of clocks that is nothing to worry about, and that works, in ms. */
const [SMALL_SKEW_MS, MOST_SKEW_MS] = [10_000, 120_000] as const;

export function clock(aheadMs: number | null): Result {
  if (aheadMs === null) return ['unchecked', 'clock_unknown', 'the answer does not say the time'];
  const skew = Math.abs(aheadMs);
  if (skew <= SMALL_SKEW_MS) return ['ok', 'clock_ok', 'no difference that matters'];
  const far = `this machine is ${Math.round(skew / 1000)} s ${aheadMs > 0 ? 'ahead' : 'behind'}`;
  const fix = 'Set the clock (NTP).';
  return skew > MOST_SKEW_MS ? ['broken', 'clocks_apart', far, fix] : ['warning', 'clock_differs', far, fix];
}

export const journalFailure = ({ kind, code, message }: JournalError): Result => [
  kind === 'busy' ? 'unchecked' : 'broken',
  code,
  'can’t be used',
  message,
];

export function journal({ location, schema, unwritable }: JournalInspection): Result {
  if (unwritable !== null) {
    const fix = 'Run this as the user of the app, and give that user the right.';
    return ['broken', 'journal_unwritable', `${location} can’t be written: ${unwritable}`, fix];
  }
  if (schema !== null) return ['ok', 'journal_ok', `${location} can be written; schema ${schema}`];
  const fix = 'If there was one, correct JOURNAL_PATH or DATABASE_URL, or restore it.';
  return ['warning', 'journal_new', `none yet at ${location}; the app makes it at its first start`, fix];
}

const MIB = 2 ** 20;

export function disk({ freeBytes }: JournalInspection): Result {
  const free = `${Math.floor(freeBytes / MIB)} MiB free`;
  const fix = 'Make room on the disk of the journal.';
  if (freeBytes < 10 * MIB) return ['broken', 'disk_full', free, fix];
  return freeBytes < 200 * MIB ? ['warning', 'disk_low', free, fix] : ['ok', 'disk_ok', free];
}

/** @param oldest when a request that is still open may have been sent at the earliest (epoch ms) */
export function openRequests({ open }: JournalInspection, oldest: number): Result[] {
  const results: Result[] = [];
  const add = (status: Status, code: string, what: string, of: JournalInspection['open'], fix: string) => {
    const ids = of.map(({ id }) => id).join(', ');
    if (ids) results.push([status, code, `${of.length} of ${open.length} ${what}: ${ids}`, fix]);
  };
  const changed = open.filter(({ findings }) => findings.length > 0);
  const verify = 'Run npm run -s audit -- verify, and compare them with their cards and with Toloka.';
  add('broken', 'chain_broken', 'were changed outside the app', changed, verify);
  const overdue = open.filter(
    ({ request }) => request && (request.submittedAt ?? request.createdAt) < oldest,
  );
  const look = 'Look at their cards, and at the trainings in Toloka.';
  add('warning', 'requests_overdue', 'are older than DEADLINE_HOURS', overdue, look);
  return results.length > 0 ? results : [['ok', 'open_requests_ok', `${open.length}, with intact records`]];
}

export const journalClock = ({ clock: problem }: JournalInspection): Result =>
  problem === null
    ? ['ok', 'clock_ok', 'no difference that matters']
    : ['broken', 'clocks_apart', 'too far apart', problem];
