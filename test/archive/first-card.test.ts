import { CardError, LeaseLostError } from '../../src/archive/errors';
import type { CardFailure, Cards, Deps } from '../../src/archive/ports';
import type { ArchiveRequest } from '../../src/archive/request';
import { CALLS_IN_A_LEASE } from '../../src/archive/timing';
import { LIMITS } from '../support/harness';
import { CARD, useSteps } from '../support/steps';

const { harness, steps } = useSteps();

const { leaseMs } = LIMITS;
const cardError = (failure: CardFailure, retryAfterMs: number | null = null) =>
  new CardError(failure, 'a_reason', 'Slack said no.', retryAfterMs);

describe('the card', () => {
  const failing = (...failures: unknown[]): Partial<Cards> => ({
    post: async () => {
      const next = failures.shift();
      if (next !== undefined) throw next;
      return CARD;
    },
  });
  const slept: number[] = [];
  const quick = (deps: Deps): Deps => ({ ...deps, sleep: async (ms) => slept.push(ms) });
  beforeEach(() => {
    slept.length = 0;
  });

  it.each<[string, unknown[], string[], number[]]>([
    ['is posted once more a second later', [cardError('not_now')], ['post', 'post'], [1_000]],
    [
      'is posted until it is its turn',
      [1, 2, 3, 4].map(() => cardError('not_now')),
      ['post', 'post', 'post', 'post', 'post'],
      [1_000, 1_000, 1_000, 1_000],
    ],
    [
      'is looked for when its post may have been carried out',
      [cardError('maybe')],
      ['post', 'find', 'post'],
      [1_000],
    ],
    ['waits for as long as Slack asks for', [cardError('not_now', 10_000)], ['post', 'post'], [10_000]],
  ])('%s', async (_what, failures, expected, waits) => {
    const after = await steps.submit(quick(steps.world({}, failing(...failures))), await steps.confirmed());
    expect([steps.calls, slept, after.sent]).toEqual([[...expected, 'archive'], waits, true]);
  });

  it.each<[string, CardError[], string[]]>([
    ['was refused', [cardError('refused')], ['post']],
    [
      'went unanswered three times',
      [1, 2, 3].map(() => cardError('maybe')),
      ['post', 'find', 'post', 'find', 'post'],
    ],
    ['would have to wait for more than ten seconds', [cardError('not_now', 10_001)], ['post']],
  ])('without which nothing is sent: it %s', async (_what, failures, expected) => {
    const after = await steps.submit(quick(steps.world({}, failing(...failures))), await steps.confirmed());
    expect(after).toMatchObject({ state: 'not_started', code: 'a_reason', sent: false });
    // The person is told in private, also when the modal says it: Slack may show another answer there.
    expect([steps.calls, after.publishAt]).toEqual([expected, harness.clock.now()]);
  });

  it.each([
    [0, true],
    [1, false],
  ])('is not waited for when less than half of the lease would be left: by %d ms', async (ms, sent) => {
    const leased = await steps.confirmed();
    leased.lease.until = harness.clock.now() + 1_000 + leaseMs / 2 - ms;
    const after = await steps.submit(quick(steps.world({}, failing(cardError('not_now')))), leased);
    expect([after.sent, slept.length]).toEqual([sent, sent ? 1 : 0]);
  });

  it('that another process posted is used', async () => {
    const card = { channel: 'C1', ts: '3.3' };
    const { after, sent } = await steps.submit(
      steps.world({}, { find: async () => card }),
      await steps.confirmed(),
      false,
    );
    expect([after.request.card, sent, steps.calls.includes('post')]).toEqual([card, true, false]);
  });

  it('is not posted at the end of a lease, and an unexpected error is passed on', async () => {
    const leased = await steps.confirmed();
    await expect(steps.submit(steps.world({}, failing(new Error('odd'))), leased)).rejects.toThrow('odd');
    leased.lease.until = harness.clock.now() + leaseMs / CALLS_IN_A_LEASE - 1;
    await expect(steps.submit(steps.world(), leased)).rejects.toThrow(LeaseLostError);
    expect(steps.calls).toEqual(['post']);
  });
});

describe('a request whose card is that of the first one of its batch', () => {
  it('waits for it, then uses it', async () => {
    const first = await steps.confirmed();
    const { id } = first.request;
    const follower = await steps.confirmed({ batch: id, place: 1 });
    const waiting = await steps.submit(steps.world(), follower);
    expect(waiting).toMatchObject({ state: 'confirmed', sent: false, stepAt: harness.clock.now() + 1_000 });
    expect([waiting.after.lease, steps.calls]).toEqual([follower.lease, []]);
    await harness.journal.note(id, first.lease, harness.clock.now(), { card: CARD });
    const { after, sent } = await steps.submit(steps.world(), follower);
    expect([after.request.card, sent, steps.calls]).toEqual([CARD, true, ['archive']]);
  });

  it.each([true, false])('ends as that one did when it got no card (fresh: %s)', async (fresh) => {
    const first = await steps.confirmed();
    const post = async () => {
      throw cardError('refused');
    };
    await steps.submit(steps.world({}, { post }), first);
    const after = await steps.submit(
      steps.world(),
      await steps.confirmed({ batch: first.request.id, place: 1 }),
      fresh,
    );
    expect(after).toMatchObject({ state: 'not_started', code: 'a_reason', sent: false });
    // The first one writes the card for all.
    const { touched, shown } = (await harness.journal.get(first.request.id)) as ArchiveRequest;
    expect(touched).not.toBe(shown);
  });

  it('is not sent when the journal has no first one', async () => {
    const after = await steps.submit(steps.world(), await steps.confirmed({ batch: 'gone', place: 1 }));
    expect(after).toMatchObject({ state: 'not_started', code: 'batch_gone' });
  });
});
