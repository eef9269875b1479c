import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange, ExchangeLog } from './exchanges';
import type { FaultEntry, FaultTarget } from './faults';
import { Refusal, refusalAnswer } from './refusal';
import { createReply } from './reply';
import type { Call } from './routes';
import { spoil } from './spoil';
import type { Answer } from './types';

export interface ListenerOptions {
  now(): number;
  newId(): string;
  route(call: Call): Answer;
  log: ExchangeLog;
  take(target: FaultTarget): FaultEntry | null;
  /** The rate limit: may this request be served? */
  allow(): boolean;
  settle(): void;
  trainingOf(operationId: string): string | undefined;
  wait(ms: number, then: () => void): void;
  arrived(exchange: Exchange): void;
  over(exchange: Exchange): void;
}

/** Answers an HTTP request: logs it, applies a fault if a rule hits it, otherwise does what it asks for. */
export function createListener(options: ListenerOptions) {
  const { now, newId, route, log, take, allow, settle, trainingOf, wait, arrived, over } = options;

  return (request: IncomingMessage, response: ServerResponse): void => {
    settle();
    const [, caller, address = ''] = /^(?:\/as\/([^/]+))?(.*)$/.exec(request.url ?? '') ?? [];
    const [path = '', query = ''] = address.split(/\?(.*)/);
    const params = new URLSearchParams(query);
    const method = request.method ?? 'GET';
    const [, kind, id] = /\/(trainings?|operations)\/([^/]+)/.exec(path) ?? [];
    const trainingId = kind === 'operations' ? trainingOf(id ?? '') : id;
    const entry = log.arrive({
      at: now(),
      method,
      path,
      query,
      ...optional('trainingId', trainingId),
      ...optional('operationId', kind === 'operations' ? id : undefined),
      ...optional('caller', caller),
      ...optional('userAgent', request.headers['user-agent']),
      ...optional('correlationId', header(request, 'x-correlation-id') ?? header(request, 'x-request-id')),
    });
    const archives = method === 'POST' && /\/trainings?\/[^/]+\/archive$/.test(path) ? trainingId : undefined;
    if (archives) log.countArrival(archives);
    arrived(entry);

    const began = performance.now();
    response.on('close', () => {
      if (!response.writableFinished) entry.status = 'lost';
      entry.ms = Math.round(performance.now() - began);
      over(entry);
    });
    // From the account's clock, which a test may set.
    response.setHeader('date', new Date(now()).toUTCString());
    const reply = createReply(response, (status) => {
      entry.status = status;
    });

    const run = (): Answer => {
      settle();
      const call = { method, path, params, authorization: request.headers.authorization };
      const answer = answerOf(call);
      if (answer.started) {
        entry.operationId = answer.started;
        if (archives) log.countEffect(archives);
      }
      return answer;
    };

    if (!allow()) {
      reply.send(refusalAnswer(429, {}, newId()));
      return;
    }
    const hit = take({ method, path, trainingId });
    if (hit) {
      entry.fault = hit.id;
      spoil(hit.rule.fault, { run, reply, wait, newId });
    } else reply.send(run());
  };

  function answerOf(call: Call): Answer {
    try {
      return route(call);
    } catch (error) {
      if (error instanceof Refusal) return refusalAnswer(error.status, error.detail, newId());
      throw error;
    }
  }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Sets the key only if there is a value, as `exactOptionalPropertyTypes` requires. */
function optional<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };
}
