import { closeSync, existsSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { type DatabaseConnection, type Driver, SqliteDialect, sql } from 'kysely';
import { JournalError } from './errors';
import type { JournalDialect } from './schema';
import { openSqliteFile, type SqliteFile, sqliteCode } from './sqlite-driver';

/** SQLITE_CONSTRAINT_UNIQUE; a taken primary key is another one. */
const UNIQUE_VIOLATION = 2067;
/** How long anything waits for another process, in ms. People are to get an answer within 3 seconds. */
export const LOCK_WAIT_MS = 2_000;

/**
 * A journal in one SQLite file, shared safely by the processes of one machine. Makes the file (mode 0600) and its
 * directory when they are not there, unless it is only to be read.
 * @throws JournalError (`unavailable`, `unreadable`, `busy`). Its statements throw `unavailable` too once the file, or one
 *   beside it, was deleted or replaced: what is written then would be lost.
 * @see https://sqlite.org/wal.html
 */
export async function sqliteDialect(path: string, readOnly = false): Promise<JournalDialect> {
  // The driver would take other strings for a URL or for a database in memory.
  const file = resolve(path);
  if (!readOnly) makeFile(file);
  else if (!existsSync(file)) {
    throw new JournalError(
      'unavailable',
      `There is no journal at ${file}. Set JOURNAL_PATH or DATABASE_URL as for the app, or start the app once.`,
    );
  }
  const database = openSqliteFile(file, readOnly);
  try {
    await prepareDatabase(database, file, readOnly);
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    kysely: new PatientDialect(database, readOnly ? () => {} : inPlaceCheck(file)),
    location: file,
    // A file is for the processes of one machine.
    shared: false,
    idType: 'text',
    // BEGIN IMMEDIATE keeps all other writers out already.
    lockRows: (query) => query,
    lockSchema: async () => {},
    isUniqueViolation: (error) => sqliteCode(error) === UNIQUE_VIOLATION,
    makeAppendOnly: async (trx, table) => {
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
 * Keeps the event loop free. The driver is synchronous, so the loop gets a turn before each use: otherwise a burst of
 * writes would delay answers to Slack, and Node frees libsql's native memory (about 1 kB per read) only on a turn. The
 * write lock is waited for without blocking, and others may read meanwhile.
 */
class PatientDialect extends SqliteDialect {
  readonly #file: SqliteFile;
  readonly #checkInPlace: () => void;

  constructor(file: SqliteFile, checkInPlace: () => void) {
    super({ database: file });
    this.#file = file;
    this.#checkInPlace = checkInPlace;
  }

  override createDriver(): Driver {
    const driver = super.createDriver();
    const acquire = driver.acquireConnection.bind(driver);
    return Object.assign(driver, {
      acquireConnection: async () => {
        await immediate();
        this.#checkInPlace();
        return patient(await acquire());
      },
      beginTransaction: (connection: DatabaseConnection) =>
        untilFree(
          () => this.#file.begin(),
          async (ms) => {
            await driver.releaseConnection(connection);
            await sleep(ms);
            await acquire();
          },
        ),
      commitTransaction: async () => {
        // Once more, because a transaction may have waited for another process.
        this.#checkInPlace();
        this.#file.exec('commit');
      },
      rollbackTransaction: async () => this.#file.rollback(),
    });
  }
}

/** Reads wait only for a process that is just opening or repairing the file. */
const patient = (connection: DatabaseConnection): DatabaseConnection => ({
  executeQuery: (query) => untilFree(() => connection.executeQuery(query)),
  streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
});

/**
 * Remembers which files are open now. The returned check throws once another one, or none, is at one of their paths: on
 * Unix, SQLite goes on writing to a deleted file without an error.
 * @see https://sqlite.org/howtocorrupt.html#_unlinking_or_renaming_a_database_file_while_in_use
 */
function inPlaceCheck(file: string): () => void {
  // SQLite puts the log beside the file itself, not beside a link to it.
  const real = realpathSync(file);
  const opened = [file, `${real}-wal`, `${real}-shm`].map((path) => ({ path, id: fileAt(path) }));
  return () => {
    const lost = opened.find(({ path, id }) => fileAt(path) !== id);
    if (lost === undefined) return;
    throw new JournalError(
      'unavailable',
      `${lost.path} was deleted, moved or replaced while the app had it open. The app records nothing and sends nothing to Toloka until this is fixed. Stop the app, restore the journal as in docs/operations.md, "Keep the journal", and start the app again.`,
    );
  };
}

/** What identifies the file at a path; undefined when there is none. */
function fileAt(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function makeFile(file: string): void {
  try {
    makeDirectory(dirname(file));
    // One that is there is never opened: closing it again would drop the locks that SQLite holds on it for this process.
    // https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(file)) return;
    throw new JournalError(
      'unavailable',
      `The journal ${file} cannot be created: ${(error as Error).message}. Give a path to a file in a directory that the app may write.`,
      { cause: error },
    );
  }
}

/** With its parents. Node's own recursive mkdir never returns in a file system that takes no directories, such as /proc. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(dirname(directory));
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it in between.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function prepareDatabase(database: SqliteFile, file: string, readOnly: boolean): Promise<void> {
  // SQLite's own wait would block the event loop, and there is none when two processes turn on the log of a new file.
  const [row] = await untilFree(() => {
    if (!readOnly)
      database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
    return database.prepare('pragma quick_check(1)').all([]) as { quick_check: string }[];
  });
  if (row?.quick_check === 'ok') return;
  throw new JournalError(
    'unreadable',
    `The journal ${file} is damaged: ${row?.quick_check}. Stop the app, keep a copy of the file and its -wal, then restore a backup or repair it with "sqlite3 ${file} .recover".`,
  );
}

/** Tries again while another process has the lock, with short pauses that leave the event loop free. */
async function untilFree<T>(
  act: () => T | Promise<T>,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<T> {
  const giveUp = performance.now() + LOCK_WAIT_MS;
  for (let pause = 1; ; pause = Math.min(pause * 2, 25)) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof JournalError && error.kind === 'busy') || performance.now() > giveUp)
        throw error;
      await wait(pause);
    }
  }
}
