import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type CompiledQuery, Kysely, sql } from 'kysely';
import Libsql from 'libsql';
import { openAudit, openRecords } from '../../src/journal/audit';
import { journalLeases, journalReads } from '../../src/journal/queries';
import type { Tables } from '../../src/journal/schema';
import { LOCK_WAIT_MS, sqliteDialect } from '../../src/journal/sqlite';
import { openSqliteFile } from '../../src/journal/sqlite-driver';
import { openJournal } from '../../src/journal/store';
import { advance, confirmed, planned } from './builders';
import { startChild } from './child';
import { sqlitePlace } from './sqlite-place';

let place: ReturnType<typeof sqlitePlace>;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(async () => {
  await place.remove();
});

const opening = (path = place.path) => openJournal({ path });
const busy = expect.objectContaining({ code: 'journal_busy' });

// The superuser may write anything.
const itUnlessRoot = process.getuid?.() === 0 ? it.skip : it;

describe('the settings of the database', () => {
  it('are those that durability needs', async () => {
    const { kysely } = await sqliteDialect(place.path);
    const db = new Kysely<unknown>({ dialect: kysely });
    const read = async (name: string) => {
      const { rows } = await sql<Record<string, unknown>>`${sql.raw(`pragma ${name}`)}`.execute(db);
      return Object.values(rows[0] ?? {})[0];
    };
    const check = async () => {
      expect(await read('journal_mode')).toBe('wal');
      expect(await read('synchronous')).toBe(2);
      expect(await read('foreign_keys')).toBe(1);
      expect(await read('busy_timeout')).toBe(0);
    };
    await check();
    await db.transaction().execute(async (trx) => void (await sql`select 1`.execute(trx)));
    await check();
    await db.destroy();
  });

  it('make every transaction take the write lock at its start', async () => {
    const { kysely } = await sqliteDialect(place.path);
    const db = new Kysely<unknown>({ dialect: kysely });
    const other = openSqliteFile(place.path);
    await db.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx);
      expect(() => other.begin()).toThrow(busy);
    });
    // libsql leaves a BEGIN that failed in the way of the next COMMIT, unless it is thrown away.
    other.begin();
    other.prepare('create table t (x)').run([]);
    other.exec('commit');
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

describe('another process that writes', () => {
  it('is waited for, and the event loop stays free meanwhile', async () => {
    const journal = await place.open();
    const other = openSqliteFile(place.path);
    other.begin();
    let ended = false;
    const write = planned(journal, 'a').then(() => {
      ended = true;
    });
    // Each of these turns would come only after the whole wait if the wait blocked the loop.
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(ended).toBe(false);
    other.exec('commit');
    other.close();
    await write;
    expect(await journal.get('a')).toBeDefined();
  });

  it('keeps nobody from reading while a write waits for it', async () => {
    const journal = await place.open();
    await planned(journal, 'a');
    const other = openSqliteFile(place.path);
    other.begin();
    let ended = false;
    const write = planned(journal, 'b').finally(() => {
      ended = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await journal.get('a'))?.id).toBe('a');
    expect(ended).toBe(false);
    other.exec('commit');
    other.close();
    await write;
  });

  it('is waited for at the same time by many, who are answered within 3 seconds', async () => {
    expect(LOCK_WAIT_MS).toBeLessThan(3_000);
    const journal = await place.open();
    const other = openSqliteFile(place.path);
    other.begin();
    let open = 20;
    const writes = Array.from({ length: open }, (_, i) =>
      planned(journal, `r${i}`).finally(() => {
        open--;
      }),
    );
    await expect(writes[0]).rejects.toEqual(busy);
    const answers = Promise.allSettled(writes);
    // Long before one more wait could be over.
    await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS / 2));
    expect(open).toBe(0);
    other.exec('commit');
    other.close();
    for (const { status } of await answers) expect(status).toBe('rejected');
    await planned(journal, 'after');
  });

  it('is waited for without blocking when it lets nobody read either', async () => {
    await (await place.open()).close();
    // The file itself stays open in this process until libsql's statements are collected.
    const path = join(place.directory, 'copy.db');
    copyFileSync(place.path, path);
    const other = new Libsql(path);
    other.exec('pragma locking_mode = exclusive; begin exclusive');
    let turns = 0;
    const turning = setInterval(() => turns++, 5);
    const open = opening(path);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(turns).toBeGreaterThan(10);
    other.exec('commit; pragma locking_mode = normal; begin immediate; commit');
    other.close();
    clearInterval(turning);
    await (await open).close();
  });

  it('is waited for while it is just making the file', async () => {
    const other = openSqliteFile(place.path);
    other.begin();
    // The first try has failed when this call gives its promise: SQLite does not wait for a lock there.
    const open = place.open();
    other.exec('commit');
    other.close();
    await expect(open).resolves.toBeDefined();
  });

  it('is a problem that is named when it does not end', async () => {
    const journal = await place.open();
    const other = openSqliteFile(place.path);
    other.begin();
    expect(await journal.problem()).toMatch(/^Another process keeps the journal .* locked/);
    other.exec('commit');
    expect(await journal.problem()).toBeNull();
    other.close();
  });

  it('keeps a file locked only so long', () => {
    const database = openSqliteFile(place.path);
    database.begin();
    expect(() => openSqliteFile(place.path).begin()).toThrow(busy);
    database.close();
  });
});

it('does not take every failure of a write for an open request of the same training', async () => {
  const journal = await place.open();
  const request = await planned(journal, 'a');
  await place.execute(`create trigger no before update on requests begin select raise(abort, 'broken'); end`);
  await expect(advance(journal, request, 'confirmed')).rejects.toThrow('broken');
  await place.execute(`
    create trigger neither before update on schema_version begin select raise(abort, 'broken too'); end
  `);
  await expect(journal.problem()).rejects.toThrow('broken too');
  expect(await journal.get('a')).toEqual(request);
});

describe('the driver', () => {
  it('keeps prepared statements', () => {
    const database = openSqliteFile(place.path);
    expect(database.prepare('select 0 as x')).toBe(database.prepare('select 0 as x'));
    database.close();
  });

  it('says that the disk is full, not that there is nothing to roll back', async () => {
    const journal = await place.open();
    const before = await planned(journal, 'a');
    const { kysely } = await sqliteDialect(place.path);
    const db = new Kysely<Tables>({ dialect: kysely });
    await sql`pragma max_page_count = 1`.execute(db);
    const fill = db.transaction().execute(async (trx) => {
      await trx
        .updateTable('requests')
        .set({ channel: 'x'.repeat(9_000_000) })
        .execute();
    });
    await expect(fill).rejects.toMatchObject({
      code: 'journal_unavailable',
      message: expect.stringContaining('database or disk is full'),
    });
    expect(await journal.get('a')).toEqual(before);
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
    const log = ({ query }: { query: CompiledQuery }) => void asked.push(query);
    const db = new Kysely<Tables>({ dialect: dialect.kysely, log });
    const reads = journalReads({ db, dialect });
    await reads.countRunning('production');
    await reads.runningOperations('production');
    await reads.running('production', ['op']);
    await reads.findOpen('production', '1');
    await reads.lastEnded('production', '1');
    await reads.claimedOperations('production', ['op', 'other'], 'a');
    await journalLeases({ db, dialect }).claim({ now: 1, until: 2, limit: 1 });
    await openRecords(db).next();
    const queries = asked.filter(({ sql: text }) => /^(select|with)/.test(text));
    expect(queries).toHaveLength(8);
    const explain = async (query: CompiledQuery) => {
      const plan = { ...query, sql: `explain query plan ${query.sql}` };
      return (await db.executeQuery<{ detail: string }>(plan)).rows.map(({ detail }) => detail);
    };
    for (const query of queries) {
      const scans = (await explain(query)).filter((detail) => /requests/.test(detail));
      expect([query.sql, scans]).toEqual([query.sql, scans.filter((detail) => detail.includes('INDEX'))]);
    }
    expect((await explain(queries[0] as CompiledQuery)).join()).toContain('requests_running');
    expect((await explain(queries[7] as CompiledQuery)).join()).toContain('requests_one_open');
    await db.destroy();
  });
});

describe('what cannot be a journal', () => {
  it('is one from before the first release, which stays as it is', async () => {
    const old = gunzipSync(readFileSync(join(__dirname, '..', 'fixtures', 'journal-version-1.db.gz')));
    writeFileSync(place.path, old);
    const database = new Libsql(place.path);
    const rows = () => JSON.stringify(database.prepare('select * from requests order by id').all([]));
    const before = rows();
    const tooOld = {
      code: 'journal_too_old',
      message: expect.stringMatching(/schema 1, from before the first release/),
    };
    await expect(openAudit({ path: place.path })).rejects.toMatchObject(tooOld);
    expect(readFileSync(place.path).equals(old)).toBe(true);
    await expect(opening()).rejects.toMatchObject(tooOld);
    expect(rows()).toBe(before);
    database.close();
  });

  it('is a file that is no database, or another one', async () => {
    writeFileSync(place.path, 'Dear diary, '.repeat(1_000));
    const unreadable = { code: 'journal_unreadable', message: expect.stringContaining(place.path) };
    await expect(opening()).rejects.toMatchObject(unreadable);
    expect(readFileSync(place.path, 'utf8')).toBe('Dear diary, '.repeat(1_000));

    const path = join(place.directory, 'other.db');
    const other = new Libsql(path);
    other.exec('create table requests (mine text)');
    other.close();
    await expect(opening(path)).rejects.toMatchObject({ code: 'journal_unreadable' });
  });

  it('is a damaged one', async () => {
    const journal = await place.open();
    for (let i = 0; i < 30; i++) await confirmed(journal, `r${i}`);
    await journal.close();
    const whole = readFileSync(place.path);
    const cut = join(place.directory, 'cut.db');
    writeFileSync(cut, whole);
    truncateSync(cut, Math.floor(whole.length / 2));
    await expect(opening(cut)).rejects.toMatchObject({ code: 'journal_unreadable' });

    // One page of data, in the middle: everything else can still be read.
    whole.fill(0x5a, 4096 * 12, 4096 * 13);
    const scribbled = join(place.directory, 'scribbled.db');
    writeFileSync(scribbled, whole);
    await expect(opening(scribbled)).rejects.toMatchObject({
      code: 'journal_unreadable',
      message: expect.stringMatching(/is damaged: .*Stop the app, keep a copy of the file and its -wal/s),
    });
  });

  it('is a path that cannot be written', async () => {
    const file = join(place.directory, 'file');
    writeFileSync(file, '');
    mkdirSync(place.path);
    const link = join(place.directory, 'link.db');
    symlinkSync(join(place.directory, 'nothing'), link);
    for (const [path, words] of [
      [place.path, /cannot be opened or written .*the app may write/],
      [join(file, 'journal.db'), /cannot be created.*the app may write/],
      ['/proc/journal.db', /cannot be created.*the app may write/],
      [link, /cannot be created.*the app may write/],
    ] as const)
      await expect(opening(path)).rejects.toMatchObject({
        code: 'journal_unavailable',
        message: expect.stringMatching(words),
        cause: expect.anything(),
      });
  });

  it.each([
    '/proc/nope/journal.db',
    '/proc/nope/deeper/journal.db',
    '/proc/self/fd/nope/journal.db',
    '/sys/nope/journal.db',
    '/dev/null/nope/journal.db',
  ])('is a place where no directory can be made: %s', async (path) => {
    // In a process of its own: Node's recursive mkdir never returns here, and no time limit of Jest's would end it.
    const { child, lines, ended } = startChild('fail', path, '');
    const limit = setTimeout(() => child.kill('SIGKILL'), 15_000);
    expect(await ended).toBe(0);
    clearTimeout(limit);
    expect(lines.join()).toMatch(
      /^journal_unavailable .*cannot be created.*Give a path to a file in a directory/,
    );
  });

  itUnlessRoot('is a file, or a directory, that the app may only read', async () => {
    await (await place.open()).close();
    chmodSync(place.path, 0o400);
    await expect(opening()).rejects.toMatchObject({ code: 'journal_unavailable' });
    chmodSync(place.path, 0o600);
    for (const log of ['-wal', '-shm']) rmSync(place.path + log, { force: true });
    chmodSync(place.directory, 0o500);
    await expect(opening()).rejects.toMatchObject({ code: 'journal_unavailable' });
    chmodSync(place.directory, 0o700);
  });

  it('is not there, for a program that only reads', async () => {
    const path = join(place.directory, 'none.db');
    await expect(openAudit({ path })).rejects.toMatchObject({
      code: 'journal_unavailable',
      message: expect.stringContaining('There is no journal at'),
    });
  });
});

describe('a file that is not at its path any more', () => {
  const copy = () => join(place.directory, 'copy.db');
  const changes: [string, () => void][] = [
    ['deleted', () => rmSync(place.path)],
    ['moved away', () => renameSync(place.path, copy())],
    [
      'replaced by a backup',
      () => {
        copyFileSync(place.path, copy());
        renameSync(copy(), place.path);
      },
    ],
    ['there, but its log is deleted', () => rmSync(`${place.path}-wal`)],
    ['there, but the index of its log is deleted', () => rmSync(`${place.path}-shm`)],
    [
      'in a directory that was replaced',
      () => {
        renameSync(place.directory, `${place.directory}-old`);
        mkdirSync(place.directory);
      },
    ],
  ];
  afterEach(() => rmSync(`${place.directory}-old`, { recursive: true, force: true }));

  it.each(changes)('is not read or written: %s', async (_what, change) => {
    const journal = await place.open();
    await planned(journal, 'a');
    expect(await journal.problem()).toBeNull();
    change();
    const gone = {
      code: 'journal_unavailable',
      message: expect.stringMatching(
        /deleted, moved or replaced while the app had it open.*Stop the app, restore/,
      ),
    };
    await expect(planned(journal, 'b')).rejects.toMatchObject(gone);
    await expect(journal.get('a')).rejects.toMatchObject(gone);
    expect(await journal.problem()).toMatch(/Stop the app, restore/);
  });

  it('is used again once it is back', async () => {
    const journal = await place.open();
    await planned(journal, 'a');
    renameSync(place.path, copy());
    expect(await journal.problem()).not.toBeNull();
    renameSync(copy(), place.path);
    expect(await journal.problem()).toBeNull();
    await planned(journal, 'b');
    expect(await journal.get('b')).toBeDefined();
  });

  it('fails a transaction in which it was lost, rather than at the next one', async () => {
    const { kysely } = await sqliteDialect(place.path);
    const db = new Kysely<unknown>({ dialect: kysely });
    const write = db.transaction().execute(async (trx) => {
      await sql`create table t (x)`.execute(trx);
      renameSync(place.path, copy());
    });
    await expect(write).rejects.toMatchObject({ code: 'journal_unavailable' });
    renameSync(copy(), place.path);
    const tables = await sql`select name from sqlite_master where name = 't'`.execute(db);
    expect(tables.rows).toEqual([]);
    await db.destroy();
  });

  it.each(['-wal', '-shm'])('has all writes after a stop when only its %s was deleted', async (ending) => {
    const journal = await place.open();
    await planned(journal, 'a');
    rmSync(place.path + ending);
    await journal.close();
    copyFileSync(place.path, copy());
    const copied = await openJournal({ path: copy() });
    expect(await copied.get('a')).toBeDefined();
    await copied.close();
  });

  it('is found through a link, which may be changed too', async () => {
    const path = join(place.directory, 'link.db');
    const target = join(place.directory, 'target.db');
    writeFileSync(target, '', { mode: 0o600 });
    symlinkSync(target, path);
    const journal = await openJournal({ path });
    await planned(journal, 'a');
    expect(statSync(`${target}-wal`).size).toBeGreaterThan(0);
    expect(await journal.problem()).toBeNull();
    rmSync(path);
    symlinkSync(place.path, path);
    expect(await journal.problem()).toMatch(/Stop the app, restore/);
    await journal.close();
  });
});

it('is read beside a running app', async () => {
  const journal = await place.open();
  const audit = await openAudit({ path: place.path });
  await planned(journal, 'new');
  expect((await audit.record('new'))?.request).toEqual(await journal.get('new'));
  await audit.close();
});
