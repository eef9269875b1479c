import type { ServerResponse } from 'node:http';
import { TolokaRateLimitedError } from '../../src/toloka';
import { TRAINING } from './fixtures';
import { closeAll, errorFrom, json, startClient, startServer } from './support';

afterEach(closeAll);

const cut = (response: ServerResponse) => {
  response.writeHead(200, { 'content-length': 100 }).write('{');
  setImmediate(() => response.destroy());
};

test.each<[string, (response: ServerResponse) => void]>([
  ['HTTP 408', (response) => json(response, 408, {})],
  ['HTTP 429', (response) => json(response, 429, {})],
  ['HTTP 500', (response) => json(response, 500, {})],
  ['HTTP 502', (response) => response.writeHead(502).end('<html>')],
  ['a connection that breaks', (response) => response.socket?.resetAndDestroy()],
  ['a body that breaks off', cut],
  ['silence', () => undefined],
])('a read gets over %s', async (_name, fail) => {
  const server = await startServer((_request, response, index) =>
    index < 2 ? fail(response) : json(response, 200, TRAINING),
  );
  const { client, slept } = startClient(server, { timeouts: { readMs: 500 } });
  expect(await client.getTraining('123456')).toMatchObject({ status: 'CLOSED' });
  expect(server.requests).toHaveLength(3);
  expect(slept).toEqual([500, 1_000]);
});

test('a read gives up after its last try, with the last error', async () => {
  const server = await startServer((_request, response, index) => json(response, 500 + index, {}));
  const { client, slept } = startClient(server);
  expect(await errorFrom(client.getTraining('1'))).toMatchObject({ httpStatus: 503 });
  expect(server.requests).toHaveLength(4);
  expect(slept).toEqual([500, 1_000, 2_000]);
});

test.each([400, 401, 403, 404, 409])('HTTP %i is not tried again', async (status) => {
  const server = await startServer((_request, response) => json(response, status, {}));
  const { client, slept } = startClient(server);
  await errorFrom(client.getTraining('1'));
  expect(server.requests).toHaveLength(1);
  expect(slept).toEqual([]);
});

test('neither are an answer from elsewhere, another shape, and a redirect', async () => {
  const answers = ['<html>', '{}', ''];
  const server = await startServer((_request, response, index) =>
    response.writeHead(index === 3 ? 301 : 200).end(answers[index]),
  );
  const { client } = startClient(server);
  for (let calls = 1; calls <= 4; calls += 1) {
    expect(await errorFrom(client.getTraining('1'))).toMatchObject({ code: 'toloka_unreadable' });
    expect(server.requests).toHaveLength(calls);
  }
});

test('Retry-After is waited', async () => {
  const server = await startServer((_request, response, index) =>
    index === 0 ? json(response, 429, {}, { 'retry-after': '4' }) : json(response, 200, TRAINING),
  );
  const { client, slept } = startClient(server);
  await client.getTraining('1');
  expect(slept).toEqual([4_000]);
});

test('a Retry-After beyond the bound ends the call at once', async () => {
  const server = await startServer((_request, response) =>
    json(response, 429, {}, { 'retry-after': '3600' }),
  );
  const { client, slept } = startClient(server);
  const error = await errorFrom(client.getTraining('1'));
  expect(error).toBeInstanceOf(TolokaRateLimitedError);
  expect(error).toMatchObject({ retryAfterMs: 3_600_000 });
  expect(server.requests).toHaveLength(1);
  expect(slept).toEqual([]);
});

test('a refused connection is tried again', async () => {
  const { client, slept } = startClient({ apiUrl: 'http://127.0.0.1:1/api' });
  expect(await errorFrom(client.getTraining('1'))).toMatchObject({ code: 'toloka_unreachable' });
  expect(slept).toHaveLength(3);
});

test('a signal ends the waiting between tries', async () => {
  const server = await startServer((_request, response) => json(response, 503, {}));
  const abort = new AbortController();
  const sleep = async (_ms: number, signal?: AbortSignal) => {
    abort.abort();
    signal?.throwIfAborted();
  };
  const { client } = startClient(server, { sleep });
  const error = await errorFrom(client.getTraining('1', { signal: abort.signal }));
  expect(error).toMatchObject({ code: 'toloka_aborted', sent: 'no' });
  expect(server.requests).toHaveLength(1);
});

test('the sleep that the client brings along ends with the signal', async () => {
  const server = await startServer((_request, response) => json(response, 503, {}));
  const retry = {
    tries: 2,
    firstDelayMs: 3_600_000,
    maxDelayMs: 3_600_000,
    maxRetryAfterMs: 0,
    totalMs: 1e9,
  };
  const abort = new AbortController();
  const { client } = startClient(server, {
    retry,
    sleep: undefined,
    logger: { debug: () => setImmediate(() => abort.abort()), warn: () => undefined },
  });
  const error = await errorFrom(client.getTraining('1', { signal: abort.signal }));
  expect(error).toMatchObject({ code: 'toloka_aborted' });
});

test('each request of a read waits for its turn, further tries and pages too; the archive does not', async () => {
  const page = (from: number) => ({ items: [{ ...TRAINING, id: String(from) }], has_more: from < 3 });
  const server = await startServer((request, response, index) => {
    if (request.method === 'POST') return response.writeHead(204).end();
    return index === 1
      ? json(response, 503, {})
      : json(response, 200, page(Number(request.query['id_gt'] ?? 0) + 1));
  });
  let turns = 0;
  const readTurn = () => ++turns;
  const { client, slept } = startClient(server, { readTurn });
  expect(await client.listTrainings()).toHaveLength(3);
  // Four waits for a turn, and the pause before the second try of the second page.
  expect(slept).toEqual([1, 2, 500, 3, 4]);
  await client.archiveTraining('1');
  expect(turns).toBe(4);
});
