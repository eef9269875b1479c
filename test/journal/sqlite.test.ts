import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type CompiledQuery, Kysely, sql } from 'kysely';
import { journalLeases } from '../../src/journal/leases';
import { openJournal } from '../../src/journal/open-journal';
import { journalReads } from '../../src/journal/reads';
import type { Tables } from '../../src/journal/schema';
import { sqliteDialect } from '../../src/journal/sqlite';
import { openSqliteFile } from '../../src/journal/sqlite-driver';
import { planned } from './builders';
import { sqlitePlace } from './sqlite-place';

let place: ReturnType<typeof sqlitePlace>;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(async () => {
  await place.remove();
});

describe('the settings of the database', () => {
  it('are those that durability needs', async () => {
    const { kysely } = await sqliteDialect(place.path);
    const db = new Kysely<unknown>({ dialect: kysely });
    const read = async (name: string) => {
      const { rows } = await sql<Record<string, unknown>>`${sql.raw(`pragma ${name}`)}`.execute(db);
      return Object.values(rows[0] ?? {})[0];
    };
    expect(await read('journal_mode')).toBe('wal');
    expect(await read('synchronous')).toBe(2);
    expect(await read('foreign_keys')).toBe(1);
    expect(await read('busy_timeout')).toBe(5_000);
    await db.destroy();
  });

  it('make every transaction take the write lock at its start', async () => {
    const { kysely } = await sqliteDialect(place.path);
    const db = new Kysely<unknown>({ dialect: kysely });
    const other = openSqliteFile(place.path, 0);
    await db.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx);
      expect(() => other.prepare('begin').run([])).toThrow(expect.objectContaining({ code: 'journal_busy' }));
    });
    // libsql leaves a BEGIN that failed in the way of the next COMMIT, unless it is thrown away.
    other.prepare('begin').run([]);
    other.prepare('create table t (x)').run([]);
    other.prepare('commit').run([]);
    other.close();
    await db.destroy();
  });

  it('keep the file and its log to their owner, in a directory that was made for them', async () => {
    const path = join(place.directory, 'new', 'deep', 'journal.db');
    const journal = await openJournal({ path });
    await planned(journal, 'a');
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(place.directory, 'new')).mode & 0o777).toBe(0o700);
    await journal.close();
  });

  it('leave everything in the one file after a close', async () => {
    const journal = await place.open();
    await planned(journal, 'a');
    await journal.close();
    expect(statSync(`${place.path}-wal`).size).toBe(0);
  });
});

describe('the driver', () => {
  it('keeps prepared statements, and a bounded number of them', () => {
    const database = openSqliteFile(place.path, 0);
    const first = database.prepare('select 0 as x');
    expect(database.prepare('select 0 as x')).toBe(first);
    for (let i = 1; i < 64; i++) database.prepare(`select ${i} as x`);
    expect(database.prepare('select 0 as x')).toBe(first);
    // The one used longest ago went, not the one that has just been used.
    const second = database.prepare('select 1 as x');
    database.prepare('select 64 as x');
    expect(database.prepare('select 0 as x')).toBe(first);
    expect(database.prepare('select 1 as x')).toBe(second);
    for (let i = 2; i < 70; i++) database.prepare(`select ${i} as x`);
    expect(database.prepare('select 0 as x')).not.toBe(first);
    database.close();
  });

  it('says that the disk is full, not that there is nothing to roll back', async () => {
    const journal = await place.open();
    await planned(journal, 'a');
    const { kysely } = await sqliteDialect(place.path);
    const db = new Kysely<{ requests: { reason: string } }>({ dialect: kysely });
    await sql`pragma max_page_count = 1`.execute(db);
    const fill = db.transaction().execute(async (trx) => {
      await trx
        .updateTable('requests')
        .set({ reason: 'x'.repeat(9_000_000) })
        .execute();
    });
    await expect(fill).rejects.toMatchObject({
      code: 'journal_unavailable',
      message: expect.stringContaining('database or disk is full'),
    });
    expect((await journal.get('a'))?.reason).toBeNull();
    await db.destroy();
  });

  it('asks for the turn of the event loop in which Node frees what libsql has handed out', async () => {
    const journal = await place.open();
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    await journal.get('a');
    expect(turned).toBe(true);
  });
});

describe('what is asked again and again', () => {
  it('finds its rows by an index, however long the past is', async () => {
    await (await place.open()).close();
    const dialect = await sqliteDialect(place.path);
    const asked: CompiledQuery[] = [];
    const db = new Kysely<Tables>({
      dialect: dialect.kysely,
      log: ({ query }) => {
        asked.push(query);
      },
    });
    const context = { db, dialect, newToken: () => 'token' };
    const reads = journalReads(context);
    await reads.countRunning('production');
    await reads.running('production');
    await reads.running('production', ['op']);
    await reads.findOpen('production', '1');
    await reads.operationKnown('production', 'op', 'a');
    await reads.recent({ limit: 1 });
    await journalLeases(context).claim({ now: 1, until: 2, limit: 1 });
    const queries = asked.filter(({ sql: text }) => /^(select|with)/.test(text));
    expect(queries).toHaveLength(7);
    for (const query of queries) {
      const plan = await db.executeQuery<{ detail: string }>({
        ...query,
        sql: `explain query plan ${query.sql}`,
      });
      const scans = plan.rows.map(({ detail }) => detail).filter((detail) => /requests/.test(detail));
      expect([query.sql, scans]).toEqual([query.sql, scans.filter((detail) => detail.includes('INDEX'))]);
    }
    const count = await db.executeQuery<{ detail: string }>({
      ...(queries[0] as CompiledQuery),
      sql: `explain query plan ${queries[0]?.sql}`,
    });
    expect(JSON.stringify(count.rows)).toContain('requests_running');
    await db.destroy();
  });
});
