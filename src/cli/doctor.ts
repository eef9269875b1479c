import { parseArgs } from 'node:util';
import { CardError } from '../archive/errors';
import { ConfigError, loadConfig, type Settings, secretsOf } from '../config';
import { JournalError } from '../journal/errors';
import { inspectJournal } from '../journal/inspection';
import type { Logger } from '../logger';
import { readPort } from '../process/port';
import { throughProxy } from '../process/proxy';
import { createRedactor } from '../redact';
import { createSlackInspection } from '../slack/inspection';
import { createTolokaAccount } from '../toloka';
import type { Check, Finding, Result, Status } from './checks';
import * as checks from './checks';
import * as slackChecks from './checks-slack';
import { type ExitCode, type Io, reporting, runAsProcess, UsageError, visible } from './program';

const HELP = `Checks an installation: the settings, Slack, Toloka and the journal. It finds the settings as the app does, changes
nothing, and can run beside the app.

  doctor [--channel C…] [--json]

  --channel C…   checks this channel too; may be repeated
  --json         prints one JSON object

exit      0 all fine    1 something is broken    2 the settings or the command are wrong, or something can't be checked
`;

/** How long one check may take, in ms. */
const LIMIT_MS = 10_000;
const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const SIGNS: Record<Status, string> = { ok: '✓', warning: '!', broken: '✗', unchecked: '?' };

interface Options {
  channels: readonly string[];
  limitMs: number;
  now(): number;
}

/** `npm run doctor`. @see docs/operations.md, "Check an installation" */
export function runDoctor(
  args: readonly string[],
  io: Io,
  { limitMs = LIMIT_MS, now = Date.now }: Partial<Options> = {},
): Promise<ExitCode> {
  return reporting(io, async () => {
    const { channel: channels = [], json, help } = parse(args);
    if (help) {
      await io.out(HELP);
      return 0;
    }
    const findings = await examine(io, { channels, limitMs, now });
    const exitCode = exitCodeOf(findings);
    await io.out(json ? `${JSON.stringify({ exitCode, findings })}\n` : findings.map(lineOf).join(''));
    return exitCode;
  });
}

function parse(args: readonly string[]) {
  try {
    const options = {
      channel: { type: 'string', multiple: true },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const wrong = values.channel?.find((id) => !/^[CG][A-Z0-9]{2,}$/.test(id));
    if (wrong === undefined) return values;
    throw new Error(`${JSON.stringify(wrong)} is not a Slack channel ID (C…)`);
  } catch (error) {
    throw new UsageError(`${(error as Error).message.replace(/\.$/, '')}. See doctor --help.`);
  }
}

function exitCodeOf(findings: readonly Finding[]): ExitCode {
  const broken = findings.filter(({ status }) => status === 'broken');
  if (broken.some(({ check }) => check === 'settings')) return 2;
  if (broken.length > 0) return 1;
  return findings.some(({ status }) => status === 'unchecked') ? 2 : 0;
}

function lineOf({ check, subject, status, message, fix }: Finding): string {
  const what = [checks.CHECKS[check], subject].filter(Boolean).join(' ');
  return `${visible([`${SIGNS[status]} ${what}: ${message}.`, fix].filter(Boolean).join(' '))}\n`;
}

async function examine({ env }: Io, options: Options): Promise<Finding[]> {
  try {
    const settings = loadConfig(env);
    const redact = createRedactor(secretsOf(settings));
    const findings = await examineAll(settings, options);
    return findings.map(({ message, fix, ...rest }) => ({
      ...{ ...rest, message: redact(message) },
      ...(fix && { fix: redact(fix) }),
    }));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => finding('settings', ['broken', 'settings_invalid', problem]));
  }
}

const finding = (check: Check, [status, code, message, fix]: Result, subject?: string): Finding => ({
  ...{ check, ...(subject && { subject }), status, code, message },
  ...(fix && { fix }),
});

type Results = Result | Result[];

/** Makes all checks at the same time. */
async function examineAll(settings: Settings, { channels, limitMs, now }: Options): Promise<Finding[]> {
  const { slack: slackSettings, rules } = settings;
  // A call that gives up by itself says more than the limit of its check.
  const timeoutMs = Math.floor(limitMs * 0.8);
  const createAgent = settings.proxy && throughProxy(settings.proxy);
  const dispatcher = createAgent?.();
  const slack = createSlackInspection({ ...slackSettings, timeoutMs, dispatcher, logger: SILENT, now });

  async function run(check: Check, work: () => Promise<Results>, subject?: string): Promise<Finding[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Results>((resolve) => {
      timer = setTimeout(() => resolve(checks.timedOut(limitMs)), limitMs);
    });
    const results = await Promise.race([work().catch(failureOf), late]);
    clearTimeout(timer);
    return list(results).map((result) => finding(check, result, subject));
  }

  const bot = slack.bot();
  const port = readPort(settings, timeoutMs);
  const { host, metricsPort } = settings;
  const journal = inspectJournal({ ...settings, path: settings.journalPath, timeoutMs, now });
  const groups = rules.groups.length > 0 ? bot.then(slack.groups) : undefined;
  // When there is no answer about the token, nobody waits for them.
  groups?.catch(() => {});
  const checked = [...new Set([...channels, ...rules.channels])];

  const ofToloka = async (environment: Settings['environments'][number]) => {
    const { name } = environment;
    let reason = '';
    const account = createTolokaAccount(environment, {
      ...{ archiveMs: timeoutMs, readMs: timeoutMs, clock: { now }, createAgent },
      requestsPerSecond: settings.tolokaRequestsPerSecond,
      logger: {
        ...SILENT,
        warn: (_message, fields) => {
          reason = String(fields?.['reason'] ?? reason);
        },
      },
    });
    const access = account.readAccess();
    const findings = await Promise.all([
      run('toloka', async () => checks.toloka(await access, environment, reason), name),
      run('clock', async () => checks.tolokaClock(await access), `Toloka (${name})`),
    ]);
    await account.close();
    return findings.flat();
  };

  try {
    const findings = await Promise.all([
      run('settings', async () => checks.settings(settings)),
      ...checks.proxies(settings, timeoutMs).map(({ subject, ask }) => run('proxy', ask, subject)),
      run('slack_token', async () => slackChecks.bot(await bot)),
      run('slack_scopes', () => after(bot, slackChecks.scopes)),
      run('slack_events', async () => slackChecks.events(slack, slackSettings.transport, await port)),
      run('clock', () => after(bot, slackChecks.slackClock), 'Slack'),
      run('port', async () => checks.port(await port, settings)),
      ...(metricsPort === undefined
        ? []
        : [
            run('metrics_port', async () => {
              const found = await readPort({ host, port: metricsPort, setting: 'METRICS_PORT' }, timeoutMs);
              return checks.metricsPort(found, await port, settings);
            }),
          ]),
      ...checked.map((id) =>
        run('channel', () => after(bot, () => slackChecks.channel(slack, id, rules)), id),
      ),
      ...rules.groups.map((id) =>
        run('user_group', () => after(bot, async () => slackChecks.group(await groups, id)), id),
      ),
      ...settings.environments.map(ofToloka),
      run('journal', async () => checks.journal(await journal)),
      settings.databaseUrl === undefined
        ? run('disk', () => after(journal, checks.disk))
        : run('clock', () => after(journal, checks.journalClock), 'the database server'),
      run('open_requests', () =>
        after(journal, (found) => checks.openRequests(found, now() - settings.deadlineMs)),
      ),
    ]);
    return findings.flat();
  } finally {
    await slack.close();
    await dispatcher?.destroy();
  }
}

const list = (results: Results): Result[] => (Array.isArray(results[0]) ? results : [results]) as Result[];

/** Goes on with what another check has found, or says that it can't. */
async function after<T>(needed: Promise<T>, go: (found: T) => Results | Promise<Results>): Promise<Results> {
  const outcome = await needed.then(
    (found) => ({ found }),
    () => null,
  );
  return outcome === null ? checks.NOT_CHECKED : go(outcome.found);
}

/** What it means that a check has thrown. */
function failureOf(error: unknown): Result {
  if (error instanceof CardError) return slackChecks.slackFailure(error);
  if (error instanceof JournalError) return checks.journalFailure(error);
  return ['unchecked', 'check_failed', checks.rootOf(error)];
}

export const main = () => runAsProcess(runDoctor);

if (require.main === module) main();
