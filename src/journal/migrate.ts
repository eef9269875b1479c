import type { Kysely, Transaction } from 'kysely';
import { chainEvents } from './chain-migration';
import type { JournalDialect } from './dialect';
import { JournalTooNewError, JournalTooOldError } from './errors';
import { createTables } from './first-migration';
import { indexRunning } from './running-migration';
import type { Tables } from './schema';
import { shareWatches } from './watch-migration';

type Migration = (trx: Transaction<Tables>, dialect: JournalDialect) => Promise<void>;

// Append only: a migration that has ever run somewhere is never edited.
const MIGRATIONS: readonly Migration[] = [createTables, chainEvents, shareWatches, indexRunning];

/**
 * Brings the schema up to this version of the code, in one transaction. Two processes may do it at once.
 * @returns the versions before and after
 * @throws JournalTooNewError when a newer version of the code has been here; nothing is written then
 */
export async function migrate(
  db: Kysely<Tables>,
  dialect: JournalDialect,
): Promise<{ from: number; to: number }> {
  return db.transaction().execute(async (trx) => {
    await dialect.lockSchema(trx);
    await trx.schema
      .createTable('schema_version')
      .ifNotExists()
      .addColumn('version', 'integer', (column) => column.notNull())
      .execute();
    const found = await versionOf(trx);
    const from = found ?? 0;
    const to = MIGRATIONS.length;
    if (from > to) throw tooNew(dialect, from);
    if (from === to) return { from, to };
    for (const step of MIGRATIONS.slice(from)) await step(trx, dialect);
    if (found !== undefined) await trx.updateTable('schema_version').set({ version: to }).execute();
    else await trx.insertInto('schema_version').values({ version: to }).execute();
    return { from, to };
  });
}

/**
 * Looks whether the schema is the one of this code, for those who only read.
 * @throws JournalTooNewError, JournalTooOldError
 */
export async function checkSchema(db: Kysely<Tables>, dialect: JournalDialect): Promise<void> {
  const found = (await versionOf(db)) ?? 0;
  if (found > MIGRATIONS.length) throw tooNew(dialect, found);
  if (found < MIGRATIONS.length) {
    throw new JournalTooOldError(
      `The journal ${dialect.place} has schema ${found}, this program needs ${MIGRATIONS.length}. Start this version of the app once: it brings the journal up to date.`,
    );
  }
}

/** The schema that this code writes. */
export const SCHEMA = MIGRATIONS.length;

async function versionOf(db: Kysely<Tables>): Promise<number | undefined> {
  return (await db.selectFrom('schema_version').select('version').executeTakeFirst())?.version;
}

function tooNew({ place }: JournalDialect, found: number): JournalTooNewError {
  return new JournalTooNewError(
    `The journal ${place} has schema ${found}, this version of the app knows ${MIGRATIONS.length}. Run the newer version again, or restore a backup made before the update.`,
  );
}
