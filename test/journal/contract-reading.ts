import type { Journal } from '../../src/archive/journal-port';
import { OPEN_STATES, REQUEST_STATES } from '../../src/archive/request';
import { confirmed, event, move, NOON, newRequest, planned, refusal } from './builders';
import type { JournalPlace } from './contract';

const NASTY = [
  '<!channel> <@U1> & &amp; *b* `c`',
  `it's "quoted" \\ ; drop table requests; -- $1 ? :x`,
  '👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ﷽ e\u0301 \u202e\u2028\u2029\ufeff\u007f\t\r\n',
  'Обучение №5 «тест» 訓練',
  `${'x'.repeat(2_998)}🎉`,
  '',
];

/** get, findOpen, events, recent, operationKnown, refusals, and that what was written stays as it was. */
export function journalReading(place: () => JournalPlace): void {
  let journal: Journal;
  beforeEach(async () => {
    journal = await place().open();
  });
  const ids = (requests: { id: string }[]) => requests.map(({ id }) => id);

  it('gives nothing for what is not there', async () => {
    expect(await journal.get('nobody')).toBeUndefined();
    expect(await journal.findOpen('production', 't')).toBeUndefined();
    expect(await journal.events('nobody')).toEqual([]);
    expect(await journal.recent({ limit: 5 })).toEqual([]);
    expect(await journal.refusals(5)).toEqual([]);
    expect(await journal.claim({ now: NOON, until: NOON + 1, limit: 5 })).toEqual([]);
  });

  it('keeps any text as it was, through another handle too', async () => {
    const other = await place().open();
    for (const [i, text] of NASTY.entries()) {
      const id = `r${i}${text.slice(0, 20)}`;
      const plan = { ...newRequest(id).plan, projectName: text, unavailable: text };
      const asked = await planned(journal, id, { plan, trainingId: text, requester: text, retryOf: text });
      const request = await move(journal, asked, 'confirmed', {
        event: event('confirmed', { actor: text, detail: { message: text, changes: [text, text] } }),
        patch: { reason: text, operationId: text, outcome: { code: text, message: text } },
      });
      await journal.refuse(refusal(id, { message: text, trainingId: text }));

      expect(request).toMatchObject({ id, plan, trainingId: text, requester: text, retryOf: text });
      expect(request).toMatchObject({ reason: text, outcome: { code: text, message: text } });
      expect(await other.get(id)).toEqual(request);
      expect(await other.findOpen('production', text)).toEqual(request);
      expect((await other.events(id))[1]).toMatchObject({
        actor: text,
        detail: { message: text, changes: [text, text] },
      });
      expect(await other.refusals(99)).toContainEqual(refusal(id, { message: text, trainingId: text }));
    }
  });

  it('finds the open request of a training, in its environment and in every open state', async () => {
    const same = { trainingId: 't' };
    await planned(journal, 'plan', same);
    await confirmed(journal, 'sandbox', { ...same, environment: 'sandbox' });
    let request = await confirmed(journal, 'a', same);
    expect(await journal.findOpen('production', 't')).toEqual(request);
    for (const state of OPEN_STATES) {
      await place().execute(`update requests set state = '${state}' where id = 'a'`);
      expect((await journal.findOpen('production', 't'))?.id).toBe('a');
    }
    request = { ...request, state: 'unknown' };
    await move(journal, request, 'failed');
    expect(await journal.findOpen('production', 't')).toBeUndefined();
    expect((await journal.findOpen('sandbox', 't'))?.id).toBe('sandbox');
  });

  it('gives events in order, all or after one', async () => {
    let request = await planned(journal, 'a');
    await planned(journal, 'b');
    for (let i = 0; i < 10; i++) request = await move(journal, request, 'planned');
    expect((await journal.events('a')).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect((await journal.events('a', 9)).map(({ seq }) => seq)).toEqual([10, 11]);
    expect(await journal.events('a', 11)).toEqual([]);
  });

  describe('recent', () => {
    it('gives the newest first, those created at once in a fixed order, up to the limit', async () => {
      await confirmed(journal, 'old', { createdAt: NOON - 1 });
      for (const id of ['b', 'c', 'a']) await confirmed(journal, id);
      await confirmed(journal, 'new', { createdAt: NOON + 1 });
      expect(ids(await journal.recent({ limit: 9 }))).toEqual(['new', 'c', 'b', 'a', 'old']);
      expect(ids(await journal.recent({ limit: 2 }))).toEqual(['new', 'c']);
    });

    it('leaves out what nobody confirmed, unless those states are asked for', async () => {
      await planned(journal, 'planned');
      await move(journal, await planned(journal, 'cancelled'), 'cancelled');
      await move(journal, await planned(journal, 'expired'), 'expired');
      await confirmed(journal, 'confirmed', {}, { confirmedAt: null });
      expect(ids(await journal.recent({ limit: 9 }))).toEqual(['confirmed']);
      const states = ['planned', 'expired'] as const;
      expect(ids(await journal.recent({ limit: 9, states }))).toEqual(['planned', 'expired']);
      expect(ids(await journal.recent({ limit: 9, states: REQUEST_STATES }))).toHaveLength(4);
      expect(await journal.recent({ limit: 9, states: [] })).toEqual([]);
    });

    it('can be of one environment, one training, some states', async () => {
      const t = { trainingId: 't' };
      await move(journal, await confirmed(journal, 'a', t), 'not_started');
      await confirmed(journal, 'b', t);
      await confirmed(journal, 'c', { ...t, environment: 'sandbox' });
      await confirmed(journal, 'd', { trainingId: 'u' });
      const recent = async (filter: object) => ids(await journal.recent({ limit: 9, ...filter }));
      expect(await recent({ environment: 'production' })).toEqual(['d', 'b', 'a']);
      expect(await recent({ trainingId: 't' })).toEqual(['c', 'b', 'a']);
      expect(await recent({ trainingId: 't', environment: 'production' })).toEqual(['b', 'a']);
      expect(await recent({ states: ['not_started'] })).toEqual(['a']);
    });
  });

  it('knows an operation of another request of the environment, not of the same one', async () => {
    await confirmed(journal, 'a', {}, { operationId: 'op' });
    expect(await journal.operationKnown('production', 'op', 'b')).toBe(true);
    expect(await journal.operationKnown('production', 'op', 'a')).toBe(false);
    expect(await journal.operationKnown('sandbox', 'op', 'b')).toBe(false);
    expect(await journal.operationKnown('production', 'other', 'b')).toBe(false);
  });

  it('gives the newest refusals first, up to the limit', async () => {
    const all = [
      refusal('a', { environment: 'production', trainingId: '1', requestId: 'r' }),
      refusal('b', { at: NOON + 2 }),
      refusal('c', { at: NOON + 1 }),
    ];
    for (const one of all) await journal.refuse(one);
    expect(await journal.refusals(9)).toEqual([all[1], all[2], all[0]]);
    expect(ids(await journal.refusals(2))).toEqual(['b', 'c']);
  });

  it('lets nobody change or delete an event, a refusal, or a request that has events', async () => {
    await planned(journal, 'a');
    await journal.refuse(refusal('a'));
    const before = [await journal.events('a'), await journal.refusals(9)];
    for (const sql of [
      `update events set actor = 'U9' where request_id = 'a'`,
      `delete from events`,
      `update refusals set code = 'x'`,
      `delete from refusals where id = 'a'`,
      `delete from requests where id = 'a'`,
    ]) {
      await expect(place().execute(sql)).rejects.toThrow();
    }
    expect([await journal.events('a'), await journal.refusals(9)]).toEqual(before);
    expect(await journal.get('a')).toBeDefined();
  });

  it('finishes what it was given before it closes, and can be closed twice', async () => {
    const writes = Array.from({ length: 20 }, (_, i) => planned(journal, `r${i}`));
    await journal.close();
    await Promise.all(writes);
    await journal.close();
    const again = await place().open();
    expect(await again.recent({ limit: 99, states: ['planned'] })).toHaveLength(20);
  });
}
