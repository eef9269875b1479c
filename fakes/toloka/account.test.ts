import {
  type Change,
  createCaller,
  createTolokaAccount,
  DEMO_TRAININGS,
  type Exchange,
  seedDemo,
  type TolokaAccount,
  type TolokaAccountOptions,
} from '.';

let account: TolokaAccount;
let call: ReturnType<typeof createCaller>;

const start = async (options: Partial<TolokaAccountOptions> = {}) => {
  account = await createTolokaAccount({ token: 'secret', seed: seedDemo, ...options });
  call = createCaller(account.url, 'secret');
};
afterEach(() => account.close());

describe('who and what', () => {
  test.each([
    ['OAuth secret', 200],
    ['ApiKey secret', 200],
    ['OAuth wrong', 401],
    ['Bearer secret', 401],
    ['secret', 401],
    ['', 401],
  ])('authorization %p: %i', async (authorization, status) => {
    await start();
    const answer = await call('GET', '/v1/requester', { headers: { authorization } });
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.body.code).toBe('AUTHENTICATION_ERROR');
  });

  test('an archive with a bad token arrives and does nothing', async () => {
    await start();
    const headers = { authorization: 'OAuth wrong' };
    expect((await call('POST', '/v1/trainings/123456/archive', { headers })).status).toBe(401);
    expect(account.posts('123456')).toEqual({ arrived: 1, effective: 0 });
  });

  test.each([
    ['GET', '/v1/trainings/1', 404, 'DOES_NOT_EXIST'],
    ['POST', '/v1/trainings/1/archive', 404, 'DOES_NOT_EXIST'],
    ['GET', '/v1/pools/1', 404, 'DOES_NOT_EXIST'],
    ['POST', '/v1/pools/1/close', 404, 'DOES_NOT_EXIST'],
    ['GET', '/v1/projects/1', 404, 'DOES_NOT_EXIST'],
    ['GET', '/v1/operations/1', 404, 'DOES_NOT_EXIST'],
    ['GET', '/v1/nothing', 404, 'NOT_FOUND'],
    ['GET', '/v1/trainings/123456/archive', 405, 'METHOD_NOT_ALLOWED'],
    ['DELETE', '/v1/trainings/123456', 405, 'METHOD_NOT_ALLOWED'],
    ['POST', '/v1/operations', 405, 'METHOD_NOT_ALLOWED'],
  ] as const)('%s %s: %i %s', async (method, path, status, code) => {
    await start();
    const answer = await call(method, path);
    expect(answer).toMatchObject({ status, body: { code, request_id: expect.any(String), payload: null } });
    if (status === 405) expect(answer.headers.get('allow')).toBeTruthy();
  });

  test('shows trainings, pools, projects and the requester with the fields of the documents', async () => {
    await start();
    account.updateTraining('123456', { wire: { status: 'MELTED', novelty: true, owner: undefined } });
    expect((await call('GET', '/v1/trainings/123456')).body).toMatchObject({
      status: 'MELTED',
      novelty: true,
    });
    expect((await call('GET', '/v1/trainings/123456')).body).not.toHaveProperty('owner');
    expect((await call('GET', '/v1/trainings/123457')).body).toMatchObject({
      id: '123457',
      project_id: '74175',
      owner: { myself: true },
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/),
    });
    expect((await call('GET', '/v1/pools/32267581')).body).toMatchObject({
      type: 'REGULAR',
      quality_control: { training_requirement: { training_pool_id: '123456' } },
    });
    expect((await call('GET', '/v1/projects/81776')).body).toMatchObject({
      quality_control: { training_requirement: { training_pool_id: '123463' } },
    });
    expect((await call('GET', '/v1/requester')).body).toMatchObject({ id: expect.any(String) });
  });
});

test('refuses what is above the rate, until time has passed', async () => {
  let at = 0;
  await start({ rateLimit: 3, rateNow: () => at });
  const statuses = async (count: number) => {
    const found: number[] = [];
    for (let n = 0; n < count; n++) found.push((await call('GET', '/v1/requester')).status);
    return found;
  };
  expect(await statuses(4)).toEqual([200, 200, 200, 429]);
  at += 334;
  expect(await statuses(2)).toEqual([200, 429]);
});

describe('the log', () => {
  test('has every exchange, and never the token', async () => {
    await start({ operationMs: 0 });
    const headers = { 'user-agent': 'archive/1', 'x-correlation-id': 'c-1', authorization: 'ApiKey secret' };
    const { body } = await call('POST', '/v1/trainings/123456/archive', { headers });
    await call('GET', '/v1/trainings?limit=2&status=OPEN');
    expect(account.exchanges).toMatchObject([
      {
        n: 1,
        method: 'POST',
        path: '/api/v1/trainings/123456/archive',
        query: '',
        status: 202,
        trainingId: '123456',
        operationId: body.id,
        userAgent: 'archive/1',
        correlationId: 'c-1',
      },
      { n: 2, method: 'GET', path: '/api/v1/trainings', query: 'limit=2&status=OPEN', status: 200 },
    ]);
    expect(JSON.stringify(account.exchanges)).not.toContain('secret');
  });

  test('drops the oldest, but still counts their POSTs', async () => {
    await start({ exchangeLimit: 10, rateLimit: false });
    for (let n = 0; n < 250; n++) await call('POST', '/v1/trainings/123458/archive');
    expect(account.exchanges.length).toBeLessThanOrEqual(111);
    expect(account.exchanges.at(-1)?.n).toBe(250);
    expect(account.posts('123458')).toEqual({ arrived: 250, effective: 0 });
  });
});

test('notifies listeners of exchanges and changes, until they are removed', async () => {
  await start({ operationMs: 0 });
  const exchanges: Exchange[] = [];
  const changes: Change[] = [];
  const enough = account.on('exchange', (one) => exchanges.push(one));
  account.on('change', (one) => changes.push(one));
  await call('POST', '/v1/trainings/123456/archive');
  expect(exchanges).toMatchObject([{ n: 1, status: 202, ms: expect.any(Number) }]);
  expect(changes.map((one) => one.kind)).toEqual(['training', 'operation']);
  enough();
  await call('GET', '/v1/requester');
  expect(exchanges).toHaveLength(1);
});

test('the same random gives the same IDs', async () => {
  const idOf = async () => {
    let n = 0;
    await start({ random: () => (n++ % 16) / 16 });
    return (await call('POST', '/v1/trainings/123456/archive')).body.id as string;
  };
  const first = await idOf();
  await account.close();
  expect(await idOf()).toBe(first);
  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('reset goes back to the seed', async () => {
  await start();
  await call('POST', '/v1/trainings/123456/archive');
  account.faults.add({ fault: { kind: 'silent' } });
  const waiting = call('GET', '/v1/requester').catch(() => 'dropped');
  while (account.exchanges.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  account.faults.add({ fault: { kind: 'silent' } });
  account.reset();
  expect(await waiting).toBe('dropped');
  expect([account.operations(), account.exchanges, account.faults.list()]).toEqual([[], [], []]);
  expect(account.posts('123456')).toEqual({ arrived: 0, effective: 0 });
  expect((await call('POST', '/v1/trainings/123456/archive')).status).toBe(202);
});

describe('the story of the demo', () => {
  test.each([
    ['ready', 202, undefined],
    ['poolOpen', 409, 'UNARCHIVED_POOLS_CONFLICT'],
    ['open', 409, 'INAPPROPRIATE_STATUS'],
    ['fails', 202, undefined],
    ['archived', 204, undefined],
    ['locked', 409, 'POOL_LOCKED_BY_ANOTHER_OPERATION'],
    ['foreign', 403, 'ACCESS_DENIED'],
    ['projectLevel', 409, 'UNARCHIVED_POOLS_CONFLICT'],
    ['oddName', 202, undefined],
    ['unlinked', 202, undefined],
    ['slow', 202, undefined],
    ['endless', 202, undefined],
    ['lockedMeanwhile', 202, undefined],
  ] as const)('%s: %i', async (name, status, code) => {
    await start();
    const answer = await call('POST', `/v1/trainings/${DEMO_TRAININGS[name].id}/archive`);
    expect([answer.status, answer.body?.code]).toEqual([status, code]);
  });

  test('has numbered trainings with descriptions, and one whose name tries to ping a channel', async () => {
    await start();
    for (const { id, about } of Object.values(DEMO_TRAININGS)) {
      expect(id).toMatch(/^\d{6}$/);
      expect(about).toMatch(/\.$/);
    }
    const name = account.getTraining(DEMO_TRAININGS.oddName.id)?.['private_name'] as string;
    expect(name).toHaveLength(300);
    expect(name).toContain('<!channel> & *_~');
  });
});

test('an address with a name in it is the same account, and the name is kept', async () => {
  await start();
  const arrivals: Exchange[] = [];
  account.on('arrival', (one) => arrivals.push({ ...one }));
  await createCaller(account.urlFor('first'), 'secret')('GET', '/v1/trainings/123456');
  expect(arrivals).toMatchObject([{ caller: 'first', path: '/api/v1/trainings/123456', status: 'pending' }]);
  expect(account.exchanges).toMatchObject([{ caller: 'first', trainingId: '123456', status: 200 }]);
});
