import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import type { Journal } from '../../src/archive/journal-port';
import { openJournal } from '../../src/journal/open-journal';
import type { TamperPlace } from './contract-chain';
import type { ProcessPlace } from './contract-processes';

/** A SQLite file in a directory of its own. */
export function sqlitePlace(): ProcessPlace & TamperPlace & { directory: string; path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'journal-'));
  const path = join(directory, 'journal.db');
  const opened: Journal[] = [];
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
    execute: async (sql) => {
      const database = new Libsql(path);
      try {
        database.exec(`pragma foreign_keys = on; ${sql}`);
      } finally {
        database.close();
      }
    },
    remove: async () => {
      for (const journal of opened) await journal.close();
      rmSync(directory, { recursive: true });
    },
  };
}
