import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, SECRET_NAMES, SETTING_NAMES } from '../src/config';

const read = (path: string) => readFileSync(join(__dirname, '..', path), 'utf8');

describe('the settings in the documents', () => {
  it('.env.example has every setting of the code once, and no others', () => {
    const named = [...read('.env.example').matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual([...SETTING_NAMES].sort());
  });

  it('.env.example works once the tokens are replaced', () => {
    const lines = read('.env.example')
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line));
    const env = Object.fromEntries(lines.map((line) => line.split('=') as [string, string]));
    expect(() => loadConfig(env)).toThrow(/TOLOKA_TOKEN is the value of \.env\.example/);
    for (const [name, value] of Object.entries(env)) env[name] = value.replace('your-', '1-');
    expect(loadConfig(env).defaultEnvironment).toBe('production');
  });

  it('the README lists the secrets that can be in files', () => {
    const [, section = ''] = /### Secrets in files\n([\s\S]*?)\n## /.exec(read('README.md')) ?? [];
    const [, list = ''] = /This works for ([^.]*)\./.exec(section) ?? [];
    expect([...list.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(SECRET_NAMES);
  });

  it.each(['.env.example', 'README.md', 'docs/operations.md', 'docs/audit.md'])(
    '%s names only secrets as files',
    (path) => {
      const named = [...read(path).matchAll(/\b([A-Z][A-Z_]+)_FILE\b/g)].map(([, name]) => name ?? '');
      expect(named).not.toEqual([]);
      expect(named.filter((name) => !SECRET_NAMES.includes(name))).toEqual([]);
    },
  );

  it('the README’s table has every setting with its default', () => {
    const rows = [...read('README.md').matchAll(/^\| `([A-Z][A-Z_]+)` \| ([^|]*) \|/gm)];
    expect(rows.map(([, name]) => name).sort()).toEqual([...SETTING_NAMES].sort());
    const defaults = Object.fromEntries(rows.map(([, name, value]) => [name, value?.trim()]));
    const settings = loadConfig({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', TOLOKA_TOKEN: 't' });
    expect(defaults).toMatchObject({
      TOLOKA_REQUESTS_PER_SECOND: `\`${settings.tolokaRequestsPerSecond}\``,
      PORT: `\`${settings.port}\``,
      JOURNAL_PATH: `\`${settings.journalPath}\``,
      LOG_LEVEL: `\`${settings.logLevel}\``,
      LEASE_SECONDS: `\`${settings.leaseMs / 1000}\``,
      UNKNOWN_GRACE_SECONDS: `\`${settings.graceMs / 1000}\``,
      DEADLINE_HOURS: `\`${settings.deadlineMs / 3_600_000}\``,
      APPROVAL_HOURS: `\`${settings.approvalMs / 3_600_000}\``,
      APPROVALS_PRODUCTION: `\`${settings.environments[0]?.approvals}\``,
      APPROVALS_SANDBOX: '`0`',
      CONFIRM_BY_TYPING: '`production`',
    });
  });
});
