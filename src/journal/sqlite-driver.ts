import { pathToFileURL } from 'node:url';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import Libsql from 'libsql';
import { JournalError, type JournalErrorKind } from './errors';

const BUSY = 5;
/** CORRUPT, NOTADB. */
const UNREADABLE = new Set([11, 26]);
/** PERM, READONLY, IOERR, FULL, CANTOPEN. */
const UNWRITABLE = new Set([3, 8, 10, 13, 14]);

export interface SqliteFile extends SqliteDatabase {
  /** Runs statements that give nothing and are not kept. */
  exec(sql: string): void;
  /** Takes the write lock. */
  begin(): void;
  rollback(): void;
}

/**
 * Opens a file with libsql. Prepared statements are kept by their SQL, of which the journal has few. Nothing waits for
 * another process, since SQLite would block the event loop while it waits.
 * @param readOnly leaves the file and its log as they are, also when the process ends
 * @throws JournalError (`unavailable`, `unreadable`, `busy`); its statements throw it too
 */
export function openSqliteFile(path: string, readOnly = false): SqliteFile {
  function explained<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw explain(path, error);
    }
  }
  // Opened for writing, SQLite would write the log of a crashed app back into the file when the process ends.
  const target = readOnly ? `${pathToFileURL(path).href}?mode=ro` : path;
  const native = explained(() => new Libsql(target, { timeout: 0 }));
  const kept = new Map<string, SqliteStatement>();

  function prepare(sql: string): SqliteStatement {
    const statement = explained(() => native.prepare(sql)) as unknown as SqliteStatement;
    return {
      reader: statement.reader,
      all: (parameters) => explained(() => statement.all(parameters)),
      run: (parameters) => explained(() => statement.run(parameters)),
      iterate: (parameters) => statement.iterate(parameters),
    };
  }

  return {
    prepare: (sql) => {
      const statement = kept.get(sql) ?? prepare(sql);
      kept.set(sql, statement);
      return statement;
    },
    exec: (sql) => explained(() => native.exec(sql)),
    // Not prepared: libsql leaves a prepared BEGIN that failed unfinished, and the next COMMIT fails.
    // A deferred transaction that reads first and writes later fails at once when another process wrote in between.
    begin: () => explained(() => native.exec(readOnly ? 'begin' : 'begin immediate')),
    // SQLite rolls back by itself after a full disk, and a second rollback would hide that error.
    rollback: () => explained(() => native.inTransaction && native.exec('rollback')),
    close: () => {
      kept.clear();
      try {
        // libsql closes the file only when its statements are garbage collected, so it never writes the log back:
        // https://github.com/tursodatabase/libsql-js/issues/228
        if (!readOnly) native.exec('pragma wal_checkpoint(truncate)');
      } catch {
        // Another process reads. The log stays beside the file, and nothing is lost.
      }
      native.close();
    },
  };
}

/**
 * SQLite's own number of a failure, such as 2067 for a value that is there already; undefined when it is not SQLite's.
 * The number, because libsql has no name for many: it calls 1544 `UNKNOWN_SQLITE_ERROR_1544`.
 * @see https://sqlite.org/rescode.html
 */
export const sqliteCode = (error: unknown): number | undefined =>
  (error as { rawCode?: number } | null)?.rawCode;

/** Turns the failures that an operator can fix into errors that say how. */
function explain(path: string, error: unknown): unknown {
  // The low byte is the kind of failure, the rest a finer reason.
  const code = (sqliteCode(error) ?? 0) & 0xff;
  const fail = (kind: JournalErrorKind, message: string) => new JournalError(kind, message, { cause: error });
  if (code === BUSY)
    return fail(
      'busy',
      `Another process keeps the journal ${path} locked. Try again; if it stays locked, look for a second copy of the app or a tool that has the file open.`,
    );
  if (UNREADABLE.has(code))
    return fail(
      'unreadable',
      `${path} is damaged or is not a SQLite database. Move it aside together with its -wal and -shm files, then restore a backup or start with a new journal.`,
    );
  if (UNWRITABLE.has(code) || String(error).includes('ConnectionFailed'))
    return fail(
      'unavailable',
      `The journal ${path} cannot be opened or written (${(error as Error).message}). Check that the disk has room and that the app may write the file and its directory.`,
    );
  return error;
}
