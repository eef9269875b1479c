/**
 * The Web API over HTTP: runs the methods, applies faults and keeps the log of calls.
 *
 * Read in docs.slack.dev/apis/web-api: `ok: false` comes with HTTP 200, only rate limits with 429 and `retry-after`.
 * Not imitated: multipart bodies, file uploads, warnings, deprecated arguments.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { createFaults, Fault } from './faults';
import { METHODS, type Method } from './methods';
import { createLimiter, SLACK_LIKE_LIMITS } from './rate-limits';
import { Refusal } from './refusal';
import { useResponseUrl } from './response-url';
import type { Timers } from './timers';
import type { CallRecord, Obj } from './types';
import { authorise, readRequest } from './web-request';
import type { World } from './world';

interface Answer {
  status: number;
  body: Obj;
  headers: Record<string, string>;
}

export interface WebApi {
  /** One request to `/api/<method>` or `/response/<id>`. */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    caller: string | null,
  ): Promise<void>;
  down: boolean;
}

const no = (error: string, extra: Obj = {}): Answer => ({
  ...{ status: 200, headers: {} },
  body: { ok: false, error, ...extra },
});

export function createWebApi(
  world: World,
  faults: ReturnType<typeof createFaults>,
  timers: Timers,
  openConnection: (caller: string | null) => Obj,
): WebApi {
  const { rateLimits } = world.settings;
  const limiter = createLimiter(rateLimits === true ? SLACK_LIKE_LIMITS : (rateLimits ?? {}), world.now);
  const methodsFor = (caller: string | null): Record<string, Method> => ({
    ...METHODS,
    'apps.connections.open': { token: 'app', run: () => openConnection(caller) },
  });

  function run(record: CallRecord, token: string | undefined): Answer {
    const { method: name, args, caller } = record;
    const methods = methodsFor(caller);
    try {
      if ('invalid_json' in args) return no('invalid_json');
      const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
      if (!method) return no('unknown_method', { req_method: name });
      const headers = authorise(world, method, token);
      const seconds = limiter(name, args);
      if (seconds !== undefined) {
        return { ...no('ratelimited'), status: 429, headers: { 'retry-after': String(seconds) } };
      }
      const body = { ok: true, ...method.run(world, args) };
      record.effect = true;
      return { status: 200, headers, body };
    } catch (error) {
      if (error instanceof Refusal) return no(error.code, error.extra);
      // An error in the fake must not look like a refusal by Slack.
      return { ...no('fatal_error', { detail: String((error as Error).stack) }), status: 500 };
    }
  }

  function answerThrough(record: CallRecord, id: string): Answer {
    const used = useResponseUrl(world, id, record.args);
    record.effect = used.body['ok'] === true;
    return { ...used, headers: {} };
  }

  /** Records the answer that the app gets; status 0 if it gets none. */
  function answered(record: CallRecord, status: number, body: Obj): void {
    record.status = status;
    record.ok = body['ok'] === true;
    if (body['error'] !== undefined) record.error = String(body['error']);
    world.emitter.emit('call', record);
  }

  function send(response: ServerResponse, record: CallRecord, { status, headers, body }: Answer): void {
    answered(record, status, body);
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    response.end(JSON.stringify(body));
  }

  async function strike(fault: Fault, record: CallRecord, response: ServerResponse, effect: () => Answer) {
    const { kind, ms, error, status, retryAfter } = fault;
    record.fault = kind;
    if (kind === 'slow') {
      const early = fault.effect ? effect() : undefined;
      await timers.wait(ms);
      send(response, record, early ?? effect());
      return;
    }
    if (fault.effect) effect();
    if (kind === 'error') send(response, record, no(error));
    else if (kind === 'status') send(response, record, { ...no('service_unavailable'), status });
    else if (kind === 'ratelimited') {
      const headers = { 'retry-after': String(retryAfter) };
      send(response, record, { ...no('ratelimited'), status: 429, headers });
    } else if (kind === 'html') {
      answered(record, 200, { ok: false, error: kind });
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>Bad gateway</title>');
    } else {
      answered(record, 0, { ok: false, error: kind });
      // A silent call stays open until the app's own timeout or the end of the workspace.
      if (kind !== 'silent') response.destroy();
    }
  }

  const api: WebApi = {
    down: false,
    async handle(request, response, path, caller) {
      const { args, token } = await readRequest(request);
      const [, kind, name = ''] = path.split('/');
      const method = kind === 'api' ? name : 'response_url';
      const n = world.calls.length + 1;
      const record: CallRecord = { n, at: world.now(), method, caller, args, ok: undefined, effect: false };
      world.calls.push(record);
      world.emitter.emit('arrival', record);
      if (api.down) {
        record.fault = 'down';
        answered(record, 0, { ok: false, error: 'down' });
        response.destroy();
        return;
      }
      const effect = () => (kind === 'api' ? run(record, token) : answerThrough(record, name));
      const fault = faults.take(method, args);
      if (fault) await strike(fault, record, response, effect);
      else send(response, record, effect());
    },
  };
  return api;
}
