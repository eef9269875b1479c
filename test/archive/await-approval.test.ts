import { approvalFor, awaitApproval, canBeApproved } from '../../src/archive/approval';
import { CardError } from '../../src/archive/errors';
import type { Deps } from '../../src/archive/ports';
import { type Leased, newLease } from '../../src/archive/record';
import type { Approval } from '../../src/archive/request';
import { CARD, useSteps } from '../support/steps';

const { harness, steps } = useSteps();

const LIFE = 1_000_000;
const NOBODY = { everyone: false, people: [], groups: [] };
const rules = (needed: number, audience = {}): Deps => {
  const { approval } = harness.deps;
  const given = { ...approval, needed: () => needed, audience: { ...NOBODY, ...audience }, lifeMs: LIFE };
  return { ...steps.world(), approval: given };
};

/** A request that awaits approval, whose approvers were asked a moment ago. */
function waiting(over: Partial<Approval> = {}, batch: string | null = null): Promise<Leased> {
  const approval = { ...approvalFor(rules(1), 'production'), ...over } as Approval;
  return steps.confirmed({ kind: 'approval_requested', approval, batch });
}
const step = async (leased: Leased, fresh = true) => {
  const { request } = await awaitApproval(rules(1), leased, { fresh });
  return request;
};
const withCard = ({ request, ...leased }: Leased): Leased => ({
  ...leased,
  request: { ...request, card: CARD },
});
const count = async ({ id }: { id: string }) =>
  (await harness.journal.events(id)).filter(({ kind }) => kind === 'reminded').length;

describe('a request', () => {
  it('asks as many people of the audience as are needed, from now on', () => {
    const audience = { everyone: true, people: ['U1', 'U2'], groups: ['S1'] };
    const askedAt = harness.clock.now();
    expect(approvalFor(rules(2, audience), 'production')).toEqual({
      ...{ needed: 2, audience, given: [], changes: [], declined: null, remindedAt: null },
      ...{ askedAt, until: askedAt + LIFE },
    });
    expect(approvalFor(rules(0), 'production')).toBeNull();
  });

  it.each([
    [1, { everyone: true }, true],
    [9, { groups: ['S1'] }, true],
    [1, {}, false],
    [1, { people: ['U1'] }, false],
    [1, { people: ['U1', 'U2'] }, true],
    [2, { people: ['U1', 'U2', 'U2'] }, false],
    [2, { people: ['U2', 'U3'] }, true],
  ])('of U1 that needs %d, from %j: %s', (needed, audience, can) => {
    expect(canBeApproved(rules(needed, audience), 'production', 'U1')).toBe(can);
  });
});

describe('while approvers are asked', () => {
  it('the card is posted and due to be written once more; next comes the reminder', async () => {
    const leased = await waiting();
    const now = harness.clock.now();
    const request = await step(leased);
    const { askedAt } = request.approval as Approval;
    expect(request).toMatchObject({ card: CARD, publishAt: now, stepAt: askedAt + LIFE / 2 });
    expect(await step(withCard({ ...leased, request: { ...leased.request, publishAt: 7 } }))).toMatchObject({
      ...{ publishAt: 7, stepAt: askedAt + LIFE / 2 },
    });
  });

  it.each([
    [LIFE / 2 - 1, 'awaiting_approval', 0],
    [LIFE / 2, 'awaiting_approval', 1],
    [LIFE - 1, 'awaiting_approval', 1],
    [LIFE, 'expired', 0],
  ])('%d ms after the call', async (ms, state, reminders) => {
    const leased = withCard(await waiting());
    const { askedAt, until } = leased.request.approval as Approval;
    harness.clock.advance(askedAt + ms - harness.clock.now());
    const taken = { ...leased, lease: newLease(harness.deps), hold: 'to_take' } as const;
    const { request } = await awaitApproval(rules(1), taken, { fresh: true });
    expect([request.state, await count(leased.request)]).toEqual([state, reminders]);
    if (state !== 'expired') expect(request.stepAt).toBe(reminders === 0 ? askedAt + LIFE / 2 : until);
  });

  it('they are reminded once, and not while their card is missing', async () => {
    const { clock } = harness;
    const now = clock.now();
    const times = { askedAt: now - LIFE + 5, until: now + 2_000_000, remindedAt: now - 1 };
    const reminded = withCard(await waiting(times));
    expect(await step(reminded)).toMatchObject({ stepAt: times.until, version: reminded.request.version });
    const follower = await waiting({ ...times, remindedAt: null }, 'another');
    expect(await step(follower)).toMatchObject({ state: 'not_started', outcome: { code: 'batch_gone' } });
  });

  it('nothing else happens while the card of the batch is missing, or when it cannot be posted', async () => {
    const { clock } = harness;
    const first = await waiting();
    const times = { askedAt: clock.now() - LIFE, until: clock.now() + 2_000_000 };
    const follower = await step(await waiting(times, first.request.id));
    expect(follower).toMatchObject({ state: 'awaiting_approval', card: null, stepAt: clock.now() + 1_000 });
    expect(await count(follower)).toBe(0);
    const post = async () => {
      throw new CardError('refused', 'channel_not_found', 'There is no such channel.');
    };
    const deps = { ...steps.world({}, { post }), approval: rules(1).approval };
    const { request } = await awaitApproval(deps, await waiting(), { fresh: true });
    expect(request).toMatchObject({ state: 'not_started', stepAt: null });
  });

  it('one reminder serves a batch: that of the first one that waits', async () => {
    const { clock, journal } = harness;
    const times = () => ({ askedAt: clock.now() - LIFE, until: clock.now() + LIFE / 2, remindedAt: null });
    const first = withCard(await waiting(times()));
    const { id } = first.request;
    const second = withCard(await waiting(times(), id));
    const batch: Deps['journal']['batch'] = async () => [first.request, second.request];
    const deps = { ...rules(1), journal: { ...journal, batch } };
    const look = async (leased: Leased) => (await awaitApproval(deps, leased, { fresh: true })).request;
    const { until } = second.request.approval as Approval;
    expect(await look(second)).toMatchObject({ stepAt: until });
    expect(await count(second.request)).toBe(0);
    first.request = { ...first.request, state: 'declined' };
    await look(second);
    expect(await count(second.request)).toBe(1);
  });
});
