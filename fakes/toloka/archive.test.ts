import {
  createCaller,
  createManualClock,
  createTolokaAccount,
  requires,
  type TolokaAccount,
  type TolokaAccountOptions,
  type TrainingInput,
} from '.';

const clock = createManualClock();
let account: TolokaAccount;
let call: ReturnType<typeof createCaller>;

const start = async (options: Partial<TolokaAccountOptions> = {}) => {
  account = await createTolokaAccount({ token: 'secret', now: clock.now, operationMs: 1000, ...options });
  call = createCaller(account.url, 'secret');
  account.addProject({ id: '74175' });
};
const training = (input: Partial<TrainingInput> = {}) =>
  account.addTraining({ id: '123456', project_id: '74175', ...input });
const archive = (id = '123456') => call('POST', `/v1/trainings/${id}/archive`);

afterEach(() => account.close());

describe('an archive that is accepted', () => {
  test('goes from PENDING through RUNNING to SUCCESS, and only then is the training archived', async () => {
    await start();
    training();
    const accepted = await archive();
    expect(accepted.status).toBe(202);
    expect(accepted.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'TRAINING.ARCHIVE',
      status: 'PENDING',
      submitted: '2021-02-26T10:13:32.921',
      progress: 0,
      parameters: { training_id: '123456' },
    });
    const look = async () => (await call('GET', `/v1/operations/${accepted.body.id}`)).body;

    clock.advance(550);
    expect(await look()).toMatchObject({
      status: 'RUNNING',
      progress: 50,
      started: '2021-02-26T10:13:33.021',
    });
    expect((await call('GET', '/v1/trainings/123456')).body.status).toBe('CLOSED');

    clock.advance(5000);
    expect(await look()).toMatchObject({
      status: 'SUCCESS',
      progress: 100,
      finished: '2021-02-26T10:13:33.921',
      details: {},
    });
    expect((await call('GET', '/v1/trainings/123456')).body.status).toBe('ARCHIVED');
    expect(account.posts('123456')).toEqual({ arrived: 1, effective: 1 });
  });

  test('has ended in the answer, as in the document of 2021, if it takes no time', async () => {
    await start({ operationMs: 0 });
    training();
    const { status, body } = await archive();
    expect(status).toBe(202);
    expect(body.status).toBe('SUCCESS');
    expect(body.submitted).toBe(body.started);
    expect(body.started).toBe(body.finished);
    expect(Object.keys(body)).toEqual([
      ...['id', 'type', 'status', 'submitted', 'started', 'finished', 'progress', 'parameters', 'details'],
    ]);
    expect(account.getTraining('123456')?.status).toBe('ARCHIVED');
  });

  test('fails without a reason, or with one, and leaves the training closed', async () => {
    await start();
    training({ archiveOutcome: { status: 'FAIL' }, whileArchiving: 'LOCKED' });
    training({ id: '2', archiveOutcome: { status: 'FAIL', details: { why: 'because' } } });
    const first = await archive();
    const second = await archive('2');
    expect(account.getTraining('123456')?.status).toBe('LOCKED');
    clock.advance(1000);
    const failed = (await call('GET', `/v1/operations/${first.body.id}`)).body;
    expect(failed).toMatchObject({ status: 'FAIL' });
    expect(failed).not.toHaveProperty('details');
    expect(account.getOperation(second.body.id)).toMatchObject({
      status: 'FAIL',
      details: { why: 'because' },
    });
    expect(account.getTraining('123456')?.status).toBe('CLOSED');
  });

  test('can say SUCCESS and leave the training as it was', async () => {
    await start({ operationMs: 0 });
    training({ archiveOutcome: { status: 'SUCCESS', leaves: 'CLOSED' } });
    expect((await archive()).body.status).toBe('SUCCESS');
    expect(account.getTraining('123456')?.status).toBe('CLOSED');
  });

  test('can run for ever, until it is ended from outside', async () => {
    await start();
    training({ operationMs: Number.POSITIVE_INFINITY });
    const { id } = (await archive()).body;
    clock.advance(1e9);
    expect(account.getOperation(id)).toMatchObject({ status: 'RUNNING', progress: 99 });
    expect(account.finishOperation(id, { status: 'FAIL' }).status).toBe('FAIL');
    expect((await archive()).status).toBe(202);
  });

  test('takes as long as its training says, and shows what its training says', async () => {
    await start({ fractionDigits: 5 });
    training({ operationMs: 9000, operationWire: { progress: null, novelty: 1 } });
    const { id } = (await archive()).body;
    clock.advance(8999);
    expect(account.getOperation(id)).toMatchObject({ status: 'RUNNING', progress: null, novelty: 1 });
    clock.advance(1);
    expect(account.getOperation(id)?.status).toBe('SUCCESS');
    expect(account.getOperation(id)?.['finished']).toMatch(/\.\d{5}$/);
  });
});

describe('an archive that is not accepted', () => {
  test('has nothing to do when the training is archived: 204, empty, no operation', async () => {
    await start();
    training({ status: 'ARCHIVED' });
    const { status, text, headers } = await archive();
    expect([status, text, headers.get('content-type')]).toEqual([204, '', null]);
    expect(account.operations()).toEqual([]);
    expect(account.posts('123456')).toEqual({ arrived: 1, effective: 0 });
  });

  test('is refused while the training is open, or locked', async () => {
    await start();
    training({ status: 'OPEN' });
    training({ id: '2', status: 'LOCKED' });
    const open = await archive();
    expect(open.status).toBe(409);
    expect(open.body).toEqual({
      request_id: expect.any(String),
      code: 'INAPPROPRIATE_STATUS',
      message: expect.any(String),
      payload: { appropriate_statuses: ['CLOSED'] },
    });
    expect((await archive('2')).body.code).toBe('POOL_LOCKED_BY_ANOTHER_OPERATION');
    expect(account.operations()).toEqual([]);
  });

  test('is refused while another one runs, with any status of the training', async () => {
    await start();
    training();
    training({ id: '2', whileArchiving: 'LOCKED' });
    for (const id of ['123456', '2']) {
      expect((await archive(id)).status).toBe(202);
      const again = await archive(id);
      expect([again.status, again.body.code]).toEqual([409, 'POOL_LOCKED_BY_ANOTHER_OPERATION']);
      expect(account.posts(id)).toEqual({ arrived: 2, effective: 1 });
    }
    clock.advance(1000);
    expect((await archive()).status).toBe(204);
  });

  test('is refused until the pools that name the training are archived', async () => {
    await start();
    training();
    account.addPool({ id: '8', project_id: '74175', status: 'CLOSED', quality_control: requires('other') });
    account.addPool({ id: '9', project_id: '74175', status: 'CLOSED', quality_control: requires('123456') });
    const refused = await archive();
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'UNARCHIVED_POOLS_CONFLICT', payload: { pool_ids: ['9'] } });

    expect((await call('POST', '/v1/pools/9/archive')).body).toMatchObject({
      type: 'POOL.ARCHIVE',
      parameters: { pool_id: '9' },
    });
    clock.advance(249);
    expect((await archive()).status).toBe(409);
    clock.advance(1);
    expect((await archive()).status).toBe(202);
  });

  test('ignores a pool that is now linked to another training', async () => {
    await start();
    training();
    account.addPool({ id: '9', project_id: '74175', quality_control: requires('123456') });
    account.updatePool('9', { quality_control: requires('other') });
    expect((await archive()).status).toBe(202);
  });

  test('is refused until the pools that inherit the training from their project are archived', async () => {
    await start();
    training();
    account.updateProject('74175', { quality_control: requires('123456') });
    account.addPool({ id: '7', project_id: '74175', status: 'OPEN', quality_control: requires('other') });
    account.addPool({ id: '8', project_id: '74175', status: 'OPEN', type: 'TRAINING' });
    account.addPool({ id: '9', project_id: '74175', status: 'OPEN' });
    expect((await archive()).body.payload).toEqual({ pool_ids: ['9'] });
    account.updatePool('9', { status: 'ARCHIVED' });
    expect((await archive()).status).toBe(202);
  });

  test('can be accepted and fail instead', async () => {
    await start({ conflictsAs: 'operation', operationMs: 0 });
    training({ status: 'OPEN' });
    expect(await archive()).toMatchObject({ status: 202, body: { status: 'FAIL' } });
    expect(account.getTraining('123456')?.status).toBe('OPEN');
  });

  test('is denied for a training of another account', async () => {
    await start();
    training({ foreign: true });
    expect(await archive()).toMatchObject({ status: 403, body: { code: 'ACCESS_DENIED' } });
    expect((await call('GET', '/v1/trainings')).body.items).toEqual([]);
    await account.close();
    await start({ foreignStatus: 404 });
    training({ foreign: true });
    expect(await archive()).toMatchObject({ status: 404, body: { code: 'DOES_NOT_EXIST' } });
  });
});

test('closing: 202 for an open training or pool, 204 for a closed one, 409 for an archived one', async () => {
  await start();
  training({ status: 'OPEN' });
  account.addPool({ id: '9', project_id: '74175', status: 'OPEN' });
  for (const [path, read] of [
    ['/v1/trainings/123456', () => account.getTraining('123456')],
    ['/v1/pools/9', () => account.getPool('9')],
  ] as const) {
    expect((await call('POST', `${path}/close`)).status).toBe(202);
    expect(read()?.status).toBe('OPEN');
    expect((await call('POST', `${path}/close`)).body.code).toBe('POOL_LOCKED_BY_ANOTHER_OPERATION');
    clock.advance(250);
    expect(read()).toMatchObject({
      status: 'CLOSED',
      last_close_reason: 'MANUAL',
      last_stopped: expect.any(String),
    });
    expect((await call('POST', `${path}/close`)).status).toBe(204);
    expect((await call('POST', `${path}/archive`)).status).toBe(202);
    clock.advance(1000);
    expect((await call('POST', `${path}/close`)).body.code).toBe('INAPPROPRIATE_STATUS');
    expect((await call('POST', `${path}/archive`)).status).toBe(204);
  }
});

test.each([
  ['trainings', 202, 404],
  ['training', 404, 202],
  ['both', 202, 202],
] as const)('spelling %s: plural %i, singular %i', async (acceptedSpelling, plural, singular) => {
  await start({ acceptedSpelling });
  training({ id: '1' });
  training({ id: '2' });
  expect((await call('POST', '/v1/trainings/1/archive')).status).toBe(plural);
  expect((await call('POST', '/v1/training/2/archive')).status).toBe(singular);
  expect((await call('GET', '/v1/trainings/1')).status).toBe(200);
  expect(account.posts('2').arrived).toBe(1);
});
