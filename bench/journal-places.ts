import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalPlace } from '../src/journal/connect';
import { postgresPlace } from '../test/journal/postgres-place';
import type { PostgresServer } from '../test/journal/postgres-server';

/** Where a journal may be, as `openJournal` is told it, and how many processes share it. */
export interface Setting {
  name: string;
  place: JournalPlace;
  replicas: number;
  remove(): Promise<void>;
}

/** SQLite always; PostgreSQL with one to three replicas, in schemas of their own, when there is a server. */
export async function settings(server: PostgresServer | undefined): Promise<Setting[]> {
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

async function postgres(server: PostgresServer, replicas: number): Promise<Setting> {
  const { where, remove } = await postgresPlace(server);
  return {
    ...{ name: `PostgreSQL, ${replicas} replica${replicas > 1 ? 's' : ''}`, replicas },
    ...{ place: where, remove },
  };
}
