import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config';
import { read } from './dockerfile';
import { STOP_SECONDS, undocumented, unknownNames } from './settings';

const unit = read('deploy/systemd/toloka-archive.service');
const lines = [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => ({ name, value }));
const valuesOf = (name: string) => lines.filter((line) => line.name === name).map(({ value }) => value);
const environment = Object.fromEntries(valuesOf('Environment').map((pair) => pair.split('=')));
const credentials = valuesOf('LoadCredential').map((pair) => pair.split(':'));

describe('the systemd unit', () => {
  it('starts the app as `npm start` does', () => {
    const { scripts } = JSON.parse(read('package.json'));
    expect(valuesOf('ExecStart')).toEqual([scripts.start.replace('exec node', '/usr/bin/node')]);
  });

  it('keeps the journal in its state directory, and knows only settings of the app', () => {
    expect(environment['JOURNAL_PATH']).toBe(`%S/${valuesOf('StateDirectory')}/journal.db`);
    expect(unknownNames(environment)).toEqual([]);
  });

  it('hands over each secret as a file, with which the app can start', () => {
    const files = Object.entries(environment).filter(([name]) => name.endsWith('_FILE'));
    expect(files).toEqual(credentials.map(([name]) => [`${name}_FILE`, `%d/${name}`]));
    const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', TOLOKA_TOKEN: 't' };
    expect(credentials.map(([name]) => name)).toEqual(Object.keys(tokens));
    expect(() => loadConfig(tokens)).not.toThrow();
  });

  it('reads the files that the document says to make', () => {
    const paths = [...credentials.map(([, path]) => path), ...valuesOf('EnvironmentFile')];
    for (const path of paths) expect(path).toMatch(/^\/etc\/toloka-archive\/\w+(\.env)?$/);
    const named = ['User', 'WorkingDirectory', 'EnvironmentFile'].flatMap(valuesOf);
    const secrets = `for name in ${credentials.map(([name]) => name).join(' ')};`;
    const journal = environment['JOURNAL_PATH'].replace('%S', 'JOURNAL_PATH=/var/lib');
    expect(undocumented([...named, secrets, journal])).toEqual([]);
  });

  it('gives the app its time to stop', () => {
    expect(valuesOf('TimeoutStopSec')).toEqual([String(STOP_SECONDS)]);
  });

  it('takes every right that the app does not need', () => {
    expect(valuesOf('CapabilityBoundingSet')).toEqual(['']);
    for (const [name, value] of [
      ['ProtectSystem', 'strict'],
      ['NoNewPrivileges', 'yes'],
      ['ProtectHome', 'yes'],
      ['PrivateTmp', 'yes'],
      ['PrivateDevices', 'yes'],
    ] as const)
      expect([name, valuesOf(name)]).toEqual([name, [value]]);
    // V8 makes machine code while it runs.
    expect(valuesOf('MemoryDenyWriteExecute')).toEqual([]);
  });

  describeSystemd(() => {
    it('has no mistake that systemd finds', () => {
      expect(analyze(['verify'])).toEqual({ status: 0, output: '' });
    });

    it('is rated OK by systemd', () => {
      // In tenths, from 0 (safe) to 100.
      const { status, output } = analyze(['security', '--offline=yes', '--no-pager', '--threshold=20']);
      expect([status, output.split('\n').at(-2)]).toEqual([0, expect.stringMatching(/exposure level.*OK/)]);
    });
  });
});

/** Skipped, with a word why, where systemd-analyze is not installed; a failure with CI=true. */
function describeSystemd(suite: () => void): void {
  if (spawnSync('systemd-analyze', ['--version']).status === 0) suite();
  else if (process.env['CI'] === 'true')
    it('finds systemd-analyze', () => expect('missing').toBe('installed'));
  else it.skip('is checked by systemd (install the package systemd)', () => {});
}

/** Runs systemd-analyze on the unit, with the Node of this machine. */
function analyze(args: string[]): { status: number | null; output: string } {
  const directory = mkdtempSync(join(tmpdir(), 'unit-'));
  try {
    const path = join(directory, 'toloka-archive.service');
    writeFileSync(path, unit.replace('/usr/bin/node', process.execPath));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args, path], { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
