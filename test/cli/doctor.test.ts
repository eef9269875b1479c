import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as checks from '../../src/cli/checks';
import { scopes, slackClock } from '../../src/cli/checks-slack';
import { SCHEMA } from '../../src/journal/schema';
import { startServer, stopServer } from '../../src/process/health';
import { freePort } from '../support/free-port';
import { ELSEWHERE, GENERAL, GROUP, TOKENS } from '../support/harness';
import { createWard, type Ward } from './ward';

let ward: Ward;
beforeEach(async () => {
  ward = await createWard();
});
afterEach(() => ward.close());

describe('an installation', () => {
  it('in which all is well has one line for each check', async () => {
    await ward.makeJournal(`update requests set state = 'cancelled'`);
    const env = { ARCHIVE_CHANNELS: GENERAL };
    const { code, out, err } = await ward.doctor({ env, args: ['--channel', GENERAL] });
    expect([code, err]).toEqual([0, '']);
    expect(out.replaceAll(/127\.0\.0\.1:\d+|\/\S+journal\.db|\d+ MiB/g, '…')).toBe(`\
✓ Settings: valid; Socket Mode, production.
✓ Proxy: none; Slack and Toloka are reached directly.
✓ Slack bot token: @archive in the workspace demo (T0TEAM).
✓ Slack scopes: all that manifest.yml asks for.
✓ Slack events: Socket Mode connects.
✓ Clock, compared with Slack: no difference that matters.
✓ Port: any is free; the app does not run.
✓ Channel ${GENERAL}: the app is in #general.
✓ User group ${GROUP}: @archivists has 1 member.
✓ Toloka production: … accepts the token of “Jack Smith”; whether it may archive shows only when it does.
✓ Clock, compared with Toloka (production): no difference that matters.
✓ Journal: … can be written; schema ${SCHEMA}.
✓ Disk: … free.
✓ Open requests: 0, with intact records.
`);
    expect(ward.workspace.socket.history()).toMatchObject([{ envelopes: 0 }]);
    await ward.workspace.waitFor(() => ward.workspace.socket.connections().length === 0);
  });

  it('has one finding for each check and subject in JSON', async () => {
    await ward.makeJournal();
    const { findings } = await ward.findings({ args: ['--channel', GENERAL, '--channel', ELSEWHERE] });
    const of = ({ check, subject = '' }: checks.Finding) => `${check} ${subject}`;
    expect(new Set(findings.map(of)).size).toBe(findings.length);
    expect(findings.find(({ subject }) => subject === ELSEWHERE)).toEqual({
      check: 'channel',
      subject: ELSEWHERE,
      status: 'broken',
      code: 'channel_not_joined',
      message: 'the app is not in #elsewhere',
      fix: 'Type /invite and the app’s name in the channel, or correct the ID.',
    });
  });

  it.each([
    ['any', '0'],
    ['its own', undefined],
  ])('with METRICS_PORT has it looked at, while the app has %s port', async (_which, given) => {
    const [port, metrics] = [given ?? String(await freePort()), String(await freePort())];
    const env = { PORT: port, METRICS_PORT: metrics };
    const lineOf = async () => /^.* Metrics port: .*$/m.exec((await ward.doctor({ env })).out)?.[0];
    expect(await lineOf()).toBe(`✓ Metrics port: ${metrics} is free; the app does not run.`);
    const notReady = async () => [];
    const at = [port, metrics].map((one) =>
      startServer({ host: '127.0.0.1', port: Number(one) }, { notReady }),
    );
    const servers = await Promise.all(at);
    expect(await lineOf()).toBe(`✓ Metrics port: the app has its metrics at ${metrics}.`);
    await Promise.all(servers.map(stopServer));
  });

  it('with HTTP is not asked for a socket', async () => {
    const env = { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: TOKENS.signing };
    const { code, out } = await ward.doctor({ env });
    expect([code, out]).toEqual([
      0,
      expect.stringContaining('✓ Slack events: SLACK_SIGNING_SECRET is set; whether it is right shows'),
    ]);
    expect(ward.workspace.calls.map(({ method }) => method)).not.toContain('apps.connections.open');
  });

  it('with two accounts has both checked', async () => {
    const env = { TOLOKA_SANDBOX_TOKEN: 'wrong-one', TOLOKA_OTHER_API_URL: ward.account.url };
    const { code, out } = await ward.doctor({ env });
    expect(code).toBe(1);
    expect(out).toMatch(
      /^✓ Toloka production: .*\n✓ Clock, .*\n✗ Toloka sandbox: .* Set TOLOKA_SANDBOX_TOKEN/m,
    );
  });

  it('whose settings are wrong has each problem named, and nothing else is checked', async () => {
    const env = { SLACK_BOT_TOKEN: '', PORT: 'x', TOLOKA_TOKEN: '' };
    const { code, out } = await ward.doctor({ env });
    expect([code, out.split('\n').length]).toEqual([2, 4]);
    expect(out).toMatch(/^✗ Settings: SLACK_BOT_TOKEN is missing: install the app and copy/);
    const { findings } = await ward.findings({ env });
    expect(findings.map((one) => one.code)).toEqual(Array(3).fill('settings_invalid'));
    expect(ward.workspace.calls.length + ward.account.exchanges.length).toBe(0);
  });
});

describe('the command', () => {
  it.each([
    [['--chanel', 'C01'], "Unknown option '--chanel'"],
    [['--channel', 'general'], '"general" is not a Slack channel ID (C…)'],
    [['--channel'], "Option '--channel <value>' argument missing"],
    [['now'], "Unexpected argument 'now'"],
  ])('%j is not understood', async (args, words) => {
    const { code, out, err } = await ward.doctor({ args });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
    expect(err).toMatch(/See doctor --help\.\n$/);
  });

  it('shows its help', async () => {
    expect(await ward.doctor({ args: ['--help'] })).toEqual({
      code: 0,
      err: '',
      out: expect.stringContaining('doctor [--channel C…] [--json]'),
    });
  });
});

/** What a test can't bring about. */
describe('a finding about', () => {
  const journal = { location: 'j', schema: 5, unwritable: null, clock: null, open: [], freeBytes: 0 };

  it.each([
    [9.9, 'broken', 'disk_full'],
    [11, 'warning', 'disk_low'],
    [201, 'ok', 'disk_ok'],
  ])('a disk with %d MiB is %s', (mib, status, code) => {
    expect(checks.disk({ ...journal, freeBytes: mib * 2 ** 20 }).slice(0, 2)).toEqual([status, code]);
  });

  it('a journal that this user may not write says why', () => {
    const [status, code, message] = checks.journal({ ...journal, unwritable: 'the server is a standby' });
    expect([status, code]).toEqual(['broken', 'journal_unwritable']);
    expect(message).toBe('j can’t be written: the server is a standby');
  });

  it('the clock of the database server is what the journal says', () => {
    const clock = "This machine's clock is 9.0 s ahead of j. Set both by NTP.";
    expect(checks.journalClock({ ...journal, clock })).toEqual([
      'broken',
      'clocks_apart',
      'too far apart',
      clock,
    ]);
    expect(checks.journalClock(journal)[1]).toBe('clock_ok');
  });

  it('headers that a gateway leaves out is that they are not known', () => {
    const times = { headers: {}, sentAt: 0, receivedAt: 0 };
    const bot = { ...times, team: 't', teamId: 'T', user: 'u', scopes: null };
    expect(scopes(bot).map(([status, code]) => [status, code])).toEqual([['unchecked', 'scopes_unknown']]);
    expect(slackClock(bot).slice(0, 2)).toEqual(['unchecked', 'clock_unknown']);
  });
});

describe('docs/operations.md', () => {
  const read = (path: string) => readFileSync(join(__dirname, '..', '..', path), 'utf8');
  const [, after = ''] = read('docs/operations.md').split('## Check an installation\n');
  const section = after.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| (?:`(\w+)`|any) \| .* \| (`.*`) \|$/gm)];
  const sources = ['checks', 'checks-slack', 'doctor'].map((name) => read(`src/cli/${name}.ts`)).join();

  it('has every check', () => {
    const named = rows.map(([, check]) => check).filter((check) => check !== undefined);
    expect(named.sort()).toEqual(Object.keys(checks.CHECKS).sort());
  });

  it('has every code, and no others', () => {
    const documented = rows.flatMap(([, , codes = '']) => codes.match(/\w+/g) ?? []);
    const given = sources.matchAll(/'(?:ok|warning|broken|unchecked)',\s*'([a-z]+_[a-z_]+)'/g);
    // Those of JournalError, for reading.
    const kinds = ['unavailable', 'unreadable', 'busy', 'too_new', 'too_old'].map(
      (kind) => `journal_${kind}`,
    );
    const all = new Set([...[...given].map(([, code]) => code), ...kinds]);
    expect(documented.sort()).toEqual([...all].sort());
  });

  it('has the signs and limits of the code', () => {
    const [, signs = ''] = /SIGNS.* = \{ (.*) \};/.exec(sources) ?? [];
    const table = [...section.matchAll(/^\| (.) \| `(\w+)` \|/gm)].map(
      ([, sign, status]) => `${status}: '${sign}'`,
    );
    expect(table.join(', ')).toBe(signs);
    const limits = ['LIMIT_MS = 10_000', '< 10 \\* MIB', '< 200 \\* MIB', '\\[10_000, 120_000\\]'];
    expect(limits.filter((limit) => !new RegExp(limit).test(sources))).toEqual([]);
  });
});
