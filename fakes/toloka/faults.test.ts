import { createCaller, createTolokaAccount, type Fault, type FaultRule, type TolokaAccount } from '.';

let account: TolokaAccount;
let call: ReturnType<typeof createCaller>;

beforeEach(async () => {
  account = await createTolokaAccount({ token: 'secret', operationMs: 60_000 });
  call = createCaller(account.url, 'secret');
  for (const id of ['1', '2', '3', '4', '5']) account.addTraining({ id, project_id: 'a' });
});
afterEach(() => account.close());

const archive = (id = '1', timeoutMs?: number) =>
  call('POST', `/v1/trainings/${id}/archive`, timeoutMs === undefined ? {} : { timeoutMs });
const spoil = (fault: Fault, rule: Omit<FaultRule, 'fault'> = {}) =>
  account.faults.add({ method: 'POST', path: '/archive', ...rule, fault });
const posts = (id = '1') => account.posts(id);
const last = () => account.exchanges.at(-1);
const soon = async (done: () => boolean) => {
  for (let tries = 0; !done() && tries < 300; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(done()).toBe(true);
};

describe('an answer that is an error', () => {
  test.each([
    [401, 'AUTHENTICATION_ERROR'],
    [403, 'ACCESS_DENIED'],
    [404, 'DOES_NOT_EXIST'],
    [408, 'REQUEST_TIMEOUT'],
    [409, 'CONFLICT_STATE'],
    [429, 'TOO_MANY_REQUESTS'],
    [500, 'INTERNAL_ERROR'],
    [502, 'BAD_GATEWAY'],
    [503, 'REMOTE_SERVICE_UNAVAILABLE'],
  ])('status %i with code %s, without effect', async (status, code) => {
    spoil({ kind: 'status', status });
    expect(await archive()).toMatchObject({ status, body: { code, payload: null } });
    expect(posts()).toEqual({ arrived: 1, effective: 0 });
    expect((await archive()).status).toBe(202);
  });

  test('says what the rule says, in Toloka’s shape or not', async () => {
    spoil({ kind: 'status', status: 409, code: 'TRAINING_ARCHIVE_CONFLICT', message: 'No' });
    spoil({ kind: 'status', status: 429, headers: { 'retry-after': '7' } });
    spoil({ kind: 'status', status: 503, body: { no: 'code' } });
    expect((await archive()).body).toMatchObject({ code: 'TRAINING_ARCHIVE_CONFLICT', message: 'No' });
    const limited = await archive();
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await archive()).toMatchObject({ status: 503, body: { no: 'code' } });
  });

  test('can come although the request took effect', async () => {
    spoil({ kind: 'status', status: 500, effect: true });
    expect((await archive()).status).toBe(500);
    expect(posts()).toEqual({ arrived: 1, effective: 1 });
    expect(last()).toMatchObject({ status: 500, operationId: expect.any(String), fault: 'fault-1' });
  });

  test('html, nothing, a redirect', async () => {
    spoil({ kind: 'html', status: 502 });
    spoil({ kind: 'empty', status: 503 });
    spoil({ kind: 'redirect', location: 'https://elsewhere.example/' });
    const html = await archive();
    expect(html).toMatchObject({ status: 502, body: undefined, text: expect.stringContaining('<html>') });
    expect(html.headers.get('content-type')).toBe('text/html');
    expect(await archive()).toMatchObject({ status: 503, text: '' });
    const moved = await archive();
    expect([moved.status, moved.headers.get('location')]).toEqual([302, 'https://elsewhere.example/']);
    expect(posts()).toEqual({ arrived: 3, effective: 0 });
  });
});

describe('an incomplete answer', () => {
  test.each<[string, Fault, number]>([
    ['truncated', { kind: 'truncated' }, 1],
    ['truncated without effect', { kind: 'truncated', effect: false }, 0],
    ['reset before', { kind: 'reset', when: 'before' }, 0],
    ['reset after', { kind: 'reset', when: 'after' }, 1],
    ['lost', { kind: 'lost' }, 1],
  ])('%s', async (_name, fault, effective) => {
    spoil(fault);
    await expect(archive()).rejects.toThrow();
    expect(posts()).toEqual({ arrived: 1, effective });
    expect(account.operations()).toHaveLength(effective);
    await soon(() => last()?.status === 'lost');
    // The account still works.
    expect((await archive()).status).toBe(effective ? 409 : 202);
  });

  test('a reset is not a normal end of the connection', async () => {
    spoil({ kind: 'lost' });
    const cause = await archive().catch((error: Error) => error.cause);
    expect(cause).toMatchObject({ code: 'ECONNRESET' });
  });

  test('a truncated answer has a success status and a body that ends too early', async () => {
    spoil({ kind: 'truncated' });
    const response = await fetch(`${account.url}/v1/trainings/1/archive`, {
      method: 'POST',
      headers: { authorization: 'OAuth secret' },
    });
    expect(response.status).toBe(202);
    await expect(response.text()).rejects.toThrow();
  });

  test.each([
    ['silent', { kind: 'silent' }, 0],
    ['silent, with effect', { kind: 'silent', effect: true }, 1],
  ] as const)('%s: the client gives up', async (_name, fault, effective) => {
    spoil(fault);
    await expect(archive('1', 100)).rejects.toThrow();
    expect(posts()).toEqual({ arrived: 1, effective });
    await soon(() => last()?.status === 'lost');
  });
});

describe('a late answer', () => {
  test('slow: takes effect at once, answers later', async () => {
    spoil({ kind: 'slow', ms: 150 });
    const answer = archive();
    await soon(() => posts().effective === 1);
    expect(last()?.status).toBe('pending');
    expect((await answer).status).toBe(202);
    expect(last()?.ms).toBeGreaterThanOrEqual(140);
  });

  test('slow without effect: none if the client has gone meanwhile, the usual one if not', async () => {
    spoil({ kind: 'slow', ms: 150, effect: false }, { times: 2 });
    await expect(archive('1', 50)).rejects.toThrow();
    expect((await archive('2')).status).toBe(202);
    expect(posts('1')).toEqual({ arrived: 1, effective: 0 });
    expect(posts('2')).toEqual({ arrived: 1, effective: 1 });
  });

  test('late: takes effect after the client has gone', async () => {
    spoil({ kind: 'late', ms: 150 });
    await expect(archive('1', 50)).rejects.toThrow();
    expect(posts()).toEqual({ arrived: 1, effective: 0 });
    await soon(() => posts().effective === 1);
    expect(last()).toMatchObject({ status: 'lost', operationId: expect.any(String) });
  });
});

describe('rules', () => {
  const statuses = async (count: number, id = '1') => {
    const found: number[] = [];
    for (let n = 0; n < count; n++) found.push((await call('GET', `/v1/trainings/${id}`)).status);
    return found;
  };
  const bad: Fault = { kind: 'status', status: 503 };

  test('hit once by default, after the first n, or until they are removed', async () => {
    account.faults.add({ fault: bad });
    expect(await statuses(2)).toEqual([503, 200]);
    account.faults.add({ fault: bad, after: 1, times: 2 });
    expect(await statuses(4)).toEqual([200, 503, 503, 200]);
    const id = account.faults.add({ fault: bad, times: Number.POSITIVE_INFINITY });
    expect(await statuses(3)).toEqual([503, 503, 503]);
    expect(account.faults.list()).toMatchObject([{ id, hits: 3, left: Number.POSITIVE_INFINITY }]);
    expect([account.faults.remove(id), account.faults.remove(id)]).toEqual([true, false]);
    expect(await statuses(1)).toEqual([200]);
    account.faults.add({ fault: bad });
    account.faults.clear();
    expect(await statuses(1)).toEqual([200]);
  });

  test('hit only what they match', async () => {
    account.faults.add({ fault: bad, method: 'post' });
    account.faults.add({ fault: bad, path: /\/pools$/g });
    account.faults.add({ fault: bad, path: '/requester' });
    account.faults.add({ fault: bad, trainingId: '2' });
    expect(await statuses(1)).toEqual([200]);
    expect((await call('GET', '/v1/pools')).status).toBe(503);
    expect((await call('GET', '/v1/requester')).status).toBe(503);
    expect(await statuses(2, '2')).toEqual([503, 200]);
    expect((await archive()).status).toBe(503);
    expect(account.faults.list()).toEqual([]);
  });

  test('by training: its operations too', async () => {
    const { id } = (await archive('3')).body;
    account.faults.add({ fault: bad, trainingId: '3' });
    expect((await call('GET', `/v1/operations/${id}`)).status).toBe(503);
    expect(last()).toMatchObject({ trainingId: '3', operationId: id });
  });

  test('by chance', async () => {
    const throws = [0.9, 0.1, 0.9];
    await account.close();
    // Only the rule uses it here: answers without an error have no request ID.
    account = await createTolokaAccount({ token: 'secret', random: () => throws.shift() ?? 0.5 });
    call = createCaller(account.url, 'secret');
    account.addTraining({ id: '1', project_id: 'a' });
    account.faults.add({ fault: { kind: 'empty', status: 503 }, probability: 0.5, times: 5 });
    expect(await statuses(3)).toEqual([200, 503, 200]);
  });
});

test('down refuses every connection, and comes back on the same port with what it knew', async () => {
  spoil({ kind: 'silent', effect: true });
  const waiting = archive('1');
  await soon(() => posts().effective === 1);
  await account.down(true);
  await expect(waiting).rejects.toThrow();
  const refused = await archive('2').catch((error: Error) => error.cause as { code?: string });
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  expect(posts('2')).toEqual({ arrived: 0, effective: 0 });
  const { port } = account;
  await account.down(true);
  await account.down(false);
  await account.down(false);
  expect(account.port).toBe(port);
  expect((await archive('2')).status).toBe(202);
  expect(account.operations()).toHaveLength(2);
});

test('close ends what still waits, timers too', async () => {
  spoil({ kind: 'silent' });
  spoil({ kind: 'late', ms: 300 });
  const waiting = [archive('1'), archive('2')].map((one) =>
    one.then(
      () => 'answered',
      () => 'dropped',
    ),
  );
  await soon(() => posts('1').arrived + posts('2').arrived === 2);
  await account.close();
  expect(await Promise.all(waiting)).toEqual(['dropped', 'dropped']);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(account.operations()).toEqual([]);
  await account.close();
});
