import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { sql } from 'kysely';
import { type AuditRecord, openRecords } from './audit';
import { type Connected, type ConnectOptions, clockProblem, connectWith } from './connect';
import { checkSchema, SCHEMA } from './schema';

/** What a look at a journal has found. Nothing here says more than that the app could not write now. */
export interface JournalInspection {
  /** Where it is, without secrets. */
  location: string;
  /** Null when there is no journal yet: the app makes one at its first start. */
  schema: number | null;
  /** Why this process could not write it, in words; null when nothing keeps it from that. */
  unwritable: string | null;
  /** Room on the disk, in bytes; without end for a database server, which does not say it. */
  freeBytes: number;
  /** What is wrong with the clocks of this machine and the database server, in words; null when nothing is. */
  clock: string | null;
  open: Pick<AuditRecord, 'id' | 'request' | 'findings'>[];
}

/**
 * Looks at a journal, also beside a running app. Writes nothing, and makes no file.
 * @throws JournalError (`unavailable`, `busy`, `unreadable`, `too_new`, `too_old`)
 */
export async function inspectJournal(options: ConnectOptions): Promise<JournalInspection> {
  const file = options.databaseUrl === undefined ? resolve(options.path) : undefined;
  const onDisk =
    file === undefined ? { unwritable: null, freeBytes: Number.POSITIVE_INFINITY } : await inspectFile(file);
  if (file !== undefined && !existsSync(file))
    return { ...onDisk, location: file, schema: null, clock: null, open: [] };
  let schema: number | null = null;
  const connected = await connectWith(options, true, async ({ db, dialect }) => {
    if (!(await isThere({ db, dialect }))) return;
    await checkSchema(db, dialect);
    schema = SCHEMA;
  });
  const { db, dialect } = connected;
  try {
    const unwritable = dialect.shared ? await deniedBy(connected) : onDisk.unwritable;
    const found: JournalInspection['open'] = [];
    if (schema !== null)
      for await (const { id, request, findings } of openRecords(db)) found.push({ id, request, findings });
    return {
      ...{ location: dialect.location, schema, unwritable, freeBytes: onDisk.freeBytes },
      ...{ clock: await clockProblem(connected, options.now), open: found },
    };
  } finally {
    await db.destroy();
  }
}

/** Whether the tables were made: a file or database may be there before them. */
async function isThere({ db, dialect }: Connected): Promise<boolean> {
  const query = dialect.shared
    ? sql<{ name: string | null }>`select to_regclass('schema_version') as name`
    : sql<{ name: string | null }>`select name from sqlite_master where name = 'schema_version'`;
  return Boolean((await query.execute(db)).rows[0]?.name);
}

/** The file, the files that SQLite makes beside it, and their disk. */
async function inspectFile(file: string): Promise<Pick<JournalInspection, 'unwritable' | 'freeBytes'>> {
  const real = existsSync(file) ? realpathSync(file) : file;
  let directory = dirname(real);
  while (!existsSync(directory)) directory = dirname(directory);
  const paths = [directory, ...[real, `${real}-wal`, `${real}-shm`].filter((path) => existsSync(path))];
  const denied = paths.find((path) => !mayWrite(path));
  const { bavail, bsize } = await statfs(directory);
  const freeBytes = bavail * bsize;
  if (!statSync(directory).isDirectory()) return { unwritable: `${directory} is not a directory`, freeBytes };
  return { unwritable: denied === undefined ? null : `this user may not write ${denied}`, freeBytes };
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What keeps the user of the database from writing. Asks for rights, since a try would write. */
async function deniedBy({ db }: Connected): Promise<string | null> {
  const { rows } = await sql<{ standby: boolean; creates: boolean; encoding: string; denied: string | null }>`
    select pg_is_in_recovery() as standby, current_setting('server_encoding') as encoding,
      coalesce(has_schema_privilege(current_schema(), 'create'), false) as creates,
      (select string_agg(tablename, ', ' order by tablename) from pg_tables
        where schemaname = current_schema() and not has_table_privilege(
          format('%I.%I', schemaname, tablename), 'insert')) as denied
  `.execute(db);
  const [{ standby, creates, encoding, denied } = {}] = rows;
  if (standby) return 'the server is a standby, which takes no writes';
  if (encoding !== 'UTF8') return `the encoding of the database is ${encoding}, and must be UTF8`;
  if (denied) return `the user may not insert into ${denied}`;
  return creates ? null : 'the user may not create tables';
}
