import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reportCalls, type SlackCall } from '../../src/slack/calls';

const SECRET = 'ofReplies';
let server: Server;
let url: string;
let answer: { status?: number; body?: string };
let calls: SlackCall[];

beforeEach(async () => {
  calls = [];
  server = createServer((_request, response) => {
    if (answer.status === undefined) response.destroy();
    else response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const reported = reportCalls(fetch, (call) => calls.push(call));
const call = () =>
  reported(`${url}/api/chat.postMessage`, { method: 'POST', headers: { authorization: 'Bearer t' } });
const reply = () => reported(`${url}/commands/T01/123/${SECRET}`, { method: 'POST' });

it.each([
  ['ok', { status: 200, body: '{"ok":true}' }],
  ['channel_not_found', { status: 200, body: '{"ok":false,"error":"channel_not_found"}' }],
  ['ratelimited', { status: 429, body: '' }],
  ['unreadable', { status: 502, body: '<html>' }],
])('reports %s, and leaves the answer to be read', async (outcome, given) => {
  answer = given;
  const response = await call();
  expect([response.status, await response.text()]).toEqual([given.status, given.body]);
  expect(calls).toEqual([{ method: 'chat.postMessage', outcome, seconds: expect.any(Number) }]);
});

it('reports that there was no answer, and throws what the call threw', async () => {
  answer = {};
  await expect(call()).rejects.toThrow('fetch failed');
  expect(calls).toMatchObject([{ method: 'chat.postMessage', outcome: 'unanswered' }]);
});

it('never names the address of a reply, which is a secret', async () => {
  answer = { status: 200, body: 'ok' };
  await reply();
  answer = { status: 500, body: '' };
  await reply();
  answer = {};
  await reply().catch(() => {});
  expect(calls.map(({ method, outcome }) => [method, outcome])).toEqual([
    ['response_url', 'ok'],
    ['response_url', 'unreadable'],
    ['response_url', 'unanswered'],
  ]);
});
