import type { Journal, NotePatch } from '../../src/archive/journal-port';
import { REQUEST_STATES } from '../../src/archive/request';
import { confirmed, event, move, NOON, newRequest, planned } from './builders';
import type { JournalPlace } from './contract';

const RECEIPT = /^([0-9a-f]{4}-){3}[0-9a-f]{4}$/;

/** create, advance, note. */
export function journalMoves(place: () => JournalPlace): void {
  let journal: Journal;
  beforeEach(async () => {
    journal = await place().open();
  });

  describe('create', () => {
    it('writes a planned request at version 1 and the event that says who asked', async () => {
      const asked = newRequest('a', { retryOf: 'earlier' });
      const request = await journal.create(asked, event('asked', { at: NOON + 5, detail: { code: 'x' } }));

      expect(request).toEqual({
        ...asked,
        version: 1,
        state: 'planned',
        reason: null,
        operationId: null,
        progress: null,
        outcome: null,
        card: null,
        threadSeq: 0,
        confirmedAt: null,
        submittedAt: null,
        finishedAt: null,
        lease: null,
        stepAt: null,
        publishAt: null,
        stepTries: 0,
        publishTries: 0,
        receipt: expect.stringMatching(RECEIPT),
      });
      expect(await journal.get('a')).toEqual(request);
      expect(await journal.events('a')).toEqual([
        {
          requestId: 'a',
          seq: 1,
          at: NOON + 5,
          kind: 'asked',
          from: null,
          to: 'planned',
          actor: 'U1',
          detail: { code: 'x' },
        },
      ]);
    });

    it('refuses an id that is taken, and leaves the first one as it was', async () => {
      const first = await planned(journal, 'a');
      await expect(planned(journal, 'a', { trainingId: 'other' })).rejects.toThrow();
      expect(await journal.get('a')).toEqual(first);
      expect(await journal.events('a')).toHaveLength(1);
    });
  });

  describe('advance', () => {
    it('moves the request, applies the patch and appends the event with the new version as its seq', async () => {
      const before = await planned(journal, 'a');
      const patch = {
        reason: 'it is old',
        plan: { ...before.plan, fingerprint: 'f2' },
        operationId: 'op',
        progress: 42.5,
        outcome: { code: 'c', message: 'm' },
        card: { channel: 'C9', ts: '1.000200' },
        threadSeq: 2,
        confirmedAt: NOON + 1,
        submittedAt: NOON + 2,
        finishedAt: NOON + 3,
        stepAt: NOON + 4,
        publishAt: NOON + 5,
        stepTries: 6,
        publishTries: 7,
      };
      const detail = { code: 'c', message: 'm', operationId: 'op', httpStatus: 202, changes: ['one', 'two'] };
      const after = await move(journal, before, 'confirmed', {
        patch,
        event: event('confirmed', { at: NOON + 9, actor: 'U7', detail }),
      });

      const receipt = expect.stringMatching(RECEIPT);
      expect(after).toEqual({ ...before, ...patch, state: 'confirmed', version: 2, receipt });
      expect(after.receipt).not.toBe(before.receipt);
      expect(await journal.get('a')).toEqual(after);
      expect((await journal.events('a'))[1]).toEqual({
        requestId: 'a',
        seq: 2,
        at: NOON + 9,
        kind: 'confirmed',
        from: 'planned',
        to: 'confirmed',
        actor: 'U7',
        detail,
      });
    });

    it('writes null where the patch says null, and leaves alone what it does not name', async () => {
      const set = { outcome: { code: 'c', message: 'm' }, card: { channel: 'C', ts: '1.2' }, progress: 5 };
      const first = await confirmed(journal, 'a', {}, { ...set, reason: 'kept', publishAt: NOON });
      const nulls = { outcome: null, card: null, progress: null, stepAt: null, publishAt: null };
      const after = await move(journal, first, 'not_started', { patch: nulls });

      const { receipt } = after;
      expect(after).toEqual({ ...first, ...nulls, state: 'not_started', version: 3, receipt });
      expect(after.reason).toBe('kept');
      expect(await journal.get('a')).toEqual(after);
    });

    it('clears nothing by itself at an end', async () => {
      const first = await confirmed(journal, 'a', {}, { publishAt: NOON + 1 });
      const end = await move(journal, first, 'not_started');
      expect(end).toMatchObject({ stepAt: NOON, publishAt: NOON + 1 });
    });

    it('refuses another version, a move that is not allowed and a request that is not there', async () => {
      const first = await confirmed(journal, 'a');
      const refused = { code: 'request_changed' };
      await expect(move(journal, { ...first, version: 1 }, 'submitting')).rejects.toMatchObject(refused);
      await expect(move(journal, { ...first, version: 3 }, 'submitting')).rejects.toMatchObject(refused);
      await expect(move(journal, first, 'succeeded')).rejects.toMatchObject(refused);
      await expect(move(journal, { ...first, id: 'nobody' }, 'submitting')).rejects.toMatchObject(refused);
      expect(await journal.get('a')).toEqual(first);
      expect(await journal.events('a')).toHaveLength(2);
    });

    it('lets one of many at once win', async () => {
      const other = await place().open();
      const first = await confirmed(journal, 'a');
      const tries = await Promise.allSettled(
        Array.from({ length: 40 }, (_, i) => move(i % 2 ? journal : other, first, 'submitting')),
      );

      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const reasons = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
      expect(new Set(reasons)).toEqual(new Set(['request_changed']));
      expect((await journal.events('a')).map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect((await journal.get('a'))?.version).toBe(3);
    });
  });

  describe('one open request a training and environment', () => {
    const same = { trainingId: 't' };

    it('refuses to open a second one, and writes nothing of it', async () => {
      await confirmed(journal, 'a', same);
      const second = await planned(journal, 'b', same);
      await expect(move(journal, second, 'confirmed')).rejects.toMatchObject({
        code: 'open_request_exists',
        cause: expect.anything(),
      });
      expect(await journal.get('b')).toEqual(second);
      expect(await journal.events('b')).toHaveLength(1);
    });

    it('lets one of many at once open', async () => {
      const other = await place().open();
      const all = [];
      for (let i = 0; i < 12; i++) all.push(await planned(journal, `r${i}`, same));
      const tries = await Promise.allSettled(
        all.map((request, i) => move(i % 2 ? journal : other, request, 'confirmed')),
      );
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const reasons = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
      expect(new Set(reasons)).toEqual(new Set(['open_request_exists']));
    });

    it('minds the environment, and frees the training when the request ends', async () => {
      const first = await confirmed(journal, 'a', same);
      await confirmed(journal, 'b', { ...same, environment: 'sandbox' });
      await move(journal, first, 'not_started');
      await expect(confirmed(journal, 'c', same)).resolves.toMatchObject({ state: 'confirmed' });
    });

    it('refuses to open a settled one again beside its successor', async () => {
      const first = await move(journal, await confirmed(journal, 'a', same), 'not_started');
      await confirmed(journal, 'b', same);
      await expect(move(journal, first, 'unknown')).rejects.toMatchObject({ code: 'open_request_exists' });
    });

    it('is kept by the database for every open state, whoever writes', async () => {
      await confirmed(journal, 'a', same);
      await planned(journal, 'b', same);
      const allowed: string[] = [];
      for (const state of REQUEST_STATES) {
        const sql = `update requests set state = '${state}' where id = 'b'`;
        await place()
          .execute(sql)
          .then(
            () => allowed.push(state),
            () => undefined,
          );
      }
      expect(allowed).toEqual([
        'planned',
        'succeeded',
        'failed',
        'refused',
        'not_started',
        'declined',
        'expired',
        'cancelled',
      ]);
    });
  });

  describe('note', () => {
    it('writes columns under the lease, without an event and without a new version', async () => {
      await confirmed(journal, 'a');
      const [claimed] = await journal.claim({ now: NOON, until: NOON + 100, limit: 1 });
      const lease = claimed?.lease ?? { token: '', until: 0 };
      const patch = { card: { channel: 'C1', ts: '9.9' }, publishAt: NOON + 50, stepAt: null };
      const after = await journal.note('a', lease, NOON + 99, patch);

      expect(after).toEqual({ ...claimed, ...patch });
      expect(await journal.get('a')).toEqual(after);
      expect(await journal.events('a')).toHaveLength(2);
    });

    it('refuses to write what the history vouches for', async () => {
      const before = await confirmed(journal, 'a');
      const [claimed] = await journal.claim({ now: NOON, until: NOON + 100, limit: 1 });
      const lease = claimed?.lease ?? { token: '', until: 0 };
      for (const patch of [{ reason: 'x' }, { operationId: 'x' }, { finishedAt: 1 }, { confirmedAt: 1 }]) {
        await expect(journal.note('a', lease, NOON, patch as NotePatch)).rejects.toThrow('Use advance');
      }
      expect(await journal.get('a')).toEqual({ ...before, lease });
    });
  });
}
