import { CardError, LeaseLostError } from '../../src/archive/errors';
import type { CardFailure, Cards, Deps } from '../../src/archive/ports';
import { publish, repairDuplicates } from '../../src/archive/publish';
import { type Leased, newLease, record } from '../../src/archive/record';
import type { ArchiveRequest, RequestEvent } from '../../src/archive/request';
import { CALLS_IN_A_LEASE } from '../../src/archive/timing';
import type { Change } from '../../src/archive/transitions';
import { LIMITS } from '../support/harness';
import { CARD, useSteps } from '../support/steps';

const { harness, steps } = useSteps();

const { leaseMs } = LIMITS;
const HOUR = 3_600_000;
const DONE = { publishAt: null, publishTries: 0, unpublishedSince: null };
const LINKED = { ...CARD, url: 'https://slack/p11' };
const cardError = (failure: CardFailure, retryAfterMs: number | null = null) =>
  new CardError(failure, 'a_reason', 'Slack said no.', retryAfterMs);
const fails = (error: unknown) => async () => {
  throw error;
};
const NOTHING = { seq: 0, sum: 0, call: 0 };

/** The lines that were added to the thread, by their number. */
let lines: number[] = [];
beforeEach(() => {
  lines = [];
});

function world(cards: Partial<Cards> = {}, journal: Partial<Deps['journal']> = {}): Deps {
  const quiet = async () => {};
  const deps = steps.world(
    {},
    {
      ...{ update: quiet, closeThread: quiet, callApprovers: quiet, removeDuplicates: quiet },
      ...{ notifyRequester: quiet, link: async () => LINKED.url, lastInThread: async () => NOTHING },
      addToThread: async (_requests, _card, events: readonly RequestEvent[]) => {
        lines.push(...events.map(({ seq }) => seq));
      },
      ...cards,
    },
  );
  return { ...deps, journal: { ...deps.journal, ...journal } };
}

/** A request that was confirmed and sent, and ended if told so; its card is due. */
async function sent(
  end: Change | null = { kind: 'refused', outcome: { code: 'x' } },
  over = {},
): Promise<Leased> {
  const { deps, clock } = harness;
  let leased = await record(deps, await steps.confirmed(), { kind: 'submitting', card: CARD });
  if (end) leased = await record(deps, leased, end);
  return { ...leased, request: { ...leased.request, publishAt: clock.now(), ...over } };
}
const write = async (leased: Leased, cards: Partial<Cards> = {}, clean = true) => {
  steps.calls.length = 0;
  return publish(world(cards), leased, clean);
};
const now = () => harness.clock.now();
const stored = async ({ id }: { id: string }) => (await harness.journal.get(id)) as ArchiveRequest;

describe('a card', () => {
  it('is written, with its address and the lines of its thread', async () => {
    const leased = await sent();
    expect(await write(leased)).toEqual({
      ...{ ...DONE, card: LINKED, threadSeq: 4, calledAt: 0, closedSum: 0, shown: leased.request.shown },
    });
    expect(steps.calls).toEqual(['link', 'update', 'addToThread']);
    expect(lines).toEqual([1, 2, 3, 4]);
  });

  it.each<[string, object, boolean]>([
    ['is up to date', { publishAt: null }, false],
    ['is due in a moment', { publishAt: 1 }, false],
    ['is due', { publishAt: 0 }, true],
    ['of a batch shows too little', { publishAt: null, touched: 5, shown: 4 }, true],
    ['is that of another request', { batch: 'another' }, false],
  ])('that %s', async (_what, over: { publishAt?: number | null }, isWritten) => {
    const { request, ...leased } = await sent();
    const publishAt = over.publishAt === null ? null : now() + (over.publishAt ?? 0);
    const delivery = await write({ ...leased, request: { ...request, ...over, publishAt } });
    expect(steps.calls.includes('update')).toBe(isWritten);
    if (isWritten) expect(delivery.shown).toBe((over as Partial<ArchiveRequest>).touched ?? request.touched);
    else expect(delivery).toEqual({});
  });

  it('without a known address is written all the same, unless it is the successor of another', async () => {
    expect(await write(await sent(null, { card: LINKED }))).toMatchObject({ card: LINKED });
    expect(steps.calls).not.toContain('link');
    const link = fails(cardError('not_now'));
    expect(await write(await sent(), { link })).toMatchObject({ ...DONE, card: CARD });
    expect(await write(await sent(undefined, { retryOf: 'another' }), { link })).toMatchObject({
      publishTries: 2,
    });
    await expect(write(await sent(), { link: fails(new Error('odd')) })).rejects.toThrow('odd');
  });

  it('that is not known is looked for; without one, the end is told in private', async () => {
    const other = { channel: 'C1', ts: '9.9', url: null };
    const find = async () => other;
    expect(await write(await sent(undefined, { card: null }), { find })).toMatchObject({ card: other });
    expect(await write(await sent(undefined, { card: null }))).toEqual({ ...DONE, shown: 0 });
    expect(steps.calls).toEqual(['find', 'notifyRequester']);
    expect(await write(await sent(null, { card: null }))).toEqual({ ...DONE, shown: 0 });
    expect(steps.calls).toEqual(['find']);
  });

  it('is not written at the end of a lease', async () => {
    const leased = await sent();
    leased.lease.until = now() + leaseMs / CALLS_IN_A_LEASE - 1;
    await expect(write(leased)).rejects.toThrow(LeaseLostError);
    expect(steps.calls).toEqual([]);
  });
});

describe('the thread', () => {
  it.each([
    [0, [1, 2, 3, 4]],
    [2, [3, 4]],
    [4, []],
  ])('is looked into when lines may be there: up to %d', async (seq, added) => {
    const lastInThread = async () => ({ ...NOTHING, seq });
    expect(await write(await sent(), { lastInThread }, false)).toMatchObject({ threadSeq: 4 });
    expect([lines, steps.calls.includes('lastInThread')]).toEqual([added, true]);
  });

  it('is left alone when the journal knows of all its lines', async () => {
    const leased = await sent(undefined, { threadSeq: 4, publishTries: 0 });
    expect(await write(leased, {}, false)).toMatchObject({ threadSeq: 4 });
    expect(steps.calls).toEqual(['link', 'update']);
  });

  it.each([
    [0, 1],
    [3, 1],
  ])(
    'gets lines only when the journal says that there may be some: %d tries',
    async (publishTries, expected) => {
      const leased = await sent(undefined, { publishTries });
      let seen: number | undefined;
      const before = await stored(leased.request);
      const addToThread = async () => {
        seen = (await stored(leased.request)).publishTries;
      };
      await harness.journal.note(before.id, leased.lease, now(), { publishTries });
      await write(leased, { addToThread });
      expect(seen).toBe(Math.max(publishTries, expected));
    },
  );
});

describe('a card that could not be written', () => {
  it('is tried later, for as long as Slack asks for, and the journal knows since when', async () => {
    const leased = await sent(undefined, { publishTries: 3 });
    const update = fails(cardError('not_now'));
    const later = { publishTries: 4, shown: 0 };
    expect(await write(leased, { update })).toEqual({
      ...later,
      publishAt: now() + 4_000,
      unpublishedSince: now(),
    });
    const since = { ...leased, request: { ...leased.request, unpublishedSince: 7 } };
    const slow = fails(cardError('maybe', 9_000));
    expect(await write(since, { update: slow })).toEqual({
      ...later,
      publishAt: now() + 9_000,
      unpublishedSince: 7,
    });
    await expect(write(leased, { update: fails(new Error('odd')) })).rejects.toThrow('odd');
  });

  it('because it is gone waits for the next change, and the end is told in private', async () => {
    const update = fails(cardError('refused'));
    expect(await write(await sent(null), { update })).toEqual({ publishAt: null, shown: 0 });
    expect(steps.calls).not.toContain('notifyRequester');
    expect(await write(await sent(), { update })).toEqual({ ...DONE, shown: 0 });
    expect(steps.calls).toContain('notifyRequester');
  });

  it.each<[string, number, unknown, number | null]>([
    ['is refused as well', 1, cardError('refused'), HOUR],
    ['fails', 1, cardError('not_now'), 1_000],
    ['is refused for the last time', 167, cardError('refused'), HOUR],
    ['is refused after a week', 168, cardError('refused'), null],
    ['goes wrong', 1, new Error('odd'), null],
  ])('and whose private message %s', async (_what, publishTries, error, wait) => {
    const cards = { update: fails(cardError('refused')), notifyRequester: fails(error) };
    const { publishAt } = await write(await sent(undefined, { publishTries }), cards);
    expect(publishAt).toBe(wait === null ? null : now() + wait);
  });
});

describe('a second card', () => {
  it.each<[string, Partial<ArchiveRequest>, boolean]>([
    ['sent at once', { confirmedAt: 100, submittedAt: 999 }, false],
    ['sent later', { confirmedAt: 100, submittedAt: 1_000 }, true],
    ['never sent, and ended at once', { confirmedAt: 100, submittedAt: null, finishedAt: 999 }, false],
    ['never sent, and ended later', { confirmedAt: 100, submittedAt: null, finishedAt: 1_000 }, true],
    ['open', { state: 'unknown', confirmedAt: 100, submittedAt: 1_000 }, false],
    ['never confirmed', { confirmedAt: null, submittedAt: null, finishedAt: 9_000 }, false],
  ])('of a request that was %s', async (_what, over, isLookedFor) => {
    await write(await sent(undefined, over));
    expect(steps.calls.includes('removeDuplicates')).toBe(isLookedFor);
  });

  it('may be left when the app may not look, and is looked for later after any other failure', async () => {
    const slow = { confirmedAt: 0, submittedAt: 9_000 };
    const by = (error: unknown) => ({ removeDuplicates: fails(error) });
    expect(await write(await sent(undefined, slow), by(cardError('refused')))).toMatchObject(DONE);
    expect(steps.calls).not.toContain('notifyRequester');
    expect(await write(await sent(undefined, slow), by(cardError('not_now')))).toMatchObject({
      publishTries: 2,
    });
    await expect(write(await sent(undefined, slow), by(new Error('odd')))).rejects.toThrow('odd');
  });
});

describe('the card of a request that was tried again', () => {
  const NEXT = { channel: 'C1', ts: '5.5', url: 'https://slack/p55' };
  /** The new request, whose card is written while the earlier one is like this. */
  async function retry(over: Partial<ArchiveRequest> = {}, journal: Partial<Deps['journal']> = {}) {
    const earlier = await sent();
    const { id } = earlier.request;
    await harness.journal.note(id, earlier.lease, now(), { publishAt: null, ...over }, { release: true });
    const leased = await sent(undefined, { retryOf: id, card: NEXT });
    const delivery = await publish(world({}, journal), leased, true);
    return { delivery, earlier: await stored(earlier.request) };
  }

  it('links to the new one, and is due', async () => {
    const { delivery, earlier } = await retry();
    expect(delivery).toMatchObject(DONE);
    expect(earlier).toMatchObject({ successor: NEXT, publishAt: now(), lease: null });
  });

  it.each([
    ['4.4', NEXT],
    ['5.5', { ...NEXT, ts: '5.5' }],
    ['6.6', { channel: 'C1', ts: '6.6' }],
  ])('links to the newest one: %s', async (ts, successor) => {
    const { earlier } = await retry({ successor: ts === '5.5' ? NEXT : { channel: 'C1', ts } });
    expect(earlier.successor).toEqual(successor);
    expect(earlier.publishAt).toBe(ts === '4.4' ? now() : null);
  });

  it('that has none is left alone, or waited for while it is looked for', async () => {
    const without = await retry({ card: null });
    expect([without.delivery, without.earlier.successor]).toEqual([expect.objectContaining(DONE), null]);
    const pending = await retry({ card: null, publishAt: 9 });
    expect([pending.delivery.publishTries, pending.earlier.successor]).toEqual([2, null]);
  });

  it('is waited for while another worker holds it', async () => {
    const { delivery, earlier } = await retry({}, { claim: async () => [] });
    expect([delivery.publishTries, earlier.successor]).toEqual([2, null]);
  });

  it('does not keep the new card from being right when the journal fails, or does not have it', async () => {
    const { delivery } = await retry({}, { claim: fails(new Error('odd')) });
    expect(delivery).toMatchObject(DONE);
    expect(await write(await sent(undefined, { retryOf: 'gone', card: NEXT }))).toMatchObject(DONE);
  });
});

describe('a worker that lost its lease', () => {
  async function repair(over: Partial<ArchiveRequest> = {}, cards: Partial<Cards> = {}) {
    const { request, lease } = await sent();
    await harness.journal.note(request.id, lease, now(), { ...DONE, ...over }, { release: true });
    steps.calls.length = 0;
    const began = now();
    await repairDuplicates(world(cards), request.id);
    return { request: await stored(request), took: now() - began };
  }

  it('removes what it may have written twice, and has the card written again', async () => {
    const { request, took } = await repair();
    expect(request).toMatchObject({ publishAt: now(), lease: null });
    expect([steps.calls, took]).toEqual([['removeDuplicates'], 0]);
  });

  it('leaves a request without a card to the worker that looks for it', async () => {
    const { request } = await repair({ card: null });
    expect([request.publishAt, request.lease, steps.calls]).toEqual([null, null, []]);
  });

  it('tries again until the lease of the other worker is over, unless Slack refuses it', async () => {
    const failing = await repair({}, { removeDuplicates: fails(cardError('not_now')) });
    expect(failing.took).toBe(leaseMs + 1_000);
    expect(harness.log.at(-1)).toContain('did not look for duplicates');
    const refused = await repair({}, { removeDuplicates: fails(cardError('refused')) });
    expect([refused.took, refused.request.lease]).toEqual([0, null]);
    await expect(repair({}, { removeDuplicates: fails(new Error('odd')) })).rejects.toThrow('odd');
  });

  it('waits for the worker that holds the request', async () => {
    const { request, lease } = await sent();
    await harness.journal.note(request.id, lease, now(), DONE, { release: true });
    const other = newLease(harness.deps);
    await harness.journal.claim({ now: now(), ...other, limit: 1, ids: [request.id] });
    const began = now();
    await repairDuplicates(world(), request.id);
    expect(now() - began).toBe(leaseMs);
    expect(steps.calls).toContain('removeDuplicates');
  });
});
