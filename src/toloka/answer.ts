import type { z } from 'zod';
import { core } from 'zod';
import type { Redact } from '../redact';
import { httpsSettings, tlsProblem } from '../tls-errors';
import { TolokaError, type TolokaErrorFacts, type TolokaErrorKind } from './errors';
import type { Exchange } from './exchange';
import { errorBodySchema, operationSchema, type WireOperation } from './schemas';
import { plainError, saidIn, shorten } from './text';

/** The type of the operations that archive a training. */
export const ARCHIVE = 'TRAINING.ARCHIVE';
export const ANOTHER = { detail: 'It is about something else than what was asked for.' };
const CHECK_THE_WAY = 'Check the address of its API, the network and the proxy.';
const TLS = httpsSettings('the address of its API or of the proxy');
const BROKE_OFF = { detail: 'It broke off in the middle.', brokeOff: true };

/**
 * The error of an exchange that did not bring a whole 2xx answer; null when it did.
 *
 * @param now epoch milliseconds
 * @see toloka-kit src/client/exceptions.py and src/client/error_codes.py at e5e0450d
 */
export function errorOf(exchange: Exchange, redact: Redact, now: number): TolokaError | null {
  const { status, problem, started, headers } = exchange;
  const tls = tlsProblem(problem?.cause, TLS);
  const cause = tls ? new Error(shorten(redact(tls.reason))) : causeOf(problem, redact);
  if (status === null) {
    const sent = started ? 'maybe' : 'no';
    if (problem?.kind === 'timeout') return new TolokaError('timeout', { sent });
    if (problem?.kind === 'held') return new TolokaError('held', { sent });
    if (started) return new TolokaError('lost_response', { sent, cause, detail: tls?.advice });
    return new TolokaError('unreachable', { sent, cause, detail: tls?.advice ?? CHECK_THE_WAY });
  }
  if (status >= 400) return errorOfStatus(status, exchange, redact, now);
  if (status >= 300) {
    // Following it would send the token to another host.
    const to = shorten(redact(String(headers.location ?? 'nowhere')));
    const detail = `It redirects to ${to}. Set the address of the API to the right one.`;
    return unreadable(exchange, { detail });
  }
  if (problem === null) return null;
  if (problem.kind === 'timeout') return new TolokaError('timeout', { sent: 'answered', httpStatus: status });
  if (problem.kind === 'too_large') {
    return unreadable(exchange, { detail: 'It is larger than this client reads.' });
  }
  if (problem.kind === 'encoding') {
    const encoding = shorten(redact(String(headers['content-encoding'])));
    const detail = `It cannot be decompressed (content-encoding: ${encoding}). Check gateways and proxies on the way.`;
    return unreadable(exchange, { detail, cause });
  }
  return unreadable(exchange, { ...BROKE_OFF, cause });
}

const causeOf = (problem: Exchange['problem'], redact: Redact) =>
  problem?.cause === undefined ? undefined : plainError(problem.cause, redact);

/**
 * Reads the body of a whole 2xx answer.
 *
 * @param statuses those that are documented to come with such a body
 * @throws TolokaError (`unreadable`)
 */
export function readBody<T>(
  exchange: Exchange,
  statuses: readonly number[],
  schema: z.ZodType<T>,
  redact: Redact,
): T {
  if (!statuses.includes(exchange.status ?? 0)) {
    throw unreadable(exchange, { detail: 'Its status is not documented for this call.' });
  }
  const text = exchange.text.trim();
  if (text === '') throw unreadable(exchange, { detail: 'It is empty.' });
  const json = parseJson(text);
  if (json === undefined) {
    // It begins as JSON and does not end as JSON: it was cut off, and no header gave its length.
    if (/^[[{]/.test(text)) throw unreadable(exchange, BROKE_OFF);
    const detail = 'It is not from the API of Toloka. Check the address of the API, and proxies on the way.';
    throw unreadable(exchange, { detail });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue ? ` At ${core.toDotPath(issue.path) || 'the top'}: ${issue.message}.` : '';
  throw unreadable(exchange, {
    detail: shorten(redact(`It does not have the documented shape.${where}`)),
  });
}

/**
 * Reads a 2xx answer to the POST: 202 with the operation, or 204 (null) when the training was archived before. 200
 * with the operation is accepted too, since the 2021 document names no status. The operation must be the one that was
 * asked for: an answer about something else, such as a training, proves nothing.
 *
 * @throws TolokaError (`unreadable`): it is not known what Toloka did
 * @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, lines 3138-3153
 */
export function readArchive(answer: Exchange, trainingId: string, redact: Redact): WireOperation | null {
  if (answer.status === 204) return null;
  const operation = readBody(answer, [200, 202], operationSchema, redact);
  const { type, parameters } = operation;
  const archives = type === ARCHIVE || (type === null && answer.status === 202);
  const about = parameters?.training_id ?? trainingId;
  if (!archives || about !== trainingId) throw unreadable(answer, ANOTHER);
  return operation;
}

/** An answer with a status that cannot be used. */
export function unreadable(
  { status }: Exchange,
  facts: Pick<TolokaErrorFacts, 'detail' | 'brokeOff' | 'cause'>,
): TolokaError {
  return new TolokaError('unreadable', { sent: 'answered', httpStatus: status ?? undefined, ...facts });
}

function errorOfStatus(httpStatus: number, exchange: Exchange, redact: Redact, now: number): TolokaError {
  const { code, message, payload, request_id } = errorBodySchema.parse(parseJson(exchange.text));
  const clean = (text: string | null) => (text === null ? undefined : shorten(redact(text)));
  const kind = kindOf(httpStatus, code);
  const mayPass = kind === 'rate_limited' || kind === 'unavailable';
  return new TolokaError(kind, {
    sent: 'answered',
    httpStatus,
    tolokaCode: clean(code),
    tolokaMessage: clean(message),
    tolokaPayload: saidIn(payload, redact),
    requestId: clean(request_id),
    retryAfterMs: mayPass ? retryAfterMs(exchange.headers['retry-after'], now) : null,
  });
}

const AUTHENTICATION_CODES = ['AUTHENTICATION_ERROR', 'OAUTH_AUTHENTICATION_ERROR'];

function kindOf(httpStatus: number, code: string | null): TolokaErrorKind {
  if (httpStatus === 401 || AUTHENTICATION_CODES.includes(code ?? '')) return 'authentication';
  if (httpStatus >= 500) return 'unavailable';
  if (httpStatus === 403) return 'denied';
  if (httpStatus === 404) return 'not_found';
  if (httpStatus === 408) return 'timeout';
  if (httpStatus === 409) return 'conflict';
  return httpStatus === 429 ? 'rate_limited' : 'rejected';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const HTTP_DATE = /^[A-Za-z]{3,9}, .+ GMT$/;

/**
 * How long a `Retry-After` asks to wait, in milliseconds: it is in seconds or an HTTP date. Null when it asks for
 * nothing that can be understood.
 *
 * @param now epoch milliseconds
 */
export function retryAfterMs(header: unknown, now: number): number | null {
  const value = typeof header === 'string' ? header.trim() : '';
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = HTTP_DATE.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
