import type { Logger } from '../logger';
import type { Redact } from '../redact';
import { errorOf } from './answer';
import { TolokaError, type TolokaErrorKind } from './errors';
import { type Connections, type Exchange, exchange } from './exchange';
import type { Limits } from './limits';

export interface CallerConfig {
  origin: string;
  /** What comes before `/v1`. */
  basePath: string;
  headers: Record<string, string>;
  redact: Redact;
  connections: Connections;
  /** For one exchange. */
  timeoutMs: { GET: number; POST: number };
  limits: Limits;
  clock: { now(): number };
  /** Resolves after so many milliseconds; may reject when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<unknown>;
  /** In [0, 1). */
  random(): number;
  /** Gets a line for each call. Never given headers, queries or bodies. */
  logger: Pick<Logger, 'debug' | 'warn'>;
  onExchange?: OnExchange | undefined;
}

/** One request to Toloka: each try, and each page. */
export interface TolokaExchange {
  /** The POST archives. */
  method: 'GET' | 'POST';
  /** The first part of its path, such as `trainings`. */
  resource: string;
  outcome: 'ok' | TolokaErrorKind;
  seconds: number;
}
export type OnExchange = (exchange: TolokaExchange) => void;

export type Query = Record<string, string | number | undefined>;

export interface CallSpec<T> {
  /** A POST is never tried again. */
  method: 'GET' | 'POST';
  /** Below `/v1/`. */
  path: string;
  query?: Query;
  /** Makes the value of a whole 2xx answer, or throws. */
  read(exchange: Exchange): T;
  /** Ends the call. */
  signal?: AbortSignal;
  /** Asked right before the first byte leaves. When it says no, nothing is sent. */
  mayStart?: (() => boolean) | undefined;
  /** For the log. */
  correlationId?: string;
}

export type Call = <T>(spec: CallSpec<T>) => Promise<T>;

/** The one function through which everything goes: wait for a turn, send, read, try again, log. Throws TolokaError. */
export function createCall(config: CallerConfig): Call {
  const { clock, limits, logger, onExchange, redact, sleep } = config;

  return async ({ method, query = {}, read, signal, correlationId, ...spec }) => {
    const path = `${config.basePath}/v1/${spec.path}`;
    const resource = spec.path.split('/')[0] ?? '';
    const began = clock.now();
    let status: number | null = null;

    const attempt = async () => {
      const wait = signal?.aborted ? 0 : limits.turn();
      // The archive counts in the budget but never waits for it, since a lease is running.
      if (method === 'GET' && wait > 0) await sleep(wait, signal).catch(() => undefined);
      if (signal?.aborted) throw new TolokaError('timeout', { sent: 'no' });
      const sentAt = clock.now();
      const result = await exchange(config.connections.for(method), {
        method,
        origin: config.origin,
        path: `${path}${queryString(query)}`,
        headers: config.headers,
        timeoutMs: config.timeoutMs[method],
        signal,
        mayStart: spec.mayStart,
      });
      const now = clock.now();
      status = result.status;
      limits.noteClock(result.headers, sentAt, now);
      const report = (outcome: TolokaExchange['outcome']) =>
        onExchange?.({ method, resource, outcome, seconds: Math.max(0, now - sentAt) / 1000 });
      try {
        const error = errorOf(result, redact, now);
        if (error) throw error;
        const value = read(result);
        report('ok');
        return value;
      } catch (error) {
        if (error instanceof TolokaError) report(error.kind);
        throw error;
      }
    };

    for (let tries = 1; ; tries += 1) {
      const log = (level: 'debug' | 'warn', message: string, more = {}) => {
        const durationMs = clock.now() - began;
        logger[level](message, { method, path, status, durationMs, tries, correlationId, ...more });
      };
      try {
        const value = await attempt();
        log('debug', 'Toloka call');
        return value;
      } catch (error) {
        if (!(error instanceof TolokaError)) throw error;
        const { code, message, facts } = error;
        const { tolokaCode, requestId, retryAfterMs } = facts;
        const problem = { code, reason: message, tolokaCode, requestId, retryAfterMs };
        const delayMs =
          method === 'GET' && !signal?.aborted ? retryDelayMs(error, tries, config.random) : null;
        if (delayMs !== null) {
          log('debug', 'Toloka call failed, trying again', { ...problem, delayMs });
          await sleep(delayMs, signal).catch(() => undefined);
        }
        if (delayMs === null || signal?.aborted) {
          limits.noteError(error);
          log('warn', 'Toloka call failed', problem);
          throw error;
        }
      }
    }
  };
}

/** How often a read is tried, in all. */
const TRIES = 4;
/** The longest possible wait before the second try, in ms; it doubles for each further one. */
const FIRST_DELAY_MS = 500;
/** When Toloka asks for a longer wait (ms), a read fails at once instead. */
const MAX_RETRY_AFTER_MS = 5_000;
/** What may pass by itself. */
const PASSING = ['timeout', 'rate_limited', 'unavailable', 'unreachable', 'lost_response'];

/**
 * How long to wait before a read is tried again, in milliseconds; null when it is not. The wait is random between
 * nothing and a bound that doubles ("full jitter"), so that callers who failed together do not come back together.
 *
 * @param tries how many tries there were
 */
export function retryDelayMs(
  { kind, facts }: TolokaError,
  tries: number,
  random: () => number,
): number | null {
  if (tries >= TRIES || !(facts.brokeOff || PASSING.includes(kind))) return null;
  const asked = facts.retryAfterMs ?? 0;
  if (asked > MAX_RETRY_AFTER_MS) return null;
  return Math.max(asked, Math.round(random() * FIRST_DELAY_MS * 2 ** (tries - 1)));
}

function queryString(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) params.set(name, String(value));
  }
  return params.size === 0 ? '' : `?${params}`;
}

// IDs are opaque, so nothing in one may change the path; `.` and `..` would, even when encoded. Half of a surrogate
// pair cannot be written as UTF-8.
export function encodeId(id: string): string {
  if (!/^\.{0,2}$|\p{Cs}/u.test(id)) return encodeURIComponent(id);
  const detail = 'An ID must be a text that can be part of a path. Check it.';
  throw new TolokaError('invalid_input', { sent: 'no', detail });
}
