import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { Agent, MockAgent } from 'undici';
import { createRedactor } from '../../src/redact';
import { errorOf } from '../../src/toloka/answer';
import type { Exchange } from '../../src/toloka/exchange';
import { closeAll, json, OPERATION, startAccount, startServer, TOKEN } from './support';

afterEach(closeAll);

const everythingOf = (value: unknown) =>
  inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null });

function expectNoToken(...values: unknown[]) {
  for (const value of values) {
    expect(everythingOf(value)).not.toContain(TOKEN);
    expect(JSON.stringify(value) ?? '').not.toContain(TOKEN);
  }
}

const echo = JSON.stringify({
  request_id: TOKEN,
  code: `CODE_${TOKEN}`,
  message: `Bad header: OAuth ${TOKEN}`,
  payload: { headers: [{ authorization: `OAuth ${TOKEN}` }], [TOKEN]: TOKEN },
});
const escaped = echo.replaceAll('-', '\\u002d');

test.each<[string, (response: ServerResponse) => void]>([
  ['401', (response) => response.writeHead(401).end(echo)],
  ['409', (response) => response.writeHead(409).end(echo)],
  ['500', (response) => response.writeHead(500).end(echo)],
  ['escapes', (response) => response.writeHead(400).end(escaped)],
  ['HTML', (response) => response.writeHead(200).end(`<pre>Authorization: OAuth ${TOKEN}</pre>`)],
  ['another shape', (response) => response.writeHead(200).end(echo)],
  ['a field name', (response) => response.writeHead(200).end(`{"id":"1","status":{"${TOKEN}":1}}`)],
  ['a redirect', (response) => response.writeHead(302, { location: `/?token=${TOKEN}` }).end()],
  ['a reset', (response) => response.socket?.resetAndDestroy()],
  ['garbage', (response) => response.socket?.end(`HTTP/1.1 ${TOKEN}\r\n\r\n`)],
  ['silence', () => undefined],
])('an answer that repeats the token, or breaks: %s', async (_name, answer) => {
  const server = await startServer((_request, response) => answer(response));
  const { account, logs } = startAccount(server, { readMs: 1_000, archiveMs: 1_000 });
  expectNoToken(await account.readTraining('1'), await account.archive('1', 'c-1'));
  expect(server.requests[0]?.headers.authorization).toContain(TOKEN);
  expect(logs.length).toBeGreaterThan(1);
  expectNoToken(logs, account);
});

test.each<[string, Agent | MockAgent]>([
  ['a connection', new Agent({ connect: (_options, callback) => callback(new Error(`x ${TOKEN}`), null) })],
  // Its error repeats the headers of the request.
  ['a mock', new MockAgent()],
])('an error of the dispatcher that repeats it: %s', async (_name, dispatcher) => {
  if (dispatcher instanceof MockAgent) {
    dispatcher.disableNetConnect();
    dispatcher
      .get('http://toloka.test')
      .intercept({ path: '/api/v1/projects/1', headers: { authorization: 'x' } });
  }
  const { account, logs } = startAccount({ apiUrl: 'http://toloka.test/api' }, { dispatcher });
  expectNoToken(await account.readProject('1'), logs);
  expect(logs.length).toBeGreaterThan(0);
  await dispatcher.close();
});

test('an error keeps nothing of its cause but the words, without the token', () => {
  const cause = Object.assign(new Error(`x ${TOKEN}`), { code: 'EX', headers: { authorization: TOKEN } });
  const broken = { started: true, status: null, headers: {}, text: '', problem: { kind: 'broken', cause } };
  const error = errorOf(broken as Exchange, createRedactor([TOKEN]), 0);
  expect(error?.message).toContain('EX: x');
  expectNoToken(error, error?.stack);
});

test.each([`${TOKEN}\nx: y`, `${TOKEN} ${TOKEN}`, `${TOKEN}é`, `OAuth ${TOKEN}\u0000`])(
  'a token that cannot be one is refused without being shown',
  (token) => {
    const make = () => startAccount({ apiUrl: 'https://x/api' }, { token });
    expect(make).toThrow(/token/);
    try {
      make();
    } catch (error) {
      expectNoToken(error);
    }
  },
);

test('the details of an operation that repeat it', async () => {
  const details = { why: `OAuth ${TOKEN}`, [TOKEN]: [TOKEN] };
  const server = await startServer((_request, response) => json(response, 200, { ...OPERATION, details }));
  const reading = await startAccount(server).account.readOperation(OPERATION.id);
  expect(reading).toMatchObject({ value: { said: expect.stringContaining('why') } });
  expectNoToken(reading);
});
