import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { openJournal } from '../../src/journal/open-journal';
import { openSqliteFile } from '../../src/journal/sqlite-driver';
import { confirmed } from './builders';
import { sqlitePlace } from './sqlite-place';

let place: ReturnType<typeof sqlitePlace>;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(async () => {
  await place.remove();
});

describe('what cannot be a journal', () => {
  const opening = (path = place.path) => openJournal({ path });

  it('a newer one is refused, untouched, and by both numbers', async () => {
    await (await place.open()).close();
    await place.execute('update schema_version set version = 7; alter table requests add column later text');
    await expect(opening()).rejects.toMatchObject({
      code: 'journal_too_new',
      message: expect.stringMatching(/schema 7.* knows 4\. Run the newer version again/),
    });
    await place.execute('update requests set later = 1; update schema_version set version = 4');
    await (await opening()).close();
  });

  it('a file that is no database, or another one', async () => {
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

  it('a damaged one', async () => {
    const journal = await place.open();
    for (let i = 0; i < 30; i++) await confirmed(journal, `r${i}`);
    await journal.close();
    const half = Math.floor(statSync(place.path).size / 2);
    const copy = join(place.directory, 'cut.db');
    writeFileSync(copy, readFileSync(place.path));
    truncateSync(copy, half);
    await expect(opening(copy)).rejects.toMatchObject({ code: 'journal_unreadable' });

    const spoilt = readFileSync(place.path);
    // One page of data, in the middle: everything else can still be read.
    spoilt.fill(0x5a, 4096 * 12, 4096 * 13);
    const scribbled = join(place.directory, 'scribbled.db');
    writeFileSync(scribbled, spoilt);
    await expect(opening(scribbled)).rejects.toMatchObject({ code: 'journal_unreadable' });
  });

  it('a path that cannot be written', async () => {
    const file = join(place.directory, 'file');
    writeFileSync(file, '');
    mkdirSync(place.path);
    for (const path of [place.path, join(file, 'journal.db'), '/proc/journal.db']) {
      await expect(opening(path)).rejects.toMatchObject({
        code: 'journal_unavailable',
        message: expect.stringContaining('in a directory that the app may write to'),
        cause: expect.anything(),
      });
    }
  });

  // The superuser may write anything.
  const itUnlessRoot = process.getuid?.() === 0 ? it.skip : it;

  itUnlessRoot('a file, or a directory, that the app may only read', async () => {
    await (await place.open()).close();
    chmodSync(place.path, 0o400);
    await expect(opening()).rejects.toMatchObject({ code: 'journal_unavailable' });
    chmodSync(place.path, 0o600);
    for (const log of ['-wal', '-shm']) rmSync(place.path + log, { force: true });
    chmodSync(place.directory, 0o500);
    await expect(opening()).rejects.toMatchObject({ code: 'journal_unavailable' });
    chmodSync(place.directory, 0o700);
  });

  it('a file that another program keeps locked', async () => {
    const database = openSqliteFile(place.path, 0);
    database.prepare('begin').run([]);
    expect(() => openSqliteFile(place.path, 0).prepare('begin').run([])).toThrow(
      expect.objectContaining({ code: 'journal_busy' }),
    );
    database.close();
  });
});
