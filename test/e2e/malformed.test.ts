import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { WebSocketServer } from 'ws';
import { signedHeaders } from '../../fakes/slack/http-delivery';
import { type AppProcess, startReadyApp } from '../support/app-process';
import { freePort } from '../support/free-port';
import { createFakes, type Fakes, TOKENS } from '../support/harness';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
let fakes: Fakes;
let app: AppProcess;
beforeEach(async () => {
  fakes = await createFakes();
});
afterEach(async () => {
  await app.kill();
  await fakes.close();
});

/** Bodies that have no shape that Slack sends. */
const ODD = [
  ...['null', 'true', '1', '"x"', '[]', '[null]', '{}', '{"type":null}', '{"event":null}', '{"event":1}'],
  ...['{"event":{}}', '{"event":{"item":1,"channel":null}}', '{"command":null}', '{"command":{}}'],
  ...['{"actions":null}', '{"actions":[]}', '{"actions":[null]}', '{"type":"view_submission"}'],
  ...['{"type":"view_closed","view":null,"user":null}', '{"type":"view_submission","view":{},"user":{}}'],
  ...['{"type":"block_actions","actions":[{}],"user":{},"team":null}', '{"type":"url_verification"}'],
  ...[
    '{"type":"shortcut"}',
    '{"type":"message_action","channel":null}',
    '{"name":null}',
    '{"__proto__":null}',
  ],
  ...[
    '{"command":"/toloka-archive"}',
    '{"command":"/toloka-archive","response_urls":[null]}',
    '{"ssl_check":1}',
  ],
];
const FORMS = [
  ...[
    '',
    'payload=',
    'payload',
    'payload=x',
    'payload=%7B',
    'payload=null&payload=null',
    'a=b',
    '&&&',
    '%zz=%',
  ],
  ...['command=', 'command=%2Ftoloka-archive', 'command=%2Ftoloka-archive&text=1&text=2', 'ssl_check=0'],
  ...ODD.map((json) => `payload=${encodeURIComponent(json)}`),
];

/** Objects of the keys that Bolt reads, with values that it does not expect. */
const value = fc.oneof(
  fc.constantFrom(null, [], {}, '', 0, true, '/toloka-archive', [null], { id: null }, { id: 'U1', type: 1 }),
  fc.constantFrom('view_submission', 'view_closed', 'block_actions', 'shortcut', 'block_suggestion'),
);
const KEYS = [
  ...[
    'type',
    'event',
    'command',
    'actions',
    'name',
    'view',
    'user',
    'team',
    'channel',
    'enterprise',
    'message',
  ],
  ...['authorizations', 'is_enterprise_install', 'response_url', 'response_urls', 'container', 'callback_id'],
];
const shapes = fc.dictionary(fc.constantFrom(...KEYS), value);

describe('a signed request of an odd shape', () => {
  let url: string;
  beforeEach(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const env = { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: TOKENS.signing, PORT: String(port) };
    app = await startReadyApp(fakes.env(env));
  });

  async function send(body: string, contentType: string): Promise<number> {
    const signed = signedHeaders(TOKENS.signing, body, Date.now(), 'good');
    const headers = { 'content-type': contentType, ...signed };
    const { status } = await fetch(`${url}/slack/events`, { method: 'POST', body, headers });
    return status;
  }
  /** What would change something at Toloka. Options for the picker are read. */
  const sent = () => fakes.account.exchanges.filter(({ method }) => method !== 'GET');
  const alive = async () => (await fetch(`${url}/healthz`)).status;

  it('is answered, and the app lives', async () => {
    const odd = [
      ...[...ODD, '', '{', '\0'].map((body) => [body, JSON_TYPE]),
      ...FORMS.map((body) => [body, FORM]),
    ];
    const others: unknown[] = [];
    for (const [body = '', type = ''] of odd) {
      const status = await send(body, type);
      if (![200, 400].includes(status)) others.push([status, body, type]);
    }
    expect(others).toEqual([]);
    expect(await alive()).toBe(200);
    expect(sent()).toEqual([]);
  });

  it('of any shape is answered, and the app lives', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        expect([200, 400]).toContain(await send(JSON.stringify(shape), JSON_TYPE));
      }),
      { numRuns: 300 },
    );
    expect(await alive()).toBe(200);
    expect(sent()).toEqual([]);
  });

  it('to an odd address is answered, and the app lives', async () => {
    for (const path of ['//', '/slack/events/', '/slack/%zz', '/healthz/%', '/slack/events?x=%'])
      expect([path, (await fetch(`${url}${path}`, { method: 'POST' })).status]).toEqual([
        path,
        expect.any(Number),
      ]);
    expect(await alive()).toBe(200);
  });
});

describe('a message of an odd shape by Socket Mode', () => {
  let slack: Awaited<ReturnType<typeof openSlack>>;
  beforeEach(async () => {
    slack = await openSlack();
  });
  afterEach(() => slack.close());

  it('does not end the app, and the next command is acknowledged', async () => {
    app = await startReadyApp(fakes.env({ SLACK_API_URL: slack.url }));
    const types = ['events_api', 'interactive', 'slash_commands', null, 'error', 'ws_message'];
    const envelopes = types.flatMap((type) =>
      ODD.map((payload) => `{"type":${JSON.stringify(type)},"envelope_id":"odd","payload":${payload}}`),
    );
    for (const message of ['null', '1', '[]', '{', ...ODD, ...envelopes]) slack.send(message);
    const payload = {
      command: '/toloka-archive',
      text: 'help',
      user_id: 'U1',
      team_id: 'T0',
      channel_id: 'C1',
    };
    const ended = app.exited.then(() => app.output());
    // A rejection ends a process after everything that arrived with its cause, so the first answer proves nothing.
    for (const id of ['first', 'second']) {
      slack.send(JSON.stringify({ type: 'slash_commands', envelope_id: id, payload }));
      expect(await Promise.race([slack.acked(id), ended])).toBe(id);
    }
  });
});

/** No more of Slack than a connection needs, so that a test can send what the fake workspace never does. */
async function openSlack() {
  const http = createServer((request, response) => {
    const more = request.url?.endsWith('apps.connections.open')
      ? { url: url.replace('http', 'ws') }
      : { user_id: 'U0', bot_id: 'B0', team_id: 'T0' };
    response.end(JSON.stringify({ ok: true, ...more }));
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/api/`;
  const server = new WebSocketServer({ server: http });
  const acks: string[] = [];
  const acked = (id: string) =>
    new Promise<string>((resolve) => {
      const check = () => acks.includes(id) && resolve(id);
      server.on('ack', check);
      check();
    });
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      acks.push(JSON.parse(String(data)).envelope_id);
      server.emit('ack');
    });
    socket.send('{"type":"hello"}');
  });
  return {
    url,
    acked,
    send(message: string) {
      for (const socket of server.clients) socket.send(message);
    },
    async close() {
      for (const socket of server.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
