import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { type OpenJournal, openJournal } from '../../src/journal/store';
import type { JournalPlace } from './contract';

/** A SQLite file in a directory of its own. */
export function sqlitePlace(): JournalPlace & { directory: string; path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'journal-'));
  const path = join(directory, 'journal.db');
  const opened: OpenJournal[] = [];
  const use = <T>(act: (database: Libsql.Database) => T): T => {
    const database = new Libsql(path);
    try {
      return act(database);
    } finally {
      database.close();
    }
  };
  return {
    directory,
    path,
    place: path,
    where: { path },
    unlock: 'drop trigger if exists events_no_update; drop trigger if exists events_no_delete',
    open: async () => {
      const journal = await openJournal({ path });
      opened.push(journal);
      return journal;
    },
    execute: async (sql) => use((database) => database.exec(`pragma foreign_keys = on; ${sql}`)),
    explain: async ({ sql, parameters }) =>
      use((database) => database.prepare(`explain query plan ${sql}`).all([...parameters]))
        .map((step) => (step as { detail: string }).detail)
        .join('\n'),
    row: async (id) =>
      use((database) => database.prepare('select * from requests where id = ?').get([id]) as never),
    remove: async () => {
      for (const journal of opened) await journal.close();
      rmSync(directory, { recursive: true });
    },
  };
}
