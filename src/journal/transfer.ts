import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { AppError } from '../errors';
import { storedRows } from './audit';
import { attempt } from './chain';
import { type ConnectOptions, connect, connectReadOnly } from './connect';
import { JournalError } from './errors';
import { SCHEMA, type Tables } from './schema';

const TABLES = ['requests', 'events', 'denials', 'pauses', 'watches'] as const;
type Counts = Record<(typeof TABLES)[number], number>;
/** What a line may be about besides a request with its events: its table, and the column that orders it. */
const OTHERS = { denial: ['denials', 'id'], pause: ['pauses', 'seq'], watch: ['watches', 'id'] } as const;

const FORMAT = 'toloka-archive-journal';
const counts = Object.fromEntries(TABLES.map((table) => [table, z.int()])) as Record<keyof Counts, z.ZodInt>;
const headerSchema = z.object({ format: z.literal(FORMAT), schema: z.int(), ...counts });
const rowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
/** A request with its events, or another row: as they are in the database. */
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
      for (const { id } of await trx.selectFrom('requests').select('id').orderBy('id').execute())
        yield lineOf(await storedRows(trx, id));
      for (const [what, [table, key]] of Object.entries(OTHERS)) {
        const rows = trx.selectFrom(table).selectAll().orderBy(sql.ref(key));
        for (const row of await rows.execute()) yield lineOf({ [what]: row });
      }
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
      if (TABLES.some((table) => found[table] > 0)) {
        throw new JournalError(
          'not_empty',
          `The journal ${dialect.location} has ${countWords(found)} already. Give a new file or an empty database; nothing was written.`,
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
  const found: Partial<Counts> = {};
  for (const table of TABLES) {
    const query = db.selectFrom(table).select(({ fn }) => fn.countAll<number>().as('count'));
    found[table] = (await query.executeTakeFirstOrThrow()).count;
  }
  return found as Counts;
}

/** `2 requests, 5 events, 1 denials` and so on. */
export const countWords = (counts: Counts): string =>
  TABLES.map((table) => `${counts[table]} ${table}`).join(', ');

/** What does not fit its table is refused by the database; `audit verify` finds the rest. */
async function insert(db: Kysely<Tables>, line: string): Promise<void> {
  const rows = lineSchema.parse(JSON.parse(line));
  const into = (table: keyof Tables, row: object) =>
    db
      .insertInto(table)
      .values(row as never)
      .execute();
  if ('request' in rows) {
    await into('requests', rows.request);
    for (const event of rows.events) await into('events', event);
  } else {
    for (const [what, row] of Object.entries(rows)) await into(OTHERS[what as keyof typeof OTHERS][0], row);
  }
}

function readHeader(line: string): z.output<typeof headerSchema> {
  const header = headerSchema.safeParse(attempt(() => JSON.parse(line)));
  if (!header.success) throw unreadable('This is not an export of a journal: its first line does not say so');
  if (header.data.schema === SCHEMA) return header.data;
  throw unreadable(
    `The export has schema ${header.data.schema}, this version needs ${SCHEMA}. Export and import with the same version`,
  );
}

const unreadable = (message: string, cause?: unknown) =>
  new JournalError('export_unreadable', `${message}; nothing was written.`, { cause });
