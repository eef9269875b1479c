import { type Kysely, sql, type Transaction } from 'kysely';
import { type ConnectOptions, connect, connectReadOnly } from './connect';
import { JournalExportError, JournalNotEmptyError } from './errors';
import type { Tables } from './schema';
import {
  type Counts,
  headerLine,
  readHeader,
  readRow,
  rowLine,
  TABLES,
  type TableName,
} from './transfer-format';

const PAGE = 200;
/** The columns by which each table is read in order; the first is enough for the others. */
const KEYS: Record<TableName, readonly string[]> = {
  requests: ['id'],
  events: ['request_id', 'seq'],
  refusals: ['id'],
};

/**
 * The whole journal as lines of JSON without line ends: a header with the counts, then every row. Reads one moment,
 * beside a running app too. Equal journals give equal lines, whichever database they are in.
 * @throws what `openAudit` throws
 */
export async function* exportLines(options: ConnectOptions): AsyncGenerator<string> {
  const { db } = await connectReadOnly(options);
  try {
    const trx = await db.startTransaction().execute();
    try {
      yield headerLine(await countRows(trx));
      for (const table of Object.keys(TABLES) as TableName[]) yield* tableLines(trx, table);
    } finally {
      await trx.rollback().execute();
    }
  } finally {
    await db.destroy();
  }
}

/**
 * Takes an export into a journal that has nothing in it yet, in one transaction: all of it or nothing.
 * @throws JournalNotEmptyError, JournalExportError, and what `openJournal` throws
 */
export async function importLines(options: ConnectOptions, lines: AsyncIterable<string>): Promise<Counts> {
  const rows = lines[Symbol.asyncIterator]();
  // Before the journal is opened, which makes one where there was none.
  const { value: first = '' } = await rows.next();
  const promised = readHeader(String(first));
  const { db, dialect } = await connect(options);
  try {
    return await db.transaction().execute(async (trx) => {
      await dialect.lockSchema(trx);
      const there = await countRows(trx);
      if (Object.values(there).some((count) => count > 0)) {
        throw new JournalNotEmptyError(
          `The journal ${dialect.place} has ${there.requests} requests and ${there.refusals} refusals already. Give a new file or an empty database; nothing was written.`,
        );
      }
      return takeRows(trx, promised, { [Symbol.asyncIterator]: () => rows });
    });
  } finally {
    await db.destroy();
  }
}

async function countRows(db: Kysely<Tables>): Promise<Counts> {
  const count = async (table: TableName) => {
    const { rows } = await sql<{ n: number | string }>`select count(*) as n from ${sql.table(table)}`.execute(
      db,
    );
    return Number(rows[0]?.n);
  };
  return {
    requests: await count('requests'),
    events: await count('events'),
    refusals: await count('refusals'),
  };
}

async function* tableLines(trx: Kysely<Tables>, table: TableName): AsyncGenerator<string> {
  const keys = sql.join(KEYS[table].map((key) => sql.ref(key)));
  let last: Record<string, unknown> | undefined;
  do {
    const values = last && sql.join(KEYS[table].map((key) => sql.val(last?.[key])));
    const behind = values ? sql`where (${keys}) > (${values})` : sql``;
    const page = await sql<Record<string, unknown>>`
      select * from ${sql.table(table)} ${behind} order by ${keys} limit ${PAGE}
    `.execute(trx);
    for (const row of page.rows) yield rowLine(table, row);
    last = page.rows.length < PAGE ? undefined : page.rows.at(-1);
  } while (last);
}

async function takeRows(
  trx: Transaction<Tables>,
  promised: Counts,
  lines: AsyncIterable<string>,
): Promise<Counts> {
  const taken: Counts = { requests: 0, events: 0, refusals: 0 };
  let number = 1;
  for await (const line of lines) {
    number++;
    const { table, row } = readRow(line, number);
    await insert(trx, table, row, number);
    taken[table]++;
  }
  for (const table of Object.keys(TABLES) as TableName[]) {
    if (taken[table] === promised[table]) continue;
    throw new JournalExportError(
      `The export should have ${promised[table]} ${table} and has ${taken[table]}: it was cut off. Take it anew; nothing was written.`,
    );
  }
  return taken;
}

async function insert(
  trx: Transaction<Tables>,
  table: TableName,
  row: Record<string, unknown>,
  number: number,
): Promise<void> {
  try {
    await trx
      .insertInto(table)
      .values(row as never)
      .execute();
  } catch (error) {
    if (
      typeof error === 'object' &&
      error !== null &&
      'code' in error &&
      /^journal_/.test(String(error.code))
    )
      throw error;
    throw new JournalExportError(
      `Line ${number} contradicts a line before it. Take the export anew and leave the file as it is; nothing was written.`,
      { cause: error },
    );
  }
}
