import { once } from 'node:events';
import { version } from '../../package.json';
import { createTolokaClient, DEFAULT_USER_AGENT, TolokaInvalidInputError } from '../../src/toloka';
import { OPERATION, TRAINING } from './fixtures';
import { closeAll, errorFrom, json, startClient, startServer, TOKEN } from './support';

afterEach(closeAll);

test('a read says who it is, and nothing that it need not', async () => {
  const server = await startServer((_request, response) => json(response, 200, TRAINING));
  const { client } = startClient(server);
  expect(await client.getTraining('123456')).toMatchObject({ id: '123456', privateName: 'Cats' });
  expect(server.requests[0]).toMatchObject({ method: 'GET', url: '/api/v1/trainings/123456', body: '' });
  expect(server.requests[0]?.headers).toEqual({
    host: `127.0.0.1:${server.port}`,
    connection: 'keep-alive',
    authorization: `OAuth ${TOKEN}`,
    accept: 'application/json',
    'user-agent': `toloka-archive-for-slack/${version}`,
  });
});

test('the user agent has the version of the package', () => {
  expect(DEFAULT_USER_AGENT).toBe(`toloka-archive-for-slack/${version}`);
});

test('each method asks at its place', async () => {
  const item = { id: '1', status: 'CLOSED', public_name: {} };
  const server = await startServer((_request, response) =>
    json(response, 200, { ...item, items: [item], has_more: false }),
  );
  const { client } = startClient({ apiUrl: `${server.apiUrl}/` });
  await client.getProject('7');
  await client.getOperation('o-1');
  await client.getRequester();
  await client.findTrainings({ status: 'CLOSED', projectId: '7', sort: '-created', limit: 20 });
  await client.listTrainings({ status: 'CLOSED' });
  await client.listPools({ projectId: '7' });
  await client.listOperations({ type: 'TRAINING.ARCHIVE', status: 'FAIL', finishedGte: 0 });
  await client.findOperations({
    type: 'TRAINING.ARCHIVE',
    submittedGte: Date.UTC(2021, 1, 26, 10, 13, 32, 921),
    submittedLte: Date.UTC(2021, 1, 27),
    sort: '-submitted',
    limit: 10,
    idGt: '5',
  });
  expect(server.requests.map(({ method, path, query }) => ({ [`${method} ${path}`]: query }))).toEqual([
    { 'GET /api/v1/projects/7': {} },
    { 'GET /api/v1/operations/o-1': {} },
    { 'GET /api/v1/requester': {} },
    { 'GET /api/v1/trainings': { status: 'CLOSED', project_id: '7', sort: '-created', limit: '20' } },
    { 'GET /api/v1/trainings': { status: 'CLOSED', sort: 'id', limit: '300' } },
    { 'GET /api/v1/pools': { project_id: '7', sort: 'id', limit: '300' } },
    {
      'GET /api/v1/operations': {
        type: 'TRAINING.ARCHIVE',
        status: 'FAIL',
        finished_gte: '1970-01-01T00:00:00.000',
        sort: 'id',
        limit: '500',
      },
    },
    {
      'GET /api/v1/operations': {
        type: 'TRAINING.ARCHIVE',
        submitted_gte: '2021-02-26T10:13:32.921',
        submitted_lte: '2021-02-27T00:00:00.000',
        sort: '-submitted',
        limit: '10',
        id_gt: '5',
      },
    },
  ]);
});

test('a list is read to its end, with its filters on each page', async () => {
  const server = await startServer(({ query }, response) => {
    const from = Number(query['id_gt'] ?? 0);
    const items = [from + 1, from + 2].map((id) => ({ id, status: 'CLOSED' }));
    json(response, 200, { items, has_more: from < 4 });
  });
  const { client } = startClient(server);
  const pools = await client.listPools({ projectId: '7', status: 'CLOSED' });
  expect(pools.map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5', '6']);
  const filters = { project_id: '7', status: 'CLOSED', sort: 'id', limit: '300' };
  expect(server.requests.map(({ query }) => query)).toEqual([
    filters,
    { ...filters, id_gt: '2' },
    { ...filters, id_gt: '4' },
  ]);
});

test('a list that does not get on is an error, not a short list', async () => {
  const server = await startServer((_request, response) =>
    json(response, 200, { items: [], has_more: true }),
  );
  const { client } = startClient(server);
  for (const list of [client.listPools(), client.listTrainings(), client.listOperations()]) {
    expect(await errorFrom(list)).toMatchObject({ code: 'toloka_unreadable', reason: 'endless_list' });
  }
  expect(server.requests).toHaveLength(3);
});

test.each(['', '.', '..', '\ud800'])('the id %j goes nowhere', async (id) => {
  const server = await startServer((_request, response) => json(response, 200, TRAINING));
  const { client } = startClient(server);
  for (const call of [client.getTraining(id), client.archiveTraining(id), client.getOperation(id)]) {
    expect(await errorFrom(call)).toMatchObject({ code: 'toloka_invalid_input', sent: 'no' });
  }
  expect(server.requests).toHaveLength(0);
});

test('an id cannot change the path', async () => {
  const server = await startServer((_request, response) => json(response, 202, OPERATION));
  const { client } = startClient(server);
  await client.archiveTraining('../pools/1?a=b#c').catch(() => undefined);
  expect(server.requests[0]?.url).toBe('/api/v1/trainings/..%2Fpools%2F1%3Fa%3Db%23c/archive');
});

test('a date that is none is the error of the caller', async () => {
  const { client } = startClient({ apiUrl: 'http://127.0.0.1:1/api' });
  const error = await errorFrom(client.findOperations({ submittedGte: Number.NaN }));
  expect(error).toBeInstanceOf(TolokaInvalidInputError);
});

test.each([
  '',
  'toloka.dev/api',
  'ftp://x/api',
  'https://me:pass@x/api',
  'https://x/api?a=b',
  'https://x/#a',
])('the address %j is refused', (apiUrl) => {
  const make = () => createTolokaClient({ apiUrl, token: TOKEN, trainingPath: 'trainings' });
  expect(make).toThrow(TolokaInvalidInputError);
  expect(make).not.toThrow(/pass/);
});

test('without a path, an address works too', async () => {
  const server = await startServer((_request, response) => json(response, 200, { id: 'r' }));
  const { client } = startClient({ apiUrl: `http://127.0.0.1:${server.port}` });
  await client.getRequester();
  expect(server.requests[0]?.url).toBe('/v1/requester');
});

test('one line for each call, and a note for each exchange', async () => {
  const server = await startServer((_request, response, index) =>
    index === 0 ? json(response, 503, {}) : json(response, 200, { items: [], has_more: false }),
  );
  const notes: unknown[] = [];
  let clock = 0;
  const now = () => {
    clock += 10;
    return clock;
  };
  const { client, logs } = startClient(server, { onRequest: (note) => notes.push(note), now });
  await client.findOperations({ type: 'X' }, { correlationId: 'c-1' });
  const call = { method: 'GET', path: '/api/v1/operations', correlationId: 'c-1' };
  expect(logs).toEqual([
    {
      level: 'debug',
      message: 'Toloka call failed, trying again',
      fields: expect.objectContaining({ ...call, status: 503, tries: 1, code: 'toloka_unavailable' }),
    },
    {
      level: 'debug',
      message: 'Toloka call',
      fields: { ...call, status: 200, tries: 2, durationMs: expect.any(Number) },
    },
  ]);
  const note = { method: 'GET', path: '/api/v1/operations', route: '/api/v1/operations', durationMs: 10 };
  // This server's clock is years ahead of the one given here.
  const aheadMs = expect.any(Number);
  expect(notes).toEqual([
    { ...note, status: 503, aheadMs },
    { ...note, status: 200, aheadMs },
  ]);
});

test('a broken logger or meter does not break the call', async () => {
  const server = await startServer((_request, response) => json(response, 202, OPERATION));
  const broken = () => {
    throw new Error('broken');
  };
  const { client } = startClient(server, { logger: { debug: broken, warn: broken }, onRequest: broken });
  expect(await client.archiveTraining('123456')).toMatchObject({ kind: 'accepted' });
});

test('after close, nothing is sent any more', async () => {
  const server = await startServer((_request, response) => json(response, 200, TRAINING));
  const { client } = startClient(server);
  await client.getTraining('1');
  const hungUp = [...server.sockets].map((socket) => once(socket, 'close'));
  expect(hungUp).toHaveLength(1);
  await client.close();
  await client.close();
  await Promise.all(hungUp);
  for (const call of [client.getTraining('1'), client.archiveTraining('1')]) {
    expect(await errorFrom(call)).toMatchObject({ code: 'toloka_aborted', sent: 'no' });
  }
  expect(server.requests).toHaveLength(1);
});
