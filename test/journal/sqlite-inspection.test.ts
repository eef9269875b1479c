import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspectJournal } from '../../src/journal/inspection';
import { confirmed, planned } from './builders';
import { sqlitePlace } from './sqlite-place';

let place: ReturnType<typeof sqlitePlace>;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

// The superuser may write anything.
const itUnlessRoot = process.getuid?.() === 0 ? it.skip : it;

describe('an inspection', () => {
  it('finds room for a journal that is not there yet, and makes neither a file nor a directory', async () => {
    const directory = join(place.directory, 'new');
    const found = await inspectJournal({ path: join(directory, 'deep', 'journal.db') });
    expect(found).toMatchObject({ schema: null, unwritable: null, open: [] });
    expect(found.freeBytes).toBeGreaterThan(2 ** 20);
    expect(existsSync(directory)).toBe(false);
  });

  it('does not take an empty file for a journal', async () => {
    writeFileSync(place.path, '');
    expect(await inspectJournal({ path: place.path })).toMatchObject({ schema: null, open: [] });
  });

  it('says that no journal can be below a file', async () => {
    const file = join(place.directory, 'file');
    writeFileSync(file, '');
    const { unwritable } = await inspectJournal({ path: join(file, 'journal.db') });
    expect(unwritable).toBe(`${file} is not a directory`);
  });

  itUnlessRoot('says which file or directory may not be written', async () => {
    const journal = await place.open();
    await planned(journal, 'a');
    for (const path of [`${place.path}-shm`, `${place.path}-wal`, place.path, place.directory]) {
      chmodSync(path, path === place.directory ? 0o500 : 0o400);
      const { unwritable } = await inspectJournal({ path: place.path });
      expect(unwritable).toBe(`this user may not write ${path}`);
    }
    for (const path of [place.directory, place.path, `${place.path}-wal`, `${place.path}-shm`])
      chmodSync(path, path === place.directory ? 0o700 : 0o600);
  });

  it('leaves the journal of an app that has crashed as it is', async () => {
    const journal = await place.open();
    await confirmed(journal, 'a');
    const path = join(place.directory, 'crashed.db');
    for (const ending of ['', '-wal']) copyFileSync(place.path + ending, path + ending);
    const before = readFileSync(path);
    expect(await inspectJournal({ path })).toMatchObject({ open: [{ id: 'a', findings: [] }] });
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
