import type { ServerResponse } from 'node:http';
import { Agent, buildConnector } from 'undici';
import type { OperationFilter, Toloka } from '../../src/archive/ports';
import { createTolokaAccount } from '../../src/toloka';
import { closeAll, json, OPERATION, startAccount, startServer, TRAINING } from './support';

afterEach(closeAll);

const body = { code: 'SOME_CODE', message: 'Some words', payload: { pools: ['5'] } };

/** An account at a server that answers everything in one way. */
async function answering(answer: (response: ServerResponse) => unknown, options = {}) {
  const server = await startServer((_request, response) => void answer(response));
  return { server, ...startAccount(server, options) };
}

test('it is what archive/ asks of Toloka', () => {
  // The compiler checks it.
  const create: (...args: Parameters<typeof createTolokaAccount>) => Toloka = createTolokaAccount;
  expect(create).toBe(createTolokaAccount);
});

test('a token that is none is an error at once', () => {
  expect(() => startAccount({ apiUrl: 'https://x/api' }, { token: 'two words' })).toThrow(
    expect.objectContaining({ kind: 'invalid_input' }),
  );
});

describe('a reading', () => {
  test('found', async () => {
    const { account } = await answering((response) => json(response, 200, TRAINING));
    expect(await account.readTraining('123456')).toEqual({
      kind: 'found',
      value: {
        id: '123456',
        projectId: '7',
        name: 'Cats',
        status: 'CLOSED',
        lastCloseReason: null,
        created: null,
        url: 'https://platform.toloka.ai/requester/project/7/training/123456',
      },
    });
  });

  test.each([
    [401, 'no_access'],
    [403, 'no_access'],
    [409, 'unavailable'],
    [429, 'unavailable'],
    [503, 'unavailable'],
  ])('HTTP %i with a body of Toloka: its code and its words', async (httpStatus, kind) => {
    const { account } = await answering((response) => json(response, httpStatus, body));
    const why = { code: 'SOME_CODE', said: 'Some words', httpStatus };
    expect(await account.readProject('7')).toEqual({ kind, why });
  });

  test.each<[string, (response: ServerResponse) => unknown, object]>([
    ['401', (response) => json(response, 401, {}), { code: 'toloka_authentication', httpStatus: 401 }],
    ['503', (response) => json(response, 503, {}), { code: 'toloka_unavailable', httpStatus: 503 }],
    ['a login page', (response) => response.end('<html>'), { code: 'toloka_unreadable', httpStatus: 200 }],
    [
      'another ID',
      (response) => json(response, 200, { ...TRAINING, id: '9' }),
      { code: 'toloka_unreadable', httpStatus: 200 },
    ],
    ['a reset', (response) => response.socket?.resetAndDestroy(), { code: 'toloka_lost_response' }],
  ])('%s without words of Toloka: our code', async (_name, answer, why) => {
    const { account } = await answering(answer);
    expect(await account.readTraining('123456')).toMatchObject({ why });
  });

  test('404', async () => {
    const { account } = await answering((response) => json(response, 404, body));
    expect(await account.readOperation('o')).toEqual({ kind: 'not_found' });
  });

  test('no connection: the address is in the log, not in the result', async () => {
    const options = { requestsPerSecond: 1 };
    const { account, warnings } = startAccount({ apiUrl: 'http://127.0.0.1:1/api' }, options);
    expect(await account.readTraining('1')).toEqual({
      kind: 'unavailable',
      // Although the tries have used up the own budget.
      why: { code: 'toloka_unreachable' },
    });
    expect(JSON.stringify(warnings())).toContain('127.0.0.1');
  });

  test('a silent server: given up after the time of the reading', async () => {
    const { account } = await answering(() => undefined, { readMs: 300, requestsPerSecond: 1 });
    expect(await account.readTraining('1')).toEqual({ kind: 'unavailable', why: { code: 'toloka_timeout' } });
  });

  test('an answer that does not come to its end: its status', async () => {
    const { account } = await answering((response) => response.writeHead(200).write('{'), { readMs: 300 });
    const why = { code: 'toloka_timeout', httpStatus: 200 };
    expect(await account.readTraining('1')).toEqual({ kind: 'unavailable', why });
  });

  test('given up by the caller: what Toloka had answered until then', async () => {
    const abort = new AbortController();
    const sleep = async () => abort.abort();
    const { account } = await answering((response) => json(response, 503, body), { sleep });
    expect(await account.readTraining('1', abort.signal)).toEqual({
      kind: 'unavailable',
      why: { code: 'SOME_CODE', said: 'Some words', httpStatus: 503 },
    });
  });

  test('given up by the caller before there was a connection', async () => {
    const abort = new AbortController();
    const dispatcher = new Agent({ connect: () => abort.abort() });
    const { account } = startAccount({ apiUrl: 'http://toloka.test/api' }, { dispatcher });
    expect(await account.readTraining('1', abort.signal)).toMatchObject({ why: { code: 'toloka_timeout' } });
    await dispatcher.destroy();
  });

  test('given up by the caller just before there was a connection: nothing is sent', async () => {
    const server = await startServer((_request, response) => json(response, 200, TRAINING));
    const abort = new AbortController();
    const connectNow = buildConnector({});
    const dispatcher = new Agent({
      connect: (options, callback) => {
        abort.abort();
        connectNow(options, callback);
      },
    });
    const { account } = startAccount(server, { dispatcher });
    expect(await account.readTraining('1', abort.signal)).toMatchObject({ why: { code: 'toloka_timeout' } });
    await dispatcher.close();
    expect(server.requests).toEqual([]);
  });
});

test('a mistake of this app is thrown, not taken for what Toloka did', async () => {
  const onExchange = () => {
    throw new RangeError('a mistake');
  };
  const { account } = await answering((response) => json(response, 200, TRAINING), { onExchange });
  await expect(account.readTraining('123456')).rejects.toThrow('a mistake');
  await expect(account.archive('123456', 'c-1')).rejects.toThrow('a mistake');
});

describe('the newest closed trainings', () => {
  const page = (from: number, has_more: boolean) => ({
    items: [from, from - 1, from - 2].map((id) => ({ ...TRAINING, id })),
    has_more,
  });
  const query = { status: 'CLOSED', limit: '300', sort: '-id' };

  test('to the end of the list', async () => {
    const server = await startServer((request, response) =>
      json(response, 200, request.query['id_lt'] === undefined ? page(9, true) : page(6, false)),
    );
    const listed = await startAccount(server).account.listClosed();
    const trainings = ['9', '8', '7', '6', '5', '4'].map((id) => ({
      id,
      url: expect.stringMatching(`training/${id}$`),
    }));
    expect(listed).toMatchObject({ kind: 'found', value: { trainings, more: false } });
    expect(server.requests.map((request) => [request.path, request.query])).toEqual([
      ['/api/v1/trainings', query],
      ['/api/v1/trainings', { ...query, id_lt: '7' }],
    ]);
  });

  test('of a longer list: four pages, and that there are more', async () => {
    const server = await startServer((request, response) =>
      json(response, 200, page(Number(request.query['id_lt'] ?? 100) - 1, true)),
    );
    const listed = await startAccount(server).account.listClosed();
    expect(listed).toMatchObject({ value: { trainings: { length: 12 }, more: true } });
    expect(server.requests).toHaveLength(4);
  });

  test('of a list that says that it goes on and does not: what there is', async () => {
    const { account } = await answering((response) => json(response, 200, { items: [], has_more: true }));
    expect(await account.listClosed()).toEqual({ kind: 'found', value: { trainings: [], more: false } });
  });
});

test('the pools of a project that are not archived, each once', async () => {
  const link = { training_requirement: { training_pool_id: '123456', training_passing_skill_value: 80 } };
  const pools: Record<string, object[]> = {
    OPEN: [{ id: '1', private_name: 'One', status: 'OPEN', quality_control: link }],
    CLOSED: [
      { id: '1', private_name: 'One', status: 'CLOSED', quality_control: link },
      { id: '2', status: 'CLOSED', type: 'TRAINING' },
    ],
    LOCKED: [{ id: '3', status: 'LOCKED' }],
  };
  const server = await startServer(({ query }, response) =>
    json(response, 200, { items: pools[query['status'] ?? ''], has_more: false }),
  );
  const { account } = startAccount(server);
  const url = 'https://platform.toloka.ai/requester/project/7/pool';
  expect(await account.readPools('7')).toEqual({
    kind: 'found',
    value: [
      { id: '1', name: 'One', status: 'CLOSED', url: `${url}/1`, requiresTraining: '123456' },
      { id: '3', name: '', status: 'LOCKED', url: `${url}/3`, requiresTraining: null },
    ],
  });
  const pages = server.requests.map(({ path, query }) => `${path}?project_id=${query['project_id']}`);
  expect(pages).toEqual(Array(3).fill('/api/v1/pools?project_id=7'));
});

test('the trainings of the account that are not archived, each once, to the last page', async () => {
  const training = (id: string, status: string) => ({ ...TRAINING, id, status });
  const server = await startServer(({ query }, response) => {
    const { status = '', id_gt: after } = query;
    const items = {
      OPEN: [training('1', 'OPEN')],
      CLOSED: after === undefined ? [training('1', 'CLOSED')] : [training('2', 'CLOSED')],
      LOCKED: [],
    }[status];
    json(response, 200, { items, has_more: status === 'CLOSED' && after === undefined });
  });
  const listed = await startAccount(server).account.listUnarchived();
  expect(listed).toMatchObject({
    kind: 'found',
    value: [
      { id: '1', status: 'CLOSED', projectId: '7' },
      { id: '2', status: 'CLOSED' },
    ],
  });
  expect(new Set(server.requests.map(({ path }) => path))).toEqual(new Set(['/api/v1/trainings']));
});

describe('archive operations', () => {
  const since = Date.UTC(2021, 1, 26);
  const stamp = '2021-02-26T00:00:00.000';
  const listed = { type: 'TRAINING.ARCHIVE', sort: 'id', limit: '500' };

  test.each<[OperationFilter, object[]]>([
    [{ submittedSince: since }, [{ ...listed, submitted_gte: stamp }]],
    [{ finishedSince: since }, [{ ...listed, finished_gte: stamp }]],
    [
      { submittedSince: since, statuses: ['PENDING', 'RUNNING'] },
      [
        { ...listed, submitted_gte: stamp, status: 'PENDING' },
        { ...listed, submitted_gte: stamp, status: 'RUNNING' },
      ],
    ],
    [{ statuses: ['RUNNING'], newest: true }, [{ ...listed, status: 'RUNNING', sort: '-submitted' }]],
  ])('%j', async (filter, queries) => {
    const { account, server } = await answering((response) =>
      json(response, 200, { items: [], has_more: filter.newest === true }),
    );
    expect(await account.listOperations(filter)).toEqual({ kind: 'found', value: [] });
    expect(server.requests.map(({ query }) => query)).toEqual(queries);
    expect(new Set(server.requests.map(({ path }) => path))).toEqual(new Set(['/api/v1/operations']));
  });

  test('newest first, and each once', async () => {
    const of = (id: number, day: number, status: string) => ({
      ...OPERATION,
      ...{ id, status, submitted: `2021-02-0${day}T00:00:00` },
    });
    const items = { PENDING: [of(1, 1, 'PENDING'), of(2, 3, 'PENDING')], RUNNING: [of(3, 2, 'RUNNING')] };
    items.RUNNING.push(of(1, 1, 'RUNNING'));
    const server = await startServer(({ query }, response) =>
      json(response, 200, { items: items[query['status'] as keyof typeof items], has_more: false }),
    );
    const reading = await startAccount(server).account.listOperations({ statuses: ['PENDING', 'RUNNING'] });
    expect(reading).toMatchObject({
      value: [
        { id: '2', status: 'PENDING' },
        { id: '3', status: 'RUNNING' },
        { id: '1', status: 'RUNNING' },
      ],
    });
  });

  test('of another type, for which nobody asked, make the list unreadable', async () => {
    const of = (type: unknown) => ({ ...OPERATION, id: String(type), type });
    const list = async (...types: unknown[]) => {
      const { account, warnings } = await answering((response) =>
        json(response, 200, { items: types.map(of), has_more: false }),
      );
      return { reading: await account.listOperations({}), log: JSON.stringify(warnings()) };
    };
    const known = await list('TRAINING.ARCHIVE', null);
    expect(known.reading).toMatchObject({ kind: 'found', value: { length: 2 } });
    const { reading, log } = await list('TRAINING.ARCHIVE', 'TRAINING.CLOSE');
    expect(reading).toEqual({
      kind: 'unavailable',
      why: expect.objectContaining({ code: 'toloka_unreadable' }),
    });
    expect(log).toContain('items[1].type: expected TRAINING.ARCHIVE');
  });
});

describe('limits', () => {
  test('after a 429 nothing is read for as long as Toloka asks, at most five minutes', async () => {
    const { account, server, clock } = await answering((response) =>
      json(response, 429, {}, { 'retry-after': '3600' }),
    );
    expect(await account.readTraining('1')).toMatchObject({ why: { code: 'toloka_rate_limited' } });
    clock.advance(299_000);
    expect(await account.readTraining('1')).toEqual({ kind: 'unavailable', why: { code: 'rate_limited' } });
    expect(server.requests).toHaveLength(1);
    clock.advance(1_000);
    await account.readTraining('1');
    expect(server.requests).toHaveLength(2);
  });

  test('a read for which somebody waits waits for a short hold, and not for a long one', async () => {
    const server = await startServer((_request, response, index) =>
      index === 0 ? json(response, 429, {}, { 'retry-after': '9' }) : json(response, 200, TRAINING),
    );
    const { account, clock, slept } = startAccount(server);
    await account.readTraining('123456');
    const { signal } = new AbortController();
    expect(await account.readTraining('123456', signal)).toMatchObject({ why: { code: 'rate_limited' } });
    clock.advance(2_000);
    expect(await account.readTraining('123456')).toMatchObject({ why: { code: 'rate_limited' } });
    expect(slept).toEqual([]);
    expect(await account.readTraining('123456', signal)).toMatchObject({ kind: 'found' });
    expect(slept).toEqual([7_000]);
  });

  test('the archive neither waits for a hold nor for the budget, and counts in it', async () => {
    const { account, server, slept } = await answering((response) => json(response, 429, {}), {
      requestsPerSecond: 1,
    });
    for (let posts = 1; posts <= 7; posts += 1) {
      expect(await account.archive('123456', 'c-1')).toMatchObject({ kind: 'refused' });
      expect(server.requests).toHaveLength(posts);
    }
    expect(slept).toEqual([]);
  });

  test('with the own budget used up, a read waits for its turn, and fails at once when that is too far off', async () => {
    const server = await startServer(({ method }, response) =>
      method === 'POST' ? response.writeHead(204).end() : json(response, 200, TRAINING),
    );
    const { account, clock, slept } = startAccount(server, { requestsPerSecond: 1, readMs: 3_000 });
    for (let posts = 1; posts <= 4; posts += 1) await account.archive('123456', 'c-1');
    expect(await account.readTraining('123456')).toEqual({
      kind: 'unavailable',
      why: { code: 'rate_limit_own' },
    });
    expect([server.requests.length, slept]).toEqual([4, []]);
    clock.advance(2_000);
    expect(await account.readTraining('123456')).toMatchObject({ kind: 'found' });
    expect(slept).toEqual([2_000]);
  });

  test('given up while it waits for its turn', async () => {
    const abort = new AbortController();
    const sleep = async () => abort.abort();
    const { account, server } = await answering((response) => response.writeHead(204).end(), {
      ...{ requestsPerSecond: 1, sleep },
    });
    await account.archive('123456', 'c-1');
    expect(await account.readTraining('123456', abort.signal)).toEqual({
      kind: 'unavailable',
      why: { code: 'rate_limit_own' },
    });
    expect(server.requests).toHaveLength(1);
  });
});
