import { z } from 'zod';
import * as errors from './errors';
import type { Exchange } from './exchange';
import { excerptOf, plainError, type Redact, redactDeep } from './redact';
import { retryAfterMs } from './retry-after';
import { errorBodySchema } from './schemas';
import { TolokaUnreadableError, type UnreadableReason } from './unreadable-error';

/** What is needed to speak of an answer. */
export interface AnswerContext {
  call: string;
  redact: Redact;
  /** Epoch milliseconds. */
  now: number;
}

const AUTHENTICATION_CODES = ['AUTHENTICATION_ERROR', 'OAUTH_AUTHENTICATION_ERROR'];

/**
 * The error of an exchange that did not bring a whole 2xx answer; null when it did.
 *
 * @see toloka-kit src/client/exceptions.py and src/client/error_codes.py at e5e0450d
 */
export function errorOf(exchange: Exchange, context: AnswerContext): errors.TolokaError | null {
  const { status, problem, started } = exchange;
  const { call } = context;
  const cause = problem?.cause === undefined ? undefined : plainError(problem.cause, context.redact);
  if (problem?.kind === 'aborted') {
    const sent = status !== null ? 'answered' : started ? 'maybe' : 'no';
    return new errors.TolokaAbortedError({ call, sent, httpStatus: status ?? undefined });
  }
  if (status === null) {
    if (problem?.kind === 'timeout') {
      return new errors.TolokaTimeoutError({ call, sent: started ? 'maybe' : 'no' });
    }
    return started
      ? new errors.TolokaLostResponseError({ call, cause })
      : new errors.TolokaUnreachableError({ call, cause });
  }
  if (status >= 400) {
    return errorOfStatus(status, exchange, context);
  }
  if (status >= 300) {
    const to = excerptOf(context.redact(String(exchange.headers.location ?? '')));
    return unreadable('redirect', exchange, context, to && `It names ${to}`);
  }
  if (problem?.kind === 'timeout') {
    return new errors.TolokaTimeoutError({ call, sent: 'answered', httpStatus: status });
  }
  return (
    problem &&
    unreadable(problem.kind === 'too_large' ? 'too_large' : 'truncated', exchange, context, '', cause)
  );
}

/** Reads the body of a 2xx answer. @throws TolokaUnreadableError when it has not the shape of the schema */
export function readBody<T>(exchange: Exchange, schema: z.ZodType<T>, context: AnswerContext): T {
  const text = exchange.text.trim();
  if (text === '') {
    throw unreadable('empty', exchange, context);
  }
  const json = parseJson(text);
  if (json === undefined) {
    // What begins as JSON and does not end as JSON was cut off where no length told so.
    throw unreadable(/^[[{]/.test(text) ? 'truncated' : 'not_json', exchange, context);
  }
  const result = schema.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    const where = issue ? `At ${z.core.toDotPath(issue.path) || 'the top'}: ${issue.message}` : '';
    throw unreadable('unexpected_shape', exchange, context, excerptOf(context.redact(where)));
  }
  return result.data;
}

/** An answer with a status that cannot be made use of. */
export function unreadable(
  reason: UnreadableReason,
  exchange: Pick<Exchange, 'status' | 'text'>,
  { call, redact }: AnswerContext,
  detail = '',
  cause?: Error,
): TolokaUnreadableError {
  const facts = { call, httpStatus: exchange.status ?? undefined, cause };
  return new TolokaUnreadableError(reason, facts, redact(exchange.text), detail);
}

function errorOfStatus(httpStatus: number, exchange: Exchange, context: AnswerContext): errors.TolokaError {
  const body = errorBodySchema.parse(redactDeep(parseJson(exchange.text), context.redact));
  const facts: errors.TolokaErrorFacts = {
    call: context.call,
    sent: 'answered',
    httpStatus,
    tolokaCode: body.code && excerptOf(body.code),
    tolokaMessage: body.message && excerptOf(body.message),
    payload: body.payload,
    requestId: body.requestId && excerptOf(body.requestId),
  };
  const wait = () => retryAfterMs(exchange.headers['retry-after'], body.payload, context.now);
  if (httpStatus === 401 || AUTHENTICATION_CODES.includes(body.code ?? '')) {
    return new errors.TolokaAuthenticationError(facts);
  }
  if (httpStatus === 429) return new errors.TolokaRateLimitedError(facts, wait());
  if (httpStatus >= 500) return new errors.TolokaUnavailableError(facts, wait());
  if (httpStatus === 403) return new errors.TolokaDeniedError(facts);
  if (httpStatus === 404) return new errors.TolokaNotFoundError(facts);
  if (httpStatus === 408) return new errors.TolokaTimeoutError(facts);
  if (httpStatus === 409) return new errors.TolokaConflictError(facts);
  return new errors.TolokaRejectedError(facts);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
