import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { retryDelayMs } from '../../src/toloka/call';
import { TolokaError } from '../../src/toloka/errors';
import { closeAll, json, startAccount, startServer, TRAINING } from './support';

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
])('a read gets over %s', async (_name, fail) => {
  const server = await startServer((_request, response, index) =>
    index < 2 ? fail(response) : json(response, 200, TRAINING),
  );
  const { account, slept } = startAccount(server, { readMs: 5_000 });
  expect(await account.readTraining('123456')).toMatchObject({ value: { status: 'CLOSED' } });
  expect(server.requests).toHaveLength(3);
  expect(slept).toEqual([500, 1_000]);
});

test('a read gives up after its last try, with the last error', async () => {
  const server = await startServer((_request, response, index) => json(response, 500 + index, {}));
  const { account, slept } = startAccount(server);
  expect(await account.readTraining('123456')).toMatchObject({ why: { httpStatus: 503 } });
  expect(server.requests).toHaveLength(4);
  expect(slept).toEqual([500, 1_000, 2_000]);
});

test.each([400, 401, 403, 404, 409])('HTTP %i is not tried again', async (status) => {
  const server = await startServer((_request, response) => json(response, status, {}));
  const { account, slept } = startAccount(server);
  await account.readTraining('123456');
  expect(server.requests).toHaveLength(1);
  expect(slept).toEqual([]);
});

test('neither are an answer from elsewhere, another shape, and a redirect', async () => {
  const answers = ['<html>', '{}', ''];
  const server = await startServer((_request, response, index) =>
    response.writeHead(index === 3 ? 301 : 200).end(answers[index]),
  );
  const { account } = startAccount(server);
  for (let calls = 1; calls <= 4; calls += 1) {
    expect(await account.readTraining('123456')).toMatchObject({ why: { code: 'toloka_unreadable' } });
    expect(server.requests).toHaveLength(calls);
  }
});

test('Retry-After is waited', async () => {
  const server = await startServer((_request, response, index) =>
    index === 0 ? json(response, 429, {}, { 'retry-after': '4' }) : json(response, 200, TRAINING),
  );
  const { account, slept } = startAccount(server);
  await account.readTraining('123456');
  expect(slept).toEqual([4_000]);
});

test('a Retry-After beyond the bound ends the call at once', async () => {
  const server = await startServer((_request, response) =>
    json(response, 429, {}, { 'retry-after': '3600' }),
  );
  const { account, slept } = startAccount(server);
  expect(await account.readTraining('123456')).toMatchObject({ why: { code: 'toloka_rate_limited' } });
  expect(server.requests).toHaveLength(1);
  expect(slept).toEqual([]);
});

test('a refused connection is tried again', async () => {
  const { account, slept } = startAccount({ apiUrl: 'http://127.0.0.1:1/api' });
  expect(await account.readTraining('123456')).toMatchObject({ why: { code: 'toloka_unreachable' } });
  expect(slept).toHaveLength(3);
});

test('the waits are random', async () => {
  const server = await startServer((_request, response) => json(response, 503, {}));
  const { account, slept } = startAccount(server, { random: undefined });
  await account.readTraining('123456');
  for (const [i, bound] of [500, 1_000, 2_000].entries()) expect(slept[i]).toBeLessThanOrEqual(bound);
  expect(new Set(slept).size).toBeGreaterThan(1);
});

test('a signal ends the waiting between tries', async () => {
  const server = await startServer((_request, response) => json(response, 503, {}));
  const abort = new AbortController();
  const logger = { debug: () => setImmediate(() => abort.abort()), warn: () => undefined };
  // The real sleep, which would take an hour.
  const { account } = startAccount(server, { logger, sleep: undefined, random: () => 7_200 });
  expect(await account.readTraining('1', abort.signal)).toMatchObject({ why: { httpStatus: 503 } });
  expect(server.requests).toHaveLength(1);
});

test('a signal ends a call, before it is sent and after', async () => {
  const arrived: (() => void)[] = [];
  const server = await startServer(() => arrived.shift()?.());
  const { account, slept } = startAccount(server, { readMs: 3_600_000 });
  const timeout = { kind: 'unavailable', why: { code: 'toloka_timeout' } };
  expect(await account.readTraining('1', AbortSignal.abort())).toEqual(timeout);
  expect(server.requests).toHaveLength(0);
  const abort = new AbortController();
  arrived.push(() => abort.abort());
  expect(await account.readTraining('1', abort.signal)).toEqual(timeout);
  expect(server.requests).toHaveLength(1);
  expect(slept).toEqual([]);
});

test('a signal may be used for many reads: none leaves a listener on it', async () => {
  const server = await startServer((_request, response) => json(response, 200, TRAINING));
  const { signal } = new AbortController();
  expect(await startAccount(server).account.readTraining('123456', signal)).toMatchObject({ kind: 'found' });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('each request of a read takes a turn of the budget, further tries and pages too', async () => {
  const page = (id: number) => ({ items: [{ id, status: 'RUNNING' }], has_more: id < 3 });
  const server = await startServer((request, response, index) =>
    index === 1
      ? json(response, 503, {})
      : json(response, 200, page(Number(request.query['id_gt'] ?? 0) + 1)),
  );
  const { account, slept } = startAccount(server, { requestsPerSecond: 1 });
  expect(await account.listOperations({})).toMatchObject({ kind: 'found', value: { length: 3 } });
  // Before the second page, its second try and the third page; the 500 is the pause before the try.
  expect(slept).toEqual([1_000, 500, 500, 1_000]);
});

const facts = { sent: 'answered' } as const;
const delayOf = (error: TolokaError, tries = 1, random = 1) => retryDelayMs(error, tries, () => random);
const unavailable = new TolokaError('unavailable', facts);

test('the waits double, and end', () => {
  expect([1, 2, 3, 4].map((tries) => delayOf(unavailable, tries))).toEqual([500, 1_000, 2_000, null]);
});

test('the jitter is full: from nothing up to the bound', () => {
  expect([0, 0.25, 1].map((random) => delayOf(unavailable, 2, random))).toEqual([0, 250, 1_000]);
});

test('what Toloka asks to wait is waited, at least; or not at all', () => {
  const limited = (ms: number) => new TolokaError('rate_limited', { ...facts, retryAfterMs: ms });
  const delays = [100, 3_000, 5_000, 5_001].map((ms) => delayOf(limited(ms)));
  expect(delays).toEqual([500, 3_000, 5_000, null]);
});

test('only what may pass is tried again', () => {
  expect(delayOf(new TolokaError('timeout', facts))).toBe(500);
  expect(delayOf(new TolokaError('unreadable', { ...facts, brokeOff: true }))).toBe(500);
  expect(delayOf(new TolokaError('unreadable', facts))).toBeNull();
  expect(delayOf(new TolokaError('conflict', facts))).toBeNull();
});
