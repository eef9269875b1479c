import type { ServerResponse } from 'node:http';
import { Agent, buildConnector, RetryAgent } from 'undici';
import { closeAll, json, OPERATION, startAccount, startServer, TOKEN, TRAINING } from './support';

afterEach(closeAll);

const LOST = { kind: 'unknown', outcome: { code: 'toloka_lost_response' } };
const TOO_LATE = { kind: 'not_sent', outcome: { code: 'toloka_timeout' } };

test('the request is what the documents show: no body, no content type, one connection of its own', async () => {
  const server = await startServer((_request, response) => json(response, 202, OPERATION));
  const { account } = startAccount(server);
  expect(await account.archive('123456', 'c-1')).toMatchObject({
    kind: 'accepted',
    operation: { id: OPERATION.id, status: 'SUCCESS', trainingId: '123456' },
  });
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]).toMatchObject({
    method: 'POST',
    url: '/api/v1/trainings/123456/archive',
    body: '',
  });
  expect(server.requests[0]?.headers).toEqual({
    host: `127.0.0.1:${server.port}`,
    connection: 'close',
    'content-length': '0',
    authorization: `OAuth ${TOKEN}`,
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': expect.any(String),
  });
});

test.each([
  ['202 with the operation', 202, OPERATION],
  ['200 with the operation, as the seed document leaves open', 200, OPERATION],
  ['202 with an operation of a status that is new', 202, { ...OPERATION, status: 'QUEUED' }],
  ['202 with as little as can be', 202, { id: OPERATION.id, status: 'PENDING' }],
  ['202 with a numeric id of the training', 202, { ...OPERATION, parameters: { training_id: 123456 } }],
])('accepted: %s', async (_name, status, body) => {
  const server = await startServer((_request, response) => json(response, status, body));
  const { account } = startAccount(server);
  expect(await account.archive('123456', 'c-1')).toMatchObject({
    kind: 'accepted',
    operation: { id: OPERATION.id },
  });
});

test('204: it was archived before', async () => {
  const server = await startServer((_request, response) => void response.writeHead(204).end());
  const { account } = startAccount(server);
  expect(await account.archive('123456', 'c-1')).toEqual({ kind: 'already_archived' });
});

test.each([
  ['200 with a training, which proves nothing', 200, { ...TRAINING, status: 'ARCHIVED' }],
  ['202 with another kind of operation', 202, { ...OPERATION, type: 'TRAINING.CLOSE' }],
  ['202 with the operation of another training', 202, { ...OPERATION, parameters: { training_id: '9' } }],
  ['201', 201, OPERATION],
])('%s: it is not known what was done', async (_name, status, body) => {
  const server = await startServer((_request, response) => json(response, status, body));
  const { account } = startAccount(server);
  const outcome = { code: 'toloka_unreadable', httpStatus: status };
  expect(await account.archive('123456', 'c-1')).toEqual({ kind: 'unknown', outcome });
});

test('when it may not start any more, it is certain that nothing was sent', async () => {
  const server = await startServer((_request, response) => json(response, 202, OPERATION));
  const { account } = startAccount(server);
  let asked = 0;
  const result = await account.archive('123456', 'c-1', () => {
    asked += 1;
    return false;
  });
  expect(result).toEqual({ kind: 'not_sent', outcome: { code: 'toloka_held' } });
  expect(asked).toBe(1);
  expect(server.requests).toEqual([]);
});

type Failure = [name: string, code: string, kind: string, answer: (response: ServerResponse) => void];

const withStatus = (status: number) => (response: ServerResponse) => json(response, status, {});

const FAILURES: Failure[] = [
  ['400', 'toloka_rejected', 'refused', withStatus(400)],
  ['401', 'toloka_authentication', 'refused', withStatus(401)],
  ['403', 'toloka_denied', 'refused', withStatus(403)],
  ['404', 'toloka_not_found', 'refused', withStatus(404)],
  ['408', 'toloka_timeout', 'unknown', withStatus(408)],
  ['409', 'toloka_conflict', 'refused', withStatus(409)],
  ['429', 'toloka_rate_limited', 'refused', (response) => json(response, 429, {}, { 'retry-after': '0' })],
  ['500', 'toloka_unavailable', 'unknown', withStatus(500)],
  ['502', 'toloka_unavailable', 'unknown', withStatus(502)],
  ['503', 'toloka_unavailable', 'unknown', withStatus(503)],
  ['504', 'toloka_unavailable', 'unknown', withStatus(504)],
  ...([408, 500, 503] as const).map((status): Failure => {
    const body = { code: 'AUTHENTICATION_ERROR', message: 'x' };
    const answer = (response: ServerResponse) => json(response, status, body);
    return [`${status} with a code about the token`, 'AUTHENTICATION_ERROR', 'unknown', answer];
  }),
  [
    'a redirect that keeps the method',
    'toloka_unreadable',
    'unknown',
    (response) => response.writeHead(307, { location: '/api/v1/training/123456/archive' }).end(),
  ],
  ['202 with nothing', 'toloka_unreadable', 'unknown', (response) => response.writeHead(202).end()],
  ['202 with HTML', 'toloka_unreadable', 'unknown', (response) => response.writeHead(202).end('<p>')],
  [
    '202 with a body that breaks off',
    'toloka_unreadable',
    'unknown',
    (response) => {
      response.writeHead(202, { 'content-length': 100 }).write('{"id":');
      setImmediate(() => response.destroy());
    },
  ],
  [
    'a body that does not come',
    'toloka_timeout',
    'unknown',
    (response) => response.writeHead(202, { 'content-length': 100 }).write('{'),
  ],
  ['silence', 'toloka_timeout', 'unknown', () => undefined],
  ['a reset', 'toloka_lost_response', 'unknown', (response) => response.socket?.resetAndDestroy()],
  ['hanging up', 'toloka_lost_response', 'unknown', (response) => response.socket?.end()],
  [
    'hanging up within the headers',
    'toloka_lost_response',
    'unknown',
    (response) => response.socket?.end('HTTP/1.1 202 Accep'),
  ],
  [
    'an informational answer, and nothing more',
    'toloka_lost_response',
    'unknown',
    (response) => response.socket?.end('HTTP/1.1 103 Early Hints\r\n\r\n'),
  ],
];

describe('the archive is sent once and never again', () => {
  test.each(FAILURES)('on %s', async (_name, code, kind, answer) => {
    const server = await startServer(({ method }, response) =>
      method === 'POST' ? answer(response) : json(response, 200, TRAINING),
    );
    const { account, slept } = startAccount(server, { archiveMs: 800 });
    expect(await account.archive('123456', 'c-1')).toMatchObject({ kind, outcome: { code } });
    expect(slept).toEqual([]);
    // A read afterwards gives a second POST, if there were one on its way, the time to arrive.
    await account.readTraining('123456');
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  test('where nobody listens, it is not sent at all', async () => {
    const { account, slept } = startAccount({ apiUrl: 'http://127.0.0.1:1/api' });
    const outcome = { code: 'toloka_unreachable' };
    expect(await account.archive('123456', 'c-1')).toEqual({ kind: 'not_sent', outcome });
    expect(slept).toEqual([]);
  });
});

describe('what people may see of it', () => {
  const body = { code: 'SOME_CODE', message: 'Some words', payload: { pools: ['5'] } };
  const archiveWith = async (status: number, more: object) => {
    const server = await startServer((_request, response) => json(response, status, { ...body, ...more }));
    return startAccount(server).account.archive('123456', 'c-1');
  };

  test('of a refusal: the code and words of Toloka, and its payload', async () => {
    const outcome = { code: 'SOME_CODE', said: 'Some words {"pools":["5"]}', httpStatus: 409 };
    expect(await archiveWith(409, {})).toEqual({ kind: 'refused', outcome });
  });

  test('of a long payload: its beginning', async () => {
    const result = JSON.stringify(await archiveWith(409, { payload: { pools: 'x'.repeat(2_000) } }));
    expect(result).toContain('…');
    expect(result.length).toBeLessThan(700);
  });

  test('of an unknown outcome: the code and words of Toloka', async () => {
    const outcome = { code: 'SOME_CODE', said: 'Some words', httpStatus: 500 };
    expect(await archiveWith(500, {})).toEqual({ kind: 'unknown', outcome });
  });
});

test.each([-300_000, 300_000])('clocks %i ms apart: nothing is sent', async (ms) => {
  const date = () => new Date(Date.now() + ms).toUTCString();
  const server = await startServer((_request, response) => json(response, 200, TRAINING, { date: date() }));
  const { account, warnings } = startAccount(server);
  await account.readTraining('123456');
  const outcome = { code: 'clocks_apart' };
  expect(await account.archive('123456', 'c-1')).toEqual({ kind: 'not_sent', outcome });
  expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
  expect(warnings()).toMatchObject([{ environment: 'production' }]);
});

test('it does not use a connection that a read has left open', async () => {
  const server = await startServer(({ method }, response) =>
    method === 'POST' ? json(response, 202, OPERATION) : json(response, 200, TRAINING),
  );
  const { account } = startAccount(server);
  const read = async () => {
    for (let reads = 0; reads < 5; reads += 1) await account.readTraining('123456');
  };
  await read();
  // A read that follows another within the same turn of the event loop takes a second connection.
  const open = server.connections();
  expect(open).toBeLessThanOrEqual(2);
  await account.archive('123456', 'c-1');
  expect(server.connections()).toBe(open + 1);
  await account.archive('123456', 'c-1');
  expect(server.connections()).toBe(open + 2);
  await read();
  expect(server.connections()).toBe(open + 2);
});

describe('on a connection that was left open (another dispatcher)', () => {
  test('the archive is the last request there', async () => {
    const server = await startServer((_request, response) => json(response, 202, OPERATION));
    const dispatcher = new Agent({ connections: 1 });
    const { account } = startAccount(server, { dispatcher });
    await account.archive('123456', 'c-1');
    await account.archive('123456', 'c-1');
    expect(server.requests.map(({ headers }) => headers.connection)).toEqual(['close', 'close']);
    expect(server.connections()).toBe(2);
    await dispatcher.close();
  });

  test('which the server drops as the request comes: once, and then unknown', async () => {
    const server = await startServer(({ method }, response) =>
      method === 'POST' ? response.socket?.destroy() : json(response, 200, TRAINING),
    );
    const dispatcher = new Agent({ connections: 1 });
    const { account } = startAccount(server, { dispatcher });
    await account.readTraining('123456');
    expect(await account.archive('123456', 'c-1')).toEqual(LOST);
    expect(server.connections()).toBe(1);
    await account.readTraining('123456');
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
    await dispatcher.close();
  });

  test('which the server has dropped before: at most once, and reported as it was', async () => {
    const server = await startServer(({ method }, response) =>
      method === 'POST' ? json(response, 202, OPERATION) : json(response, 200, TRAINING),
    );
    const dispatcher = new Agent({ connections: 1 });
    const { account } = startAccount(server, { dispatcher });
    for (let round = 1; round <= 20; round += 1) {
      await account.readTraining('123456');
      for (const socket of server.sockets) socket.destroy();
      const { kind } = await account.archive('123456', 'c-1');
      const posts = server.requests.splice(0).filter(({ method }) => method === 'POST').length;
      // Either it went out, on a new connection, or it may have gone out on the old one.
      expect([kind, posts]).toEqual(kind === 'unknown' ? ['unknown', 0] : ['accepted', 1]);
    }
    await dispatcher.close();
  });
});

test('a dispatcher that would send it again cannot', async () => {
  const server = await startServer((_request, response) => response.socket?.resetAndDestroy());
  const agent = new Agent();
  const dispatcher = new RetryAgent(agent, { methods: ['POST'], minTimeout: 1, maxRetries: 3 });
  const { account } = startAccount(server, { dispatcher });
  expect(await account.archive('123456', 'c-1')).toEqual(LOST);
  await agent.close();
  expect(server.requests).toHaveLength(1);
});

test('a dispatcher that throws is one that sends nothing', async () => {
  const dispatcher = new Agent();
  dispatcher.dispatch = () => {
    throw new Error('closed');
  };
  const { account, warnings } = startAccount({ apiUrl: 'http://toloka.test/api' }, { dispatcher });
  const outcome = { code: 'toloka_unreachable' };
  expect(await account.archive('123456', 'c-1')).toEqual({ kind: 'not_sent', outcome });
  expect(warnings()).toMatchObject([{ reason: expect.stringContaining('Reason: Error: closed') }]);
  await dispatcher.close();
});

test('after the time is up, a connection that comes late is not used', async () => {
  const server = await startServer((_request, response) => json(response, 202, OPERATION));
  const connectNow = buildConnector({});
  let release = () => {};
  const written = new Promise<number>((resolve) => {
    const dispatcher = new Agent({
      connect: (options, callback) => {
        release = () =>
          connectNow(options, (...connected) => {
            const [, socket] = connected;
            socket?.once('close', () => resolve(socket.bytesWritten));
            callback(...connected);
          });
      },
    });
    const { account } = startAccount(server, { dispatcher, archiveMs: 50 });
    void account.archive('123456', 'c-1').then((result) => {
      expect(result).toEqual(TOO_LATE);
      release();
    });
  });
  expect(await written).toBe(0);
  expect(server.requests).toHaveLength(0);
});

test('a process that was stopped while it connected sends nothing when it wakes after its time', async () => {
  const server = await startServer((_request, response) => json(response, 202, OPERATION));
  const connectNow = buildConnector({});
  const dispatcher = new Agent({
    connect: (options, callback) =>
      connectNow(options, (...connected) => {
        // As SIGSTOP does: time passes, and no timer has run when the connection is there.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
        callback(...connected);
      }),
  });
  const { account } = startAccount(server, { dispatcher, archiveMs: 50 });
  expect(await account.archive('123456', 'c-1')).toEqual(TOO_LATE);
  await dispatcher.close();
  expect(server.requests).toHaveLength(0);
});
