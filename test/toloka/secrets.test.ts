import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { Agent, MockAgent } from 'undici';
import { createTolokaClient, type TolokaError } from '../../src/toloka';
import { closeAll, errorFrom, startClient, startServer, TOKEN } from './support';

afterEach(closeAll);

const everythingOf = (value: unknown) =>
  inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null });

function expectNoToken(...values: unknown[]) {
  for (const value of values) {
    expect(everythingOf(value)).not.toContain(TOKEN);
    expect(JSON.stringify(value) ?? '').not.toContain(TOKEN);
  }
}

/** The whole of an error: `inspect` follows causes, JSON shows what a logger would. */
function expectNoTokenIn(error: TolokaError) {
  expectNoToken(error, { ...error }, error.message, error.stack, error.cause, error.payload);
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
  const notes: unknown[] = [];
  const { client, logs } = startClient(server, {
    timeouts: { readMs: 200, archiveMs: 200 },
    onRequest: (note) => notes.push(note),
  });
  expectNoTokenIn(await errorFrom(client.getTraining('1')));
  expectNoTokenIn(await errorFrom(client.archiveTraining('1')));
  expect(server.requests[0]?.headers.authorization).toContain(TOKEN);
  expect(logs.length).toBeGreaterThan(1);
  expectNoToken(logs, notes);
});

test('the client shows nothing of it', async () => {
  const { client } = startClient({ apiUrl: 'http://127.0.0.1:1/api' });
  expectNoToken(client);
  await client.getTraining('1').catch(() => undefined);
  expectNoToken(client);
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
      .intercept({ path: '/api/v1/requester', headers: { authorization: 'x' } });
  }
  const { client, logs } = startClient({ apiUrl: 'http://toloka.test/api' }, { dispatcher });
  const error = await errorFrom(client.getRequester());
  expectNoTokenIn(error);
  expectNoToken(logs);
  await dispatcher.close();
});

test.each([`${TOKEN}\nx: y`, `${TOKEN} ${TOKEN}`, `${TOKEN}é`, `OAuth ${TOKEN}\u0000`])(
  'a token that cannot be one is refused without being shown',
  (token) => {
    const make = () => createTolokaClient({ apiUrl: 'https://x/api', token, trainingPath: 'trainings' });
    expect(make).toThrow(/token/);
    try {
      make();
    } catch (error) {
      expectNoToken(error);
    }
  },
);

test.each(['', '  ', 'OAuth '])('no token at all is refused: "%s"', (token) => {
  expect(() => createTolokaClient({ apiUrl: 'https://x/api', token, trainingPath: 'trainings' })).toThrow(
    /token/,
  );
});
