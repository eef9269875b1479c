import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Finding } from '../../src/cli/checks';
import { runDoctor } from '../../src/cli/doctor';
import { loadConfig, secretsOf } from '../../src/config';
import { OPTIONAL_SCOPES, REQUIRED_SCOPES } from '../../src/slack/scopes';
import { confirmed } from '../journal/builders';
import { sqlitePlace } from '../journal/sqlite-place';
import { ALICE, createFakes, ELSEWHERE, type Fakes, GENERAL, GROUP, TOKENS } from '../support/harness';

/** All scopes of manifest.yml. */
export const SCOPES = [...REQUIRED_SCOPES, ...Object.keys(OPTIONAL_SCOPES)];

/** The only methods of Slack that the program calls. */
const READING = ['auth.test', 'apps.connections.open', 'conversations.info', 'usergroups.list'];

export interface Run {
  env?: Record<string, string>;
  args?: string[];
  options?: Parameters<typeof runDoctor>[2];
}

export interface Ward extends Fakes {
  journalPath: string;
  /** Runs the program in this process, and checks what holds for every run. */
  doctor(run?: Run): Promise<{ code: number; out: string; err: string }>;
  /** The same, for its findings. */
  findings(run?: Run): Promise<{ exitCode: number; findings: Finding[] }>;
  /**
   * A journal with two open requests, the older one of yesterday. A copy, since SQLite writes into a file at any time
   * while a connection of this process is left.
   * @param sql what is done to it
   */
  makeJournal(sql?: string): Promise<void>;
  /** Starts a server on a free port of this machine. It is closed with the fakes. */
  listen(server: Server): Promise<number>;
}

/** An installation for the doctor, with a channel and a user group of each kind. */
export async function createWard(): Promise<Ward> {
  const members = [ALICE];
  const fakes = await createFakes({
    workspace: {
      scopes: [...SCOPES],
      channels: [
        { id: GENERAL, name: 'general', members, bot: true },
        { id: ELSEWHERE, name: 'elsewhere', members, bot: false },
        { id: 'C03OLD', name: 'old', members, bot: true, archived: true },
        { id: 'G04FEW', name: 'mpdm-alice--bob-1', members, bot: true, group: true },
        { id: 'G05SECRET', name: 'secret', members, bot: false, private: true },
      ],
      userGroups: [
        { id: GROUP, handle: 'archivists', users: members },
        { id: 'S02EMPTY', handle: 'nobody', users: [] },
        { id: 'S03OFF', handle: 'former', users: members, disabled: true },
      ],
    },
  });
  const { account, directory, workspace } = fakes;
  const journalPath = join(directory, 'journal.db');
  const endings: (() => unknown)[] = [fakes.close];

  async function doctor({ env = {}, args = [], options = {} }: Run = {}) {
    let out = '';
    let err = '';
    const all = fakes.env({ ARCHIVE_ALLOW: `${ALICE},${GROUP}`, HOST: '127.0.0.1', ...env });
    const before = stateOf(fakes);
    const calls = workspace.calls.length;
    const io = {
      env: all,
      out: async (text: string) => {
        out += text;
      },
      err: (text: string) => {
        err += text;
      },
    };
    const code = await runDoctor(args, io, options);
    expect(stateOf(fakes)).toEqual(before);
    expect(account.exchanges.filter(({ method }) => method !== 'GET')).toEqual([]);
    const called = workspace.calls.slice(calls).map(({ method }) => method);
    expect(called.filter((method) => !READING.includes(method))).toEqual([]);
    for (const secret of secretsIn(all)) expect(out + err).not.toContain(secret);
    return { code, out, err };
  }

  return {
    ...fakes,
    journalPath,
    doctor,
    findings: async (run = {}) =>
      JSON.parse((await doctor({ ...run, args: [...(run.args ?? []), '--json'] })).out),
    async makeJournal(sql = '') {
      const place = sqlitePlace();
      const journal = await place.open();
      await confirmed(journal, 'young', { createdAt: Date.now() });
      await confirmed(journal, 'old', { createdAt: Date.now() - 25 * 3_600_000 });
      await place.execute(`${place.unlock}; ${sql}; pragma wal_checkpoint(truncate)`);
      copyFileSync(place.path, journalPath);
      await place.remove();
    },
    async listen(server) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      endings.push(() => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      });
      return (server.address() as AddressInfo).port;
    },
    async close() {
      for (const end of endings.reverse()) await end();
    },
  };
}

/** What a run must not change: the files, the messages in Slack, and everything in Toloka. */
export function stateOf({ account, directory, workspace }: Fakes) {
  const files = readdirSync(directory).filter((name) => !name.endsWith('-shm'));
  const contents = files.map((name) => [name, readFileSync(join(directory, name))] as const);
  return {
    // SQLite makes an empty log where there is none.
    files: contents
      .filter(([name, content]) => content.length > 0 || !name.endsWith('-wal'))
      .map(([name, content]) => [name, createHash('sha256').update(content).digest('hex')]),
    messages: [GENERAL, ELSEWHERE].map((channel) => workspace.messages(channel)),
    operations: account.operations(),
  };
}

function secretsIn(env: Record<string, string>): string[] {
  try {
    return secretsOf(loadConfig(env));
  } catch {
    return Object.values(TOKENS);
  }
}
