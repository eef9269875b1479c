import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectOptions } from '../src/journal/connect';
import { postgresPlace } from '../test/journal/postgres-place';
import type { PostgresServer } from '../test/journal/postgres-server';

/** An empty journal, and how many processes share it. */
export interface JournalLocation {
  name: string;
  /** As `openJournal` takes it. */
  where: ConnectOptions;
  replicas: number;
  remove(): Promise<void>;
}

/** SQLite, and PostgreSQL with one to three replicas when there is a server. */
export async function journalLocations(server: PostgresServer | undefined): Promise<JournalLocation[]> {
  const made = [sqlite()];
  if (server !== undefined) for (const replicas of [1, 2, 3]) made.push(await postgres(server, replicas));
  return made;
}

function sqlite(): JournalLocation {
  const directory = mkdtempSync(join(tmpdir(), 'archive-bench-'));
  return {
    ...{ name: 'SQLite', where: { path: join(directory, 'journal.db') }, replicas: 1 },
    remove: async () => rmSync(directory, { recursive: true }),
  };
}

async function postgres(server: PostgresServer, replicas: number): Promise<JournalLocation> {
  const { where, remove } = await postgresPlace(server);
  return { name: `PostgreSQL, ${replicas} replica${replicas > 1 ? 's' : ''}`, replicas, where, remove };
}
