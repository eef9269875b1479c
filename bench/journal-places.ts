import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { JournalPlace } from '../src/journal/connect';

/** Where a journal may be, as `openJournal` is told it, and how many processes share it. */
export interface Setting {
  name: string;
  place: JournalPlace;
  replicas: number;
  remove(): Promise<void>;
}

/** SQLite always; PostgreSQL with one to three replicas, in schemas of their own, when there is a server. */
export async function settings(server: string | undefined): Promise<Setting[]> {
  const made = [sqlite()];
  if (server !== undefined) for (const replicas of [1, 2, 3]) made.push(await postgres(server, replicas));
  return made;
}

function sqlite(): Setting {
  const directory = mkdtempSync(join(tmpdir(), 'archive-bench-'));
  return {
    ...{ name: 'SQLite', place: { path: join(directory, 'journal.db') }, replicas: 1 },
    remove: async () => rmSync(directory, { recursive: true }),
  };
}

async function postgres(server: string, replicas: number): Promise<Setting> {
  const schema = `bench_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `create schema ${schema}`);
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return {
    ...{ name: `PostgreSQL, ${replicas} replica${replicas > 1 ? 's' : ''}`, replicas },
    place: { path: '', databaseUrl: url.href },
    remove: () => execute(server, `drop schema ${schema} cascade`),
  };
}

async function execute(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
