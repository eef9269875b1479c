import type { ServerResponse } from 'node:http';
import { Agent, buildConnector, RetryAgent } from 'undici';
import { archiveVerdict } from '../../src/toloka';
import { OPERATION, TRAINING } from './fixtures';
import { closeAll, errorFrom, json, startClient, startServer, TOKEN } from './support';

afterEach(closeAll);

test('the request is what the documents show: no body, no content type, one connection of its own', async () => {
  const server = await startServer((_request, response) => json(response, 202, OPERATION));
  const { client } = startClient(server);
  const result = await client.archiveTraining('123456');
  expect(result).toMatchObject({ kind: 'accepted', operation: { id: OPERATION.id, status: 'SUCCESS' } });
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
  const { client } = startClient(server);
  expect(await client.archiveTraining('123456')).toMatchObject({
    kind: 'accepted',
    operation: { id: OPERATION.id },
  });
});

test('204: it was archived before', async () => {
  const server = await startServer((_request, response) => void response.writeHead(204).end());
  const { client } = startClient(server);
  expect(await client.archiveTraining('123456')).toEqual({ kind: 'already_archived' });
});

test.each([
  ['200 with a training, which proves nothing', 200, { ...TRAINING, status: 'ARCHIVED' }],
  ['202 with another kind of operation', 202, { ...OPERATION, type: 'TRAINING.CLOSE' }],
  ['202 with the operation of another training', 202, { ...OPERATION, parameters: { training_id: '9' } }],
  ['201', 201, OPERATION],
])('%s: nobody can say what was done', async (_name, status, body) => {
  const server = await startServer((_request, response) => json(response, status, body));
  const { client } = startClient(server);
  const error = await errorFrom(client.archiveTraining('123456'));
  expect(error).toMatchObject({ code: 'toloka_unreadable', httpStatus: status });
  expect(archiveVerdict(error)).toBe('unknown');
});

type Failure = [name: string, code: string, verdict: string, answer: (response: ServerResponse) => void];

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
    'a promise to close, and nothing more',
    'toloka_lost_response',
    'unknown',
    (response) => response.socket?.end('HTTP/1.1 103 Early Hints\r\n\r\n'),
  ],
];

describe('the archive is sent once and never again', () => {
  test.each(FAILURES)('on %s', async (_name, code, verdict, answer) => {
    const server = await startServer(({ method }, response) =>
      method === 'POST' ? answer(response) : json(response, 200, TRAINING),
    );
    const { client, slept } = startClient(server, { timeouts: { archiveMs: 800 } });
    const error = await errorFrom(client.archiveTraining('123456'));
    expect(error.code).toBe(code);
    expect(archiveVerdict(error)).toBe(verdict);
    expect(slept).toEqual([]);
    // A read afterwards gives a second POST, if there were one on its way, the time to arrive.
    await client.getTraining('1');
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  test('on a signal', async () => {
    const abort = new AbortController();
    const server = await startServer(() => abort.abort());
    const { client } = startClient(server);
    const error = await errorFrom(client.archiveTraining('123456', { signal: abort.signal }));
    expect(error).toMatchObject({ code: 'toloka_aborted', sent: 'maybe' });
    expect(archiveVerdict(error)).toBe('unknown');
    expect(server.requests).toHaveLength(1);
  });

  test('where nobody listens, it is not sent at all', async () => {
    const { client, slept } = startClient({ apiUrl: 'http://127.0.0.1:1/api' });
    const error = await errorFrom(client.archiveTraining('123456'));
    expect(error).toMatchObject({ code: 'toloka_unreachable', sent: 'no' });
    expect(archiveVerdict(error)).toBe('not_sent');
    expect(slept).toEqual([]);
  });
});

test('it does not use a connection that a read has left open', async () => {
  const server = await startServer(({ method }, response) =>
    method === 'POST' ? json(response, 202, OPERATION) : json(response, 200, TRAINING),
  );
  const { client } = startClient(server);
  const read = async () => {
    for (let reads = 0; reads < 5; reads += 1) await client.getTraining('123456');
  };
  await read();
  // A read that follows another within the same turn of the event loop takes a second connection.
  const open = server.connections();
  expect(open).toBeLessThanOrEqual(2);
  await client.archiveTraining('123456');
  expect(server.connections()).toBe(open + 1);
  await client.archiveTraining('123456');
  expect(server.connections()).toBe(open + 2);
  await read();
  expect(server.connections()).toBe(open + 2);
});

describe('on a connection that was left open (another dispatcher)', () => {
  test('which the server drops as the request comes: once, and then unknown', async () => {
    const server = await startServer(({ method }, response) =>
      method === 'POST' ? response.socket?.destroy() : json(response, 200, TRAINING),
    );
    const dispatcher = new Agent({ connections: 1 });
    const { client } = startClient(server, { dispatcher });
    await client.getTraining('1');
    const error = await errorFrom(client.archiveTraining('123456'));
    expect(error).toMatchObject({ code: 'toloka_lost_response', sent: 'maybe' });
    expect(server.connections()).toBe(1);
    await client.getTraining('1');
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
    await dispatcher.close();
  });

  test('which the server has dropped before: at most once, and the truth about it', async () => {
    const server = await startServer(({ method }, response) =>
      method === 'POST' ? json(response, 202, OPERATION) : json(response, 200, TRAINING),
    );
    const dispatcher = new Agent({ connections: 1 });
    const { client } = startClient(server, { dispatcher });
    for (let round = 1; round <= 20; round += 1) {
      await client.getTraining('1');
      for (const socket of server.sockets) socket.destroy();
      const outcome = await client.archiveTraining('123456').catch((error) => error);
      const posts = server.requests.splice(0).filter(({ method }) => method === 'POST').length;
      // Either it went out, on a new connection, or it may have gone out on the old one.
      expect([outcome.kind ?? outcome.sent, posts]).toEqual(outcome.kind ? ['accepted', 1] : ['maybe', 0]);
    }
    await dispatcher.close();
  });
});

test('a dispatcher that would send it again is not let to', async () => {
  const server = await startServer((_request, response) => response.socket?.resetAndDestroy());
  const agent = new Agent();
  const dispatcher = new RetryAgent(agent, { methods: ['POST'], minTimeout: 1, maxRetries: 3 });
  const { client } = startClient(server, { dispatcher });
  const error = await errorFrom(client.archiveTraining('123456'));
  expect(error).toMatchObject({ code: 'toloka_lost_response', sent: 'maybe' });
  await agent.close();
  expect(server.requests).toHaveLength(1);
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
    const { client } = startClient(server, { dispatcher, timeouts: { archiveMs: 50 } });
    void errorFrom(client.archiveTraining('123456')).then((error) => {
      expect(error).toMatchObject({ code: 'toloka_timeout', sent: 'no' });
      expect(archiveVerdict(error)).toBe('not_sent');
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
  const { client } = startClient(server, { dispatcher, timeouts: { archiveMs: 50 } });
  const error = await errorFrom(client.archiveTraining('123456'));
  expect(error).toMatchObject({ code: 'toloka_timeout', sent: 'no' });
  await dispatcher.close();
  expect(server.requests).toHaveLength(0);
});

test('an error that is not from here leaves everything open', () => {
  expect(archiveVerdict(new Error('a bug'))).toBe('unknown');
});
