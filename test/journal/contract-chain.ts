import { type JournalAudit, openAudit } from '../../src/journal/audit';
import { connectReadOnly } from '../../src/journal/connect';
import type { OpenJournal } from '../../src/journal/store';
import { advance, advanceThrough, confirmed, held, NOON, planned } from './builders';
import type { JournalPlace } from './contract';

/** Whatever is done to the history behind the journal's back, a check of the chain names it. */
export function journalChain(place: () => JournalPlace): void {
  describe('the chain', () => {
    let journal: OpenJournal;
    let audit: JournalAudit;
    beforeEach(async () => {
      journal = await place().open();
      audit = await openAudit(place().where);
      const request = await confirmed(journal, 'a');
      await advanceThrough(journal, request, ['submitting', 'accepted', 'succeeded'], { actor: 'app' });
      await planned(journal, 'b', { trainingId: 'nasty \ud800 \0 "é' });
    });
    afterEach(() => audit.close());

    const check = async (id: string) => (await audit.record(id))?.findings;
    const changed = (seq: number) =>
      expect.stringMatching(`^event ${seq} was changed, or event ${seq - 1} was`);
    const firstChanged = expect.stringMatching(/^event 1 was changed, or the request it begins/);
    const unreadable = 'the request cannot be read: one of its columns was changed';
    const execute = (sql: string) => place().execute(sql);
    const tamper = (sql: string) => execute(`${place().unlock}; ${sql}`);
    /** Changes a column, looks, and puts it back. */
    async function changing(table: string, where: string, column: string, value: string): Promise<unknown> {
      await tamper(`create table kept as select ${column} as x from ${table} where ${where}`);
      await execute(`update ${table} set ${column} = ${value} where ${where}`);
      const found = await check('a');
      await execute(`update ${table} set ${column} = (select x from kept) where ${where}`);
      await execute('drop table kept');
      expect(await check('a')).toEqual([]);
      return found;
    }

    it('is intact for everything that the journal writes, notes and leases included', async () => {
      const open = await confirmed(journal, 'c');
      const { lease } = await held(journal, 'c');
      await journal.note('c', lease, lease.until - 1, { progress: 12.5, threadSeq: 2 });
      await advance(journal, open, 'submitting', { lease });
      await journal.release('c', lease);
      const batch = { batch: 'd', place: 1 };
      const asked = await planned(journal, 'e');
      await advance(journal, await planned(journal, 'd'), 'confirmed', { with: { ...batch, place: 0 } });
      await advanceThrough(journal, asked, ['approval_requested', 'approved', 'fully_approved'], {
        with: batch,
      });
      await journal.note('d', (await held(journal, 'd')).lease, NOON, { shown: 2, closedSum: 9 });
      expect(await Promise.all(['a', 'b', 'c', 'd', 'e'].map(check))).toEqual([[], [], [], [], []]);
      expect(await check('nobody')).toBeUndefined();
      expect((await audit.record('a'))?.events[0]?.detail).toEqual({});
    });

    it('shows every changed column of an event', async () => {
      for (const [column, value] of [
        ['at', 'at + 1'],
        ['kind', `'cancelled'`],
        ['from_state', 'null'],
        ['to_state', `'failed'`],
        ['actor', `'U9'`],
        ['detail', `'{"code":"x"}'`],
        ['plan_fingerprint', `'f9'`],
        ['facts', `'f9'`],
      ] as const) {
        const found = await changing('events', `request_id = 'a' and seq = 3`, column, value);
        expect([column, found]).toEqual([column, [changed(3)]]);
      }
      await execute(`update events set hash = 'h' where request_id = 'a' and seq = 3`);
      expect(await check('a')).toEqual([changed(3), changed(4)]);
    });

    it('shows a changed request', async () => {
      const first = ['team_id', 'requester', 'channel', 'environment', 'training_id'];
      for (const column of first)
        expect([column, await changing('requests', `id = 'a'`, column, `${column} || 'x'`)]).toEqual([
          column,
          [firstChanged],
        ]);
      const facts =
        /^the reason, plan, operation, outcome or times of the request were changed without an event$/;
      const copies = /^the operation, the time of submission or the batch is not the one in the facts/;
      for (const [column, value, words] of [
        ['created_at', 'created_at + 1', /^event 1 was changed/],
        ['state', `'failed'`, /^the request says failed, its last event says succeeded$/],
        ['head', `'h'`, /^the receipt of the request is not that of its last event$/],
        ['operation_id', `'op-2'`, copies],
        ['operation_id', 'null', copies],
        ['submitted_at', 'submitted_at + 1', copies],
        ['batch_id', `'b'`, copies],
        ['facts', `replace(facts, 'it is old', 'it is new')`, facts],
        ['facts', `'{"added":1,' || substr(facts, 2)`, facts],
      ] as const) {
        const found = await changing('requests', `id = 'a'`, column, value);
        expect([column, value, found]).toEqual([column, value, [expect.stringMatching(words)]]);
      }
    });

    it('names what cannot be read, and judges the rest', async () => {
      const where = `request_id = 'a' and seq = 3`;
      const deep = '['.repeat(50_000) + ']'.repeat(50_000);
      const without = expect.stringMatching(/changed without an event/);
      for (const [table, column, value, expected] of [
        ['events', 'detail', `'{'`, [changed(3)]],
        ['events', 'detail', `'${deep}'`, [changed(3)]],
        ['events', 'at', '9223372036854775807', [changed(3)]],
        ['requests', 'facts', `'nonsense'`, [unreadable]],
        ['requests', 'facts', `'null'`, [unreadable, without]],
        ['requests', 'facts', `'{"added":${deep},' || substr(facts, 2)`, [unreadable]],
        ['requests', 'facts', `replace(facts, '"pools":[]', '"pools":5')`, [unreadable, without]],
        ['requests', 'delivery', `'{"threadSeq":"x"}'`, [unreadable]],
        ['requests', 'created_at', '9223372036854775807', [firstChanged, unreadable]],
        [
          'requests',
          'state',
          `'finished'`,
          [unreadable, expect.stringMatching(/^the request says finished/)],
        ],
      ] as const) {
        const found = await changing(table, table === 'events' ? where : `id = 'a'`, column, value);
        expect([column, value.slice(0, 40), found]).toEqual([column, value.slice(0, 40), expected]);
      }
      await tamper(`update events set detail = '{', actor = 'U9' where request_id = 'a' and seq in (2, 4)`);
      await execute(`update requests set facts = '{' where id = 'b'`);
      const records = [];
      for await (const record of audit.records({})) records.push(record);
      expect(records.map(({ id, request, findings }) => [id, request?.state, findings])).toEqual([
        ['b', undefined, [unreadable]],
        ['a', 'succeeded', [changed(2), changed(4)]],
      ]);
      expect(records[1]?.events[1]).toMatchObject({ kind: 'confirmed', detail: '{' });
    });

    it('names what was removed: a middle one, the first, the last, all', async () => {
      const removed = (seq: number) => `event ${seq} was removed`;
      await tamper(`delete from events where request_id = 'a' and seq = 3`);
      expect(await check('a')).toEqual([removed(3)]);
      await execute(`delete from events where request_id = 'a' and seq = 1`);
      expect(await check('a')).toEqual([removed(1), removed(3)]);
      await execute(`delete from events where request_id = 'a' and seq = 5`);
      expect(await check('a')).toEqual([removed(1), removed(3), removed(5)]);
      await execute(`delete from events where request_id = 'a'`);
      expect(await check('a')).toEqual(['events 1 to 5 were removed']);
    });

    it('names what was removed although the rest was renumbered', async () => {
      await tamper(`delete from events where request_id = 'a' and seq = 2`);
      for (const seq of [3, 4, 5])
        await execute(`update events set seq = ${seq - 1} where request_id = 'a' and seq = ${seq}`);
      await execute(`update requests set version = 4 where id = 'a'`);
      expect(await check('a')).toEqual([changed(2), changed(3), changed(4)]);
    });

    it('names what was moved, and what was added', async () => {
      await tamper(`update events set seq = -3 where request_id = 'a' and seq = 3`);
      await execute(`update events set seq = 3 where request_id = 'a' and seq = 4`);
      await execute(`update events set seq = 4 where request_id = 'a' and seq = -3`);
      expect(await check('a')).toEqual([changed(3), changed(4), changed(5)]);

      for (const seq of [0, 2])
        await execute(`
          insert into events
          select 'b', ${seq}, at, kind, from_state, to_state, actor, detail, plan_fingerprint, facts, hash
          from events where request_id = 'b' and seq = 1`);
      const added = (seq: number) => `event ${seq} was added: the request has 1 events`;
      expect(await check('b')).toEqual([added(0), added(2)]);
      await execute(`update requests set version = 2 where id = 'b'`);
      expect(await check('b')).toEqual([expect.stringMatching(/^event 0 was added/), changed(2)]);
    });

    it('is checked for the open requests alone when the app starts', async () => {
      await confirmed(journal, 'c');
      await advance(journal, await confirmed(journal, 'd'), 'submitting');
      expect(await journal.verifyOpen()).toEqual({ requests: 2, broken: [] });
      await tamper(`update events set actor = 'U9' where request_id in ('a', 'b', 'd') and seq = 1`);
      expect(await journal.verifyOpen()).toEqual({
        requests: 2,
        broken: [{ id: 'd', findings: [firstChanged] }],
      });
      await execute(`update requests set facts = '{' where id = 'c'`);
      const { broken } = await journal.verifyOpen();
      expect(broken.map(({ id }) => id).sort()).toEqual(['c', 'd']);
    });

    it('is intact for a request that changes while it is checked', async () => {
      const other = await place().open();
      let request = await advance(journal, await confirmed(journal, 'c'), 'submitting');
      let changing = true;
      const changes = (async () => {
        for (let i = 0; i < 50; i++)
          request = await advance(journal, request, i % 2 === 0 ? 'outcome_unknown' : 'found_running');
        changing = false;
      })();
      while (changing) expect(await other.verifyOpen()).toEqual({ requests: 1, broken: [] });
      await changes;
    });

    it('is read by a program that can write nothing', async () => {
      const { db } = await connectReadOnly(place().where);
      const write = db.updateTable('requests').set({ state: 'failed' }).execute();
      await expect(write).rejects.toThrow(/readonly|read-only/);
      await db.destroy();
    });

    it('cannot show a tail that was cut off together with the row; the receipt on the card can', async () => {
      const cut = await confirmed(journal, 'c');
      const { facts } = await place().row('c');
      const { receipt: last } = await advance(journal, cut, 'not_started');
      await tamper(`delete from events where request_id = 'c' and seq = 3`);
      await execute(`
        update requests set version = 2, state = 'confirmed', facts = '${facts}',
        head = (select hash from events where request_id = 'c' and seq = 2) where id = 'c'`);
      const record = await audit.record('c');
      expect(record?.findings).toEqual([]);
      expect(record?.request?.receipt).toBe(cut.receipt);
      expect(last).not.toBe(cut.receipt);
    });
  });
}
