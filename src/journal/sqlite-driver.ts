import type { SqliteDatabase, SqliteStatement } from 'kysely';
import Libsql from 'libsql';
import { JournalBusyError, JournalUnavailableError, JournalUnreadableError } from './errors';

/** More than there are distinct queries in this journal, so that only the longest lists of ids are ever dropped. */
const KEPT_STATEMENTS = 64;

const BUSY = 5;
/** CORRUPT, NOTADB. */
const UNREADABLE = new Set([11, 26]);
/** PERM, READONLY, IOERR, FULL, CANTOPEN. */
const UNWRITABLE = new Set([3, 8, 10, 13, 14]);

/** What is used of the driver. */
interface NativeDatabase {
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): void;
}

/**
 * Opens the file and gives Kysely's SqliteDialect what it needs, with prepared statements kept by SQL text.
 * @param busyTimeout milliseconds to wait for another writer
 * @param readOnly leave the file as it is: transactions only read, and closing folds no log in
 * @throws JournalUnavailableError, JournalUnreadableError, JournalBusyError; its statements throw them too
 */
export function openSqliteFile(path: string, busyTimeout: number, readOnly = false): SqliteDatabase {
  const explained = explainer(path);
  const native = explained(() => new Libsql(path, { timeout: busyTimeout }) as NativeDatabase);
  const kept = new Map<string, SqliteStatement>();

  function prepare(sql: string): SqliteStatement {
    const found = kept.get(sql);
    const statement = found ?? explained(() => wrap(native.prepare(sql), explained));
    kept.delete(sql);
    kept.set(sql, statement);
    if (kept.size > KEPT_STATEMENTS) kept.delete(kept.keys().next().value as string);
    return statement;
  }

  const control: Record<string, () => unknown> = {
    // Only writes run in transactions here. A deferred one that reads first and writes then fails with
    // SQLITE_BUSY at once, whatever the timeout, if another process wrote in between.
    begin: () => native.exec(readOnly ? 'begin' : 'begin immediate'),
    commit: () => native.exec('commit'),
    // SQLite has rolled back by itself after a full disk, and a second rollback would hide that error.
    rollback: () => native.inTransaction && native.exec('rollback'),
  };

  return {
    prepare: (sql) => {
      const act = control[sql];
      // Not kept: libsql leaves a BEGIN that failed unfinished, and the next COMMIT then fails.
      return act ? command(() => explained(act)) : prepare(sql);
    },
    close: () => {
      kept.clear();
      try {
        // libsql closes the file only when its statements are collected, so it never does this by itself:
        // https://github.com/tursodatabase/libsql-js/issues/228
        if (!readOnly) native.exec('pragma wal_checkpoint(truncate)');
      } catch {
        // Another process reads: the log is kept beside the file, and nothing is lost.
      }
      native.close();
    },
  };
}

function wrap(statement: SqliteStatement, explained: <T>(act: () => T) => T): SqliteStatement {
  return {
    reader: statement.reader,
    all: (parameters) => explained(() => statement.all(parameters)),
    run: (parameters) => explained(() => statement.run(parameters)),
    iterate: (parameters) => statement.iterate(parameters),
  };
}

function command(act: () => unknown): SqliteStatement {
  const none = () => {
    throw new Error('A transaction command gives no rows.');
  };
  return {
    reader: false,
    all: none,
    iterate: none,
    run: () => {
      act();
      return { changes: 0, lastInsertRowid: 0 };
    },
  };
}

/**
 * SQLite's own number of a failure, such as 2067 for a value that is there already; undefined when it is none of
 * SQLite's. The number, since libsql has no name for many: it calls 1544 `UNKNOWN_SQLITE_ERROR_1544`.
 * @see https://sqlite.org/rescode.html
 */
export function sqliteCode(error: unknown): number | undefined {
  const code = typeof error === 'object' && error !== null && 'rawCode' in error ? error.rawCode : undefined;
  return typeof code === 'number' ? code : undefined;
}

/** Turns the failures that an operator can mend into errors that say how. */
function explainer(path: string): <T>(act: () => T) => T {
  return (act) => {
    try {
      return act();
    } catch (error) {
      throw explain(path, error);
    }
  };
}

function explain(path: string, error: unknown): unknown {
  // The low byte is the kind of failure, the rest a finer reason.
  const code = (sqliteCode(error) ?? 0) & 0xff;
  const cause = { cause: error };
  if (code === BUSY) {
    return new JournalBusyError(
      `Another process keeps the journal ${path} locked. Try again; if it stays so, look for a second copy of the app or a tool that has the file open.`,
      cause,
    );
  }
  if (UNREADABLE.has(code)) {
    return new JournalUnreadableError(
      `${path} is damaged or is not a SQLite database. Move it aside together with its -wal and -shm files, then restore a backup or start with a new journal.`,
      cause,
    );
  }
  if (UNWRITABLE.has(code) || String(error).includes('ConnectionFailed')) {
    return new JournalUnavailableError(
      `The journal ${path} cannot be opened or written (${(error as Error).message}). Check that the disk has room and that the app may write the file and its directory.`,
      cause,
    );
  }
  return error;
}
