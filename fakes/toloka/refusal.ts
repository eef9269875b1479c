import type { Answer } from './types';

/**
 * Errors as `{request_id, code, message, payload}` (the API description, "HTTP status codes"). The pairs of status
 * and code below are documented there or in Toloka/docs ru/api/concepts/errors.md, except: 401 AUTHENTICATION_ERROR
 * (the code is in toloka-kit's error_codes.py, its status is a guess), 404 NOT_FOUND for a path that does not exist,
 * and the names for 408, 502 and 504, which are made up.
 */
const MESSAGES: Record<string, string> = {
  VALIDATION_ERROR: 'Validation failed',
  AUTHENTICATION_ERROR: 'Authentication failed',
  ACCESS_DENIED: 'Access denied',
  DOES_NOT_EXIST: 'There are no results for such parameters',
  NOT_FOUND: 'Not found',
  METHOD_NOT_ALLOWED: 'Method not allowed',
  REQUEST_TIMEOUT: 'Request timeout',
  CONFLICT_STATE: 'Conflict state',
  INAPPROPRIATE_STATUS: 'This or related resource is in inappropriate status, operation is not allowed',
  POOL_LOCKED_BY_ANOTHER_OPERATION: 'Operation forbidden while pool locked by another operation.',
  UNARCHIVED_POOLS_CONFLICT:
    'Operation is not allowed because of unarchived pools. Please, archive all active pools before you proceed.',
  TOO_MANY_REQUESTS: 'Too many requests',
  INTERNAL_ERROR: 'Internal Error',
  BAD_GATEWAY: 'Bad gateway',
  REMOTE_SERVICE_UNAVAILABLE: 'Service is temporary unavailable',
  GATEWAY_TIMEOUT: 'Gateway timeout',
};

const USUAL_CODES: Record<number, string> = {
  400: 'VALIDATION_ERROR',
  401: 'AUTHENTICATION_ERROR',
  403: 'ACCESS_DENIED',
  404: 'DOES_NOT_EXIST',
  405: 'METHOD_NOT_ALLOWED',
  408: 'REQUEST_TIMEOUT',
  409: 'CONFLICT_STATE',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_ERROR',
  502: 'BAD_GATEWAY',
  503: 'REMOTE_SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
};

export interface RefusalDetail {
  code?: string;
  message?: string;
  payload?: unknown;
  headers?: Record<string, string>;
}

/** Thrown anywhere below the router, which turns it into an answer. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly detail: RefusalDetail = {},
  ) {
    super(`${status} ${detail.code ?? ''}`);
    this.name = 'Refusal';
  }
}

export function refusalAnswer(status: number, detail: RefusalDetail, requestId: string): Answer {
  const code = detail.code ?? USUAL_CODES[status] ?? 'INTERNAL_ERROR';
  const message = detail.message ?? MESSAGES[code] ?? code;
  return {
    status,
    body: { request_id: requestId, code, message, payload: detail.payload ?? null },
    ...(detail.headers ? { headers: detail.headers } : {}),
  };
}
