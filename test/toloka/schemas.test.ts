import fc from 'fast-check';
import {
  errorBodySchema,
  operationSchema,
  pageSchema,
  poolSchema,
  projectSchema,
  requesterSchema,
  trainingSchema,
} from '../../src/toloka/schemas';
import { OPERATION } from './fixtures';

test("the seed document's operation", () => {
  expect(operationSchema.parse(OPERATION)).toEqual({
    id: '95029e60-eace-4a3e-96b9-c72c5e727218',
    type: 'TRAINING.ARCHIVE',
    status: 'SUCCESS',
    submitted: Date.UTC(2021, 1, 26, 10, 13, 32, 921),
    started: Date.UTC(2021, 1, 26, 10, 13, 32, 921),
    finished: Date.UTC(2021, 1, 26, 10, 13, 32, 921),
    progress: 100,
    trainingId: '123456',
    details: {},
  });
});

test.each([
  ['training', trainingSchema],
  ['pool', poolSchema],
  ['operation', operationSchema],
])('of a %s only id and status are required, and both are', (_name, schema) => {
  expect(schema.parse({ id: 5, status: 'OPEN' })).toMatchObject({ id: '5', status: 'OPEN' });
  expect(schema.safeParse({ status: 'OPEN' }).success).toBe(false);
  expect(schema.safeParse({ id: '5' }).success).toBe(false);
  expect(schema.safeParse({ id: '', status: 'OPEN' }).success).toBe(false);
  expect(schema.safeParse([]).success).toBe(false);
});

test('words and fields that Toloka may add later are let through', () => {
  const training = { id: '1', status: 'FROZEN', last_close_reason: 'MOON', new_field: [{}] };
  expect(trainingSchema.parse(training)).toMatchObject({ status: 'FROZEN', lastCloseReason: 'MOON' });
  expect(operationSchema.parse({ id: '1', status: 'PAUSED', type: 'TRAINING.FREEZE' })).toMatchObject({
    status: 'PAUSED',
    type: 'TRAINING.FREEZE',
  });
});

test('a training in full', () => {
  const training = {
    id: '1',
    project_id: 20,
    private_name: 'Cats',
    status: 'CLOSED',
    last_close_reason: 'MANUAL',
    owner: { id: 'ac1', myself: true, company_id: '5' },
    created: '2021-01-01T00:00:00',
    last_started: null,
    last_stopped: 'soon',
  };
  expect(trainingSchema.parse(training)).toEqual({
    id: '1',
    projectId: '20',
    privateName: 'Cats',
    status: 'CLOSED',
    lastCloseReason: 'MANUAL',
    owner: { id: 'ac1', myself: true, companyId: '5' },
    created: Date.UTC(2021, 0),
    lastStarted: null,
    lastStopped: null,
  });
});

test('whatever is only shown to people becomes null when it has another shape', () => {
  const shown = fc.record({
    private_name: fc.anything(),
    last_close_reason: fc.anything(),
    owner: fc.anything(),
    created: fc.anything(),
    progress: fc.anything(),
    details: fc.anything(),
    type: fc.anything(),
    parameters: fc.anything(),
  });
  fc.assert(
    fc.property(shown, (fields) => {
      const value = { ...fields, id: '1', status: 'OPEN' };
      return [trainingSchema, poolSchema, operationSchema].every((schema) => schema.safeParse(value).success);
    }),
  );
});

describe('the link to a training', () => {
  const requirement = { training_pool_id: 42, training_passing_skill_value: 80 };
  const linked = { trainingPoolId: '42', trainingPassingSkillValue: 80 };

  test('stands on a pool, or on a project', () => {
    const quality_control = { training_requirement: requirement, checkpoints: [] };
    expect(poolSchema.parse({ id: '1', status: 'OPEN', quality_control }).trainingRequirement).toEqual(
      linked,
    );
    expect(projectSchema.parse({ id: '1', quality_control }).trainingRequirement).toEqual(linked);
  });

  test.each([undefined, null, {}, { training_requirement: null }])('is absent with %j', (quality_control) => {
    const pool = poolSchema.parse({ id: '1', status: 'OPEN', quality_control });
    expect(pool.trainingRequirement).toBeNull();
  });

  test.each([
    'yes',
    [],
    { training_requirement: 'yes' },
    { training_requirement: {} },
    { training_requirement: { training_pool_id: null } },
    { training_requirement: { training_pool_id: 2 ** 60 } },
  ])('is not overlooked when it has another shape: %j', (quality_control) => {
    expect(poolSchema.safeParse({ id: '1', status: 'OPEN', quality_control }).success).toBe(false);
    expect(projectSchema.safeParse({ id: '1', quality_control }).success).toBe(false);
  });
});

test('a page must say whether it is the last', () => {
  const schema = pageSchema(trainingSchema);
  const items = [{ id: '1', status: 'OPEN' }];
  expect(schema.parse({ items, has_more: true })).toMatchObject({ items: [{ id: '1' }], hasMore: true });
  expect(schema.safeParse({ items }).success).toBe(false);
  expect(schema.safeParse({ has_more: false }).success).toBe(false);
  expect(schema.safeParse({ items: [{ id: '1' }], has_more: false }).success).toBe(false);
});

test('a requester', () => {
  expect(requesterSchema.parse({ id: 'r', public_name: { EN: 'Us' }, company: { id: 1 } })).toEqual({
    id: 'r',
    publicName: { EN: 'Us' },
    companyId: '1',
  });
  expect(requesterSchema.parse({ id: 'r' })).toEqual({ id: 'r', publicName: null, companyId: null });
});

test('any value at all is an error body, at worst an empty one', () => {
  fc.assert(fc.property(fc.anything(), (value) => errorBodySchema.safeParse(value).success));
});
