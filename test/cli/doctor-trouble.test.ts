import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Finding } from '../../src/cli/checks';
import { startServer, stopServer } from '../../src/process/health';
import { freePort } from '../support/free-port';
import { ELSEWHERE, GENERAL } from '../support/harness';
import { createWard, type Run, SCOPES, type Ward } from './ward';

let ward: Ward;
let servers: Server[];
beforeEach(async () => {
  servers = [];
  ward = await createWard();
});
afterEach(async () => {
  await Promise.all(servers.map(stopServer));
  await ward.close();
});

/** Starts what answers as this app does. */
async function portOfApp(problems: string[] = []): Promise<string> {
  const server = await startServer({ host: '127.0.0.1', port: 0 }, { notReady: async () => problems });
  servers.push(server);
  return String((server.address() as AddressInfo).port);
}

interface Case extends Run {
  /** Prepares what is wrong. Returns settings that depend on it. */
  given?: () => unknown;
  code: 0 | 1 | 2;
  /** The stable code of the finding, and its line. */
  finding: string;
  line: string | RegExp;
}

const hour = 3_600_000;
const cases: Record<string, Case> = {
  'quotes around a setting': {
    env: { LOG_LEVEL: '"info"' },
    ...{ code: 0, finding: 'settings_note', line: '! Settings: The quotes around LOG_LEVEL were left out.' },
  },
  'nobody in ARCHIVE_ALLOW': {
    env: { ARCHIVE_ALLOW: '' },
    ...{
      code: 0,
      finding: 'nobody_allowed',
      line: '! Settings: nobody can archive yet. Set ARCHIVE_ALLOW.',
    },
  },
  'a wrong bot token': {
    env: { SLACK_BOT_TOKEN: 'xoxb-wrong' },
    args: ['--channel', GENERAL],
    code: 1,
    finding: 'slack_token_denied',
    line: '✗ Slack bot token: Slack does not accept SLACK_BOT_TOKEN (invalid_auth). Copy the Bot User OAuth Token again.',
  },
  'what depends on the bot token': {
    env: { SLACK_BOT_TOKEN: 'xoxb-wrong' },
    args: ['--channel', GENERAL],
    code: 1,
    finding: 'not_checked',
    line: `? Channel ${GENERAL}: not checked, because another check failed.`,
  },
  'Slack out of reach': {
    given: async () => ({ SLACK_API_URL: `http://127.0.0.1:${await freePort()}/api/` }),
    code: 1,
    finding: 'slack_unreachable',
    line: /^✗ Slack bot token: Slack can’t be reached \(.*\)\. Check the network, a proxy/m,
  },
  'Slack that says nothing': {
    given: () => void ward.workspace.faults.add({ kind: 'silent', method: 'auth.test' }),
    options: { limitMs: 500 },
    code: 1,
    finding: 'slack_unreachable',
    line: /^✗ Slack bot token: Slack can’t be reached \(.*time.*\)/m,
  },
  'trouble of Slack': {
    given: () => void ward.workspace.faults.add({ kind: 'status', method: 'auth.test' }),
    code: 2,
    finding: 'slack_trouble',
    line: /^\? Slack bot token: Slack has trouble \(slack_http_503\)\. Try again later/m,
  },
  'too many calls': {
    given: () => void ward.workspace.faults.add({ kind: 'ratelimited', method: 'conversations.info' }),
    args: ['--channel', GENERAL],
    ...{ code: 2, finding: 'slack_trouble', line: `? Channel ${GENERAL}: Slack has trouble (ratelimited).` },
  },
  'a missing scope': {
    given: () => ward.workspace.setScopes(SCOPES.filter((scope) => scope !== 'chat:write')),
    code: 1,
    finding: 'scopes_missing',
    line: '✗ Slack scopes: missing: chat:write. Reinstall the app from manifest.yml.',
  },
  'an optional scope that was left out': {
    given: () => ward.workspace.setScopes(SCOPES.filter((scope) => scope !== 'mpim:read')),
    code: 0,
    finding: 'scope_not_granted',
    line: '! Slack scopes: without mpim:read, a direct message of several people may be taken for a channel.',
  },
  'what a scope is missing for': {
    given: () => ward.workspace.setScopes(SCOPES.filter((scope) => scope !== 'channels:read')),
    args: ['--channel', GENERAL],
    code: 1,
    finding: 'slack_denied',
    line: `✗ Channel ${GENERAL}: Slack denies it (missing_scope). Reinstall the app from manifest.yml.`,
  },
  'an extra scope': {
    given: () => ward.workspace.setScopes([...SCOPES, 'users:read']),
    code: 0,
    finding: 'scopes_extra',
    line: '! Slack scopes: more than manifest.yml asks for: users:read.',
  },
  'a wrong app-level token': {
    env: { SLACK_APP_TOKEN: 'xapp-wrong' },
    code: 1,
    finding: 'app_token_denied',
    line: /^✗ Slack events: Slack does not accept SLACK_APP_TOKEN \(invalid_auth\)\. Create .*connections:write\.$/m,
  },
  'no way to the socket': {
    given: () =>
      void ward.workspace.faults.add({ kind: 'error', method: 'apps.connections.open', skip: 1, times: 9 }),
    code: 1,
    finding: 'socket_failed',
    line: /^✗ Slack events: not connected to Slack \(internal_error\)\. Let .* reach wss-primary\.slack\.com/m,
  },
  'a port of another program': {
    given: async () => ({
      PORT: String(await ward.listen(createServer((_, response) => response.end('<html>')))),
    }),
    code: 1,
    finding: 'port_taken',
    line: /^✗ Port: the app can’t listen there\. Port \d+ can't be used\. Set PORT to a free one\.$/m,
  },
  'an app that is not ready': {
    given: async () => ({ PORT: await portOfApp(['no journal', 'no Slack']) }),
    code: 1,
    finding: 'app_not_ready',
    line: /^✗ Port: the app runs at \d+ and is not ready: no journal; no Slack\.$/m,
  },
  'a metrics port of another program': {
    given: async () => ({
      METRICS_PORT: String(await ward.listen(createServer((_, response) => response.end('<html>')))),
    }),
    code: 1,
    finding: 'metrics_port_taken',
    line: /^✗ Metrics port: the app can’t listen there\. Port \d+ can't be used\. Set METRICS_PORT to a free one\.$/m,
  },
  'a metrics port of another app': {
    given: async () => ({ PORT: String(await freePort()), METRICS_PORT: await portOfApp() }),
    code: 1,
    finding: 'metrics_port_other',
    line: /^✗ Metrics port: another app has its health checks at \d+\. Stop that app, or set METRICS_PORT to a/m,
  },
  'an app that was started without METRICS_PORT': {
    given: async () => ({ PORT: await portOfApp(), METRICS_PORT: String(await freePort()) }),
    code: 0,
    finding: 'metrics_off',
    line: /^! Metrics port: the app runs, but not at \d+\. Restart the app\.$/m,
  },
  'a metrics port that is the port of the app': {
    env: { PORT: '3999', METRICS_PORT: '3999' },
    code: 2,
    finding: 'settings_invalid',
    line: '✗ Settings: METRICS_PORT is the port of the app itself: choose another one.',
  },
  'a channel without the app': {
    args: ['--channel', ELSEWHERE],
    code: 1,
    finding: 'channel_not_joined',
    line: `✗ Channel ${ELSEWHERE}: the app is not in #elsewhere. Type /invite and the app’s name in the channel`,
  },
  'a channel of the settings without the app': {
    env: { ARCHIVE_CHANNELS: `${GENERAL},${ELSEWHERE}` },
    ...{ code: 1, finding: 'channel_not_joined', line: `✗ Channel ${ELSEWHERE}: the app is not in` },
  },
  'a private channel without the app': {
    args: ['--channel', 'G05SECRET'],
    ...{ code: 1, finding: 'channel_not_found', line: '✗ Channel G05SECRET: does not exist, or is private' },
  },
  'an archived channel': {
    args: ['--channel', 'C03OLD'],
    ...{ code: 1, finding: 'channel_archived', line: '✗ Channel C03OLD: #old is archived. Use another' },
  },
  'a direct message': {
    args: ['--channel', 'G04FEW'],
    ...{ code: 1, finding: 'channel_direct_message', line: '✗ Channel G04FEW: is a direct message. Use a' },
  },
  'a channel that is not in ARCHIVE_CHANNELS': {
    env: { ARCHIVE_CHANNELS: 'C03OLD' },
    args: ['--channel', GENERAL],
    ...{ code: 1, finding: 'channel_not_allowed', line: `! Channel ${GENERAL}: #general is not in ARCHIVE_` },
  },
  'an unknown user group': {
    env: { ARCHIVE_ALLOW: 'S99' },
    ...{ code: 1, finding: 'group_not_found', line: '✗ User group S99: the workspace has no such group.' },
  },
  'a disabled user group': {
    env: { ARCHIVE_ALLOW: 'S03OFF' },
    ...{ code: 1, finding: 'group_disabled', line: '✗ User group S03OFF: @former is disabled. Correct ARC' },
  },
  'an empty user group': {
    env: { ARCHIVE_ALLOW: 'S02EMPTY' },
    ...{ code: 1, finding: 'group_empty', line: '✗ User group S02EMPTY: nobody is in @nobody. Correct ARC' },
  },
  'a wrong Toloka token': {
    env: { TOLOKA_TOKEN: 'wrong-toloka-token' },
    code: 1,
    finding: 'toloka_no_access',
    line: /^✗ Toloka production: 127\S+ denies access \(401 AUTHENTICATION_ERROR\)\. Set TOLOKA_TOKEN to .*view-only/m,
  },
  'an account that may not use the API': {
    given: () =>
      void ward.account.faults.add({ path: '/v1/', times: 9, fault: { kind: 'status', status: 403 } }),
    code: 1,
    finding: 'toloka_no_access',
    line: /^✗ Toloka production: 127\S+ denies access \(403 ACCESS_DENIED\)\. .* A view-only account can’t use the API\.$/m,
  },
  'trouble of Toloka': {
    given: () =>
      void ward.account.faults.add({ path: '/v1/', times: 99, fault: { kind: 'status', status: 503 } }),
    options: { limitMs: 3_000 },
    code: 2,
    finding: 'toloka_trouble',
    line: /^\? Toloka production: 127\S+ has trouble \(503 REMOTE_SERVICE_UNAVAILABLE\)\. Try again later\.$/m,
  },
  'Toloka out of reach': {
    given: async () => ({ TOLOKA_API_URL: `http://127.0.0.1:${await freePort()}/api` }),
    options: { limitMs: 1_000 },
    code: 1,
    finding: 'toloka_unreachable',
    line: /^✗ Toloka production: 127\S+ gives no answer that can be used\. Toloka cannot be reached\. .*ECONNREFUSED/m,
  },
  'Toloka that says nothing': {
    given: () => void ward.account.faults.add({ path: '/v1/', times: 9, fault: { kind: 'silent' } }),
    options: { limitMs: 500 },
    ...{ code: 1, finding: 'toloka_unreachable', line: 'Toloka did not answer in time.' },
  },
  'another service in place of Toloka': {
    given: async () => {
      const server = createServer((_request, response) => response.writeHead(404).end('{}'));
      return { TOLOKA_API_URL: `http://127.0.0.1:${await ward.listen(server)}/api` };
    },
    ...{
      code: 1,
      finding: 'toloka_unreachable',
      line: 'does not answer as Toloka does. Check the URLs in the',
    },
  },
  'a clock that is a little fast': {
    options: { now: () => Date.now() + 60_000 },
    ...{
      code: 0,
      finding: 'clock_differs',
      line: /^! Clock, compared with Slack: this machine is (60|59) s ahead/m,
    },
  },
  'a clock that is far behind': {
    options: { now: () => Date.now() - hour },
    ...{
      code: 1,
      finding: 'clocks_apart',
      line: /^✗ Clock, compared with Toloka \(production\): this machine is (3600|3599) s behind\. Set the clock/m,
    },
  },
  'no journal yet': {
    ...{ code: 0, finding: 'journal_new', line: /^! Journal: none yet at .*journal\.db; the app makes it/m },
  },
  'a file that is no journal': {
    given: () => writeFileSync(ward.journalPath, 'Dear diary, '.repeat(1_000)),
    ...{ code: 1, finding: 'journal_unreadable', line: '✗ Journal: can’t be used.' },
  },
  'a journal of a newer version': {
    given: () => ward.makeJournal('update schema_version set version = 99'),
    ...{ code: 1, finding: 'journal_too_new', line: 'has schema 99, this version of the app knows' },
  },
  'a database server out of reach': {
    given: async () => ({ DATABASE_URL: `postgresql://app:pass-word@127.0.0.1:${await freePort()}/journal` }),
    ...{
      code: 1,
      finding: 'journal_unavailable',
      line: /^✗ Journal: can’t be used\. .* cannot be used \(ECONNREFUSED/m,
    },
  },
  'a directory that is none': {
    given: () => {
      writeFileSync(join(ward.directory, 'file'), '');
      return { JOURNAL_PATH: join(ward.directory, 'file', 'journal.db') };
    },
    code: 1,
    finding: 'journal_unwritable',
    line: /^✗ Journal: .*journal\.db can’t be written: .*file is not a directory\. Run this as/m,
  },
  'a changed record': {
    given: () => ward.makeJournal(`update events set actor = 'U9' where request_id = 'young'`),
    ...{
      code: 1,
      finding: 'chain_broken',
      line: '✗ Open requests: 1 of 2 were changed outside the app: young. Run',
    },
  },
  'an open request of yesterday': {
    given: () => ward.makeJournal(),
    ...{
      code: 0,
      finding: 'requests_overdue',
      line: '! Open requests: 1 of 2 are older than DEADLINE_HOURS: old. Look',
    },
  },
  'a proxy out of reach': {
    given: async () => ({ HTTPS_PROXY: `http://app:pass-word@127.0.0.1:${await freePort()}` }),
    options: { limitMs: 1_000 },
    ...{
      code: 1,
      finding: 'proxy_unreachable',
      line: /^✗ Proxy 127\.0\.0\.1:\d+: can’t be reached \(connect ECONNREFUSED/m,
    },
  },
  'a proxy with another login': {
    given: async () => {
      const proxy = createServer();
      proxy.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 No\r\n\r\n'));
      return { HTTPS_PROXY: `http://app:pass-word@127.0.0.1:${await ward.listen(proxy)}`, NO_PROXY: '*' };
    },
    ...{
      code: 1,
      finding: 'proxy_login_denied',
      line: /^✗ Proxy 127\S+: does not accept the login\. Correct user/m,
    },
  },
  'a proxy that denies Slack': {
    given: async () => {
      const proxy = createServer();
      proxy.on('connect', (_request, socket) => socket.end('HTTP/1.1 403 No\r\n\r\n'));
      return { HTTPS_PROXY: `http://127.0.0.1:${await ward.listen(proxy)}`, NO_PROXY: '*' };
    },
    ...{
      code: 0,
      finding: 'proxy_denied',
      line: /^! Proxy 127\S+: answers 403 to CONNECT 127\.0\.0\.1:\d+\./m,
    },
  },
  'a check that takes too long': {
    given: () => {
      ward.workspace.faults.add({ kind: 'slow', method: 'auth.test', ms: 1_000 });
      ward.workspace.faults.add({ kind: 'silent', method: 'conversations.info' });
    },
    args: ['--channel', GENERAL],
    // Each call may take 2.4 s.
    options: { limitMs: 3_000 },
    ...{ code: 2, finding: 'timed_out', line: `? Channel ${GENERAL}: no answer within` },
  },
};

describe('what is wrong has its line, its code and its exit code', () => {
  it.each(Object.entries(cases))('%s', async (_what, { given, env, args = [], options, ...wanted }) => {
    const run = async (...more: string[]) => {
      for (const { faults } of [ward.workspace, ward.account]) faults.clear();
      const settings = { ...((await given?.()) as object), ...env };
      return ward.doctor({ env: settings, args: [...args, ...more], ...(options && { options }) });
    };
    const { code, finding, line } = wanted;
    const shown = typeof line === 'string' ? expect.stringContaining(line) : expect.stringMatching(line);
    expect(await run()).toEqual({ code, err: '', out: shown });
    const { out } = await run('--json');
    const report = JSON.parse(out) as { exitCode: number; findings: Finding[] };
    expect(report.exitCode).toBe(code);
    expect(report.findings.map((one) => one.code)).toContain(finding);
  });
});
