import { openSqliteFile } from '../../src/journal/sqlite-driver';
import { journalProcesses } from './contract-processes';
import { sqlitePlace } from './sqlite-place';

journalProcesses('SQLite', async () => sqlitePlace());

let place: ReturnType<typeof sqlitePlace>;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(async () => {
  await place.remove();
});

describe('a process', () => {
  it('waits for another one that is just making the file', async () => {
    const other = openSqliteFile(place.path, 0);
    other.prepare('begin').run([]);
    // The first try has failed when this call gives its promise: SQLite waits for no lock there.
    const opening = place.open();
    other.prepare('commit').run([]);
    other.close();
    await expect(opening).resolves.toBeDefined();
  });
});
