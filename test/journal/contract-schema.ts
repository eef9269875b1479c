import { openAudit } from '../../src/journal/audit';
import { type BareEvent, chained } from '../../src/journal/chain';
import { type RequestRow, SCHEMA } from '../../src/journal/schema';
import { openJournal } from '../../src/journal/store';
import { exportLines } from '../../src/journal/transfer';
import { advance, advanceThrough, held, NOON, planned } from './builders';
import { startChild } from './child';
import type { JournalPlace } from './contract';
import { insertion, makeSchema5, ROWS_5, type Row } from './schema-5';

/** How a journal of another version is treated. */
export function journalSchema(place: () => JournalPlace): void {
  const setVersion = (version: number) => place().execute(`update schema_version set version = ${version}`);

  /** How many requests there are, and what is wrong with their chains. */
  async function verify(): Promise<[number, string[]]> {
    const audit = await openAudit(place().where);
    const records = [];
    for await (const record of audit.records({})) records.push(record);
    await audit.close();
    return [records.length, records.flatMap(({ id, findings }) => findings.map((one) => `${id}: ${one}`))];
  }

  describe('the schema', () => {
    it('is made once, and said so', async () => {
      const said: string[] = [];
      const logger = { info: (message: string) => said.push(message), warn: () => {} };
      for (let i = 0; i < 2; i++) await (await openJournal({ ...place().where, logger })).close();
      expect(said).toEqual([expect.stringMatching(/^Journal .*: created\.$/)]);
    });

    it.each([
      [8, 'journal_too_new', /schema 8.* knows 7\. Run the newer version again/],
      [4, 'journal_too_old', /schema 4, from before the first release.*Nothing in it was changed/],
    ])('of version %i is refused, untouched', async (version, code, words) => {
      await planned(await place().open(), 'a');
      await setVersion(version);
      const refused = { code, message: expect.stringMatching(words) };
      await expect(place().open()).rejects.toMatchObject(refused);
      await expect(openAudit(place().where)).rejects.toMatchObject(refused);
      await setVersion(SCHEMA);
      expect(await (await place().open()).get('a')).toBeDefined();
    });
  });

  it('a journal of schema 6 is brought up to date, and keeps the watches of the version before', async () => {
    await planned(await place().open(), 'a');
    await place().execute('alter table watches drop column training_name');
    await setVersion(6);
    const watch = (id: string, training: string) =>
      place().execute(
        `insert into watches (id, environment, training_id, user_id, team_id, enterprise_id, channel, created_at, tries, due_at)
         values ('${id}', 'production', '${training}', 'U1', 'T1', null, 'C1', ${NOON}, 2, ${NOON})`,
      );
    await watch('before', '1');
    const journal = await place().open();
    // By a process of that version, which is replaced later.
    await watch('later', '2');
    expect(await journal.watches('U1')).toMatchObject([
      { id: 'before', name: null, tries: 2 },
      { id: 'later', name: null, tries: 2 },
    ]);
    const [claimed] = await journal.claimWatches({ now: NOON, until: NOON + 9, limit: 1 });
    if (claimed === undefined) throw new Error('not claimed');
    expect(await journal.updateWatch({ ...claimed, name: 'Signs' }, { claimedUntil: null })).toBe(true);
    expect(await journal.watches('U1')).toMatchObject([{ name: 'Signs' }, { name: null }]);
    expect(await verify()).toEqual([1, []]);
  });

  describe('a journal of schema 5', () => {
    beforeEach(() => makeSchema5(place()));
    const all = ROWS_5.requests.length;

    it('is brought up to date: every row as it was, every chain intact', async () => {
      const said: string[] = [];
      const logger = { info: (message: string) => said.push(message), warn: () => {} };
      for (let i = 0; i < 2; i++) await (await openJournal({ ...place().where, logger })).close();
      expect(said).toEqual([expect.stringMatching(/^Journal .*: updated\.$/)]);

      const rows: { requests: Row[]; events: Row[]; denials: Row[] } = {
        requests: [],
        events: [],
        denials: [],
      };
      for await (const line of exportLines(place().where)) {
        const { request, events, denial } = JSON.parse(line);
        if (request) rows.requests.push(request);
        if (request) rows.events.push(...events);
        if (denial) rows.denials.push(denial);
      }
      const added = { batch_id: null, touched: 0, touch_due: null };
      expect(rows).toEqual({ ...ROWS_5, requests: ROWS_5.requests.map((row) => ({ ...row, ...added })) });
      expect(await verify()).toEqual([all, []]);
    });

    it('goes on where it was, with what is new', async () => {
      const journal = await place().open();
      expect(await journal.get('running')).toMatchObject({
        ...{ state: 'running', progress: 42, threadSeq: 4, operationId: 'op-1' },
        ...{ approval: null, batch: null, place: 0, releasedAt: null, touched: 0, shown: 0, pause: null },
      });
      expect(await journal.get('submitting')).toMatchObject({ lease: { token: 'a-process-of-before' } });
      expect(await journal.batch('open')).toMatchObject([{ id: 'open' }]);
      expect(await journal.pause()).toBeNull();

      const open = await held(journal, 'open');
      const sent = await advance(journal, open, 'submitting', { lease: open.lease, release: true });
      await advanceThrough(journal, sent, ['accepted', 'succeeded']);
      const [seen, replanned] = [await journal.get('seen'), await journal.get('replanned')];
      if (!seen || !replanned) throw new Error('not there');
      await advance(journal, seen, 'approval_requested');
      await advance(journal, replanned, 'confirmed', { with: { batch: 'replanned' } });
      // A request that waits for approval is open, for the database too.
      const second = await planned(journal, 'second', { trainingId: seen.trainingId });
      await expect(advance(journal, second, 'confirmed')).rejects.toMatchObject({
        code: 'open_request_exists',
      });
      expect(await verify()).toEqual([all + 1, []]);
    });

    it('is read only after that, and the reader says what to do', async () => {
      const refused = {
        code: 'journal_too_old',
        message: expect.stringMatching(/schema 5, this version of the app needs 7\. Start the app once/),
      };
      await expect(openAudit(place().where)).rejects.toMatchObject(refused);
      await expect(exportLines(place().where).next()).rejects.toMatchObject(refused);
      // As it was: whoever reads changes nothing.
      await expect(place().execute('select touched from requests')).rejects.toThrow();
      await (await place().open()).close();
      expect(await verify()).toEqual([all, []]);
    });

    it('is updated once when several processes open it at once, and all of them can write', async () => {
      const children = ['a', 'b', 'c', 'd'].map((name) => startChild('open', place().place, name));
      await Promise.all(children.map(({ heard }) => heard((lines) => lines.includes('ready'))));
      for (const { child } of children) child.stdin?.write('go\n');
      expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
      const said = children.flatMap(({ lines }) => lines);
      expect(said.filter((line) => line === 'written')).toHaveLength(4);
      expect(said.filter((line) => line.startsWith('log '))).toEqual([
        expect.stringMatching(/^log Journal .*: updated\.$/),
      ]);
      expect(await verify()).toEqual([all + 4, []]);
    }, 60_000);

    it('takes what a process of the version before, which is replaced later, still writes', async () => {
      const journal = await place().open();
      // A new request, with the columns that it knows.
      const [row] = ROWS_5.requests.filter(({ id }) => id === 'seen');
      const [event] = ROWS_5.events.filter(({ request_id }) => request_id === 'seen');
      const asked = { ...row, id: 'later', training_id: '77' } as unknown as RequestRow;
      const { plan_fingerprint: _plan, facts: _facts, hash: _hash, ...bare } = event ?? {};
      const first = chained({ ...bare, request_id: 'later' } as unknown as BareEvent, asked, null);
      await place().execute(insertion('requests', { ...asked, head: first.hash }));
      await place().execute(insertion('events', { ...first }));
      // A step of a request that it had claimed: every column that it knows, in a row that it had read before.
      const [running = {}] = ROWS_5.requests.filter(({ id }) => id === 'running');
      const delivery = String(running['delivery']).replace('"progress":42', '"progress":43');
      await place().execute(
        `update requests set delivery = '${delivery}', due_at = ${NOON}, lease_token = null, lease_until = null
         where id = 'running'`,
      );
      expect(await journal.get('later')).toMatchObject({ state: 'planned', touched: 0, batch: null });
      expect(await journal.get('running')).toMatchObject({ state: 'running', progress: 43 });
      const later = await journal.get('later');
      if (!later) throw new Error('not there');
      await advanceThrough(journal, later, ['approval_requested', 'approved']);
      expect(await verify()).toEqual([all + 1, []]);
    });
  });
}
