import { OPEN_STATES } from '../../src/archive/request';
import { connect } from '../../src/journal/connect';
import type { OpenJournal } from '../../src/journal/store';
import { workloadQueries } from '../../src/journal/workload';
import { advance, advanceThrough, confirmed, held, NOON, noted, planned } from './builders';
import type { JournalPlace } from './contract';

const IDLE = { open: {}, due: 0, oldestDueAt: null, oldestUnpublishedAt: null, leases: 0, watches: 0 };
const OLD = 100_000;

/** What is counted for those who watch the app. */
export function journalWorkload(place: () => JournalPlace): void {
  let journal: OpenJournal;
  beforeEach(async () => {
    journal = await place().open();
  });

  /** A confirmed request with nothing to do but this. */
  async function dueWith(id: string, delivery: Parameters<typeof noted>[2]): Promise<void> {
    await confirmed(journal, id);
    await noted(journal, id, { stepAt: null, publishAt: null, ...delivery });
  }

  it('is nothing in a new journal, and with plans that nobody confirmed', async () => {
    expect(await journal.workload(NOON)).toEqual(IDLE);
    await planned(journal, 'a');
    await advance(journal, await planned(journal, 'b'), 'cancelled');
    expect(await journal.workload(NOON)).toEqual(IDLE);
  });

  it('counts open requests by state, and no others', async () => {
    await advance(journal, await planned(journal, 'waits'), 'approval_requested');
    await confirmed(journal, 'a');
    await confirmed(journal, 'b');
    const sent = await advance(journal, await confirmed(journal, 'c'), 'submitting');
    await advance(journal, await confirmed(journal, 'd'), 'submitting');
    await advance(journal, sent, 'succeeded');
    const { open } = await journal.workload(NOON);
    expect(open).toEqual({ awaiting_approval: 1, confirmed: 2, submitting: 1 });
    for (const state of OPEN_STATES) {
      await place().execute(`update requests set state = '${state}' where id = 'a'`);
      expect((await journal.workload(NOON)).open[state]).toBeGreaterThan(0);
    }
  });

  it('counts what is due at that moment, with the oldest, and what workers hold', async () => {
    await dueWith('step', { stepAt: NOON - 5 });
    await dueWith('card', { publishAt: NOON - 9 });
    await dueWith('now', { stepAt: NOON });
    await dueWith('later', { stepAt: NOON + 1 });
    await dueWith('never', {});
    expect(await journal.workload(NOON)).toMatchObject({ due: 3, oldestDueAt: NOON - 9, leases: 0 });
    await held(journal, 'step');
    await held(journal, 'later');
    expect(await journal.workload(NOON)).toMatchObject({ due: 3, leases: 2 });
    expect(await journal.workload(NOON + 99)).toMatchObject({ due: 4, leases: 2 });
    expect(await journal.workload(NOON + 100)).toMatchObject({ leases: 0 });
  });

  it('knows since when a card is not up to date, also while the next try waits', async () => {
    const since = async () => (await journal.workload(NOON)).oldestUnpublishedAt;
    await dueWith('progress', { publishAt: NOON + 1 });
    await dueWith('step', { stepAt: NOON - 99 });
    expect(await since()).toBeNull();
    await dueWith('now', { publishAt: NOON });
    expect(await since()).toBe(NOON);
    await dueWith('due', { publishAt: NOON - 5 });
    expect(await since()).toBe(NOON - 5);
    await dueWith('tried', { publishAt: NOON + 60_000, publishTries: 9, unpublishedSince: NOON - 50 });
    expect(await since()).toBe(NOON - 50);
    await dueWith('gone', { publishAt: null, publishTries: 9, unpublishedSince: NOON - 70 });
    expect(await since()).toBe(NOON - 50);
  });

  it('counts what another request of its batch changed as a change of the card', async () => {
    const first = await planned(journal, 'first');
    const batch = { batch: 'first', reason: 'it is old' };
    await advance(journal, first, 'confirmed', { with: { ...batch, place: 0 } });
    const second = await planned(journal, 'second');
    const sent = await advanceThrough(journal, second, ['confirmed', 'submitting'], {
      with: { ...batch, place: 1, card: { channel: 'C1', ts: '1.1' } },
    });
    await noted(journal, 'first', { stepAt: null, publishAt: null, shown: 1 });
    expect((await journal.workload(NOON + 10_000)).oldestUnpublishedAt).toBeNull();
    await advance(journal, sent, 'succeeded', { at: NOON + 100 });
    const { oldestUnpublishedAt } = await journal.workload(NOON + 10_000);
    expect(oldestUnpublishedAt).toBeGreaterThan(NOON + 100);
    expect(oldestUnpublishedAt).toBeLessThan(NOON + 10_000);
  });

  it('counts what people wait for', async () => {
    const about = { environment: 'production', team: 'T1', enterprise: null, channel: 'C1' };
    const watch = { ...about, createdAt: NOON, name: null, tries: 0, dueAt: NOON, claimedUntil: null };
    for (const [id, user, trainingId] of [
      ['w1', 'U1', '1'],
      ['w2', 'U2', '1'],
      ['w3', 'U1', '2'],
    ] as const)
      await journal.watch({ ...watch, id, user, trainingId }, 20);
    expect((await journal.workload(NOON)).watches).toBe(3);
    await journal.cancelWatch('w2', 'U2');
    expect(await journal.workload(NOON)).toEqual({ ...IDLE, watches: 2 });
  });

  it('counts a request whose delivery cannot be read, without its card', async () => {
    await dueWith('a', { publishAt: NOON - 5 });
    await place().execute(`update requests set delivery = '{' where id = 'a'`);
    expect(await journal.workload(NOON)).toMatchObject({ due: 1, oldestUnpublishedAt: null });
  });

  it(`reads none of ${OLD} old requests`, async () => {
    await advanceThrough(journal, await planned(journal, 'ended'), ['confirmed', 'not_started']);
    await noted(journal, 'ended', { publishAt: null });
    await advance(journal, await planned(journal, 'dropped'), 'cancelled');
    await planned(journal, 'seen');
    await confirmed(journal, 'open');
    // The driver for SQLite adds a field of its own.
    const isColumn = (name: string) => name !== 'id' && !name.startsWith('_');
    const columns = Object.keys(await place().row('ended')).filter(isColumn);
    await place().execute(`
      with recursive old (n) as (select 1 union all select n + 1 from old where n < ${OLD / 4})
      insert into requests (id, ${columns}) select id || n, ${columns} from requests cross join old
      where id in ('ended', 'dropped', 'seen')
      union all select 'more' || n, ${columns} from requests cross join old where id = 'ended'
    `);
    const { db } = await connect(place().where);
    const { open, scheduled } = workloadQueries(db);
    const plans = [await place().explain(open.compile()), await place().explain(scheduled.compile())];
    await db.destroy();
    expect(plans[0]).toMatch(/requests_one_open/);
    expect(plans[1]).toMatch(/SEARCH requests USING INDEX requests_due|Index Scan (using|on) requests_due/);
    // A scan of the whole table, in the words of PostgreSQL and SQLite.
    expect(plans.join('\n')).not.toMatch(/Seq Scan|SCAN requests$/m);
    expect(await journal.workload(NOON)).toMatchObject({ open: { confirmed: 1 }, due: 1 });
  }, 60_000);
}
