import { request } from 'node:http';
import { type Page, startPage } from '../../demo/page';
import { ALICE, createFakes, type Fakes, GENERAL } from '../support/harness';

let fakes: Fakes;
let page: Page;
beforeAll(async () => {
  fakes = await createFakes();
  page = await startPage({ workspace: fakes.workspace, account: fakes.account });
});
afterAll(async () => {
  await page.close();
  await fakes.close();
});

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** Uses Node's own client, since fetch does not let callers set Host and Origin. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, page.url), { method, headers }, (answer) => {
      let text = '';
      answer.on('data', (data) => {
        text += String(data);
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

const origin = () => page.url.replace(/\/$/, '');
const json = () => ({ origin: origin(), 'content-type': 'application/json' });
const SAY = JSON.stringify({ act: 'send', user: ALICE, channel: GENERAL, text: 'hello' });
const said = () => fakes.workspace.messages(GENERAL).length;

describe('only the page itself drives the demo', () => {
  it('only this machine can reach it', () => {
    expect(page.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it('uses the given port, or another one when it is taken, and says whether the page reconnects by itself', async () => {
    const { port } = new URL(page.url);
    const lost = async (one: Page) =>
      /<p id="lost"[^>]*>(.*?)<\/p>/.exec(await (await fetch(one.url)).text())?.[1];
    const options = { workspace: fakes.workspace, account: fakes.account };
    const elsewhere = await startPage({ ...options, port: Number(port) });
    expect(elsewhere.url).not.toBe(page.url);
    expect(await lost(elsewhere)).toContain('open the address that it prints.');
    await elsewhere.close();
    const free = Number(new URL(elsewhere.url).port);
    const asked = await startPage({ ...options, port: free });
    expect(asked.url).toBe(`http://127.0.0.1:${free}/`);
    expect(await lost(asked)).toContain('The page reconnects by itself when the demo runs again.');
    await asked.close();
  });

  it('takes an act from itself', async () => {
    const before = said();
    expect(await ask('/act', json(), 'POST', SAY)).toMatchObject({ status: 200, body: '{}' });
    expect(said()).toBe(before + 1);
  });

  it.each([
    [
      'another page’s host name that points here',
      403,
      () => ({ ...json(), host: 'evil.example', origin: 'http://evil.example' }),
    ],
    ['the right host at another port', 403, () => ({ ...json(), host: '127.0.0.1:1' })],
    ['another page', 403, () => ({ ...json(), origin: 'https://evil.example' })],
    ['a page on another port', 403, () => ({ ...json(), origin: 'http://127.0.0.1:1' })],
    ['no origin', 403, () => ({ 'content-type': 'application/json' })],
    ['a form', 415, () => ({ origin: origin(), 'content-type': 'text/plain' })],
  ])('refuses an act from %s', async (_, status, headers) => {
    const before = said();
    expect((await ask('/act', headers(), 'POST', SAY)).status).toBe(status);
    expect(said()).toBe(before);
  });

  it.each(['/', '/events', '/style.css'])('shows %s to no other host and origin', async (path) => {
    expect((await ask(path, { host: 'evil.example' })).status).toBe(403);
    expect((await ask(path, { origin: 'https://evil.example' })).status).toBe(403);
  });

  it('does nothing on GET, and knows no other method', async () => {
    const before = said();
    expect((await ask(`/act?${new URLSearchParams({ body: SAY })}`)).status).toBe(404);
    expect((await ask('/act', json(), 'PUT', SAY)).status).toBe(405);
    expect(said()).toBe(before);
  });

  it.each([
    ['not JSON', 400, '{'],
    ['an unknown act', 400, '{"act":"eval","user":"U01ALICE"}'],
    [
      'a path where an id belongs',
      200,
      JSON.stringify({ act: 'send', user: '../x', channel: GENERAL, text: 'x' }),
    ],
    [
      'too much',
      413,
      JSON.stringify({ act: 'send', user: ALICE, channel: GENERAL, text: 'x'.repeat(70_000) }),
    ],
  ])('%s: refused', async (_, status, body) => {
    const before = said();
    const answer = await ask('/act', json(), 'POST', body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toHaveProperty('refused');
    expect(said()).toBe(before);
  });

  it('serves no file but its own', async () => {
    for (const path of ['/../package.json', '/client/../index.ts', '/client/main.ts', '/%2e%2e/package.json'])
      expect((await ask(path)).status).toBe(404);
  });

  it('sends a strict policy with everything', async () => {
    for (const path of ['/', '/style.css', '/client/main', '/nothing']) {
      const { headers } = await ask(path);
      expect(headers['content-security-policy']).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      );
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    }
  });

  it('names nothing from outside in what it serves', async () => {
    const { body } = await ask('/');
    const paths = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
    expect(paths).toEqual(['/icon.svg', '/style.css', '/client/main']);
    expect((await ask('/style.css')).body).not.toMatch(/url\(|@import|https?:/);
  });
});
