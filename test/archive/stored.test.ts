import { type Drift, driftSchema, type Plan, planSchema } from '../../src/archive/plan';
import { type Approval, approvalSchema, deliverySchema, factsSchema } from '../../src/archive/request';
import { TRAINING } from '../support/steps';

const pool = { id: '1', name: 'P', status: 'OPEN', url: 'https://toloka' };
const plan: Plan = {
  ...{ environment: 'production', trainingId: TRAINING.id, training: { ...TRAINING, created: 5 } },
  ...{ projectName: 'Signs', projectLinksTraining: true, fingerprint: 'f', readAt: 7 },
  pools: [
    { ...pool, linkedBy: 'pool' },
    { ...pool, linkedBy: 'project' },
  ],
  blockers: [
    ...(['not_closed', 'locked', 'pools_not_archived', 'already_archived', 'not_found'] as const),
    ...(['no_access', 'training_unread'] as const),
  ],
  unread: [
    { part: 'training', code: 'a_code', said: 'Why.', httpStatus: 503 },
    { part: 'pools', code: 'a_code' },
    { part: 'project', code: 'a_code' },
  ],
};
const changes: Drift[] = [
  { what: 'status', from: 'CLOSED', to: 'OPEN' },
  { what: 'name', from: 'a', to: 'b' },
  { what: 'project', from: 'a', to: null },
  { what: 'pool_added', id: '1', to: 'OPEN' },
  { what: 'pool_removed', id: '1', from: 'OPEN' },
  { what: 'pool_status', id: '1', from: 'OPEN', to: 'CLOSED' },
  { what: 'unread', from: null, to: 'pools' },
  { what: 'details' },
];
const approval: Approval = {
  ...{ needed: 2, audience: { everyone: false, people: ['U1'], groups: ['S1'] }, changes },
  ...{ given: [{ user: 'U2', at: 5 }], askedAt: 1, until: 9, remindedAt: 4 },
  declined: { user: 'U3', reason: 'still used' },
};

describe('what is stored', () => {
  it('is read as it was written', () => {
    const read = (schema: { parse(value: unknown): unknown }, value: unknown) =>
      schema.parse(JSON.parse(JSON.stringify(value)));
    expect(read(planSchema, plan)).toEqual(plan);
    expect(changes.map((change) => read(driftSchema, change))).toEqual(changes);
    expect(read(approvalSchema, approval)).toEqual(approval);
    const facts = { plan, reason: 'r', approval, outcome: { code: 'c', said: 's', httpStatus: 1 } };
    expect(read(factsSchema, facts)).toMatchObject(facts);
    const pause = { user: 'U1', reason: 'r', at: 5 };
    const card = { channel: 'C1', ts: '1.1', url: null };
    expect(read(deliverySchema, { card, successor: card, pause })).toMatchObject({
      card,
      successor: card,
      pause,
    });
  });

  it('by a version that knew less is completed', () => {
    const { needed, audience, askedAt, until } = approval;
    expect(approvalSchema.parse({ needed, audience, askedAt, until })).toEqual({
      ...{ needed, audience, askedAt, until, given: [], changes: [], remindedAt: null, declined: null },
    });
    expect(factsSchema.parse({ plan })).toEqual({
      ...{ plan, reason: null, enterprise: null, retryOf: null, batch: null, place: 0, approval: null },
      ...{ operationId: null, outcome: null, confirmedAt: null, releasedAt: null, submittedAt: null },
      finishedAt: null,
    });
    expect(deliverySchema.parse({})).toEqual({
      ...{
        card: null,
        successor: null,
        threadSeq: 0,
        closedSum: 0,
        calledAt: 0,
        shown: 0,
        pause: null,
        heldAt: null,
      },
      ...{ progress: null, stepAt: null, stepTries: 0, publishAt: null, publishTries: 0 },
      unpublishedSince: null,
    });
  });

  it('is refused when it is not whole', () => {
    const { training, ...rest } = plan;
    expect(training).not.toBeNull();
    expect(planSchema.safeParse({ ...rest, training: {} }).success).toBe(false);
    expect(approvalSchema.safeParse({ ...approval, needed: 0 }).success).toBe(false);
    expect(approvalSchema.safeParse({ ...approval, given: [{}] }).success).toBe(false);
  });
});
