import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Libsql from 'libsql';
import { openAudit } from '../../src/journal/open-audit';
import { openJournal } from '../../src/journal/open-journal';
import { move, NOON, planned } from './builders';
import { sqlitePlace } from './sqlite-place';

// Made by the code of schema 1: 150 planned requests, one that succeeded, one planned anew, one open, a refusal.
const VERSION_1 = gunzipSync(readFileSync(join(__dirname, '..', 'fixtures', 'journal-version-1.db.gz')));

let place: ReturnType<typeof sqlitePlace>;
beforeEach(() => {
  place = sqlitePlace();
  writeFileSync(place.path, VERSION_1);
});
afterEach(() => place.remove());

describe('a journal of schema 1', () => {
  it('is brought up to date with all that it has, and chained as it is found', async () => {
    const said: string[] = [];
    const logger = { info: (message: string) => said.push(message), warn: () => {} };
    const journal = await openJournal({ path: place.path, logger });
    expect(said).toEqual([`Journal ${place.path}: schema 1 brought to 4.`]);

    expect((await journal.events('done')).map(({ kind, seq }) => [kind, seq])).toEqual([
      ['asked', 1],
      ['confirmed', 2],
      ['submitting', 3],
      ['accepted', 4],
      ['succeeded', 5],
    ]);
    expect(await journal.get('done')).toMatchObject({
      reason: 'it is old',
      operationId: 'op',
      finishedAt: NOON + 9,
    });
    expect(await journal.refusals(9)).toHaveLength(1);
    expect(await journal.recent({ states: ['planned'], limit: 999 })).toHaveLength(151);

    const [claimed] = await journal.claim({ now: NOON, until: NOON + 9, limit: 1, ids: ['open'] });
    if (!claimed) throw new Error('not claimed');
    await move(journal, claimed, 'submitting');
    await planned(journal, 'new');

    const audit = await openAudit({ path: place.path });
    const broken = [];
    let checked = 0;
    for await (const { findings } of audit.checkAll()) {
      checked++;
      broken.push(...findings);
    }
    expect([checked, broken]).toEqual([154, []]);
    await audit.close();
    await journal.close();
  });

  it('keeps its events from being changed afterwards too', async () => {
    await (await place.open()).close();
    for (const sql of [
      `update events set actor = 'U9'`,
      'delete from events',
      `delete from requests where id = 'done'`,
    ])
      await expect(place.execute(sql)).rejects.toThrow();
  });

  it('is not touched by who only reads, and says what to do', async () => {
    await expect(openAudit({ path: place.path })).rejects.toMatchObject({
      code: 'journal_too_old',
      message: expect.stringMatching(
        /has schema 1, this program needs 4\. Start this version of the app once/,
      ),
    });
    expect(readFileSync(place.path).equals(VERSION_1)).toBe(true);
  });

  it('takes no event any more from an older copy of the app that still runs', async () => {
    await (await place.open()).close();
    const old = new Libsql(place.path);
    const insert = `insert into events (request_id, seq, at, kind, from_state, to_state, actor, detail)
                    values ('open', 3, 1, 'submitting', 'confirmed', 'submitting', 'app', '{}')`;
    expect(() => old.exec(insert)).toThrow(/NOT NULL constraint failed/);
    old.close();
  });
});

describe('reading only', () => {
  it('writes nothing, works beside a running app, and makes no journal', async () => {
    const journal = await place.open();
    const audit = await openAudit({ path: place.path });
    await planned(journal, 'new');
    expect((await audit.request('new'))?.receipt).toBe((await journal.get('new'))?.receipt);
    await audit.close();
    await expect(openAudit({ path: join(place.directory, 'none.db') })).rejects.toMatchObject({
      code: 'journal_unavailable',
      message: expect.stringContaining('There is no journal at'),
    });
  });
});
