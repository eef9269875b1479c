import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { sqliteDialect } from '../../src/journal/sqlite';
import { openSqliteFile } from '../../src/journal/sqlite-driver';
import { openJournal } from '../../src/journal/store';
import { sqlitePlace } from './sqlite-place';

let place: ReturnType<typeof sqlitePlace>;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

describe('with a clock that stands still', () => {
  let at = 0;
  beforeEach(() => {
    performance.now = () => at;
  });
  // Only the own property: the one of the prototype is behind it.
  afterEach(() => Reflect.deleteProperty(performance, 'now'));

  it('only what another process keeps locked is tried again', async () => {
    const { kysely } = await sqliteDialect(place.path);
    const db = new Kysely<unknown>({ dialect: kysely });
    await expect(sql`select * from nowhere`.execute(db)).rejects.toThrow('no such table');
    await db.destroy();
    const path = join(place.directory, 'diary.db');
    writeFileSync(path, 'Dear diary, '.repeat(1_000));
    await expect(openJournal({ path })).rejects.toMatchObject({ code: 'journal_unreadable' });
  });

  it('the try of a write is shared by all who ask within a second', async () => {
    const journal = await place.open();
    await place.execute(`
      create table tried (version integer);
      create trigger count_tries after update on schema_version
      begin insert into tried values (new.version); end
    `);
    const database = openSqliteFile(place.path);
    const tries = () => database.prepare('select * from tried').all([]).length / 2;
    await Promise.all(Array.from({ length: 20 }, () => journal.problem()));
    at += 999;
    await journal.problem();
    expect(tries()).toBe(1);
    at += 1;
    await journal.problem();
    expect(tries()).toBe(2);
    database.close();
  });
});
