import type { Dispatcher } from 'undici';
import { type AnswerContext, errorOf } from './answer';
import { clockAhead } from './dates';
import { TolokaAbortedError, TolokaError, TolokaInvalidInputError } from './errors';
import { type Exchange, exchange } from './exchange';
import { type Query, queryString } from './query';
import type { Redact } from './redact';
import { RETRY_POLICIES, type RetryPolicy, type RetryTools, withRetries } from './retry';
import type { CallOptions, TolokaExchangeNote, TolokaLogger } from './types';

const MAX_BODY_BYTES = 20 * 1024 * 1024;

export interface CallSpec<T> {
  /** A POST is never tried again. */
  method: 'GET' | 'POST';
  /** Below `/v1/`, with `{id}` where the id goes. */
  route: string;
  id?: string;
  query?: Query;
  /** Makes the value of a whole 2xx answer, or throws. */
  read(exchange: Exchange, context: AnswerContext): T;
}

export interface CallerConfig {
  origin: string;
  /** What stands before `/v1`. */
  basePath: string;
  headers: Record<string, string>;
  redact: Redact;
  dispatcherFor(method: 'GET' | 'POST'): Dispatcher;
  timeoutMs: { GET: number; POST: number };
  retry: RetryPolicy;
  tools: RetryTools;
  logger: TolokaLogger | undefined;
  readTurn: (() => number) | undefined;
  onRequest: ((note: TolokaExchangeNote) => void) | undefined;
  isClosed(): boolean;
}

export type Call = <T>(spec: CallSpec<T>, options?: CallOptions) => Promise<T>;

/** The one function through which every method of the client goes: send, read, try again, tell. */
export function createCall(config: CallerConfig): Call {
  const { tools, redact } = config;

  return async (spec, options = {}) => {
    const { method } = spec;
    const route = `${config.basePath}/v1/${spec.route}`;
    const path = route.replace('{id}', () => encodeId(spec.id, `${method} ${route}`));
    const call = `${method} ${path}`;
    const began = tools.now();
    let tries = 0;
    let status: number | null = null;

    const attempt = async () => {
      const gone = () => config.isClosed() || options.signal?.aborted;
      const wait = (method === 'GET' && !gone() && config.readTurn?.()) || 0;
      // Cut short by the signal, which the next line sees.
      if (wait > 0) await tools.sleep(wait, options.signal).catch(() => undefined);
      if (gone()) {
        throw new TolokaAbortedError({ call, sent: 'no' });
      }
      tries += 1;
      const sentAt = tools.now();
      const result = await exchange(config.dispatcherFor(method), {
        method,
        origin: config.origin,
        path: `${path}${queryString(spec.query ?? {})}`,
        headers: config.headers,
        timeoutMs: config.timeoutMs[method],
        maxBodyBytes: MAX_BODY_BYTES,
        signal: options.signal,
      });
      const now = tools.now();
      status = result.status;
      const aheadMs = clockAhead(result.headers, sentAt, now);
      quietly(() => config.onRequest?.({ method, path, route, status, durationMs: now - sentAt, aheadMs }));
      const context = { call, redact, now };
      const error = errorOf(result, context);
      if (error) {
        throw error;
      }
      return spec.read(result, context);
    };

    const tell = (level: 'debug' | 'warn', message: string, more: Record<string, unknown>) => {
      const { correlationId } = options;
      const fields = { method, path, status, durationMs: tools.now() - began, tries, correlationId, ...more };
      quietly(() => config.logger?.[level](message, fields));
    };
    const onRetry = (error: unknown, delayMs: number) =>
      tell('debug', 'Toloka call failed, trying again', { code: codeOf(error), delayMs });
    const policy = method === 'POST' ? RETRY_POLICIES.none : config.retry;
    try {
      const value = await withRetries(attempt, policy, tools, options.signal, onRetry);
      tell('debug', 'Toloka call', {});
      return value;
    } catch (error) {
      tell('warn', 'Toloka call failed', { code: codeOf(error), reason: reasonOf(error) });
      throw error;
    }
  };
}

// Ids are opaque, so whatever is in one must not change the path; `.` and `..` would, even when encoded.
function encodeId(id: string | undefined, call: string): string {
  if (id && id !== '.' && id !== '..') {
    try {
      return encodeURIComponent(id);
    } catch {
      // Half of a surrogate pair: no such text can be written as UTF-8.
    }
  }
  throw new TolokaInvalidInputError('An id must be a text that can stand in a path. Check it.', call);
}

function codeOf(error: unknown): string {
  return error instanceof TolokaError ? error.code : 'unexpected';
}

const reasonOf = (error: unknown): string | undefined =>
  error instanceof TolokaError && error.cause instanceof Error ? error.cause.message : undefined;

// A broken logger or meter must not turn an accepted archive into a failure.
function quietly(tell: () => void): void {
  try {
    tell();
  } catch {
    // There is nobody left to tell.
  }
}
