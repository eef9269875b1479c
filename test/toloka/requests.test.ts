import { once } from 'node:events';
import { version } from '../../package.json';
import type { TolokaExchange } from '../../src/toloka/call';
import { closeAll, json, OPERATION, startAccount, startServer, TOKEN, TRAINING } from './support';

afterEach(closeAll);

test('a read says who it is, and nothing that it need not', async () => {
  const server = await startServer((_request, response) => json(response, 200, TRAINING));
  await startAccount(server).account.readTraining('123456');
  expect(server.requests[0]).toMatchObject({ method: 'GET', url: '/api/v1/trainings/123456', body: '' });
  expect(server.requests[0]?.headers).toEqual({
    host: `127.0.0.1:${server.port}`,
    connection: 'keep-alive',
    authorization: `OAuth ${TOKEN}`,
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': `toloka-archive-for-slack/${version}`,
  });
});

test.each([
  ['/api/', '/api/v1/trainings/123456'],
  ['/api//', '/api/v1/trainings/123456'],
  ['', '/v1/trainings/123456'],
])('an address that ends in "%s"', async (path, url) => {
  const server = await startServer((_request, response) => json(response, 200, TRAINING));
  const { account } = startAccount({ apiUrl: `http://127.0.0.1:${server.port}${path}` });
  expect(await account.readTraining('123456')).toMatchObject({ kind: 'found' });
  expect(server.requests[0]?.url).toBe(url);
});

test('the answer to a read of one thing must be about that one', async () => {
  const server = await startServer((_request, response) => json(response, 200, { id: 2, status: 'CLOSED' }));
  const { account } = startAccount(server);
  for (const read of [account.readTraining, account.readProject, account.readOperation]) {
    expect(await read('1')).toMatchObject({ why: { code: 'toloka_unreadable' } });
    expect(await read('2')).toMatchObject({ value: { id: '2' } });
  }
  expect(server.requests.map(({ path }) => path)).toEqual(
    ['trainings', 'projects', 'operations'].flatMap((one) => [`/api/v1/${one}/1`, `/api/v1/${one}/2`]),
  );
});

test('a list is read to its end, with its filters on each page', async () => {
  const server = await startServer(({ query }, response) => {
    const from = Number(query['id_gt'] ?? 0);
    const items = [from + 1, from + 2].map((id) => ({ id, status: 'RUNNING' }));
    json(response, 200, { items, has_more: from < 4 });
  });
  const reading = await startAccount(server).account.listOperations({ statuses: ['RUNNING'] });
  expect(reading).toMatchObject({ value: ['1', '2', '3', '4', '5', '6'].map((id) => ({ id })) });
  const filters = { type: 'TRAINING.ARCHIVE', status: 'RUNNING', sort: 'id', limit: '500' };
  expect(server.requests.map(({ query }) => query)).toEqual([
    filters,
    { ...filters, id_gt: '2' },
    { ...filters, id_gt: '4' },
  ]);
});

test('a list that does not go on is an error, not a short list', async () => {
  const server = await startServer((_request, response) =>
    json(response, 200, { items: [], has_more: true }),
  );
  const { account } = startAccount(server);
  for (const list of [account.readPools('7'), account.listOperations({})]) {
    expect(await list).toEqual({ kind: 'unavailable', why: { code: 'toloka_unreadable' } });
  }
  expect(server.requests).toHaveLength(4);
});

test.each(['', '.', '..', '\ud800'])('the ID %j goes nowhere', async (id) => {
  const server = await startServer((_request, response) => json(response, 200, TRAINING));
  const { account } = startAccount(server);
  const outcome = { code: 'toloka_invalid_input' };
  expect(await account.readTraining(id)).toEqual({ kind: 'unavailable', why: outcome });
  expect(await account.readOperation(id)).toEqual({ kind: 'unavailable', why: outcome });
  expect(await account.archive(id, 'c-1')).toEqual({ kind: 'not_sent', outcome });
  expect(server.requests).toHaveLength(0);
});

test('an ID cannot change the path', async () => {
  const server = await startServer((_request, response) => json(response, 202, OPERATION));
  await startAccount(server).account.archive('../pools/1?a=b#c', 'c-1');
  expect(server.requests[0]?.url).toBe('/api/v1/trainings/..%2Fpools%2F1%3Fa%3Db%23c/archive');
});

test('one line for each call, with what an operator needs', async () => {
  const server = await startServer(({ method }, response, index) => {
    if (method === 'POST') response.writeHead(204).end();
    else if (index > 0) json(response, 200, TRAINING);
    else json(response, 503, { code: 'X', request_id: 'r-1' }, { 'retry-after': '1' });
  });
  const { account, logs } = startAccount(server);
  await account.readTraining('123456');
  await account.archive('123456', 'c-1');
  const call = { method: 'GET', path: '/api/v1/trainings/123456', correlationId: undefined };
  // No time passes but the second that Toloka asks to wait.
  const waited = { durationMs: 1_000 };
  const durationMs = 0;
  const reason = expect.stringContaining('not available');
  const problem = { reason, tolokaCode: 'X', requestId: 'r-1', retryAfterMs: 1_000, delayMs: 1_000 };
  expect(logs).toEqual([
    {
      level: 'debug',
      message: 'Toloka call failed, trying again',
      fields: { ...call, durationMs, status: 503, tries: 1, code: 'toloka_unavailable', ...problem },
    },
    { level: 'debug', message: 'Toloka call', fields: { ...call, ...waited, status: 200, tries: 2 } },
    {
      level: 'debug',
      message: 'Toloka call',
      fields: {
        ...{ method: 'POST', path: '/api/v1/trainings/123456/archive', correlationId: 'c-1' },
        ...{ durationMs, status: 204, tries: 1 },
      },
    },
  ]);
});

test('each request is reported, with what it was for, how it went and how long it took', async () => {
  let answered = () => {};
  const server = await startServer(({ method }, response, index) => {
    answered();
    if (method === 'POST') response.writeHead(204).end();
    else if (index > 0) json(response, 200, TRAINING);
    else json(response, 503, {});
  });
  const reported: TolokaExchange[] = [];
  const onExchange = (one: TolokaExchange) => void reported.push(one);
  const { account, clock } = startAccount(server, { onExchange });
  answered = () => clock.advance(250);
  await account.readTraining('123456');
  answered = () => clock.advance(-250);
  await account.archive('123456', 'c-1');
  const read = { method: 'GET', resource: 'trainings', seconds: 0.25 };
  expect(reported).toEqual([
    { ...read, outcome: 'unavailable' },
    { ...read, outcome: 'ok' },
    // The clock was set back.
    { method: 'POST', resource: 'trainings', outcome: 'ok', seconds: 0 },
  ]);
});

test('after close, nothing is sent any more', async () => {
  const server = await startServer((_request, response) => json(response, 200, TRAINING));
  const { account } = startAccount(server);
  await account.readTraining('123456');
  const hungUp = [...server.sockets].map((socket) => once(socket, 'close'));
  expect(hungUp).toHaveLength(1);
  await account.close();
  await account.close();
  await Promise.all(hungUp);
  const outcome = { code: 'toloka_unreachable' };
  expect(await account.readTraining('123456')).toEqual({ kind: 'unavailable', why: outcome });
  expect(await account.archive('123456', 'c-1')).toEqual({ kind: 'not_sent', outcome });
  expect(server.requests).toHaveLength(1);
});
