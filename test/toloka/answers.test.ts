import type { ServerResponse } from 'node:http';
import { Agent, errors as undiciErrors } from 'undici';
import type { AccountOptions } from '../../src/toloka/account';
import { retryAfterMs } from '../../src/toloka/answer';
import { TolokaError } from '../../src/toloka/errors';
import { closeAll, json, startAccount, startServer, TRAINING } from './support';

afterEach(closeAll);

type Answer = (response: ServerResponse) => void;

/** The line in the log about a read that failed. */
async function failureOf(
  server: Parameters<typeof startAccount>[0],
  options: Partial<AccountOptions> = {},
): Promise<Record<string, unknown>> {
  const { account, warnings } = startAccount(server, options);
  const reading = await account.readTraining('1');
  expect(reading.kind).not.toBe('found');
  expect(warnings()).toHaveLength(1);
  return warnings()[0] ?? {};
}

const failureOn = async (answer: Answer, options: Partial<AccountOptions> = {}) =>
  failureOf(await startServer((_request, response) => answer(response)), options);

const body = { request_id: 'r-1', code: 'SOME_CODE', message: 'Some message', payload: { a: 1 } };

const BY_STATUS = [
  [400, 'rejected'],
  [401, 'authentication'],
  [403, 'denied'],
  [404, 'not_found'],
  [405, 'rejected'],
  [408, 'timeout'],
  [409, 'conflict'],
  [413, 'rejected'],
  [429, 'rate_limited'],
  [500, 'unavailable'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'unavailable'],
] as const;

test.each(BY_STATUS)('HTTP %i with the body that Toloka documents', async (status, kind) => {
  expect(await failureOn((response) => json(response, status, body))).toMatchObject({
    code: `toloka_${kind}`,
    status,
    tolokaCode: 'SOME_CODE',
    requestId: 'r-1',
    reason: expect.stringContaining('Toloka said: "Some message"'),
  });
});

describe.each([
  ['HTML', '<html><h1>nginx</h1></html>'],
  ['nothing', ''],
  ['JSON without a code', '{"message":null,"payload":null}'],
  ['JSON that is no object', '[1]'],
  ['a code of another kind', '{"code":7}'],
])('an error body that is %s', (_name, text) => {
  test.each(BY_STATUS)('leaves the kind to the status, %i', async (status, kind) => {
    expect(await failureOn((response) => response.writeHead(status).end(text))).toMatchObject({
      code: `toloka_${kind}`,
      status,
      tolokaCode: undefined,
    });
  });
});

test('an error body that breaks off, or never ends, leaves the kind to the status', async () => {
  const cut = (response: ServerResponse) => {
    response.writeHead(409, { 'content-length': 100 }).write('{"code":');
    setImmediate(() => response.destroy());
  };
  expect(await failureOn(cut)).toMatchObject({ code: 'toloka_conflict' });
  const endless = (response: ServerResponse) => void response.writeHead(403).write('{');
  expect(await failureOn(endless, { readMs: 500 })).toMatchObject({ code: 'toloka_denied' });
});

test.each(['AUTHENTICATION_ERROR', 'OAUTH_AUTHENTICATION_ERROR'])(
  'the code %s is about the token under any status',
  async (code) => {
    const failure = await failureOn((response) => json(response, 403, { ...body, code }));
    expect(failure).toMatchObject({ code: 'toloka_authentication', status: 403 });
  },
);

test.each([
  [429, 60_000],
  [503, 60_000],
  [409, null],
])('the Retry-After of HTTP %i', async (status, retryAfterMs) => {
  const failure = await failureOn((response) => json(response, status, {}, { 'retry-after': '60' }));
  expect(failure).toMatchObject({ status, retryAfterMs });
});

const FOREIGN = /not from the API/;
const BROKE_OFF = /broke off/;

test.each<[string, RegExp, Answer]>([
  ['HTML', FOREIGN, (response) => response.end('<html>Log in to the wifi</html>')],
  ['HTML with a script', FOREIGN, (response) => response.end('<script>a = [{}]</script>')],
  ['nothing', /is empty/, (response) => response.end('')],
  ['blanks', /is empty/, (response) => response.end(' \n ')],
  ['JSON that breaks off, without a length', BROKE_OFF, (response) => response.end('{"id":"1","sta')],
  [
    'a body that breaks off',
    BROKE_OFF,
    (response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"id":"1"');
      setImmediate(() => response.destroy());
    },
  ],
  ['a number', /At the top: .*expected object/, (response) => json(response, 200, 5)],
  ['another thing', /documented shape/, (response) => json(response, 200, { status: 'CLOSED' })],
  [
    'another shape',
    /At status: .*expected string/,
    (response) => json(response, 200, { id: '1', status: 5 }),
  ],
])('HTTP 200 with %s', async (_name, reason, answer) => {
  const failure = await failureOn(answer);
  expect(failure).toMatchObject({ code: 'toloka_unreadable', status: 200 });
  expect(failure['reason']).toMatch(reason);
});

test.each([201, 204, 206])('a read that is answered with %i', async (status) => {
  const answer = (response: ServerResponse) =>
    status === 204 ? void response.writeHead(204).end() : json(response, status, TRAINING);
  const reason = expect.stringContaining('status is not documented');
  expect(await failureOn(answer)).toMatchObject({ code: 'toloka_unreadable', status, reason });
});

test.each([301, 302, 307, 308])('a redirect (%i) is not followed', async (status) => {
  const elsewhere = await startServer((_request, response) => json(response, 200, TRAINING));
  const location = `${elsewhere.apiUrl}/v1/trainings/1`;
  const reason = expect.stringContaining(location);
  const answer = (response: ServerResponse) => response.writeHead(status, { location }).end();
  expect(await failureOn(answer)).toMatchObject({ code: 'toloka_unreadable', status, reason });
  expect(elsewhere.requests).toHaveLength(0);
});

test('what Toloka says is made short and printable', async () => {
  const message = `\u001b[31m<b>\u202e\u0000\n\n${'x'.repeat(191)}😀${'y'.repeat(500)}`;
  const { reason } = await failureOn((response) => json(response, 409, { message }));
  expect(reason).toMatch(/Toloka said: "\[31m<b> x{191}…"$/);
});

test('a body without end is not read without end', async () => {
  let written = 0;
  const failure = await failureOn((response) => {
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
  expect(failure).toMatchObject({ code: 'toloka_unreadable', reason: expect.stringContaining('larger') });
  expect(written).toBeLessThan(60 * 1024 * 1024);
});

test.each<[string, Answer]>([
  ['a connection that breaks before the answer', (response) => response.socket?.resetAndDestroy()],
  ['an answer that is not HTTP', (response) => response.socket?.end('SSH-2.0-x\r\n')],
])('%s', async (_name, answer) => {
  expect(await failureOn(answer)).toMatchObject({ code: 'toloka_lost_response', status: null });
});

test('a server that says nothing', async () => {
  const failure = await failureOn(() => undefined, { readMs: 500 });
  expect(failure).toMatchObject({ code: 'toloka_timeout', status: null });
});

test('a body that drips is under the same time limit', async () => {
  let timer: NodeJS.Timeout | undefined;
  const answer = (response: ServerResponse) => {
    response.writeHead(200);
    timer = setInterval(() => response.write(' '), 20);
  };
  const failure = await failureOn(answer, { readMs: 800 });
  clearInterval(timer);
  expect(failure).toMatchObject({ code: 'toloka_timeout', status: 200 });
});

test('a server that does not speak TLS', async () => {
  const server = await startServer((_request, response) => json(response, 200, TRAINING));
  const failure = await failureOf({ apiUrl: `https://127.0.0.1:${server.port}` });
  expect(failure).toMatchObject({ code: 'toloka_unreachable', status: null });
  expect(server.requests).toHaveLength(0);
});

test.each([
  new undiciErrors.ConnectTimeoutError('Connect Timeout Error'),
  Object.assign(new Error('getaddrinfo ENOTFOUND toloka.dev'), { code: 'ENOTFOUND' }),
  Object.assign(new Error('disconnected before secure TLS connection'), { code: 'ECONNRESET' }),
  Object.assign(new Error('unable to verify'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }),
  new AggregateError([new Error('connect ECONNREFUSED ::1'), new Error('connect ECONNREFUSED 127.0.0.1')]),
])('a connection that cannot be made: %s', async (reason) => {
  const dispatcher = new Agent({ connect: (_options, callback) => callback(reason, null) });
  const failure = await failureOf({ apiUrl: 'https://toloka.invalid/api' }, { dispatcher });
  const words = reason instanceof AggregateError ? '::1; connect ECONNREFUSED 127' : reason.message;
  expect(failure).toMatchObject({ code: 'toloka_unreachable', reason: expect.stringContaining(words) });
});

test('an error of the API is an error with a name, a code and a cause', () => {
  const cause = new Error('ECONNRESET: x');
  const error = new TolokaError('lost_response', { sent: 'maybe', cause });
  expect(error).toMatchObject({ name: 'TolokaError', code: 'toloka_lost_response', cause });
  expect(error.message).toMatch(/broke before it answered.* Reason: ECONNRESET: x$/);
});

describe('how long an answer asks to wait', () => {
  const NOW = Date.UTC(2024, 0, 1, 12, 0, 0);

  test.each([
    ['0', 0],
    ['5', 5_000],
    [' 120 ', 120_000],
    ['Mon, 01 Jan 2024 12:00:07 GMT', 7_000],
    ['Monday, 01-Jan-24 12:00:07 GMT', 7_000],
    ['Mon, 01 Jan 2024 11:59:00 GMT', 0],
  ])('Retry-After: %s', (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });

  const DATE = 'Mon, 01 Jan 2024 12:00:07 GMT';
  test.each([
    ...['-1', '1e9', 'soon', ['5', '6'], 'Mon, tomorrow GMT', `${DATE}+0500`, `x ${DATE}`, undefined],
  ])('%j: nothing', (header) => {
    expect(retryAfterMs(header, NOW)).toBeNull();
  });
});
