import type { Journal } from '../../src/archive/journal-port';
import { connectReadOnly } from '../../src/journal/connect';
import { type JournalAudit, openAudit } from '../../src/journal/open-audit';
import { confirmed, event, move, NOON, planned } from './builders';
import type { JournalPlace } from './contract';

/** How a test changes what is never changed: statements that only somebody with the whole database can run. */
export interface TamperPlace extends JournalPlace {
  where: { path: string; databaseUrl?: string };
  /** Lets events be changed and removed, which the journal does not. */
  unlock: string;
}

/** Whatever is done to the history behind the journal's back, a check of the chain names it. */
export function journalChain(name: string, makePlace: () => Promise<TamperPlace>): void {
  describe(`the chain on ${name}`, () => {
    let place: TamperPlace;
    let journal: Journal;
    let audit: JournalAudit;
    beforeEach(async () => {
      place = await makePlace();
      journal = await place.open();
      audit = await openAudit(place.where);
      let request = await confirmed(journal, 'a', {}, { reason: 'it is old' });
      for (const state of ['submitting', 'running', 'succeeded'] as const)
        request = await move(journal, request, state, {
          event: event(state as 'succeeded', { actor: 'app' }),
        });
      await planned(journal, 'b', { trainingId: 'nasty \ud800 \0 "é' });
    });
    afterEach(async () => {
      await audit.close();
      await place.remove();
    });

    async function check(id: string): Promise<string[] | undefined> {
      const checked = await audit.check(id);
      return checked?.findings.map(({ problem, seq }) => `${problem} ${seq ?? 'row'}`);
    }
    const tamper = (sql: string) => place.execute(`${place.unlock}; ${sql}`);

    it('is whole for whatever the journal writes, notes and leases included', async () => {
      const open = await confirmed(journal, 'c', {}, { stepAt: NOON });
      const [held] = await journal.claim({ now: NOON, until: NOON + 100, limit: 1, ids: ['c'] });
      const lease = held?.lease ?? { token: '', until: 0 };
      await journal.note('c', lease, NOON, {
        card: { channel: 'C', ts: '1.1' },
        progress: 12.5,
        threadSeq: 2,
      });
      await move(journal, { ...open, version: 2 }, 'submitting', { lease });
      await journal.release('c', lease);
      expect([await check('a'), await check('b'), await check('c')]).toEqual([[], [], []]);
      expect(await check('nobody')).toBeUndefined();
    });

    it('shows every changed column of an event', async () => {
      const changes = [
        'at = at + 1',
        `kind = 'cancelled'`,
        `from_state = null`,
        `to_state = 'failed'`,
        `actor = 'U9'`,
        `detail = '{"code":"x"}'`,
        `plan_fingerprint = 'f9'`,
        `facts = 'f9'`,
      ];
      for (const change of changes) {
        const before = change.split(' ')[0];
        await tamper(
          `create table kept as select ${before} as x from events where request_id = 'a' and seq = 3`,
        );
        await place.execute(`update events set ${change} where request_id = 'a' and seq = 3`);
        expect([change, await check('a')]).toEqual([change, ['changed 3']]);
        await place.execute(
          `update events set ${before} = (select x from kept) where request_id = 'a' and seq = 3`,
        );
        await place.execute('drop table kept');
        expect(await check('a')).toEqual([]);
      }
      await place.execute(`update events set hash = 'h' where request_id = 'a' and seq = 3`);
      expect(await check('a')).toEqual(['changed 3', 'changed 4']);
    });

    it('shows a changed request', async () => {
      for (const column of ['requester', 'channel', 'environment', 'training_id']) {
        await place.execute(`update requests set ${column} = ${column} || 'x' where id = 'a'`);
        expect([column, await check('a')]).toEqual([column, ['changed 1']]);
        await place.execute(
          `update requests set ${column} = substr(${column}, 1, length(${column}) - 1) where id = 'a'`,
        );
      }
      for (const column of ['reason', 'plan', 'operation_id', 'retry_of']) {
        await place.execute(`create table kept as select ${column} as x from requests where id = 'a'`);
        await place.execute(`update requests set ${column} = '{}' where id = 'a'`);
        expect([column, await check('a')]).toEqual([column, ['row_changed row']]);
        await place.execute(`update requests set ${column} = (select x from kept) where id = 'a'`);
        await place.execute('drop table kept');
      }
      await place.execute(`update requests set state = 'failed' where id = 'a'`);
      expect(await check('a')).toEqual(['row_changed row']);
    });

    it('names what was removed: a middle one, the first, the last, all', async () => {
      await tamper(`delete from events where request_id = 'a' and seq = 3`);
      expect(await check('a')).toEqual(['removed 3']);
      await place.execute(`delete from events where request_id = 'a' and seq = 1`);
      expect(await check('a')).toEqual(['removed 1', 'removed 3']);
      await place.execute(`delete from events where request_id = 'a' and seq = 5`);
      expect(await check('a')).toEqual(['removed 1', 'removed 3', 'removed 5']);
      await place.execute(`delete from events where request_id = 'a'`);
      expect(await check('a')).toEqual(['removed 1', 'removed 2', 'removed 3', 'removed 4', 'removed 5']);
    });

    it('names what was removed although the rest was numbered anew', async () => {
      await tamper(`delete from events where request_id = 'a' and seq = 2`);
      for (const seq of [3, 4, 5])
        await place.execute(`update events set seq = ${seq - 1} where request_id = 'a' and seq = ${seq}`);
      await place.execute(`update requests set version = 4 where id = 'a'`);
      expect(await check('a')).toEqual(['changed 2', 'reordered 3', 'reordered 4']);
    });

    it('names what was put elsewhere, and what was added', async () => {
      await tamper(`update events set seq = -3 where request_id = 'a' and seq = 3`);
      await place.execute(`update events set seq = 3 where request_id = 'a' and seq = 4`);
      await place.execute(`update events set seq = 4 where request_id = 'a' and seq = -3`);
      expect(await check('a')).toEqual(['reordered 3', 'reordered 4', 'changed 5']);

      await place.execute(`
        insert into events select 'b', 2, at, kind, from_state, to_state, actor, detail, plan_fingerprint, facts, hash
        from events where request_id = 'b'`);
      expect(await check('b')).toEqual(['added 2']);
      await place.execute(`update requests set version = 2 where id = 'b'`);
      expect(await check('b')).toEqual(['reordered 2']);
    });

    it('is read by one who can write nothing', async () => {
      const { db } = await connectReadOnly(place.where);
      const write = db.updateTable('requests').set({ state: 'failed' }).execute();
      await expect(write).rejects.toThrow(/readonly|read-only/);
      await db.destroy();
    });

    it('cannot show a tail that was cut off together with the row; the receipt on the card can', async () => {
      const { receipt } = (await journal.get('a')) ?? { receipt: '' };
      await tamper(`delete from events where request_id = 'a' and seq = 5`);
      await place.execute(`
        update requests set version = 4, state = 'running',
        head = (select hash from events where request_id = 'a' and seq = 4) where id = 'a'`);
      expect(await check('a')).toEqual([]);
      const checked = await audit.check('a');
      expect(checked?.receipts).toHaveLength(4);
      expect(checked?.receipts).not.toContain(receipt);
    });
  });
}
