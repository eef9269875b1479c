import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port';

/** One Web API call that passed the proxy. */
interface Passed {
  method: string;
  args: Record<string, string>;
  answer: { ok: boolean; error?: string; [field: string]: unknown };
}

export interface Emulated {
  /** For SLACK_API_URL. Calls are recorded and passed on unchanged. */
  apiUrl: string;
  passed: Passed[];
  /** Makes a call of the test, which is not recorded. */
  call(method: string, args?: Record<string, string>): Promise<Passed['answer']>;
  waitFor(found: (passed: Passed) => boolean): Promise<Passed>;
  close(): Promise<void>;
}

/**
 * Starts `emulate`, a Slack Web API that this project did not write. It keeps messages, views, triggers, hashes,
 * membership and scopes. A test can't ask it for a view, so a proxy in front of it records the calls.
 */
export async function startEmulate(botToken: string, seed: object): Promise<Emulated> {
  const program = join(__dirname, 'emulator.mjs');
  const args = [program, JSON.stringify(seed), String(await freePort())];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const base = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error('The emulator did not start')));
  });
  const passed: Passed[] = [];
  const waiting = new Set<() => void>();
  const proxy = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const answer = await fetch(`${base}${request.url}`, {
      method: 'POST',
      headers: {
        authorization: request.headers.authorization ?? '',
        'content-type': request.headers['content-type'] ?? 'application/x-www-form-urlencoded',
      },
      body,
    });
    const text = await answer.text();
    const method = (request.url ?? '').replace(/^\/api\//, '').replace(/\?.*$/, '');
    passed.push({ method, args: Object.fromEntries(new URLSearchParams(body)), answer: JSON.parse(text) });
    for (const check of waiting) check();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  const address = proxy.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    passed,
    async call(method, args = {}) {
      const headers = { authorization: `Bearer ${botToken}` };
      const body = new URLSearchParams(args);
      const answer = await fetch(`${base}/api/${method}`, { method: 'POST', headers, body });
      return (await answer.json()) as Passed['answer'];
    },
    waitFor: (found) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`Not seen. Last calls: ${JSON.stringify(passed.slice(-6))}`)),
          10_000,
        );
        const check = () => {
          const one = passed.findLast(found);
          if (!one) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(one);
        };
        waiting.add(check);
        check();
      }),
    async close() {
      child.kill('SIGTERM');
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

/** Delivers to the app as Slack does: a form, signed. @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
export async function deliver(url: string, secret: string, form: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams(form).toString();
  const at = String(Math.floor(Date.now() / 1000));
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`;
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': at,
      'x-slack-signature': signature,
    },
    body,
  });
}
