import fc from 'fast-check';
import { z } from 'zod';
import {
  errorBodySchema,
  formatTolokaDate,
  operationSchema,
  pageSchema,
  parseTolokaDate,
  poolSchema,
  projectSchema,
  toOperation,
  toPool,
  toProject,
  toTraining,
  trainingSchema,
} from '../../src/toloka/schemas';
import { OPERATION, TRAINING } from './support';

const PLATFORM = 'https://platform.toloka.ai';
const operationOf = (wire: object) => toOperation(operationSchema.parse(wire), (text) => text);

test("the 2021 document's operation", () => {
  expect(operationOf(OPERATION)).toEqual({
    id: '95029e60-eace-4a3e-96b9-c72c5e727218',
    trainingId: '123456',
    status: 'SUCCESS',
    progress: 100,
    submitted: Date.UTC(2021, 1, 26, 10, 13, 32, 921),
    finished: Date.UTC(2021, 1, 26, 10, 13, 32, 921),
    said: null,
  });
});

test.each([
  [0, 0],
  [55.5, 55.5],
  [100, 100],
  [-1, null],
  [101, null],
  [Number.POSITIVE_INFINITY, null],
  [Number.NaN, null],
  ['50', null],
  [null, null],
  [undefined, null],
])('progress %p is shown as %p', (progress, shown) => {
  expect(operationOf({ ...OPERATION, progress }).progress).toBe(shown);
});

describe('what Toloka says of a failure', () => {
  test.each([
    [undefined, null],
    [null, null],
    ['', null],
    [{}, null],
    [[], null],
    ['moon phase', 'moon phase'],
    [{ why: 'moon phase' }, '{"why":"moon phase"}'],
    [['a', 1], '["a",1]'],
    ['x'.repeat(500), 'x'.repeat(500)],
    ['x'.repeat(600), `${'x'.repeat(500)}…`],
    [`😀${'x'.repeat(600)}`, `😀${'x'.repeat(498)}…`],
    [`${'x'.repeat(499)}😀y`, `${'x'.repeat(499)}…`],
  ])('%j', (details, said) => {
    expect(operationOf({ ...OPERATION, details }).said).toBe(said);
  });

  test('nested deeper than any stack: nothing, or how it begins where Node.js can write it', () => {
    const depth = 200_000;
    const details = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect([null, `${'['.repeat(500)}…`]).toContain(operationOf({ ...OPERATION, details }).said);
  });
});

test.each([
  ['training', trainingSchema],
  ['pool', poolSchema],
  ['operation', operationSchema],
])('of a %s only ID and status are required, and both are', (_name, schema) => {
  expect(schema.parse({ id: 5, status: 'OPEN' })).toMatchObject({ id: '5', status: 'OPEN' });
  expect(schema.safeParse({ status: 'OPEN' }).success).toBe(false);
  expect(schema.safeParse({ id: '5' }).success).toBe(false);
  expect(schema.safeParse({ id: '', status: 'OPEN' }).success).toBe(false);
  expect(schema.safeParse([]).success).toBe(false);
});

test('words and fields that Toloka may add later are let through', () => {
  const training = { id: '1', status: 'FROZEN', last_close_reason: 'MOON', new_field: [{}] };
  expect(trainingSchema.parse(training)).toMatchObject({ status: 'FROZEN', last_close_reason: 'MOON' });
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
  };
  expect(toTraining(trainingSchema.parse(training), PLATFORM)).toEqual({
    id: '1',
    projectId: '20',
    name: 'Cats',
    status: 'CLOSED',
    lastCloseReason: 'MANUAL',
    created: Date.UTC(2021, 0),
    url: `${PLATFORM}/requester/project/20/training/1`,
  });
});

test('what has no name has an empty one, and so has the project of a training that names none', () => {
  const bare = { id: '1', status: 'OPEN' };
  expect(toTraining(trainingSchema.parse(bare), PLATFORM)).toMatchObject({
    ...{ projectId: '', name: '', lastCloseReason: null, created: null },
    url: `${PLATFORM}/requester/project//training/1`,
  });
  expect(toPool(poolSchema.parse(bare), { platformUrl: PLATFORM, projectId: '7' }).name).toBe('');
  expect(toProject(projectSchema.parse(bare)).name).toBe('');
});

test('IDs cannot break out of a link', () => {
  const training = trainingSchema.parse({ id: '1?x=<y>|', project_id: '7/../8', status: 'OPEN' });
  expect(toTraining(training, 'https://p').url).toBe(
    'https://p/requester/project/7%2F..%2F8/training/1%3Fx%3D%3Cy%3E%7C',
  );
});

test('a pool in full', () => {
  const pool = { id: 9, private_name: 'Dogs', status: 'OPEN', type: 'REGULAR' };
  expect(toPool(poolSchema.parse(pool), { platformUrl: PLATFORM, projectId: '7' })).toEqual({
    id: '9',
    name: 'Dogs',
    status: 'OPEN',
    url: `${PLATFORM}/requester/project/7/pool/9`,
    requiresTraining: null,
  });
});

test('what is only shown to people becomes null when it has another shape', () => {
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

test('a page takes each thing as that thing alone is taken, or as a whole refuses', () => {
  const requirement = fc.option(fc.record({ training_requirement: fc.anything() }), { nil: undefined });
  const thing = fc.record(
    {
      id: fc.oneof(fc.constantFrom('1', 1, '', null), fc.anything()),
      status: fc.oneof(fc.constantFrom('OPEN', ''), fc.anything()),
      ...{ private_name: fc.anything(), submitted: fc.anything(), progress: fc.anything() },
      ...{ details: fc.anything(), parameters: fc.anything(), quality_control: requirement },
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(thing, { maxLength: 3 }), (items) => {
      for (const schema of [trainingSchema, poolSchema, operationSchema]) {
        const page = pageSchema<unknown>(schema).safeParse({ items, has_more: true });
        const alone = items.map((item) => schema.safeParse(item));
        expect(page.success).toBe(alone.every(({ success }) => success));
        if (page.success) expect(page.data.items).toEqual(alone.map(({ data }) => data));
      }
    }),
  );
});

test('all that a page holds can be compiled', () => {
  const refined = operationSchema.refine(() => true).transform((operation) => operationOf(operation));
  for (const schema of [trainingSchema, poolSchema, refined])
    expect(() => z.compile(z.array(schema), { strict: true })).not.toThrow();
});

describe('the link to a training', () => {
  test('is on a pool, or on a project', () => {
    const requirement = { training_pool_id: 42, training_passing_skill_value: 80 };
    const quality_control = { training_requirement: requirement, checkpoints: [] };
    expect(poolSchema.parse({ id: '1', status: 'OPEN', quality_control }).quality_control).toBe('42');
    expect(toProject(projectSchema.parse({ id: '1', public_name: 'P', quality_control }))).toEqual({
      id: '1',
      name: 'P',
      requiresTraining: '42',
    });
  });

  test.each([undefined, null, {}, { training_requirement: null }])('is absent with %j', (quality_control) => {
    expect(poolSchema.parse({ id: '1', status: 'OPEN', quality_control }).quality_control).toBeNull();
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
  expect(schema.parse({ items, has_more: true })).toMatchObject({ items: [{ id: '1' }], has_more: true });
  expect(schema.safeParse({ items }).success).toBe(false);
  expect(schema.safeParse({ has_more: false }).success).toBe(false);
  expect(schema.safeParse({ items: [{ id: '1' }], has_more: false }).success).toBe(false);
});

test('any value at all is an error body, at worst an empty one', () => {
  fc.assert(fc.property(fc.anything(), (value) => errorBodySchema.safeParse(value).success));
});

describe('dates', () => {
  const MS = Date.UTC(2021, 1, 26, 10, 13, 32);

  test.each([
    ['2021-02-26T10:13:32', 0],
    ['2021-02-26T10:13:32.9', 900],
    ['2021-02-26T10:13:32.921', 921],
    ['2021-02-26T10:13:32.92112', 921],
    ['2021-02-26T10:13:32.921999', 921],
    ['2021-02-26T10:13:32.921999999', 921],
    ['2021-02-26T10:13:32.921Z', 921],
  ])('%s is UTC, to the millisecond', (text, ms) => {
    expect(parseTolokaDate(text)).toBe(MS + ms);
  });

  test.each([
    null,
    undefined,
    5,
    {},
    '',
    'yesterday',
    '2021-02-26',
    '2021-13-01T10:00:00',
    '2021-02-26T25:00:00',
    '2021-02-26T10:13:32+03:00',
    ' 2021-02-26T10:13:32',
    '2021-02-26T10:13:32 (CET)',
    ['2021-02-26T10:13:32'],
  ])('%j is no date', (value) => {
    expect(parseTolokaDate(value)).toBeNull();
  });

  test('every date comes back as it was written', () => {
    const anyMs = fc.integer({ min: Date.UTC(1000, 0), max: Date.UTC(9999, 11, 31) });
    fc.assert(fc.property(anyMs, (ms) => parseTolokaDate(formatTolokaDate(ms)) === ms));
  });

  test('nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        parseTolokaDate(value);
      }),
    );
  });
});

test('any ID is read or refused, and the address of its page can always be made', () => {
  const id = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\uD800', '\uD800a', 'a\uDFFF', '', '../..', 'a/b?c#d', ' ', 7),
  );
  fc.assert(
    fc.property(id, id, (training, project) => {
      const wire = { ...TRAINING, id: training, project_id: project };
      const { data } = trainingSchema.safeParse(wire);
      if (data === undefined)
        return expect([training, project].some((one) => /^$|\p{Cs}/u.test(String(one)))).toBe(true);
      const { url } = toTraining(data, PLATFORM);
      expect(new URL(url).origin).toBe(PLATFORM);
      expect(url).toMatch(/^https:\/\/platform\.toloka\.ai\/requester\/project\/[^/?#]*\/training\/[^/?#]*$/);
    }),
  );
});
