import { LeaseLostError, OpenRequestExistsError, RequestChangedError } from '../../src/archive/errors';
import type { Deps, SubmitResult } from '../../src/archive/ports';
import { type Leased, recordLateAnswer } from '../../src/archive/record';
import { LIMITS } from '../support/harness';
import { OPERATION, useSteps } from '../support/steps';

const { harness, steps } = useSteps();

const { leaseMs } = LIMITS;

describe('an answer to a POST that came after the lease ran out', () => {
  const logged = () => harness.log.filter((line) => line.includes('late answer')).length;
  const ACCEPTED = { kind: 'accepted', operation: OPERATION } as const;
  const UNKNOWN = { kind: 'unknown', outcome: { code: 'x' } } as const;
  const last = async (id: string) => (await harness.journal.events(id)).at(-1);

  /** Its lease was given back when another worker found nothing, or did not find out. */
  async function inDoubt(answer: SubmitResult, release = true): Promise<Leased> {
    const archive = async () => answer;
    const { after } = await steps.submit(steps.world({ archive }), await steps.confirmed());
    if (release) await harness.journal.release(after.request.id, after.lease);
    return after;
  }
  const NOT_SENT = { kind: 'not_sent', outcome: { code: 'y' } } as const;

  it.each<[string, SubmitResult, SubmitResult, object]>([
    ['accepted, and called not started', NOT_SENT, ACCEPTED, { operationId: OPERATION.id }],
    ['accepted, and called unknown', UNKNOWN, ACCEPTED, { operationId: OPERATION.id }],
    ['archived before, and called not started', NOT_SENT, { kind: 'already_archived' }, {}],
    ['unknown, and called not started', NOT_SENT, UNKNOWN, {}],
  ])('%s: it is looked up again, by anybody', async (_what, called, answer, detail) => {
    const { request } = await inDoubt(called);
    await recordLateAnswer(harness.deps, request.id, answer);
    expect(await last(request.id)).toMatchObject({ kind: 'late_evidence', actor: 'app', to: 'unknown' });
    expect((await last(request.id))?.detail).toEqual(detail);
    expect(await harness.journal.get(request.id)).toMatchObject({ lease: null });
  });

  it.each<[string, SubmitResult, SubmitResult]>([
    ['refused', NOT_SENT, { kind: 'refused', outcome: { code: 'z' } }],
    ['not sent', NOT_SENT, NOT_SENT],
    ['accepted, as is known', ACCEPTED, ACCEPTED],
    ['refused before', { kind: 'refused', outcome: { code: 'z' } }, ACCEPTED],
  ])('%s: nothing is written', async (_what, called, answer) => {
    const { request } = await inDoubt(called);
    const before = [await last(request.id), harness.clock.now()];
    await recordLateAnswer(harness.deps, request.id, answer);
    expect([await last(request.id), harness.clock.now()]).toEqual(before);
  });

  it('to a request that the journal does not have: nothing is waited for', async () => {
    const began = harness.clock.now();
    await recordLateAnswer(harness.deps, 'gone', ACCEPTED);
    expect(harness.clock.now()).toBe(began);
  });

  it('waits for the worker that looks it up at this moment, for two leases at most', async () => {
    const { request } = await inDoubt(UNKNOWN, false);
    const { clock } = harness;
    const began = clock.now();
    await recordLateAnswer(harness.deps, request.id, ACCEPTED);
    expect([(await last(request.id))?.kind, clock.now() - began]).toEqual(['late_evidence', leaseMs]);
    const journal = { ...harness.journal, get: () => Promise.reject(new Error('down')) };
    const again = clock.now();
    const before = logged();
    await recordLateAnswer({ ...harness.deps, journal }, request.id, ACCEPTED);
    expect([clock.now() - again, logged() - before]).toEqual([2 * leaseMs + 1_000, 1]);
  });

  it('does not wait for another request for the training, which looks the same outcome up', async () => {
    const { request } = await inDoubt(NOT_SENT);
    const advance = () => Promise.reject(new OpenRequestExistsError('It is open.'));
    const began = harness.clock.now();
    const before = logged();
    await recordLateAnswer(
      { ...harness.deps, journal: { ...harness.journal, advance } },
      request.id,
      ACCEPTED,
    );
    expect([harness.clock.now() - began, logged() - before]).toEqual([0, 1]);
  });

  it.each([
    ['its lease is lost', new LeaseLostError('Too late.'), 'late_evidence'],
    ['the request has changed', new RequestChangedError('Too late.'), 'late_evidence'],
    ['the journal is broken', new Error('odd'), 'submitting'],
  ])(
    'is looked for only when another worker may have closed the question: %s',
    async (_what, error, kind) => {
      const leased = await steps.confirmed();
      const { id } = leased.request;
      const deps = steps.world();
      const advance: Deps['journal']['advance'] = async (fence, change) => {
        if (change.kind !== 'accepted') return harness.journal.advance(fence, change);
        if (kind === 'late_evidence') {
          const doubt = { kind: 'outcome_unknown', outcome: { code: 'interrupted' } } as const;
          await harness.journal.advance({ ...fence, release: true }, doubt);
        }
        throw error;
      };
      await expect(steps.submit({ ...deps, journal: { ...harness.journal, advance } }, leased)).rejects.toBe(
        error,
      );
      expect((await last(id))?.kind).toBe(kind);
    },
  );
});
