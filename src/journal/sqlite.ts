import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { type Dialect, type SqliteDatabase, SqliteDialect, sql } from 'kysely';
import type { JournalDialect } from './dialect';
import { JournalBusyError, JournalUnavailableError, JournalUnreadableError } from './errors';
import { openSqliteFile, sqliteCode } from './sqlite-driver';

/** SQLITE_CONSTRAINT_UNIQUE; a taken primary key is another one. */
const UNIQUE_VIOLATION = 2067;
const BUSY_TIMEOUT_MS = 5_000;
const OPEN_TRIES = 100;
const OPEN_PAUSE_MS = 50;

/**
 * A journal in one SQLite file, shared safely by the processes of one machine. Makes the file (mode 0600) and its
 * directory when they are not there, unless it is only to be read.
 * @throws JournalUnavailableError when the path cannot be written
 * @throws JournalUnreadableError when the file is damaged or is no SQLite database
 * @throws JournalBusyError when another process keeps it locked
 * @see https://sqlite.org/wal.html
 */
export async function sqliteDialect(
  path: string,
  { readOnly = false }: { readOnly?: boolean } = {},
): Promise<JournalDialect> {
  // An absolute path can be neither a URL nor `:memory:`, which the driver would understand in its own way.
  const file = resolve(path);
  if (readOnly) expectFile(file);
  else makeFile(file);
  const database = openSqliteFile(file, BUSY_TIMEOUT_MS, readOnly);
  try {
    await prepareDatabase(database, file, readOnly);
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    kysely: turning(new SqliteDialect({ database })),
    place: file,
    // A file is for the processes of one machine.
    shared: false,
    idType: 'text',
    // BEGIN IMMEDIATE keeps all other writers out already.
    lockRows: (query) => query,
    lockSchema: async () => {},
    isUniqueViolation: (error) => sqliteCode(error) === UNIQUE_VIOLATION,
    refuseChanges: async (trx, table) => {
      for (const change of ['update', 'delete']) {
        await sql`
          create trigger ${sql.ref(`${table}_no_${change}`)} before ${sql.raw(change)} on ${sql.table(table)}
          begin select raise(abort, 'rows of this table are never changed'); end
        `.execute(trx);
      }
    },
  };
}

/**
 * Lets the event loop turn before each transaction. The driver is synchronous, so a burst of writes would keep
 * Slack's three seconds waiting; and Node frees native memory of libsql (about 1 kB a read) only on a turn.
 */
function turning(dialect: Dialect): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => {
      const driver = dialect.createDriver();
      const acquire = driver.acquireConnection.bind(driver);
      driver.acquireConnection = async () => {
        await immediate();
        return acquire();
      };
      return driver;
    },
  };
}

function makeFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (existsSync(file)) {
      if (!statSync(file).isFile()) throw new Error('It is not a file.');
      // Never by opening it: closing it again would drop the locks that SQLite holds on it for this process.
      // https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
      accessSync(file, constants.R_OK | constants.W_OK);
    } else {
      closeSync(openSync(file, 'wx', 0o600));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(file)) return;
    throw new JournalUnavailableError(
      `The journal ${file} cannot be created or written: ${(error as Error).message} Give a path to a file in a directory that the app may write to.`,
      { cause: error },
    );
  }
}

function expectFile(file: string): void {
  if (existsSync(file) && statSync(file).isFile()) return;
  throw new JournalUnavailableError(
    `There is no journal at ${file}. Set JOURNAL_PATH or DATABASE_URL as for the app, or start the app once.`,
  );
}

async function prepareDatabase(database: SqliteDatabase, file: string, readOnly: boolean): Promise<void> {
  if (readOnly) {
    pragma(database, 'query_only = on');
  } else {
    await untilFree(() => pragma(database, 'journal_mode = wal'));
    pragma(database, 'synchronous = full');
    pragma(database, 'foreign_keys = on');
  }
  const found = pragma(database, 'quick_check(1)');
  if (found !== 'ok') {
    throw new JournalUnreadableError(
      `The journal ${file} is damaged: ${found}. Stop the app, keep a copy of the file and its -wal, then restore a backup or repair it with "sqlite3 ${file} .recover".`,
    );
  }
}

/** The first value that the pragma gives, if it gives any. */
function pragma(database: SqliteDatabase, text: string): unknown {
  const statement = database.prepare(`pragma ${text}`);
  if (!statement.reader) return statement.run([]);
  const [row] = statement.all([]) as Record<string, unknown>[];
  return row && Object.values(row)[0];
}

/** SQLite does not wait out its busy timeout when two processes turn the log of a new file on at once. */
async function untilFree(act: () => unknown): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      act();
      return;
    } catch (error) {
      if (!(error instanceof JournalBusyError) || tries >= OPEN_TRIES) throw error;
      await sleep(OPEN_PAUSE_MS);
    }
  }
}
