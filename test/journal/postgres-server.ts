import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, chownSync, constants, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Certificate } from '../support/certificates';
import { freePort } from '../support/free-port';

/** Not what anybody would choose, so that it can be looked for in everything that is said. */
export const PASSWORD = 'pässw/rd:#1';
const USER = 'journal';

export interface PostgresServer {
  /** An address of the database `postgres` for a superuser. */
  url: string;
  /** Ends at once and comes back on the same port with the same data. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends and comes back as a standby, which takes no writes until it is promoted by `pg_promote()`. */
  startAsStandby(): Promise<void>;
  /** Ends and comes back with this certificate, for connections that ask for TLS; with null, without TLS. */
  startWithTls(certificate: Pick<Certificate, 'cert' | 'key'> | null): Promise<void>;
  remove(): Promise<void>;
}

/**
 * The directory of `initdb` and `postgres`: that of `POSTGRES_PROGRAMS`, else of the newest of Debian's packages, else
 * one of the PATH. Undefined when there are none on this machine.
 */
export function postgresPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = (() => {
    try {
      return readdirSync(debian).sort((a, b) => Number(b) - Number(a));
    } catch {
      return [];
    }
  })();
  const places = [
    process.env['POSTGRES_PROGRAMS'] ?? '',
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return places.find((place) =>
    ['initdb', 'postgres'].every((program) => {
      try {
        accessSync(join(place, program), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
  );
}

/** PostgreSQL refuses to run as root; Debian's package makes a user for it. */
function owner(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A server of its own on a loopback port, with its data in a temporary directory. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'));
  const as = owner();
  const password = join(directory, 'password');
  writeFileSync(password, PASSWORD);
  for (const path of [directory, password]) chownSync(path, as.uid ?? -1, as.gid ?? -1);
  const data = join(directory, 'data');
  const how = ['-E', 'UTF8', '--locale=C', '--no-sync', '--auth=scram-sha-256', `--username=${USER}`];
  const init = (...more: string[]) =>
    execFileSync(join(programs, 'initdb'), ['-D', data, ...how, `--pwfile=${password}`, ...more], {
      ...as,
      stdio: 'pipe',
      env: { PATH: process.env['PATH'] },
    });
  try {
    // Sorts texts as people do, unlike SQLite: what the journal's order must not hang on. PostgreSQL 15 and later.
    init('--locale-provider=icu', '--icu-locale=en');
  } catch {
    rmSync(data, { recursive: true, force: true });
    init();
  }
  const port = await freePort();
  const url = `postgresql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`;
  let child: ChildProcess | undefined;
  let tls = 'off';
  // A worker that jest ends before `remove` must not leave a server behind.
  process.once('exit', () => child?.kill('SIGQUIT'));
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${directory}`,
    'fsync=off',
  ];
  const server: PostgresServer = {
    url,
    start: async () => {
      const options = { ...as, stdio: 'ignore', env: { PATH: process.env['PATH'] } } as const;
      child = spawn(
        join(programs, 'postgres'),
        ['-D', data, ...[...settings, `ssl=${tls}`].flatMap((one) => ['-c', one])],
        options,
      );
      await untilItAnswers(url);
    },
    stop: async () => {
      const ended = new Promise((resolve) => child?.once('close', resolve));
      child?.kill('SIGQUIT');
      await ended;
      child = undefined;
    },
    startAsStandby: async () => {
      // A clean end, after which a standby can be read at once.
      const ended = new Promise((resolve) => child?.once('close', resolve));
      child?.kill('SIGINT');
      await ended;
      writeFileSync(join(data, 'standby.signal'), '');
      await server.start();
    },
    startWithTls: async (certificate) => {
      await server.stop();
      const files = { 'server.crt': certificate?.cert ?? '', 'server.key': certificate?.key ?? '' };
      for (const [name, content] of Object.entries(files)) {
        const path = join(data, name);
        writeFileSync(path, content, { mode: 0o600 });
        chownSync(path, as.uid ?? -1, as.gid ?? -1);
      }
      tls = certificate ? 'on' : 'off';
      await server.start();
    },
    remove: async () => {
      if (child) await server.stop();
      rmSync(directory, { recursive: true });
    },
  };
  await server.start();
  return server;
}

async function untilItAnswers(url: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (tries >= 200) throw error;
      await sleep(50);
    }
  }
}
