import type { Delivery } from '../../src/archive/request';
import { REQUEST_STATES, STATES } from '../../src/archive/request';
import type { OpenJournal } from '../../src/journal/store';
import {
  APPROVAL,
  advance,
  advanceThrough,
  confirmed,
  denial,
  held,
  NOON,
  newRequest,
  noted,
  planned,
} from './builders';
import type { JournalPlace } from './contract';

const RECEIPT = /^([0-9a-f]{4}-){3}[0-9a-f]{4}$/;

/** create, advance, note. */
export function journalWrites(place: () => JournalPlace): void {
  let journal: OpenJournal;
  beforeEach(async () => {
    journal = await place().open();
  });

  describe('create', () => {
    it('writes a planned request at version 1 and the event that says who asked', async () => {
      const asked = newRequest('a', { retryOf: 'earlier', createdAt: NOON + 5 });
      const request = await journal.create(asked);

      expect(request).toEqual({
        ...asked,
        version: 1,
        state: 'planned',
        reason: null,
        operationId: null,
        progress: null,
        outcome: null,
        card: null,
        successor: null,
        threadSeq: 0,
        confirmedAt: null,
        submittedAt: null,
        finishedAt: null,
        lease: null,
        stepAt: null,
        publishAt: null,
        stepTries: 0,
        publishTries: 0,
        ...{ batch: null, place: 0, approval: null, releasedAt: null, touched: 0 },
        ...{ shown: 0, closedSum: 0, calledAt: 0, pause: null, heldAt: null },
        unpublishedSince: null,
        receipt: expect.stringMatching(RECEIPT),
      });
      expect(await journal.get('a')).toEqual(request);
      const first = { requestId: 'a', seq: 1, at: NOON + 5, kind: 'asked', from: null, to: 'planned' };
      expect(await journal.events('a')).toEqual([{ ...first, actor: 'U1', detail: {} }]);
    });

    it('refuses an ID that is taken, and leaves the first one as it was', async () => {
      const first = await planned(journal, 'a');
      await expect(planned(journal, 'a', { trainingId: 'other' })).rejects.toThrow();
      expect(await journal.get('a')).toEqual(first);
      expect(await journal.events('a')).toHaveLength(1);
    });
  });

  describe('advance', () => {
    it('applies the transition and appends its event with the new version as its seq', async () => {
      const before = await planned(journal, 'a');
      const fence = { at: NOON + 9, actor: 'U7' };
      const after = await advance(journal, before, 'confirmed', { ...fence, with: { reason: 'old' } });
      expect(after).toEqual({
        ...before,
        state: 'confirmed',
        version: 2,
        reason: 'old',
        confirmedAt: NOON + 9,
        releasedAt: NOON + 9,
        stepAt: NOON + 9,
        receipt: expect.stringMatching(RECEIPT),
      });
      expect(after.receipt).not.toBe(before.receipt);
      expect(await journal.get('a')).toEqual(after);

      const outcome = { code: 'c', said: 'm', httpStatus: 503 };
      const last = await advance(journal, after, 'not_started', { ...fence, with: { outcome } });
      expect(last).toMatchObject({ state: 'not_started', outcome, finishedAt: NOON + 9, stepAt: null });
      expect((await journal.events('a')).slice(1)).toEqual([
        { requestId: 'a', seq: 2, kind: 'confirmed', from: 'planned', to: 'confirmed', detail: {}, ...fence },
        {
          requestId: 'a',
          seq: 3,
          kind: 'not_started',
          from: 'confirmed',
          to: 'not_started',
          detail: outcome,
          ...fence,
        },
      ]);
    });

    it('keeps every fact of a whole history, and the changes of a plan in their event', async () => {
      const changes = [{ what: 'pool_added' as const, id: '5', from: null, to: 'OPEN' }];
      const asked = await planned(journal, 'a', { retryOf: 'b' });
      const plan = { ...asked.plan, fingerprint: 'f2' };
      const replanned = await advance(journal, asked, 'replanned', { with: { plan, changes } });
      const card = { channel: 'C9', ts: '1.000200' };
      const sent = await advanceThrough(journal, replanned, ['confirmed', 'submitting'], { with: { card } });
      const running = await advance(journal, sent, 'accepted', { with: { progress: 42.5 } });
      expect(running).toMatchObject({ plan, retryOf: 'b', card, progress: 42.5, operationId: 'op-1' });
      expect(running).toMatchObject({ submittedAt: NOON, stepAt: NOON + 60_000, publishAt: NOON + 2_000 });
      const ended = await advance(journal, running, 'succeeded', { at: NOON + 5 });
      expect(ended).toMatchObject({ progress: 100, finishedAt: NOON + 5, stepAt: null, reason: 'it is old' });
      expect(await journal.get('a')).toEqual(ended);
      expect((await journal.events('a'))[1]?.detail).toEqual({ changes });
    });

    it('refuses another version, a change that is not allowed and a request that is not there', async () => {
      const first = await confirmed(journal, 'a');
      const refused = { code: 'request_changed' };
      await expect(advance(journal, { ...first, version: 1 }, 'submitting')).rejects.toMatchObject({
        ...refused,
        message: expect.stringMatching(
          /^Request a is confirmed at version 2; "submitting" was for version 1/,
        ),
      });
      await expect(advance(journal, { ...first, version: 3 }, 'submitting')).rejects.toMatchObject(refused);
      await expect(advance(journal, first, 'succeeded')).rejects.toMatchObject(refused);
      await expect(advance(journal, { ...first, id: 'nobody' }, 'submitting')).rejects.toMatchObject(refused);
      expect(await journal.get('a')).toEqual(first);
      expect(await journal.events('a')).toHaveLength(2);
    });

    it('refuses a change by who has not seen that another worker failed to write the card', async () => {
      const first = await confirmed(journal, 'a');
      await noted(journal, 'a', { publishTries: 1 });
      const stale = advance(journal, first, 'submitting', { publishTries: 0 });
      await expect(stale).rejects.toMatchObject({ code: 'request_changed' });
      expect(await journal.events('a')).toHaveLength(2);
      await advance(journal, first, 'submitting', { publishTries: 1 });
    });

    it('lets one of many at once win', async () => {
      const other = await place().open();
      const first = await confirmed(journal, 'a');
      const tries = await Promise.allSettled(
        Array.from({ length: 12 }, (_, i) => advance(i % 2 ? journal : other, first, 'submitting')),
      );
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const codes = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
      expect(new Set(codes)).toEqual(new Set(['request_changed']));
      expect((await journal.events('a')).map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect((await journal.get('a'))?.version).toBe(3);
    });

    it('writes nothing that could not be read again', async () => {
      const first = await confirmed(journal, 'a');
      const broken = advance(journal, first, 'submitting', { with: { card: { channel: 5 } } });
      await expect(broken).rejects.toThrow();
      expect(await journal.get('a')).toEqual(first);
      expect(await journal.events('a')).toHaveLength(2);
    });

    it('keeps what a newer version stored and this one does not know', async () => {
      await confirmed(journal, 'a');
      for (const column of ['facts', 'delivery'])
        await place().execute(
          `update requests set ${column} = '{"later":{"x":[1]},' || substr(${column}, 2)`,
        );
      const first = await journal.get('a');
      if (!first) throw new Error('not there');
      expect(first).not.toHaveProperty('later');
      await advance(journal, first, 'submitting');
      const { facts, delivery } = await place().row('a');
      expect(JSON.parse(facts)).toMatchObject({ later: { x: [1] }, submittedAt: NOON });
      expect(JSON.parse(delivery)).toMatchObject({ later: { x: [1] }, card: { ts: '1.1' } });
    });
  });

  it('writes a withdrawal or the intent of the worker that holds the request, never both', async () => {
    const other = await place().open();
    for (let i = 0; i < 12; i++) {
      await confirmed(journal, `r${i}`);
      const request = await held(journal, `r${i}`);
      const writes = [
        () => advance(other, request, 'withdrawn'),
        () => advance(journal, request, 'submitting', { actor: 'app', lease: request.lease }),
      ];
      if (i % 2) writes.reverse();
      const tries = await Promise.allSettled(writes.map((write) => write()));
      const codes = tries.map((one) => (one.status === 'rejected' ? one.reason.code : one.value.state));
      expect([codes.includes('cancelled'), codes.includes('submitting')].filter(Boolean)).toEqual([true]);
      expect(codes).toContain('request_changed');
      expect((await journal.events(`r${i}`)).map(({ kind }) => kind)).toHaveLength(3);
    }
  });

  describe('one open request per training and environment', () => {
    const same = { trainingId: 't' };
    const message = expect.stringContaining('Training t has another open request in production');
    const exists = { code: 'open_request_exists', cause: expect.anything(), message };

    it('refuses to open a second one, and writes nothing of it', async () => {
      await confirmed(journal, 'a', same);
      const second = await planned(journal, 'b', same);
      await expect(advance(journal, second, 'confirmed')).rejects.toMatchObject(exists);
      expect(await journal.get('b')).toEqual(second);
      expect(await journal.events('b')).toHaveLength(1);
    });

    it('lets one of many at once open', async () => {
      const other = await place().open();
      const all = [];
      for (let i = 0; i < 12; i++) all.push(await planned(journal, `r${i}`, same));
      const tries = await Promise.allSettled(
        all.map((request, i) => advance(i % 2 ? journal : other, request, 'confirmed')),
      );
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const codes = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
      expect(new Set(codes)).toEqual(new Set(['open_request_exists']));
    });

    it('separates environments, and frees the training when the request ends', async () => {
      const first = await confirmed(journal, 'a', same);
      await confirmed(journal, 'b', { ...same, environment: 'sandbox' });
      await advance(journal, first, 'not_started');
      await expect(confirmed(journal, 'c', same)).resolves.toMatchObject({ state: 'confirmed' });
    });

    it.each(['not_started', 'withdrawn'] as const)(
      'refuses to reopen one beside its successor: %s',
      async (end) => {
        const first = await advance(journal, await confirmed(journal, 'a', same), end);
        await confirmed(journal, 'b', same);
        await expect(advance(journal, first, 'late_evidence')).rejects.toMatchObject(exists);
      },
    );

    it('is kept by the database for exactly the open states, whatever the code says', async () => {
      await confirmed(journal, 'a', same);
      await planned(journal, 'b', same);
      const denied: string[] = [];
      for (const state of REQUEST_STATES) {
        const write = place().execute(`update requests set state = '${state}' where id = 'b'`);
        await write.catch(() => denied.push(state));
      }
      expect(denied).toEqual(REQUEST_STATES.filter((state) => STATES[state] === 'open'));
    });
  });

  describe('note', () => {
    it('writes delivery under the lease, without an event and without a new version', async () => {
      await confirmed(journal, 'a');
      const request = await held(journal, 'a');
      const delivery: Delivery = {
        card: { channel: 'C1', ts: '9.9' },
        successor: { channel: 'C1', ts: '9.95', url: null },
        threadSeq: 2,
        progress: 12.5,
        stepAt: null,
        stepTries: 3,
        publishAt: NOON + 50,
        publishTries: 4,
        unpublishedSince: NOON - 9,
        closedSum: 3,
        calledAt: 4,
        shown: 0,
        pause: { user: 'U9', reason: 'a migration', at: NOON },
        heldAt: NOON,
      };
      const after = await journal.note('a', request.lease, NOON + 99, delivery);
      expect(after).toEqual({ ...request, ...delivery });
      expect(await journal.get('a')).toEqual(after);
      expect(await journal.events('a')).toHaveLength(2);

      const cleared = { card: null, progress: null, publishAt: null };
      expect(await journal.note('a', request.lease, NOON, cleared)).toEqual({ ...after, ...cleared });
    });

    it('gives the lease back in the same write when told so', async () => {
      await confirmed(journal, 'a');
      const { lease } = await held(journal, 'a');
      const after = await journal.note('a', lease, NOON, { stepTries: 1 }, { release: true });
      expect(after).toMatchObject({ lease: null, stepTries: 1 });
      await expect(journal.note('a', lease, NOON, {})).rejects.toMatchObject({ code: 'lease_lost' });
      expect((await held(journal, 'a')).lease.token).not.toBe(lease.token);
    });

    it('keeps due what a click made due after the version that the delivery is about', async () => {
      const asked = await advance(journal, await planned(journal, 'a'), 'approval_requested', {
        with: { approval: { ...APPROVAL, needed: 1 } },
      });
      const { lease, version } = await held(journal, 'a');
      const approved = await advance(journal, asked, 'fully_approved', { at: NOON + 7 });
      const stale = { card: { channel: 'C1', ts: '9.9' }, stepAt: NOON + 5_000, publishAt: null };
      const after = await journal.note('a', lease, NOON + 9, stale, { release: true, version });
      expect(after).toEqual({ ...approved, card: stale.card, lease: null });
      expect(after).toMatchObject({ state: 'confirmed', stepAt: NOON + 7, publishAt: NOON + 7 });
      const [due] = await journal.claim({ now: NOON + 7, until: NOON + 99, limit: 1 });
      expect(due?.id).toBe('a');
    });

    it('writes what is due when the delivery is about the version that is there', async () => {
      await confirmed(journal, 'a');
      const { lease, version } = await held(journal, 'a');
      const due = { stepAt: NOON + 5_000, stepTries: 1, publishAt: NOON + 9, publishTries: 2 };
      expect(await journal.note('a', lease, NOON, due, { version })).toMatchObject(due);
    });

    it('goes with a change too', async () => {
      await confirmed(journal, 'a');
      const { lease, ...request } = await held(journal, 'a');
      const after = await advance(journal, { ...request, lease }, 'submitting', { lease, release: true });
      expect(after).toMatchObject({ state: 'submitting', lease: null });
      expect((await held(journal, 'a')).lease.token).not.toBe(lease.token);
      const stale = advance(journal, after, 'accepted', { lease, release: true });
      await expect(stale).rejects.toMatchObject({ code: 'lease_lost' });
    });

    it('writes no facts', async () => {
      await confirmed(journal, 'a');
      const request = await held(journal, 'a');
      const { facts } = await place().row('a');
      const given = { progress: 5, reason: 'x', operationId: 'x', finishedAt: 1 } as Partial<Delivery>;
      expect(await journal.note('a', request.lease, NOON, given)).toEqual({ ...request, progress: 5 });
      expect((await place().row('a')).facts).toBe(facts);
      expect(await journal.claimedOperations('production', ['x'], 'b')).toEqual(new Set());
    });
  });

  it('lets nobody change or delete an event, a denial, a pause, or a request that has events', async () => {
    await planned(journal, 'a');
    await journal.deny(denial('a'));
    await journal.setPause({
      ...{ kind: 'paused', user: 'U1', reason: 'r', at: NOON },
      team: 'T1',
      channel: 'C1',
    });
    const before = await journal.events('a');
    for (const sql of [
      `update events set actor = 'U9' where request_id = 'a'`,
      `delete from events`,
      `update denials set code = 'x'`,
      `delete from denials where id = 'a'`,
      `update pauses set kind = 'resumed'`,
      `delete from pauses`,
      `delete from requests where id = 'a'`,
    ])
      await expect(place().execute(sql)).rejects.toThrow();
    expect(await journal.events('a')).toEqual(before);
    expect(await journal.get('a')).toBeDefined();
    expect(await journal.pause()).toMatchObject({ user: 'U1' });
  });
}
