import type { ServerResponse } from 'node:http';
import { Agent, errors as undiciErrors } from 'undici';
import * as toloka from '../../src/toloka';
import { TRAINING } from './fixtures';
import { closeAll, errorFrom, json, startClient, startServer } from './support';

afterEach(closeAll);

const { none } = toloka.RETRY_POLICIES;

async function errorOnRead(answer: (response: ServerResponse) => void, timeouts = {}) {
  const server = await startServer((_request, response) => answer(response));
  const { client } = startClient(server, { retry: none, timeouts });
  return errorFrom(client.getTraining('1'));
}

const body = { request_id: 'r-1', code: 'SOME_CODE', message: 'Some message', payload: { a: 1 } };

const BY_STATUS = [
  [400, toloka.TolokaRejectedError],
  [401, toloka.TolokaAuthenticationError],
  [403, toloka.TolokaDeniedError],
  [404, toloka.TolokaNotFoundError],
  [405, toloka.TolokaRejectedError],
  [408, toloka.TolokaTimeoutError],
  [409, toloka.TolokaConflictError],
  [413, toloka.TolokaRejectedError],
  [429, toloka.TolokaRateLimitedError],
  [500, toloka.TolokaUnavailableError],
  [502, toloka.TolokaUnavailableError],
  [503, toloka.TolokaUnavailableError],
  [504, toloka.TolokaUnavailableError],
] as const;

test.each(BY_STATUS)('HTTP %i with the body that Toloka documents', async (status, errorClass) => {
  const error = await errorOnRead((response) => json(response, status, body));
  expect(error).toBeInstanceOf(errorClass);
  expect(error).toMatchObject({
    name: errorClass.name,
    sent: 'answered',
    httpStatus: status,
    tolokaCode: 'SOME_CODE',
    tolokaMessage: 'Some message',
    payload: { a: 1 },
    requestId: 'r-1',
  });
  expect(error.message).toContain(`Toloka said: "Some message" (SOME_CODE, HTTP ${status})`);
});

describe.each([
  ['HTML', '<html><h1>nginx</h1></html>'],
  ['nothing', ''],
  ['JSON without a code', '{"message":null,"payload":null}'],
  ['JSON that is no object', '[1]'],
  ['a code of another kind', '{"code":7}'],
])('an error body that is %s', (_name, text) => {
  test.each(BY_STATUS)('leaves the class to the status, %i', async (status, errorClass) => {
    const error = await errorOnRead((response) => response.writeHead(status).end(text));
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ httpStatus: status, tolokaCode: undefined, sent: 'answered' });
  });
});

test('an error body that breaks off, or never ends, leaves the class to the status', async () => {
  const cut = (response: ServerResponse) => {
    response.writeHead(409, { 'content-length': 100 }).write('{"code":');
    setImmediate(() => response.destroy());
  };
  expect(await errorOnRead(cut)).toBeInstanceOf(toloka.TolokaConflictError);
  const endless = (response: ServerResponse) => void response.writeHead(403).write('{');
  expect(await errorOnRead(endless, { readMs: 500 })).toBeInstanceOf(toloka.TolokaDeniedError);
});

test.each(['AUTHENTICATION_ERROR', 'OAUTH_AUTHENTICATION_ERROR'])(
  'the code %s is about the token under any status',
  async (code) => {
    const error = await errorOnRead((response) => json(response, 403, { ...body, code }));
    expect(error).toBeInstanceOf(toloka.TolokaAuthenticationError);
    expect(error.httpStatus).toBe(403);
  },
);

test.each([
  ['Retry-After in seconds', { 'retry-after': '7' }, 7_000],
  ['Retry-After as a date', { 'retry-after': new Date(1_700_000_009_000).toUTCString() }, 9_000],
  ['the interval of a quota', {}, 60_000],
])('a rate limit tells how long to wait: %s', async (_name, headers, ms) => {
  const limited = { ...body, payload: { interval: 'MIN' } };
  const error = await errorOnRead((response) => json(response, 429, limited, headers));
  expect(error).toMatchObject({ code: 'toloka_rate_limited', retryAfterMs: ms });
  expect(error.message).toContain(`in ${ms / 1000} s`);
});

test.each([
  ['HTML', '<html>Log in to the wifi</html>', 'not_json'],
  ['nothing', '', 'empty'],
  ['blanks', ' \n ', 'empty'],
  ['JSON that breaks off where no length tells so', '{"id":"1","sta', 'truncated'],
  ['another thing', '{"status":"CLOSED"}', 'unexpected_shape'],
])('HTTP 200 with %s', async (_name, text, reason) => {
  const error = await errorOnRead((response) => response.writeHead(200).end(text));
  expect(error).toBeInstanceOf(toloka.TolokaUnreadableError);
  expect(error).toMatchObject({ reason, httpStatus: 200, sent: 'answered', excerpt: text.trim() });
});

test('what is wrong with the shape is said', async () => {
  const error = await errorOnRead((response) => json(response, 200, { id: '1', status: 5 }));
  expect(error.message).toMatch(/At status: .*expected string/);
});

test.each([
  [201, 'unexpected_status'],
  [204, 'empty'],
  [206, 'unexpected_status'],
])('a read that is answered with %i', async (status, reason) => {
  const answer = (response: ServerResponse) =>
    status === 204 ? void response.writeHead(204).end() : json(response, status, TRAINING);
  expect(await errorOnRead(answer)).toMatchObject({ reason, httpStatus: status });
});

test.each([301, 302, 307, 308])('a redirect (%i) is not followed', async (status) => {
  const elsewhere = await startServer((_request, response) => json(response, 200, TRAINING));
  const location = `${elsewhere.apiUrl}/v1/trainings/1`;
  const error = await errorOnRead((response) => response.writeHead(status, { location }).end());
  expect(error).toMatchObject({ code: 'toloka_unreadable', reason: 'redirect', httpStatus: status });
  expect(error.message).toContain(location);
  expect(elsewhere.requests).toHaveLength(0);
});

test('an excerpt is short and printable', async () => {
  const text = `\u001b[31m<b>\u202e\u0000\n\n${'x'.repeat(195)}😀${'y'.repeat(500)}`;
  const error = await errorOnRead((response) => response.writeHead(200).end(text));
  const { excerpt } = error as toloka.TolokaUnreadableError;
  expect(excerpt.length).toBeLessThanOrEqual(200);
  expect(excerpt).toMatch(/^\[31m<b> x+$/);
});

test('a body that breaks off', async () => {
  const error = await errorOnRead((response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{"id":"1"');
    setImmediate(() => response.destroy());
  });
  expect(error).toMatchObject({ reason: 'truncated', httpStatus: 200, sent: 'answered' });
});

test('a body without end is not read without end', async () => {
  let written = 0;
  const error = await errorOnRead((response) => {
    const block = Buffer.alloc(1024 * 1024, 'x');
    const pump = () => {
      while (!response.destroyed) {
        written += block.length;
        if (!response.write(block)) break;
      }
    };
    response.writeHead(200).on('drain', pump);
    pump();
  });
  expect(error).toMatchObject({ reason: 'too_large', httpStatus: 200 });
  expect(written).toBeLessThan(60 * 1024 * 1024);
});

test('a connection that breaks before the answer', async () => {
  const error = await errorOnRead((response) => response.socket?.resetAndDestroy());
  expect(error).toBeInstanceOf(toloka.TolokaLostResponseError);
  expect(error).toMatchObject({ sent: 'maybe', httpStatus: undefined });
});

test('an answer that is not HTTP', async () => {
  const error = await errorOnRead((response) => response.socket?.end('SSH-2.0-x\r\n'));
  expect(error).toMatchObject({ code: 'toloka_lost_response', sent: 'maybe' });
});

test('a server that says nothing', async () => {
  const error = await errorOnRead(() => undefined, { readMs: 500 });
  expect(error).toBeInstanceOf(toloka.TolokaTimeoutError);
  expect(error).toMatchObject({ sent: 'maybe', httpStatus: undefined });
});

test('a body that drips is under the same time limit', async () => {
  let timer: NodeJS.Timeout | undefined;
  const error = await errorOnRead(
    (response) => {
      response.writeHead(200);
      timer = setInterval(() => response.write(' '), 20);
    },
    { readMs: 800 },
  );
  clearInterval(timer);
  expect(error).toMatchObject({ code: 'toloka_timeout', sent: 'answered', httpStatus: 200 });
});

test('a port where nobody listens', async () => {
  const { client } = startClient({ apiUrl: 'http://127.0.0.1:1/api' }, { retry: none });
  const error = await errorFrom(client.getTraining('1'));
  expect(error).toBeInstanceOf(toloka.TolokaUnreachableError);
  expect(error).toMatchObject({ sent: 'no', httpStatus: undefined });
  expect(error.message).toContain('ECONNREFUSED');
  expect(error.plainly).toMatch(/cannot be reached.*certificates\.$/);
});

test('a server that does not speak TLS', async () => {
  const server = await startServer((_request, response) => json(response, 200, TRAINING));
  const { client } = startClient({ apiUrl: `https://127.0.0.1:${server.port}` }, { retry: none });
  expect(await errorFrom(client.getTraining('1'))).toMatchObject({ code: 'toloka_unreachable', sent: 'no' });
  expect(server.requests).toHaveLength(0);
});

test.each([
  new undiciErrors.ConnectTimeoutError('Connect Timeout Error'),
  Object.assign(new Error('getaddrinfo ENOTFOUND toloka.dev'), { code: 'ENOTFOUND' }),
  Object.assign(new Error('getaddrinfo EAI_AGAIN toloka.dev'), { code: 'EAI_AGAIN' }),
  Object.assign(new Error('disconnected before secure TLS connection'), { code: 'ECONNRESET' }),
  Object.assign(new Error('unable to verify'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }),
  new AggregateError([new Error('connect ECONNREFUSED ::1'), new Error('connect ECONNREFUSED 127.0.0.1')]),
])('a connection that cannot be made: %s', async (reason) => {
  const dispatcher = new Agent({ connect: (_options, callback) => callback(reason, null) });
  const { client } = startClient({ apiUrl: 'https://toloka.invalid/api' }, { retry: none, dispatcher });
  const error = await errorFrom(client.getTraining('1'));
  expect(error).toMatchObject({ code: 'toloka_unreachable', sent: 'no' });
  const words = reason instanceof AggregateError ? '::1; connect ECONNREFUSED 127' : reason.message;
  expect(error.message).toContain(words);
  expect(String(error.cause)).toContain(words);
});

test('a signal ends a call, before it is sent and after', async () => {
  const arrived: (() => void)[] = [];
  const server = await startServer(() => arrived.shift()?.());
  const { client, slept } = startClient(server);
  const gone = AbortSignal.abort();
  expect(await errorFrom(client.getTraining('1', { signal: gone }))).toMatchObject({
    code: 'toloka_aborted',
    sent: 'no',
  });
  expect(server.requests).toHaveLength(0);
  const abort = new AbortController();
  arrived.push(() => abort.abort());
  const error = await errorFrom(client.getTraining('1', { signal: abort.signal }));
  expect(error).toMatchObject({ code: 'toloka_aborted', sent: 'maybe' });
  expect(slept).toEqual([]);
});

test('codes are all different, and stable', () => {
  const facts = { call: 'GET /x', sent: 'answered' } as const;
  const codes = [
    new toloka.TolokaAuthenticationError(facts),
    new toloka.TolokaDeniedError(facts),
    new toloka.TolokaNotFoundError(facts),
    new toloka.TolokaConflictError(facts),
    new toloka.TolokaRateLimitedError(facts, null),
    new toloka.TolokaRejectedError(facts),
    new toloka.TolokaUnavailableError(facts, null),
    new toloka.TolokaTimeoutError(facts),
    new toloka.TolokaUnreachableError(facts),
    new toloka.TolokaLostResponseError(facts),
    new toloka.TolokaAbortedError(facts),
    new toloka.TolokaUnreadableError('empty', facts),
    new toloka.TolokaInvalidInputError('x', 'GET /x'),
  ].map(({ code }) => code);
  expect(codes).toEqual([
    'toloka_authentication',
    'toloka_denied',
    'toloka_not_found',
    'toloka_conflict',
    'toloka_rate_limited',
    'toloka_rejected',
    'toloka_unavailable',
    'toloka_timeout',
    'toloka_unreachable',
    'toloka_lost_response',
    'toloka_aborted',
    'toloka_unreadable',
    'toloka_invalid_input',
  ]);
});
