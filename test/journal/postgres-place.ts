import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { type OpenJournal, openJournal } from '../../src/journal/store';
import type { JournalPlace } from './contract';
import { type PostgresServer, postgresPrograms, startPostgres } from './postgres-server';

const programs = postgresPrograms();
const given = process.env['TEST_DATABASE_URL'];

/**
 * A suite on a real PostgreSQL: one on `TEST_DATABASE_URL` (a superuser's), else one of its own. Skipped, with a word
 * why, where there is none; a failure with CI=true, so that CI cannot pass by testing nothing.
 */
export function describePostgres(name: string, suite: (server: () => PostgresServer) => void): void {
  if (given === undefined && programs === undefined) {
    const why = `no PostgreSQL: install it, or set TEST_DATABASE_URL`;
    if (process.env['CI'] === 'true')
      it(`${name} is tested`, () => {
        throw new Error(why);
      });
    else it.skip(`${name} (${why})`, () => {});
    return;
  }
  describe(name, () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = given === undefined ? await startPostgres(programs as string) : running(given);
    }, 60_000);
    afterAll(() => server?.remove());
    suite(() => server);
  });
}

const nothing = async () => {};
const running = (url: string): PostgresServer => ({
  ...{ url, start: nothing, stop: nothing, startAsStandby: nothing, startWithTls: nothing, remove: nothing },
});

/** For suites that must stop the server, which nobody may do to somebody else's. */
export const ownServer = given === undefined;

/** A schema of its own in the server's database. */
export async function postgresPlace(server: PostgresServer): Promise<JournalPlace & { url: string }> {
  const name = `journal_${randomUUID().replaceAll('-', '')}`;
  await executeAt(server.url, `create schema ${name}`);
  const address = new URL(server.url);
  address.searchParams.set('options', `-c search_path=${name}`);
  const url = address.href;
  const opened: OpenJournal[] = [];
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return {
    url,
    place: url,
    where: { path: '', databaseUrl: url },
    unlock: 'drop trigger if exists events_no_change on events',
    open: async () => {
      const journal = await openJournal({ path: '', databaseUrl: url });
      opened.push(journal);
      return journal;
    },
    execute: (sql) => client.query(sql),
    explain: async ({ sql, parameters }) => {
      // As autovacuum does after many changes.
      await client.query('analyze requests');
      const { rows } = await client.query(`explain ${sql}`, [...parameters]);
      return rows.map((row: object) => Object.values(row)[0]).join('\n');
    },
    row: async (id) => (await client.query('select * from requests where id = $1', [id])).rows[0],
    remove: async () => {
      await Promise.all(opened.map((journal) => journal.close()));
      await client.end();
      await executeAt(server.url, `drop schema ${name} cascade`);
    },
  };
}

export async function executeAt(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
