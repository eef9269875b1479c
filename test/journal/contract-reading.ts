import type { NewRequest } from '../../src/archive/ports-journal';
import { type ArchiveRequest, OPEN_STATES } from '../../src/archive/request';
import { type AuditFilter, openAudit } from '../../src/journal/audit';
import { JournalError } from '../../src/journal/errors';
import { type OpenJournal, openJournal } from '../../src/journal/store';
import { advance, advanceThrough, confirmed, denial, NOON, newRequest, planned } from './builders';
import type { JournalPlace } from './contract';

const NASTY = [
  '<!channel> <@U1> & &amp; *b* `c`',
  `it's "quoted" \\ ; drop table requests; -- $1 ? :x`,
  '👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ﷽ e\u0301 \u202e\u2028\u2029\ufeff\u007f\t\r\n',
  'Обучение №5 «тест» 訓練',
  `${'x'.repeat(2_998)}🎉`,
  '',
];

/** What only reads, and that what was written stays as it was. */
export function journalReading(place: () => JournalPlace): void {
  let journal: OpenJournal;
  beforeEach(async () => {
    journal = await place().open();
  });

  async function running(id: string, at: number, operationId: string, environment = 'production') {
    const first = await confirmed(journal, id, { environment });
    const sent = await advance(journal, first, 'submitting', { at });
    await advance(journal, sent, 'accepted', { with: { operationId } });
  }
  async function denials(filter: AuditFilter = {}) {
    const audit = await openAudit(place().where);
    const found = await audit.denials(filter);
    await audit.close();
    return found;
  }

  it('gives nothing for what is not there', async () => {
    expect(await journal.get('nobody')).toBeUndefined();
    expect(await journal.findOpen('production', 't')).toBeUndefined();
    expect(await journal.events('nobody')).toEqual([]);
    expect(await journal.claim({ now: NOON, until: NOON + 1, limit: 5 })).toEqual([]);
    expect(await journal.problem()).toBeNull();
    // It has tried a write, and left everything as it was.
    await (await place().open()).close();
  });

  it('keeps any text as it was, through another handle too', async () => {
    const other = await place().open();
    for (const [i, text] of NASTY.entries()) {
      const id = `r${i}${text.slice(0, 20)}`;
      const plan = { ...newRequest(id).plan, projectName: text };
      const asked = await planned(journal, id, { plan, trainingId: text, requester: text, retryOf: text });
      const sent = await advanceThrough(journal, asked, ['confirmed', 'submitting'], {
        with: { reason: text },
      });
      const outcome = { code: text, said: text };
      const request = await advance(journal, sent, 'outcome_unknown', { actor: text, with: { outcome } });
      await journal.deny(denial(id, { detail: text, trainingId: text }));

      expect(request).toMatchObject({ id, plan, trainingId: text, requester: text, retryOf: text });
      expect(request).toMatchObject({ reason: text, outcome });
      expect(await other.get(id)).toEqual(request);
      expect(await other.findOpen('production', text)).toEqual(request);
      expect((await other.events(id)).at(-1)).toMatchObject({ actor: text, detail: outcome });
      expect(await denials()).toContainEqual(denial(id, { detail: text, trainingId: text }));
    }
  });

  it('replaces what a database cannot keep, in columns and in JSON alike', async () => {
    const bad = 'a\0b\ud800c';
    const good = 'a\ufffdb\ufffdc';
    const asked = await planned(journal, 'a', {
      requester: bad,
      plan: { ...newRequest('a').plan, projectName: bad },
    });
    expect(asked).toMatchObject({ requester: good, plan: { projectName: good } });
    const sent = await advanceThrough(journal, asked, ['confirmed', 'submitting']);
    const after = await advance(journal, sent, 'accepted', { with: { operationId: bad } });
    expect(after.operationId).toBe(good);
    expect(await journal.claimedOperations('production', [good], 'b')).toEqual(new Set([good]));
    const audit = await openAudit(place().where);
    expect((await audit.record('a'))?.findings).toEqual([]);
    await audit.close();
  });

  it('finds the open request of a training, in its environment and in every open state', async () => {
    const same = { trainingId: 't' };
    await planned(journal, 'plan', same);
    await confirmed(journal, 'sandbox', { ...same, environment: 'sandbox' });
    const request = await confirmed(journal, 'a', same);
    expect(await journal.findOpen('production', 't')).toEqual(request);
    for (const state of OPEN_STATES) {
      await place().execute(`update requests set state = '${state}' where id = 'a'`);
      expect((await journal.findOpen('production', 't'))?.id).toBe('a');
    }
    await advance(journal, request, 'failed');
    expect(await journal.findOpen('production', 't')).toBeUndefined();
    expect((await journal.findOpen('sandbox', 't'))?.id).toBe('sandbox');
  });

  it('finds the request of a training that ended last, in its environment and of those that ended', async () => {
    const same = { trainingId: 't' };
    const end = async (
      id: string,
      kind: 'failed' | 'succeeded',
      at: number,
      over: Partial<NewRequest> = {},
    ) => {
      const sent = await advance(journal, await confirmed(journal, id, { ...same, ...over }), 'submitting');
      return advance(journal, sent, kind, { at });
    };
    // It was asked for first and confirmed last.
    const last = await end('a', 'succeeded', NOON + 20, { createdAt: NOON - 1 });
    await end('b', 'failed', NOON + 10);
    await end('sandbox', 'failed', NOON + 30, { environment: 'sandbox' });
    await end('other', 'failed', NOON + 30, { trainingId: 'other' });
    await advance(journal, await planned(journal, 'closed', same), 'cancelled', { at: NOON + 30 });
    await planned(journal, 'seen', same);
    await confirmed(journal, 'open', same);
    expect(await journal.lastEnded('production', 't')).toEqual(last);
    expect((await journal.lastEnded('sandbox', 't'))?.id).toBe('sandbox');
    expect(await journal.lastEnded('sandbox', 'other')).toBeUndefined();
  });

  describe('lists of requests', () => {
    const ids = (requests: ArchiveRequest[]) => requests.map(({ id }) => id);
    /** What they asked for, one after the other, and then changed in this way. */
    async function asked(kinds: Record<string, 'planned' | 'cancelled' | 'confirmed' | 'ended'>, over = {}) {
      for (const [i, [id, kind]] of Object.entries(kinds).entries()) {
        const request = await planned(journal, id, { createdAt: NOON + i, ...over });
        if (kind === 'cancelled') await advance(journal, request, 'cancelled');
        if (kind === 'confirmed' || kind === 'ended') await advance(journal, request, 'confirmed');
        if (kind === 'ended') await advance(journal, { ...request, version: 2 }, 'not_started');
      }
    }

    const plans = { p1: 'planned', p2: 'planned', p3: 'planned', p4: 'planned' } as const;

    it('have the open ones, the newest first, up to a limit', async () => {
      await asked({ old: 'confirmed', seen: 'planned', gone: 'ended', b: 'confirmed', a: 'confirmed' });
      await place().execute(`update requests set created_at = ${NOON + 9} where id in ('a', 'b')`);
      await advance(journal, await planned(journal, 'waits'), 'approval_requested');
      expect(ids(await journal.open(9))).toEqual(['b', 'a', 'waits', 'old']);
      expect(ids(await journal.open(2))).toEqual(['b', 'a']);
    });

    it('have those that a person confirmed, the newest first, up to a limit', async () => {
      await asked({ a: 'ended', b: 'confirmed', c: 'cancelled', e: 'confirmed', ...plans });
      await asked({ other: 'confirmed' }, { requester: 'U2' });
      expect(ids(await journal.confirmedBy('U1', 9))).toEqual(['e', 'b', 'a']);
      expect(ids(await journal.confirmedBy('U1', 1))).toEqual(['e']);
      expect(await journal.confirmedBy('U3', 9)).toEqual([]);
    });

    it('have those of a training that were confirmed, in its environment', async () => {
      const same = { trainingId: 't' };
      await asked({ b: 'ended', a: 'ended', c: 'cancelled', ...plans }, same);
      await asked({ sandbox: 'confirmed' }, { ...same, environment: 'sandbox' });
      await asked({ other: 'confirmed' });
      expect(ids(await journal.history('production', 't', 9))).toEqual(['a', 'b']);
      expect(ids(await journal.history('production', 't', 1))).toEqual(['a']);
      expect(ids(await journal.history('sandbox', 't', 9))).toEqual(['sandbox']);
    });

    it('leave out one that cannot be read, and say which', async () => {
      const warned: unknown[] = [];
      const logger = { info: () => {}, warn: (...line: unknown[]) => void warned.push(line) };
      const watching = await openJournal({ ...place().where, logger });
      await asked({ a: 'confirmed', b: 'confirmed' });
      await place().execute(`update requests set facts = '{' where id = 'a'`);
      expect(ids(await watching.open(9))).toEqual(['b']);
      expect(warned).toEqual([[expect.any(String), { request: 'a', error: expect.any(JournalError) }]]);
      await watching.close();
    });
  });

  it('gives events in order, all or after one', async () => {
    let request = await planned(journal, 'a');
    await planned(journal, 'b');
    for (let i = 0; i < 10; i++) request = await advance(journal, request, 'replanned');
    expect((await journal.events('a')).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect((await journal.events('a', 9)).map(({ seq }) => seq)).toEqual([10, 11]);
    expect(await journal.events('a', 11)).toEqual([]);
  });

  it('counts the running requests of an environment, with the oldest and the newest', async () => {
    expect(await journal.countRunning('production')).toEqual({ count: 0, oldest: null, newest: null });
    await running('a', NOON + 5, 'op-a');
    await running('b', NOON + 9, 'op-b');
    await running('c', NOON + 1, 'op-c', 'sandbox');
    await confirmed(journal, 'd');
    const expected = { count: 2, oldest: NOON + 5, newest: NOON + 9 };
    expect(await journal.countRunning('production')).toEqual(expected);
  });

  it('counts a running request whose time of submission was damaged, without that time', async () => {
    // Only SQLite keeps text in a column of numbers.
    const values = place().where.databaseUrl ? ['9223372036854775807'] : ['9223372036854775807', `'x'`];
    for (const id of ['a', 'b']) await running(id, NOON, `op-${id}`);
    for (const value of values) {
      const damage = (id: string) =>
        place().execute(`update requests set submitted_at = ${value} where id = '${id}'`);
      await damage('a');
      expect(await journal.countRunning('production')).toEqual({ count: 2, oldest: NOON, newest: NOON });
      await damage('b');
      expect(await journal.countRunning('production')).toEqual({ count: 2, oldest: null, newest: null });
      await place().execute(`update requests set submitted_at = ${NOON}`);
    }
  });

  it('finds running requests by their operations, and all these operations', async () => {
    for (const id of ['a', 'b', 'c']) await running(id, NOON, `op-${id}`);
    await running('d', NOON, 'op-d', 'sandbox');
    await confirmed(journal, 'e');
    const ids = async (operations: string[]) =>
      (await journal.running('production', operations)).map(({ id }) => id).sort();
    expect((await journal.runningOperations('production')).sort()).toEqual(['op-a', 'op-b', 'op-c']);
    expect(await ids(['op-c', 'op-a', 'op-x'])).toEqual(['a', 'c']);
    expect(await journal.running('production', [])).toEqual([]);
    expect(await journal.running('production', ['op-a'])).toEqual([await journal.get('a')]);
  });

  it('knows which operations belong to another request of the environment', async () => {
    await running('a', NOON, 'op-a');
    await running('b', NOON, 'op-b');
    await running('c', NOON, 'op-c', 'sandbox');
    const claimed = (exceptId: string) =>
      journal.claimedOperations('production', ['op-a', 'op-b', 'op-c', 'op-x'], exceptId);
    expect(await claimed('x')).toEqual(new Set(['op-a', 'op-b']));
    expect(await claimed('a')).toEqual(new Set(['op-b']));
    expect(await journal.claimedOperations('production', [], 'a')).toEqual(new Set());
  });

  it('gives denials by time, person and place, the newest first', async () => {
    const other = { user: 'U3', environment: 'sandbox', trainingId: '7', channel: 'C9' };
    await journal.deny(denial('a'));
    await journal.deny(denial('b', { ...other, at: NOON + 5 }));
    await journal.deny(denial('c', { at: NOON + 9 }));
    const found = async (filter: AuditFilter) => (await denials(filter)).map(({ id }) => id);
    expect(await found({})).toEqual(['c', 'b', 'a']);
    expect(await found({ since: NOON + 5 })).toEqual(['c', 'b']);
    expect(await found({ until: NOON + 5 })).toEqual(['a']);
    for (const one of [{ person: 'U3' }, { environment: 'sandbox' }, { training: '7' }, { channel: 'C9' }])
      expect(await found(one)).toEqual(['b']);
    expect(await found({ outcome: 'failed' })).toEqual([]);
  });

  it('gives the newest records, up to a limit', async () => {
    for (const [i, id] of ['b', 'c', 'a'].entries()) await planned(journal, id, { createdAt: NOON + i });
    const audit = await openAudit(place().where);
    const found = [];
    for await (const { id } of audit.records({}, 2)) found.push(id);
    expect(found).toEqual(['a', 'c']);
    await audit.close();
  });

  it('finishes what it was given before it closes, and can be closed twice', async () => {
    const writes = Array.from({ length: 20 }, (_, i) => planned(journal, `r${i}`));
    await journal.close();
    await Promise.all(writes);
    await journal.close();
    const again = await place().open();
    for (let i = 0; i < 20; i++) expect(await again.get(`r${i}`)).toBeDefined();
  });
}
