import type { Kysely } from 'kysely';
import { z } from 'zod';
import { AppError } from '../errors';
import { slices, storedRows } from './audit';
import { attempt } from './chain';
import { type ConnectOptions, connect, connectReadOnly } from './connect';
import { JournalError } from './errors';
import { SCHEMA, type Tables } from './schema';

const TABLES = ['requests', 'events', 'denials', 'pauses', 'watches'] as const;
type Counts = Record<(typeof TABLES)[number], number>;

const FORMAT = 'toloka-archive-journal';
const anyHeader = z.object({ format: z.literal(FORMAT), schema: z.int() });
const headerSchema = anyHeader.extend({
  ...{ requests: z.int(), events: z.int(), denials: z.int(), pauses: z.int(), watches: z.int() },
});
const rowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
/** A request with its events, a denial, a pause or a watch: rows as they are in the database. */
const lineSchema = z.union([
  z.strictObject({ request: rowSchema, events: z.array(rowSchema) }),
  z.strictObject({ denial: rowSchema }),
  z.strictObject({ pause: rowSchema }),
  z.strictObject({ watch: rowSchema }),
]);

/**
 * The whole journal as lines of JSON: a header with the counts, then the rows. Reads one moment,
 * also beside a running app. Equal journals give equal lines, in whichever database they are.
 * @throws JournalError
 */
export async function* exportLines(options: ConnectOptions): AsyncGenerator<string> {
  const { db } = await connectReadOnly(options);
  try {
    const trx = await db.startTransaction().execute();
    try {
      yield lineOf({ format: FORMAT, schema: SCHEMA, ...(await countRows(trx)) });
      const ids = await trx.selectFrom('requests').select('id').orderBy('id').execute();
      for (const some of slices(ids.map(({ id }) => id)))
        for (const { request, events } of await storedRows(trx, some)) yield lineOf({ request, events });
      const denials = trx.selectFrom('denials').selectAll().orderBy('id');
      for (const denial of await denials.execute()) yield lineOf({ denial });
      const pauses = trx.selectFrom('pauses').selectAll().orderBy('seq');
      for (const pause of await pauses.execute()) yield lineOf({ pause });
      const watches = trx.selectFrom('watches').selectAll().orderBy('id');
      for (const watch of await watches.execute()) yield lineOf({ watch });
    } finally {
      await trx.rollback().execute();
    }
  } finally {
    await db.destroy();
  }
}

/** Node's reader of lines ends a line at these too, which JSON may have inside a text. */
const lineOf = (value: object) =>
  `${JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;

/**
 * Writes an export into an empty journal, in one transaction: all of it or nothing.
 * @throws JournalError; `not_empty` and `export_unreadable` are its own
 */
export async function importLines(options: ConnectOptions, lines: AsyncIterable<string>): Promise<Counts> {
  const rest = lines[Symbol.asyncIterator]();
  // Checked before the journal is opened, which makes one where there was none.
  const { value: first = '' } = await rest.next();
  const header = readHeader(first);
  const { db, dialect } = await connect(options);
  try {
    return await db.transaction().execute(async (trx) => {
      await dialect.lockSchema(trx);
      const found = await countRows(trx);
      const there = TABLES.filter((table) => found[table] > 0).map((table) => `${found[table]} ${table}`);
      if (there.length > 0) {
        throw new JournalError(
          'not_empty',
          `The journal ${dialect.location} has ${there.join(', ')} already. Give a new file or an empty database; nothing was written.`,
        );
      }
      let number = 1;
      for await (const line of { [Symbol.asyncIterator]: () => rest }) {
        number++;
        await insert(trx, line).catch((error: unknown) => {
          if (error instanceof AppError) throw error;
          throw unreadable(
            `Line ${number} is not a row that this journal can take. Export again and leave the file as it is`,
            error,
          );
        });
      }
      const written = await countRows(trx);
      for (const table of TABLES) {
        if (written[table] !== header[table])
          throw unreadable(
            `The export should have ${header[table]} ${table} and has ${written[table]}: it was cut off. Export again`,
          );
      }
      return written;
    });
  } finally {
    await db.destroy();
  }
}

async function countRows(db: Kysely<Tables>): Promise<Counts> {
  const counts: Counts = { requests: 0, events: 0, denials: 0, pauses: 0, watches: 0 };
  for (const table of TABLES) {
    const query = db.selectFrom(table).select(({ fn }) => fn.countAll<number>().as('count'));
    counts[table] = (await query.executeTakeFirstOrThrow()).count;
  }
  return counts;
}

/** What does not fit its table is refused by the database; `audit verify` finds the rest. */
async function insert(db: Kysely<Tables>, line: string): Promise<void> {
  const rows = lineSchema.parse(JSON.parse(line));
  const into = (table: keyof Tables, row: object) =>
    db
      .insertInto(table)
      .values(row as never)
      .execute();
  if ('denial' in rows) await into('denials', rows.denial);
  else if ('pause' in rows) await into('pauses', rows.pause);
  else if ('watch' in rows) await into('watches', rows.watch);
  else {
    await into('requests', rows.request);
    for (const event of rows.events) await into('events', event);
  }
}

function readHeader(line: string): z.output<typeof headerSchema> {
  const header = attempt(() => JSON.parse(line));
  const { data: found } = anyHeader.safeParse(header);
  if (found && found.schema !== SCHEMA)
    throw unreadable(
      `The export has schema ${found.schema}, this version needs ${SCHEMA}. Export and import with the same version`,
    );
  const { data } = headerSchema.safeParse(header);
  if (data) return data;
  throw unreadable('This is not an export of a journal: its first line does not say so');
}

const unreadable = (message: string, cause?: unknown) =>
  new JournalError('export_unreadable', `${message}; nothing was written.`, { cause });
